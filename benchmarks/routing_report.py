"""routing.md and routing.svg from what `make compare` found."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.contenders import Ranked
from knowledge.evaluate import Labelled, Share, share
from knowledge.features import join
from knowledge.index import Index
from knowledge.ranker import Weights

Keep = Callable[[Labelled], bool]
#: Groups of questions as the tables and the plot name them.
LANGUAGES: dict[str, Keep] = {
    "bokmål": lambda q: q.lang == "nb" and not q.note.startswith("dialect"),
    "dialect": lambda q: q.note.startswith("dialect"),
    "nynorsk": lambda q: q.lang == "nn",
    "English": lambda q: q.lang == "en",
}
#: Okabe and Ito's colours, told apart by colour-blind readers too, each with its own mark.
MARKS = {"bokmål": ("#0072B2", "o"), "dialect": ("#E69F00", "s"), "nynorsk": ("#009E73", "^"), "English": ("#CC79A7", "D")}
VOTES = {
    "nearest phrases alone": Weights(nearest=1, head=0, letters=0, name=0),
    "logistic head over the vectors alone": Weights(nearest=0, head=1, letters=0, name=0),
    "letters and words alone": Weights(nearest=0, head=0, letters=1, name=0),
    "vectors (nearest and head), no letters": Weights(letters=0, name=0),
    "all, without names": Weights(name=0),
    "all": Weights(),
}


def places(found: Ranked, questions: Sequence[Labelled]) -> np.ndarray:
    """For each question the place of its first right service, from 1; infinite when it is not among the ten."""
    rows = zip(found.ranked, questions, strict=True)
    return np.array([next((n for n, id in enumerate(ids, 1) if id in q.best), np.inf) for ids, q in rows])


def percent(value: Share) -> str:
    """A share with its interval."""
    return f"{100 * value.value:.1f} ({100 * value.low:.0f}–{100 * value.high:.0f})" if value.count else "–"


def pair(at: np.ndarray) -> str:
    """First / among the first three in per cent, of the places `at`."""
    return f"{100 * (at <= 1).mean():.0f} / {100 * (at <= 3).mean():.0f}" if len(at) else "–"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows))


def compared(found: Mapping[str, Ranked], questions: Sequence[Labelled]) -> str:
    """The table of contenders."""
    rows = []
    for name, one in found.items():
        at = places(one, questions)
        mrr = share(list(1 / at))
        ms = np.percentile(one.milliseconds, [50, 95])
        figures = [
            percent(share(list(at <= 1))),
            percent(share(list(at <= 3))),
            f"{mrr.value:.3f} ({mrr.low:.2f}–{mrr.high:.2f})",
        ]
        rows.append([name, *figures, f"{ms[0]:.1f} / {ms[1]:.1f}", f"{one.train_seconds:.0f}"])
    head = ["", "right service first, %", "in the first three, %", "mean reciprocal rank", "ms a question", "s to learn"]
    return table(head, rows)


def by_language(found: Mapping[str, Ranked], questions: Sequence[Labelled]) -> str:
    """First / among the first three in per cent, for each language."""
    rows = []
    for name, one in found.items():
        at = places(one, questions)
        rows.append([name, *(pair(at[[keep(q) for q in questions]]) for keep in LANGUAGES.values())])
    return table(["", *(f"{x} ({sum(map(keep, questions))})" for x, keep in LANGUAGES.items())], rows)


def votes(index: Index, questions: Sequence[Labelled]) -> str:
    """What each vote of the search is worth: the services by the words alone, before reasons, urgency and scope."""
    seen = join([index.features.make([q.text]) for q in questions])
    rows = []
    for name, weights in VOTES.items():
        order = np.argsort(-replace(index.services, weights=weights).votes(seen), axis=1, kind="stable")[:, :3]
        top = [[index.services.ids[n] for n in row] for row in order]
        first = [ids[0] in q.best for ids, q in zip(top, questions, strict=True)]
        three = [bool(set(ids) & set(q.best)) for ids, q in zip(top, questions, strict=True)]
        rows.append([name, percent(share(first)), percent(share(three))])
    return table(["votes", "right service first, %", "in the first three, %"], rows)


def draw(path: Path, found: Mapping[str, Ranked], questions: Sequence[Labelled]) -> None:
    """The plot: right service first, in per cent with 95 % intervals, for each contender and language."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    mpl.rcParams.update({"svg.hashsalt": "veiviser", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10})
    figure, axes = plt.subplots(figsize=(9, 0.62 * len(found) + 1.2), layout="constrained")
    for number, (language, keep) in enumerate(LANGUAGES.items()):
        colour, mark = MARKS[language]
        for row, one in enumerate(found.values()):
            value = share(list(places(one, questions)[[keep(q) for q in questions]] <= 1))
            y = row + 0.17 * (number - 1.5)
            axes.plot([100 * value.low, 100 * value.high], [y, y], color=colour, linewidth=1.5)
            axes.plot(100 * value.value, y, mark, color=colour, markersize=6, label=language if row == 0 else None)
    axes.set_yticks(range(len(found)), list(found))
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("right service first, % of questions, with 95 % intervals")
    axes.grid(axis="x", color="#DDDDDD")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.legend(loc="lower left", frameon=False)
    figure.savefig(path, metadata={"Date": None}, facecolor="white")
    plt.close(figure)


def machine() -> str:
    """The processor, as far as the system tells, and how many cores."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} cores of {name}, no GPU, Python {platform.python_version()}"


def write(folder: Path, found: Mapping[str, Ranked], asked: Sequence[Labelled], index: Index, about: str) -> None:
    """Write routing.md and routing.svg into `folder`; `about` says when and where it was measured."""
    draw(folder / "routing.svg", found, asked)
    text = Path(__file__).with_name("routing.template.md").read_text(encoding="utf-8")
    sections = {
        "about": about,
        "compared": compared(found, asked),
        "languages": by_language(found, asked),
        "votes": votes(index, asked),
    }
    for name, section in sections.items():
        text = text.replace(f"{{{{ {name} }}}}", section)
    (folder / "routing.md").write_text(text, encoding="utf-8")
