"""Labelled questions against an index: how often is the right help first, is danger seen, is the rest declined?

Each line of a JSONL file is {"id","text","lang","who","best":[ids],"ok":[ids],"topic":id|null,"urgency","scope","note"}.
Intervals are bootstrap percentiles (Efron 1979): 1 000 resamples of the questions, seed 1.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.facts import Closed
from knowledge.index import Index, SearchResult

RESAMPLES = 1000


class Labelled(Closed):
    """One question with what a careful adviser would say."""

    id: str
    text: str
    lang: str
    who: str
    best: tuple[str, ...] = ()
    ok: tuple[str, ...] = ()
    topic: str | None = None
    urgency: str = "none"
    scope: str = "in"
    note: str = ""


class QuestionsError(Exception):
    """Raised when a file of questions cannot be read; the message names file and line."""


@dataclass(frozen=True)
class Answered:
    """A question with the search's answer."""

    question: Labelled
    result: SearchResult

    @property
    def first(self) -> str | None:
        """Id of the first service."""
        return self.result.services[0].id if self.result.services else None

    @property
    def rank(self) -> int | None:
        """Place of the first right service, from 1; None when it is not among those shown."""
        ids = [hit.id for hit in self.result.services]
        return next((place for place, id in enumerate(ids, 1) if id in self.question.best), None)


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval and the number it is of."""

    value: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        return f"{self.value:6.1%} [{self.low:.1%}–{self.high:.1%}] of {self.count}" if self.count else "–"


def load_questions(paths: Iterable[Path]) -> list[Labelled]:
    """Questions of all files (folders: every *.jsonl in them). Raises QuestionsError."""
    files = [f for path in paths for f in (sorted(path.glob("*.jsonl")) if path.is_dir() else [path])]
    questions = []
    for file in files:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise QuestionsError(
                f"{file} cannot be read ({type(error).__name__}). Give a JSONL file or a folder of them."
            ) from error
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    questions.append(Labelled.model_validate(json.loads(line)))
                except ValueError as error:
                    raise QuestionsError(f"{file}, line {number}: {str(error).splitlines()[0]}") from error
    return questions


def answer(index: Index, questions: Sequence[Labelled]) -> list[Answered]:
    """Every question searched with its text alone, no profile."""
    return [Answered(question, index.search(question.text, limit=10)) for question in questions]


def share(hits: Sequence[bool]) -> Share:
    """The share of True, with its bootstrap interval."""
    if not hits:
        return Share(0.0, 0.0, 0.0, 0)
    values = np.array(hits, dtype=float)
    draws = np.random.default_rng(1).choice(values, (RESAMPLES, len(values))).mean(axis=1)
    low, high = np.percentile(draws, [2.5, 97.5])
    return Share(float(values.mean()), float(low), float(high), len(values))


def report(answered: Sequence[Answered]) -> dict[str, Any]:
    """All figures: overall, by language, by who; confusions and misses."""
    groups: dict[str, Callable[[Labelled], bool]] = {"all": lambda q: True}
    for lang in sorted({a.question.lang for a in answered}):
        groups[f"language {lang}"] = lambda q, lang=lang: q.lang == lang  # type: ignore[misc]
    groups["dialect"] = lambda q: q.note.startswith("dialect")
    for who in sorted({a.question.who for a in answered}):
        groups[f"who {who}"] = lambda q, who=who: q.who == who  # type: ignore[misc]
    return {
        "groups": {name: figures([a for a in answered if keep(a.question)]) for name, keep in groups.items()},
        "confusions": _confusions(answered),
        "misses": [_miss(a) for a in answered if _is_miss(a)],
    }


def figures(answered: Sequence[Answered]) -> dict[str, Share | float]:
    """The figures of one group."""
    routed = [a for a in answered if a.question.scope == "in" and a.question.best]
    near = [a for a in answered if a.question.scope == "near" and a.question.best]
    fair = [
        sum(hit.id in (*a.question.best, *a.question.ok) for hit in a.result.services[:3]) / 3 for a in routed
    ]  # fmt: skip
    topical = [a for a in answered if a.question.topic]
    acute = [a.result.urgency.level == "acute" for a in answered if a.question.urgency == "acute"]
    calm = [a.result.urgency.level == "acute" for a in answered if a.question.urgency != "acute"]
    return {
        "first": share([a.rank == 1 for a in routed]),
        "first three": share([a.rank is not None and a.rank <= 3 for a in routed]),
        "mrr": float(np.mean([1 / a.rank if a.rank else 0.0 for a in routed])) if routed else 0.0,
        "fair in first three": float(np.mean(fair)) if fair else 0.0,
        "topic first": share([bool(a.result.topics) and a.result.topics[0].id == a.question.topic for a in topical]),
        "topic in three": share([a.question.topic in [t.id for t in a.result.topics[:3]] for a in topical]),
        "acute seen": share(acute),
        "false alarms": share(calm),
        "false alarms, nothing urgent": share(
            [a.result.urgency.level == "acute" for a in answered if a.question.urgency == "none"]
        ),
        "out of scope declined": share([not a.result.in_scope for a in answered if a.question.scope == "out"]),
        "in scope kept": share([a.result.in_scope for a in answered if a.question.scope == "in"]),
        "near: a general helper first": share([a.first in (*a.question.best, *a.question.ok) for a in near]),
    }


def as_table(result: dict[str, Any], misses: int = 15) -> str:
    """The report as text for a terminal or a README."""
    lines = []
    for name, group in result["groups"].items():
        lines.append(name)
        for label, value in group.items():
            if isinstance(value, Share) and not value.count:
                continue
            lines.append(f"  {label:30} {value if isinstance(value, Share) else f'{value:6.3f}'}")
    lines.append("confusions (right → first, times)")
    lines += [f"  {row['right']} → {row['first']}: {row['times']}" for row in result["confusions"][:misses]]
    lines.append(f"misses ({len(result['misses'])})")
    lines += [f"  {m['id']}: {m['what']}: {m['got']}, right is {m['right']}" for m in result["misses"][:misses]]
    return "\n".join(lines)


def as_json(result: dict[str, Any]) -> str:
    """The report as JSON."""
    return json.dumps(result, default=lambda s: vars(s), ensure_ascii=False, indent=1)


def _confusions(answered: Sequence[Answered]) -> list[dict[str, Any]]:
    pairs = Counter(
        (a.question.best[0], a.first) for a in answered if a.question.scope == "in" and a.question.best and a.rank != 1
    )
    return [{"right": right, "first": first, "times": times} for (right, first), times in pairs.most_common()]


def _is_miss(a: Answered) -> bool:
    return bool(_what_missed(a))


def _what_missed(a: Answered) -> str:
    q = a.question
    if (q.urgency == "acute") != (a.result.urgency.level == "acute"):
        return "urgency"
    if (q.scope == "in" and not a.result.in_scope) or (q.scope == "out" and a.result.in_scope):
        return "scope"
    return "service" if q.scope == "in" and q.best and a.rank != 1 else ""


def _miss(a: Answered) -> dict[str, Any]:
    what = _what_missed(a)
    got = {"urgency": a.result.urgency.level, "scope": a.result.scope, "service": a.first}[what]
    right = {"urgency": a.question.urgency, "scope": a.question.scope, "service": ", ".join(a.question.best)}[what]
    return {"id": a.question.id, "text": a.question.text, "what": what, "got": got, "right": right, "rank": a.rank}
