"""Bokmål into something like a dialect, word by word: cheap, rough, and enough to make the encoder used to it.

The words stand in ``dialects.tsv``: one row a word, one column a way of speaking. A real speaker writes better;
real dialect phrases are in ``knowledge/phrases``.
"""

from __future__ import annotations

import csv
import random
import re
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("dialects.tsv")
_WORD = re.compile(r"[^\W\d_]+")


@cache
def dialects() -> tuple[dict[str, str], ...]:
    """One mapping from bokmål word to dialect word for each column of the table."""
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    return tuple({row["bokmål"]: row[name] for row in rows} for name in rows[0] if name != "bokmål")


def spoken(text: str, rng: random.Random, share: float = 0.85) -> str:
    """``text`` with the words of one dialect drawn by ``rng``, each known word replaced with probability ``share``."""
    words = rng.choice(dialects())

    def replace(found: re.Match[str]) -> str:
        word = found.group()
        other = words.get(word.lower())
        if other is None or rng.random() > share:
            return word
        return other.capitalize() if word[0].isupper() else other

    return _WORD.sub(replace, text)
