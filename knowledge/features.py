"""A text as the rankers and gates see it: its folded form, its letters and words, and its vector. Made once a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from knowledge.encoders import Encoder, Vectors
from knowledge.text import fold

WORD = r"(?u)\b\w+\b"
#: The vectors' weight beside the letters' in `together`; measured on phrases held out from training (benchmarks/routing.md).
VECTOR_WEIGHT = 2.0


@dataclass(frozen=True)
class Features:
    """`letters` is sparse, shape (texts, n-grams); `vectors` has shape (texts, width)."""

    folded: list[str]
    letters: Any
    vectors: Vectors

    def __len__(self) -> int:
        return len(self.folded)

    @cached_property
    def together(self) -> Any:
        """Letters and weighted vectors side by side, sparse."""
        return sp.hstack([self.letters, sp.csr_matrix(self.vectors * VECTOR_WEIGHT)]).tocsr()

    def take(self, rows: Sequence[int]) -> Features:
        """Only these rows."""
        chosen = list(rows)
        return Features([self.folded[row] for row in chosen], self.letters[chosen], self.vectors[chosen])


def join(parts: Sequence[Features]) -> Features:
    """All rows of several, in order."""
    return Features(
        [text for part in parts for text in part.folded],
        sp.vstack([part.letters for part in parts]).tocsr(),
        np.concatenate([part.vectors for part in parts]),
    )


def decisions(model: Any, rows: Any) -> Any:
    """What a linear model's `decision_function` gives for sparse or dense rows, bit for bit, without its checks.

    The checks, and a copy of all coefficients for each sparse row, take longer than the arithmetic of one search.
    """
    coefficients = model.coef_.T
    if sp.issparse(rows) and rows.shape[0] == 1:
        coefficients = coefficients[rows.indices]
        rows = sp.csr_matrix((rows.data, np.arange(rows.nnz), rows.indptr), shape=(1, rows.nnz))
    scores = rows @ coefficients + model.intercept_
    return scores[:, 0] if scores.shape[1] == 1 else scores


def letters_and_words() -> FeatureUnion:
    """Letter n-grams (2–5, inside words) and words with their pairs, tf-idf weighted. Expects folded texts."""
    return FeatureUnion([
        ("letters", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2, dtype=np.float32)),
        ("words", TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=WORD, dtype=np.float32)),
    ])  # fmt: skip


@dataclass
class FeatureMaker:
    """Makes features; its letters are learned from all texts of a library."""

    encoder: Encoder
    letters: Any

    @classmethod
    def learn(cls, texts: Sequence[str], encoder: Encoder) -> FeatureMaker:
        """From every text the index will learn from."""
        return cls(encoder, letters_and_words().fit([fold(text) for text in texts]))

    def make(self, texts: Sequence[str]) -> Features:
        """Features of texts. Encoding is the slow part: about 3 ms a text on one core."""
        folded = [fold(text) for text in texts]
        parts = [part.transform(folded) for _, part in self.letters.transformer_list]
        return Features(folded, sp.hstack(parts).tocsr(), self.encoder.encode(texts))
