"""What many tests need: the real content, the real index (learned once and kept on disk), and a quick small index."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from knowledge.encoders import Vectors, load_encoder
from knowledge.index import Index
from knowledge.library import Library
from knowledge.load import load_library
from knowledge.phrases import VARIETIES, Phrases
from knowledge.profile import ProfileReader

CACHE = Path(__file__).parent.parent / ".cache" / "tests"


class LetterEncoder:
    """A stand-in for a real encoder: letter triples counted into a few boxes. Quick, and always the same."""

    WIDTH = 96
    name = "letter-triples"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of length 1 (an empty text gets zeros)."""
        out = np.zeros((len(texts), self.WIDTH), dtype=np.float32)
        for row, text in enumerate(texts):
            padded = f"  {text.lower()} "
            for start in range(len(padded) - 2):
                out[row, zlib.crc32(padded[start : start + 3].encode("utf-8", "replace")) % self.WIDTH] += 1
        return np.asarray(out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9), dtype=np.float32)


@pytest.fixture(scope="session")
def library() -> Library:
    """The content as it stands in knowledge/."""
    return load_library()


@pytest.fixture(scope="session")
def index(library: Library) -> Index:
    """The real search. Learned in about a minute the first time, then read from .cache/tests.

    Kept under a key of the content, the encoder and the code that learns, as the app keeps its own.
    """
    from api.engine import load_index

    return load_index(library, load_encoder(), CACHE, say=print)


@pytest.fixture(scope="session")
def letters_index(library: Library) -> Index:
    """A small index: all entries, few phrases, no model. For what does not depend on how good the search is."""
    few = {id: first_phrases(phrases, 4) for id, phrases in library.phrases.items()}
    signals = {name: first_phrases(phrases, 12) for name, phrases in library.signals.items()}
    return Index.from_library(replace(library, phrases=few, signals=signals), LetterEncoder())


@pytest.fixture(scope="session")
def reader(library: Library) -> ProfileReader:
    """Reads what a text says of the person."""
    return ProfileReader(library.places)


def first_phrases(phrases: Phrases, count: int) -> Phrases:
    """At most `count` phrases of each variety."""
    return Phrases(**{variety: getattr(phrases, variety)[:count] for variety in VARIETIES})
