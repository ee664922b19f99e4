"""Finds the written answer to a question.

A question is compared with the ways people ask, not with the answers; what is in talk counts in an answer's favour, so
that 'how long does it last?' is understood.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from knowledge.answers import Answer, Answers
from knowledge.encoders import Encoder, Vectors


@dataclass(frozen=True)
class FoundAnswer:
    """An answer with the entry it belongs to and how well it fits: likeness 0–1, and with what is in talk added."""

    entry: str
    answer: Answer
    likeness: float
    score: float


class AnswerFinder:
    """Finds the answer whose way of asking is most like a question."""

    def __init__(self, answers: Mapping[str, Answers], encoder: Encoder, asked: Vectors | None = None) -> None:
        """`asked` are the vectors of all ways of asking, shape (ways, width), when they are at hand."""
        self._answers = [(entry, answer) for entry in sorted(answers) for answer in answers[entry].answers]
        ways = [[ask for _, ask in answer.asks.all()] for _, answer in self._answers]
        self._starts = np.cumsum([0, *(len(asks) for asks in ways)])[:-1]
        self._encoder = encoder
        self.asked = asked if asked is not None else encoder.encode([ask for asks in ways for ask in asks])

    def best(self, question: str, in_talk: Mapping[str, float], professional: bool, most: int = 5) -> list[FoundAnswer]:
        """The answers that fit best, the best first. `in_talk` gives entries what counts in their favour, 0–1."""
        if not self._answers:
            return []
        likeness = np.maximum.reduceat(self.asked @ self._encoder.encode([question])[0], self._starts)
        found = [
            FoundAnswer(entry, answer, float(like), float(like) + in_talk.get(entry, 0.0))
            for (entry, answer), like in zip(self._answers, likeness, strict=True)
            if _meant_for(answer, professional) and (answer.asks_alone or entry in in_talk)
        ]
        return sorted(found, key=lambda f: -f.score)[:most]


def _meant_for(answer: Answer, professional: bool) -> bool:
    return answer.audience == "anyone" or (answer.audience == "professional") == professional
