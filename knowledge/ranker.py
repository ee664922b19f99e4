"""Ranks the ids of one kind (services, topics or measures) for a text, from phrases that people say.

Four votes are added: nearest phrases (best three of each id), a logistic head over the vectors, a linear classifier
over words and letter n-grams, and names. Each vote is brought to the same scale first (z-scores over the ids), so
that none shouts the others down. Weights were measured on phrases held out from training (benchmarks/routing.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from knowledge.encoders import Vectors
from knowledge.features import Features, decisions
from knowledge.text import fold

#: Words before a name that say it is not there or not wanted: 'vi har ikke mangfoldsrådgiver'.
_LACKING = re.compile(r"\b(?:ikke|ikkje|itj|ingen|uten|utan|har ikke|finnes ikke|no|not|without|don.?t have)\b[^.!?]{0,15}$")
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """How much each vote counts. `temperature` turns the sum into probabilities."""

    nearest: float = 0.5
    head: float = 1.0
    letters: float = 1.0
    name: float = 3.0
    temperature: float = 0.9


@dataclass
class Ranker:
    """Scores for `ids`; made by `learn`."""

    ids: list[str]
    vectors: Vectors
    owners: npt.NDArray[np.intp]
    head: Any
    letter_model: Any
    names: list[tuple[re.Pattern[str], int, float]]
    weights: Weights = field(default_factory=Weights)

    @classmethod
    def learn(
        cls, features: Features, labels: Sequence[str], names: Mapping[str, Sequence[str]], weights: Weights | None = None
    ) -> Ranker:
        """From examples with the id each belongs to, and the names of each id.

        Raises ValueError when there are fewer than two ids.
        """
        ids = sorted(set(labels))
        if len(ids) < 2:
            raise ValueError("a ranker needs phrases for at least two ids")
        owners = np.array([ids.index(label) for label in labels], dtype=np.intp)
        return cls(
            ids=ids,
            vectors=features.vectors,
            owners=owners,
            head=LogisticRegression(C=20.0, max_iter=400, class_weight="balanced").fit(features.vectors, owners),
            letter_model=LinearSVC(C=0.5, class_weight="balanced", random_state=0).fit(features.letters, owners),
            names=_name_patterns(ids, names),
            weights=weights or Weights(),
        )

    def score(self, features: Features) -> dict[str, float]:
        """A probability for each id for the first text; they sum to 1."""
        return dict(zip(self.ids, self.probabilities(features)[0].tolist(), strict=True))

    def probabilities(self, features: Features) -> Scores:
        """Shape (texts, ids); each row sums to 1."""
        total = self.votes(features) / self.weights.temperature
        total -= total.max(axis=1, keepdims=True)
        power = np.exp(total)
        return np.asarray(power / power.sum(axis=1, keepdims=True), dtype=np.float64)

    def votes(self, features: Features) -> Scores:
        """The weighted sum of the votes, shape (texts, ids)."""
        w = self.weights
        return np.asarray(
            w.nearest * _level(self._nearest(features.vectors))
            + w.head * _level(_two_sided(decisions(self.head, features.vectors), len(self.ids)))
            + w.letters * _level(_two_sided(decisions(self.letter_model, features.letters), len(self.ids)))
            + w.name * self._named(features.folded),
            dtype=np.float64,
        )

    def names_any(self, text: str) -> bool:
        """Does the text name one of the ids?"""
        folded = fold(text)
        return any(pattern.search(folded) for pattern, _, value in self.names if value == 1.0)

    def _nearest(self, vectors: Vectors) -> Scores:
        """Mean of the three most similar phrases of each id."""
        by_owner, ends = self._by_owner
        similar = (vectors @ self.vectors.T)[:, by_owner]
        out = np.zeros((len(vectors), len(self.ids)))
        for number in range(len(self.ids)):
            own = similar[:, ends[number] : ends[number + 1]]
            k = min(3, own.shape[1])
            out[:, number] = np.partition(own, own.shape[1] - k, axis=1)[:, own.shape[1] - k :].mean(axis=1)
        return out

    @cached_property
    def _by_owner(self) -> tuple[npt.NDArray[np.intp], list[int]]:
        """The phrases' numbers, those of one id together; and where each id's begin."""
        return np.argsort(self.owners, kind="stable"), np.searchsorted(np.sort(self.owners), range(len(self.ids) + 1)).tolist()

    def _named(self, folded: Sequence[str]) -> Scores:
        out = np.zeros((len(folded), len(self.ids)))
        for row, text in enumerate(folded):
            for pattern, number, value in self.names:
                match = pattern.search(text)
                if match:
                    lacking = _LACKING.search(text[max(0, match.start() - 25) : match.start()])
                    out[row, number] = -value if lacking else max(out[row, number], value)
        return out


def _level(scores: Scores) -> Scores:
    """z-scores along each row."""
    centred = scores - scores.mean(axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(scores.std(axis=1, keepdims=True), 1e-9))


def _two_sided(scores: Scores, ids: int) -> Scores:
    """scikit-learn gives one column when there are two classes."""
    return np.stack([-scores, scores], axis=1) if ids == 2 else scores


def _name_patterns(ids: Sequence[str], names: Mapping[str, Sequence[str]]) -> list[tuple[re.Pattern[str], int, float]]:
    """Names as patterns; a short name (an abbreviation) must stand as a word of its own, longer ones may be inflected."""
    patterns = []
    for number, wanted in enumerate(ids):
        for name in names.get(wanted, ()):
            folded = fold(name)
            ending = r"(?:ne|en|et|er|s|n|a)?" if len(folded) > 4 else ""
            patterns.append((re.compile(rf"(?<!\w){re.escape(folded)}{ending}(?!\w)"), number, 1.0 if len(folded) > 3 else 0.8))
    return patterns
