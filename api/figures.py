"""The open evaluation: benchmarks/questions.md with every figure and every miss, and the table in the README."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from knowledge.evaluate import Share

Json = dict[str, Any]
PAGE = Path("benchmarks") / "questions.md"
#: In the README the table stands between these lines.
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
COLUMNS = {
    "first": "right service first", "first three": "in the first three", "acute seen": "acute danger seen",
    "false alarms": "false alarms", "out of scope declined": "out of scope declined", "in scope kept": "real questions kept",
}  # fmt: skip
FURTHER = {
    "topic first": "right article first", "topic in three": "right article among three",
    "false alarms, nothing urgent": "false alarms where nothing is urgent",
    "near: a general helper first": "near misses (bullying, exam stress …) that get a general helper first",
}  # fmt: skip
GROUPS = {
    "all": "all", "language nb": "bokmål", "language nn": "nynorsk", "dialect": "dialect (part of bokmål)",
    "language en": "English", "who youth": "youths", "who adult": "adults", "who friend": "friends", "who parent": "parents",
    "who professional": "professionals",
}  # fmt: skip
ORIGIN = """The questions (`tests/questions/`) were written apart from the phrases that the search learns from and are never
trained on. The thresholds for danger and scope were chosen on them by `veiviser calibrate`, so those columns flatter."""
#: Kinds of misses, the most serious first.
MISSES: tuple[tuple[str, Callable[[Json], bool]], ...] = (
    ("Danger that was not seen", lambda m: m["what"] == "urgency" and m["right"] == "acute"),
    ("Questions of the field that were declined", lambda m: m["what"] == "scope" and m["right"] == "in"),
    ("Another service first", lambda m: m["what"] == "service"),
    ("False alarms", lambda m: m["what"] == "urgency" and m["right"] != "acute"),
    ("Other questions that were not declined", lambda m: m["what"] == "scope" and m["right"] != "in"),
)


def write_figures(result: Json, questions: int, root: Path, today: dt.date) -> list[Path]:
    """Writes the page, and the table of the README where it has one. Gives the files."""
    page, readme = root / PAGE, root / "README.md"
    page.parent.mkdir(exist_ok=True)
    page.write_text(as_page(result, questions, today), encoding="utf-8")
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    if BEGIN not in text or END not in text:
        return [page]
    inside = f"{BEGIN}\n{measured(questions, today)}\n\n{table(result)}\n{END}"
    readme.write_text(re.sub(f"{BEGIN}.*?{END}", lambda _: inside, text, count=1, flags=re.S), encoding="utf-8")
    return [page, readme]


def measured(questions: int, today: dt.date) -> str:
    """What was measured, where, when and how to do it again."""
    return (
        f"In per cent, with 95 % bootstrap intervals (1 000 resamples), on {questions} labelled questions, the text alone.\n"
        f"Measured {today.isoformat()} on {platform.machine()} with {os.cpu_count()} cores, with `make evaluate-report`; "
        "the count is of routing questions."
    )


def table(result: Json) -> str:
    """One row a group of questions, as Markdown."""
    rows = [f"| questions | {' | '.join(COLUMNS.values())} |", "|" + "---|" * (len(COLUMNS) + 1)]
    for group, name in GROUPS.items():
        figures = result["groups"].get(group)
        if figures:
            rows.append(f"| {name} ({figures['first'].count}) | {' | '.join(cell(figures[key]) for key in COLUMNS)} |")
    return "\n".join(rows)


def cell(share: Share) -> str:
    """88.6 (86–91): a share with its interval; a dash when there is nothing to count."""
    return f"{100 * share.value:.1f} ({100 * share.low:.0f}–{100 * share.high:.0f})" if share.count else "–"


def as_page(result: Json, questions: int, today: dt.date) -> str:
    """The whole page."""
    whole = result["groups"]["all"]
    lines = ["# The search on its own test questions", "", measured(questions, today), ""]
    lines += [ORIGIN, "", table(result), "", "## Further figures, all questions", "", "| what | share | of |", "|---|---|---|"]
    lines += [f"| {name} | {cell(whole[key])} | {whole[key].count} |" for key, name in FURTHER.items() if whole[key].count]
    lines += [f"| mean reciprocal rank | {whole['mrr']:.3f} | {whole['first'].count} |"]
    fair = 100 * whole["fair in first three"]
    lines += [f"| fair services among the first three | {fair:.0f} | {whole['first'].count} |", ""]
    lines += ["## Which service comes instead of which", "", "| right | first | times |", "|---|---|---|"]
    lines += [f"| {row['right']} | {row['first'] or 'none'} | {row['times']} |" for row in result["confusions"]]
    lines += ["", f"## Every known miss ({len(result['misses'])})"]
    for heading, belongs in MISSES:
        misses = [miss for miss in result["misses"] if belongs(miss)]
        if misses:
            lines += ["", f"### {heading} ({len(misses)})", "", "| question | text | right | got |", "|---|---|---|---|"]
            lines += [f"| {m['id']} | {_plain(m['text'])} | {m['right']} | {m['got'] or 'none'} |" for m in misses]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """A text that cannot break the table."""
    return " ".join(text.replace("|", "/").replace("<", "‹").split())
