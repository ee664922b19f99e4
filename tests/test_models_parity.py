"""The encoder that ships is the same model by onnxruntime alone, as the guide runs it, and by sentence-transformers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from extra_models import need_models

from knowledge.encoders import DEFAULT_ENCODER, Encoder, Vectors, load_encoder
from knowledge.evaluate import Labelled, load_questions
from knowledge.library import Library

need_models()

QUESTIONS = Path(__file__).parent / "questions"
PHRASES_AN_ID = 20


@pytest.fixture(scope="module")
def ours() -> Encoder:
    """onnxruntime and tokenizers alone."""
    return load_encoder()


@pytest.fixture(scope="module")
def theirs() -> Encoder:
    """sentence-transformers with its ONNX backend, as any other folder in VEIVISER_ENCODER is loaded."""
    return load_encoder(str(DEFAULT_ENCODER))


@pytest.fixture(scope="module")
def questions() -> list[Labelled]:
    """Every third own question that has a right service."""
    return [q for q in load_questions([QUESTIONS]) if q.scope == "in" and q.best][::3]


def test_a_question_has_the_same_vector_both_ways(ours: Encoder, theirs: Encoder, questions: list[Labelled]) -> None:
    """Tokens, network, pooling and length are the same; measured: 1.0000 for the worst."""
    texts = [question.text for question in questions[::3]]
    cosine = [float(ours.encode([text])[0] @ theirs.encode([text])[0]) for text in texts]
    assert min(cosine) > 0.995


def test_many_texts_at_once_have_nearly_the_same_vectors(ours: Encoder, theirs: Encoder, questions: list[Labelled]) -> None:
    """The two put other texts in a batch, which moves 8-bit vectors a little."""
    texts = [question.text for question in questions]
    cosine = (ours.encode(texts) * theirs.encode(texts)).sum(axis=1)
    assert cosine.mean() >= 0.985
    assert cosine.min() >= 0.95


def test_own_questions_rank_the_same_within_noise(
    ours: Encoder, theirs: Encoder, questions: list[Labelled], library: Library
) -> None:
    """What is learned with one path and asked through it finds the right service as often as through the other."""
    examples = [(id, text) for id in library.shown_services() for _, text in list(library.phrases[id].all())[:PHRASES_AN_ID]]
    firsts = [nearest(encoder, examples, [q.text for q in questions]) for encoder in (ours, theirs)]
    right = [np.mean([first in q.best for first, q in zip(found, questions, strict=True)]) for found in firsts]
    assert abs(right[0] - right[1]) <= 0.03
    assert np.mean([a == b for a, b in zip(*firsts, strict=True)]) >= 0.9


def nearest(encoder: Encoder, examples: list[tuple[str, str]], texts: list[str]) -> list[str]:
    """The id of the nearest example of each text."""
    learned = encoder.encode([text for _, text in examples])
    asked: Vectors = np.concatenate([encoder.encode([text]) for text in texts])
    return [examples[row][0] for row in (asked @ learned.T).argmax(axis=1)]
