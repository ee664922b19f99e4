"""Parallel segments: what the encoder learns languages from, and how often each is drawn.

A segment is one English text and the same text in another language. The files are gzip-packed, tab-separated
``language<TAB>English<TAB>foreign``, one file a source, named ``<source>.tsv.gz``. The hand-made ``glossary.tsv``
beside this module has the same three columns.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

GLOSSARY = Path(__file__).with_name("glossary.tsv")
MAX_CHARACTERS = 150

SOURCE_WEIGHTS: dict[str, float] = {
    "wiktionary": 0.35,
    "tatoeba_opus": 3.0,
    "tatoeba_laser": 3.0,
    "tatoeba_anki": 3.0,
    "storybooks": 3.0,
    "udhr": 2.0,
    "smittestopp": 1.5,
    "navikt": 1.2,
    "ntrex": 1.0,
    "flores200": 1.0,
    "mozilla_www": 0.6,
    "tico19": 0.5,
    "glossary": 3.0,
}
"""How many times oftener than a segment of weight 1 a segment of this source is drawn."""

LANGUAGE_WEIGHTS: dict[str, float] = {
    "nb": 1.0,
    "nn": 1.3,
    "da": 0.35,
    "sv": 0.12,
    "tr": 0.3,
    "ar": 0.6,
    "ur": 0.6,
    "fa": 0.35,
    "ku": 0.5,
    "ckb": 0.25,
    "pl": 0.3,
    "uk": 0.4,
    "so": 0.6,
    "ti": 0.35,
    "am": 0.2,
    "sq": 0.4,
}
"""The same for languages: what is spoken most by those who ask is drawn oftenest."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One text in two languages, and where it is from."""

    source: str
    language: str
    english: str
    foreign: str


class SegmentsError(Exception):
    """Raised when the folder of parallel text is missing, empty or malformed."""


def _lines(path: Path) -> Iterator[str]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        yield from lines


def load_segments(folder: Path, max_characters: int = MAX_CHARACTERS) -> list[Segment]:
    """Every segment of ``folder`` and of the glossary whose two texts are at most ``max_characters`` long.

    Files are read in the order of their names, so that a seed means the same draw everywhere.

    Raises:
        SegmentsError: no ``*.tsv.gz`` there, or a line without three columns.
    """
    paths = sorted(Path(folder).glob("*.tsv.gz"))
    if not paths:
        raise SegmentsError(f"no *.tsv.gz in {folder}: give the folder that holds the parallel text")
    segments: list[Segment] = []
    for path in [*paths, GLOSSARY]:
        source = path.name.split(".")[0]
        for number, line in enumerate(_lines(path), start=1):
            columns = line.rstrip("\n").split("\t")
            if len(columns) != 3:
                raise SegmentsError(f"{path.name}:{number}: {len(columns)} columns, expected language, English, foreign")
            language, english, foreign = columns
            if english and foreign and len(english) <= max_characters and len(foreign) <= max_characters:
                segments.append(Segment(source, language, english, foreign))
    return segments


def draw_weights(segments: list[Segment]) -> np.ndarray:
    """The probability of drawing each segment: float64, shape (segments,), sums to 1."""
    weights = np.array(
        [SOURCE_WEIGHTS.get(s.source, 1.0) * LANGUAGE_WEIGHTS.get(s.language, 0.3) for s in segments], dtype=np.float64
    )
    return weights / weights.sum()
