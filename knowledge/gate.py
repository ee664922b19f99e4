"""Is it our field at all, and how urgent does it sound? Classifiers over vectors and letters.

The urgency classifier can only raise what the rules of danger.yml found. Its thresholds stand in thresholds.json
beside the model they were chosen for; `veiviser calibrate` chooses them on the project's own questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.utils.extmath import softmax

from knowledge.features import Features, decisions
from knowledge.ranker import Scores

Scope = Literal["in", "near", "out"]
SCOPES: tuple[Scope, ...] = ("in", "near", "out")
LEVELS = ("acute", "high", "none")
REGULARISATION = 4.0


@dataclass
class Gate:
    """Probabilities over a few classes for a text."""

    classes: tuple[str, ...]
    model: Any

    @classmethod
    def learn(cls, features: Features, labels: Sequence[str], classes: tuple[str, ...]) -> Gate:
        """From labelled texts. Classes count equally, however many examples each has."""
        model = LogisticRegression(C=REGULARISATION, max_iter=300, tol=1e-3, class_weight="balanced")
        return cls(classes, model.fit(features.together, [classes.index(label) for label in labels]))

    def probabilities(self, features: Features) -> Scores:
        """Shape (texts, classes); each row sums to 1."""
        out = np.zeros((len(features), len(self.classes)))
        seen = decisions(self.model, features.together)
        several = np.stack([-seen, seen], axis=1) if seen.ndim == 1 else seen
        out[:, self.model.classes_] = softmax(several)
        return out

    def score(self, features: Features) -> dict[str, float]:
        """A probability for each class for the first text."""
        return dict(zip(self.classes, self.probabilities(features)[0].tolist(), strict=True))
