"""What the search computes itself, for speed, is what scikit-learn computes: bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from knowledge.features import Features, decisions
from knowledge.index import Index

TEXTS = ("pappa vil gifte meg bort", "Hvem kan jeg snakke med? Jeg er 16", "x", "", "I need a lawyer to annul it", "ÆØÅ 🙂")
RANKERS, GATES = ("services", "topics", "measures"), ("kinds", "scopes", "levels")


@pytest.fixture(params=[1, len(TEXTS)], ids=["one text", "several texts"])
def seen(request: pytest.FixtureRequest, letters_index: Index) -> list[Features]:
    """The texts' features, one by one or all at once."""
    step = request.param
    return [letters_index.features.make(TEXTS[start : start + step]) for start in range(0, len(TEXTS), step)]


@pytest.mark.parametrize("name", RANKERS)
def test_a_rankers_decisions_are_those_of_its_models(letters_index: Index, seen: list[Features], name: str) -> None:
    """Over vectors and over letters."""
    ranker = getattr(letters_index, name)
    for features in seen:
        assert np.array_equal(decisions(ranker.head, features.vectors), ranker.head.decision_function(features.vectors))
        by_letters = decisions(ranker.letter_model, features.letters)
        assert np.array_equal(by_letters, ranker.letter_model.decision_function(features.letters))


@pytest.mark.parametrize("name", GATES)
def test_a_gates_probabilities_are_those_of_its_model(letters_index: Index, seen: list[Features], name: str) -> None:
    """Also the order of the classes."""
    gate = getattr(letters_index, name)
    for features in seen:
        expected = gate.model.predict_proba(features.together)
        assert np.array_equal(gate.probabilities(features)[:, gate.model.classes_], expected)


def test_with_two_classes_there_is_one_decision() -> None:
    """As scikit-learn gives it, for sparse and dense rows."""
    from sklearn.linear_model import LogisticRegression

    rows = np.array([[0.0, 1.0], [1.0, 0.0], [0.5, 2.0]], dtype=np.float32)
    model = LogisticRegression().fit(rows, [0, 1, 0])
    for given in (rows, rows[:1], sp.csr_matrix(rows), sp.csr_matrix(rows[:1])):
        assert np.array_equal(decisions(model, given), model.decision_function(given))


def test_letters_are_those_of_the_union_that_was_learned(letters_index: Index, seen: list[Features]) -> None:
    """The two kinds of letters side by side."""
    for features in seen:
        expected = letters_index.features.letters.transform(features.folded)
        assert (features.letters != expected).nnz == 0
        assert features.letters.shape == expected.shape


def test_the_nearest_phrases_are_those_of_each_id(letters_index: Index, seen: list[Features]) -> None:
    """The mean of the three most similar phrases of each id, as a plain loop finds it."""
    ranker = letters_index.services
    for features in seen:
        similar = features.vectors @ ranker.vectors.T
        for number in range(len(ranker.ids)):
            best = np.sort(similar[:, ranker.owners == number], axis=1)[:, -3:].mean(axis=1)
            assert np.allclose(ranker._nearest(features.vectors)[:, number], best, atol=1e-6)
