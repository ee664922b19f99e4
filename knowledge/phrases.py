"""What people say, by id and language: the search learns from these, nobody is shown them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from knowledge.facts import Closed, Sentence

#: `dialect` is Norwegian spelled as spoken; everything else is a written language.
Variety = Literal["nb", "nn", "en", "dialect"]
VARIETIES: tuple[Variety, ...] = ("nb", "nn", "en", "dialect")


class Phrases(Closed):
    """Phrases for one id, or for one signal (such as out of scope)."""

    nb: tuple[Sentence, ...] = Field((), description="Bokmål, slang and youth language included.")
    nn: tuple[Sentence, ...] = Field((), description="Nynorsk.")
    en: tuple[Sentence, ...] = Field((), description="English, also of non-natives.")
    dialect: tuple[Sentence, ...] = Field((), description="Norwegian dialects as typed.")

    def all(self) -> Iterator[tuple[Variety, str]]:
        """(variety, phrase) for every phrase."""
        for variety in VARIETIES:
            for phrase in getattr(self, variety):
                yield variety, phrase

    def __len__(self) -> int:
        return sum(len(getattr(self, variety)) for variety in VARIETIES)


#: Signals and what they teach: (scope, urgency). Files knowledge/signals/<name>.yml.
SIGNALS: dict[str, tuple[Literal["in", "out", "near"], Literal["acute", "high", "none"]]] = {
    "acute": ("in", "acute"),
    "acute-abroad": ("in", "acute"),
    "high": ("in", "high"),
    "calm": ("in", "none"),
    "calm-elsewhere": ("out", "none"),
    "near": ("near", "none"),
    "elsewhere": ("out", "none"),
}
