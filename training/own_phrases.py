"""The project's own phrases: what people say, with the id it should lead to."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True, slots=True)
class Phrase:
    """One thing a person may say; ``language`` is nb, nn, en or dialect."""

    id: str
    language: str
    text: str


class PhrasesError(Exception):
    """Raised when the folder of phrases is empty or a file in it is malformed."""


def family(id: str) -> str:
    """What kind of thing ``id`` is: topic, measure or service. Only things of a kind compete."""
    return {"tema": "topic", "tiltak": "measure"}.get(id.split("-")[0], "service")


def load_phrases(folder: Path) -> list[Phrase]:
    """Phrases of every ``<id>.yml`` in ``folder`` (lists under nb, nn, en, dialect) and every ``*.jsonl`` (id, lang, text).

    Raises:
        PhrasesError: nothing there.
    """
    found: dict[tuple[str, str], Phrase] = {}
    for path in sorted(Path(folder).glob("*.yml")):
        if path.stem.startswith("_"):
            continue
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - it makes text only
        for language in ("nb", "nn", "en", "dialect"):
            for text in content.get(language) or []:
                found[(path.stem, text)] = Phrase(path.stem, language, text)
    for path in sorted(Path(folder).glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            if "id" in record:
                found[(record["id"], record["text"])] = Phrase(record["id"], record["lang"], record["text"])
    if not found:
        raise PhrasesError(f"no phrases in {folder}")
    return list(found.values())


def first_of_each(phrases: list[Phrase], most: int | None) -> list[Phrase]:
    """The first ``most`` phrases of each id; all of them for None."""
    seen: Counter[str] = Counter()
    kept = []
    for phrase in phrases:
        seen[phrase.id] += 1
        if most is None or seen[phrase.id] <= most:
            kept.append(phrase)
    return kept


def in_fold(phrases: list[Phrase], fold: int, folds: int = 5) -> tuple[list[Phrase], list[Phrase]]:
    """(kept for training, held out): within each id every ``folds``-th phrase, from number ``fold`` on, is held out."""
    seen: dict[str, int] = {}
    kept, held = [], []
    for phrase in phrases:
        number = seen.get(phrase.id, 0)
        seen[phrase.id] = number + 1
        (held if number % folds == fold else kept).append(phrase)
    return kept, held
