"""Is it our field at all, and how urgent does it sound? Calibrated classifiers over vectors and letters.

The urgency classifier can only raise what the rules of danger.yml found. Its thresholds stand in thresholds.json
beside the model they were chosen for; `veiviser calibrate` chooses them on the project's own questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from knowledge.encoders import Vectors
from knowledge.ranker import Scores, letters_and_words
from knowledge.text import fold

Scope = Literal["in", "near", "out"]
SCOPES: tuple[Scope, ...] = ("in", "near", "out")
LEVELS = ("acute", "high", "none")


@dataclass
class Gate:
    """Probabilities over a few classes for a text."""

    classes: tuple[str, ...]
    letters: Any
    model: Any
    vector_weight: float

    @classmethod
    def learn(
        cls, texts: Sequence[str], labels: Sequence[str], vectors: Vectors, classes: tuple[str, ...],
        weight: float = 1.0, vector_weight: float = 2.0, regularisation: float = 4.0,
    ) -> Gate:  # fmt: skip
        """From labelled texts with vectors of shape (len(texts), width). Classes count equally, however many examples."""
        letters = letters_and_words()
        features = _together(letters.fit_transform([fold(t) for t in texts]), vectors, vector_weight)
        model = LogisticRegression(C=regularisation * weight, max_iter=300, class_weight="balanced")
        return cls(classes, letters, model.fit(features, [classes.index(label) for label in labels]), vector_weight)

    def probabilities(self, texts: Sequence[str], vectors: Vectors) -> Scores:
        """Shape (len(texts), len(classes)); each row sums to 1."""
        features = _together(self.letters.transform([fold(t) for t in texts]), vectors, self.vector_weight)
        out = np.zeros((len(texts), len(self.classes)))
        out[:, self.model.classes_] = self.model.predict_proba(features)
        return out


def _together(letters: Any, vectors: Vectors, vector_weight: float) -> Any:
    return sp.hstack([letters, sp.csr_matrix(vectors * vector_weight)]).tocsr()
