"""Ranking ids by what people say, on a tiny set that can be understood by looking at it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.encoders import LettersOnly, Vectors
from knowledge.features import FeatureMaker, join
from knowledge.gate import Gate
from knowledge.ranker import Ranker

SAID = {
    "shelter": [
        "jeg trenger et trygt sted å bo",
        "må rømme og trenger tak over hodet",
        "hvor kan vi sove i natt",
        "trygt sted å sove",
    ],
    "lawyer": [
        "jeg vil skilles og trenger advokat",
        "hva sier loven om skilsmisse",
        "gratis advokat til retten",
        "advokat og rett",
    ],
    "nurse": ["kan jeg få prevensjon", "jeg vil snakke med helsesykepleier", "spørsmål om kroppen min", "kropp og prevensjon"],
}
NAMES = {"shelter": ["Krisesenteret"], "lawyer": ["Fri rettshjelp", "JURK"], "nurse": ["Helsesykepleier", "NAV"]}
EXAMPLES = [(id, text) for id, texts in SAID.items() for text in texts]


class SyllableEncoder:
    """Counts of vowels pairs: poor, quick and always the same."""

    name = "syllables"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of length 1."""
        pairs = [a + b for a in "aeioåuyøæ" for b in "rnltskmgvd"]
        counted = np.array([[text.lower().count(pair) + 0.01 for pair in pairs] for text in texts], dtype=np.float32)
        return np.asarray(counted / np.linalg.norm(counted, axis=1, keepdims=True), dtype=np.float32)


MAKER = FeatureMaker.learn([text for _, text in EXAMPLES], SyllableEncoder())


@pytest.fixture(scope="module")
def ranker() -> Ranker:
    """Learned from twelve phrases."""
    return Ranker.learn(MAKER.make([text for _, text in EXAMPLES]), [id for id, _ in EXAMPLES], NAMES)


def first(ranker: Ranker, text: str) -> str:
    """The id with the highest probability."""
    scores = ranker.score(MAKER.make([text]))
    return max(scores, key=lambda id: scores[id])


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("vi trenger et sted å sove", "shelter"),
        ("jeg trenger en advokat", "lawyer"),
        ("spørsmål om prevensjon og kropp", "nurse"),
    ],
)
def test_words_like_those_that_were_said_lead_to_the_same_id(ranker: Ranker, text: str, id: str) -> None:
    """Nobody has to use the right word."""
    assert first(ranker, text) == id


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("krisesenteret", "shelter"),
        ("hva er krisesenteret for noe", "shelter"),
        ("FRI RETTSHJELP", "lawyer"),
        ("kan helsesykepleieren si det til noen", "nurse"),
    ],
)
def test_a_name_decides(ranker: Ranker, text: str, id: str) -> None:
    """Who names a service means that service, also inflected."""
    assert first(ranker, text) == id


def test_a_name_that_is_said_to_be_lacking_does_not_decide(ranker: Ranker) -> None:
    """'We have no school nurse, we need a lawyer' asks for the lawyer."""
    assert first(ranker, "vi har ikke helsesykepleier, jeg trenger en advokat til retten") == "lawyer"


def test_a_short_name_must_stand_alone(ranker: Ranker) -> None:
    """NAV is not found in 'navnet mitt'."""
    named = MAKER.make(["navnet mitt er hemmelig"])
    assert not ranker._named(named.folded).any()
    assert ranker._named(MAKER.make(["jeg var på NAV"]).folded).any()


def test_naming_any_service_is_noticed(ranker: Ranker) -> None:
    """A text that names a service is about our field."""
    assert ranker.names_any("finnes krisesenteret i Bodø?")
    assert not ranker.names_any("hvordan baker jeg kake?")


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=60))
def test_probabilities_always_sum_to_one(ranker: Ranker, text: str) -> None:
    """Any text gives a probability to every id, none of them negative."""
    scores = ranker.score(MAKER.make([text]))
    assert set(scores) == set(SAID)
    assert sum(scores.values()) == pytest.approx(1.0)
    assert min(scores.values()) >= 0


def test_many_texts_at_once_give_the_same_as_one_by_one(ranker: Ranker) -> None:
    """The evaluation and the guide see the same numbers."""
    texts = ["trenger advokat", "hvor kan jeg sove", "prevensjon"]
    together = ranker.probabilities(MAKER.make(texts))
    for row, text in zip(together, texts, strict=True):
        assert row == pytest.approx(ranker.probabilities(MAKER.make([text]))[0])


def test_learning_twice_gives_the_same(ranker: Ranker) -> None:
    """The same content gives the same answers after every start."""
    again = Ranker.learn(MAKER.make([text for _, text in EXAMPLES]), [id for id, _ in EXAMPLES], NAMES)
    asked = MAKER.make(["noe å bo i", "retten"])
    assert again.probabilities(asked) == pytest.approx(ranker.probabilities(asked))


def test_two_ids_are_enough_and_one_is_not() -> None:
    """A ranker chooses between; with one id there is nothing to choose."""
    two = [(id, text) for id, text in EXAMPLES if id != "nurse"]
    small = Ranker.learn(MAKER.make([text for _, text in two]), [id for id, _ in two], {})
    assert first(small, "jeg trenger en advokat") == "lawyer"
    with pytest.raises(ValueError, match="at least two ids"):
        Ranker.learn(MAKER.make(SAID["nurse"]), ["nurse"] * 4, {})


def test_without_an_encoder_letters_and_words_still_rank() -> None:
    """When no model can be loaded the search goes on by letters alone."""
    maker = FeatureMaker.learn([text for _, text in EXAMPLES], LettersOnly())
    ranker = Ranker.learn(maker.make([text for _, text in EXAMPLES]), [id for id, _ in EXAMPLES], NAMES)
    scores = ranker.score(maker.make(["gratis advokat"]))
    assert max(scores, key=lambda id: scores[id]) == "lawyer"


def test_features_can_be_cut_and_joined() -> None:
    """Parts of the examples go to different classifiers without being made twice."""
    made = MAKER.make(["ett", "to", "tre"])
    parts = join([made.take([2]), made.take([0, 1])])
    assert parts.folded == ["tre", "ett", "to"]
    assert len(parts) == 3
    assert (parts.vectors[1] == made.vectors[0]).all()
    assert (parts.letters[0] != made.letters[2]).nnz == 0


def test_a_gate_tells_classes_apart_and_sums_to_one() -> None:
    """In, near and out are three shares of one whole."""
    gate = Gate.learn(MAKER.make([text for _, text in EXAMPLES]), [id for id, _ in EXAMPLES], ("shelter", "lawyer", "nurse"))
    scores = gate.score(MAKER.make(["jeg trenger advokat til skilsmisse"]))
    assert max(scores, key=lambda id: scores[id]) == "lawyer"
    assert sum(scores.values()) == pytest.approx(1.0)


def test_a_class_without_examples_gets_nothing() -> None:
    """A gate that never saw 'near' never says 'near', and does not fail."""
    texts, labels = zip(*[(text, "in" if id == "nurse" else "out") for id, text in EXAMPLES], strict=True)
    gate = Gate.learn(MAKER.make(texts), labels, ("in", "near", "out"))
    assert gate.score(MAKER.make(["prevensjon"]))["near"] == 0.0
