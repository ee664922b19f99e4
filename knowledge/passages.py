"""The sentences of one entry that answer a question best: for follow-ups such as 'how long can I stay there?'.

Nothing is generated: what is said stands in the entry, with its source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from knowledge.facts import Law, Text
from knowledge.features import FeatureMaker, Features
from knowledge.library import Library
from knowledge.models import Measure, Service, Topic

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÆØÅ«\"])")
#: Below this likeness (0–1) a sentence does not answer. Measured on the project's own conversations.
LIKE_ENOUGH = 0.34
#: A second sentence is added when it is nearly as like as the first.
NEARLY = 0.85
#: Shorter ones are labels, not answers.
SHORTEST = 28


@dataclass(frozen=True)
class Passage:
    """A sentence with how like the question it is, 0–1."""

    text: str
    likeness: float


class Passages:
    """Finds sentences in entries of one library. Sentences of an entry are encoded at the first question about it."""

    def __init__(self, library: Library, maker: FeatureMaker) -> None:
        self._library, self._maker = library, maker
        self._of = lru_cache(maxsize=256)(self._features_of)

    def best(self, question: str, entry: str, language: str, most: int = 2) -> list[Passage]:
        """The sentences of `entry` that answer, the best first; empty when none is like enough."""
        sentences, features = self._of(entry, language)
        if not sentences:
            return []
        asked = self._maker.make([question])
        likeness = _likeness(asked, features)
        order = np.argsort(-likeness)[:most]
        least = max(LIKE_ENOUGH, float(likeness[order[0]]) * NEARLY)
        return [Passage(sentences[row], float(likeness[row])) for row in order if likeness[row] >= least]

    def _features_of(self, entry: str, language: str) -> tuple[list[str], Features]:
        sentences = list(dict.fromkeys(sentences_of(self._library, entry, language)))
        return sentences, self._maker.make(sentences) if sentences else self._maker.make([""])


def sentences_of(library: Library, entry: str, language: str) -> list[str]:
    """Every sentence of an entry that may be shown, in a language; empty for an unknown id."""
    known: Service | Topic | Measure | None = (
        library.services.get(entry) or library.topics.get(entry) or library.measures.get(entry)
    )
    if known is None:
        return []
    texts = _texts(known)
    said = [t.in_language(language) for t in texts]
    split = [part.strip() for text in said for part in _SENTENCE_END.split(text)]
    return [part for part in split if len(part) >= SHORTEST] + _figures(known, language) + _laws(known, language)


def _texts(entry: Service | Topic | Measure) -> list[Text]:
    if isinstance(entry, Service):
        maybe = (
            entry.description, entry.what_happens, entry.eligibility_description, entry.service_areas, entry.languages_note,
            entry.confidentiality, entry.fees_description, entry.professional_referral, entry.alert,
        )  # fmt: skip
        return [t for t in maybe if t] + list(entry.not_offered) + [c.note for c in entry.contacts if c.note]
    if isinstance(entry, Topic):
        return [*entry.summary, *entry.what_you_can_do, *entry.for_professionals, *entry.limits]
    return [t for t in (entry.summary, entry.reported, entry.status_note) if t] + [later.what for later in entry.later]


def _figures(entry: Service | Topic | Measure, language: str) -> list[str]:
    return [f"{f.meaning.in_language(language).rstrip('.')}: {f.value} ({f.as_of})." for f in entry.figures]


def _laws(entry: Service | Topic | Measure, language: str) -> list[str]:
    laws: tuple[Law, ...] = () if isinstance(entry, Measure) else entry.law
    return [f"{w.says.in_language(language)} ({w.name} {w.section})" for w in laws]


def _likeness(asked: Features, told: Features) -> npt.NDArray[np.float64]:
    """Mean of the likeness in meaning (cosine of the vectors) and in letters (cosine of the n-grams).

    n-grams that stand in most sentences of the entry, such as its name, tell little and count little (idf, Robertson 2004).
    """
    meaning = told.vectors @ asked.vectors[0]
    rows = told.letters.shape[0]
    found_in = np.asarray((told.letters > 0).sum(axis=0)).ravel()
    rarity = sp.diags(np.log((rows + 1) / (found_in + 1)) + 0.05)
    weighted, question = told.letters @ rarity, asked.letters @ rarity
    norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    own = np.sqrt(question.multiply(question).sum())
    letters = np.asarray((weighted @ question.T).todense()).ravel() / np.maximum(norms * own, 1e-9)
    return np.asarray(0.5 * meaning + 0.5 * np.sqrt(np.maximum(letters, 0.0)))
