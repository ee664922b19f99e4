"""From texts to vectors."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from knowledge.encoders import DEFAULT_ENCODER, Encoder, EncoderError, LettersOnly, OnnxEncoder, load_encoder

TEXTS = ["jeg er redd for å bli giftet bort", "eg er redd dei vil gifte meg bort", "hvordan baker jeg brød", "hei"]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The encoder that ships with the project."""
    return load_encoder()


def test_vectors_have_length_one_in_the_order_of_the_texts(encoder: Encoder) -> None:
    """Many texts at once give the same as one by one, whatever their lengths."""
    vectors = encoder.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-4)
    for row, text in zip(vectors, TEXTS, strict=True):
        assert float(row @ encoder.encode([text])[0]) > 0.98


def test_the_same_meaning_is_nearer_than_another(encoder: Encoder) -> None:
    """Bokmål and nynorsk for the same fear lie closer than fear and bread."""
    a, b, c, _ = encoder.encode(TEXTS)
    assert a @ b > a @ c + 0.1


def test_no_texts_are_no_vectors(encoder: Encoder) -> None:
    """An empty list is no mistake."""
    assert len(encoder.encode([])) == 0


def test_a_very_long_text_is_cut_not_refused(encoder: Encoder) -> None:
    """Two thousand characters are more than the model reads; the first part counts."""
    assert np.isfinite(encoder.encode(["hjelp " * 400])).all()


def test_the_name_changes_with_the_content_of_the_weights(tmp_path: Path) -> None:
    """The cached index and the thresholds go by the name, so other weights of the same size must have another."""
    names = []
    for seed in (1, 2):
        folder = tmp_path / str(seed) / "encoder"
        shutil.copytree(DEFAULT_ENCODER, folder)
        weights = next((folder / "onnx").glob("*.onnx"))
        content = bytearray(weights.read_bytes())
        content[-seed * 100_000] ^= 1
        weights.write_bytes(content)
        names.append(OnnxEncoder(folder).name)
    assert len({*names, OnnxEncoder(DEFAULT_ENCODER).name}) == 3


def test_many_texts_give_the_same_twice(encoder: Encoder) -> None:
    """Batches are shared out among the processors; that changes nothing."""
    texts = [f"{text} {number}" for number in range(30) for text in TEXTS]
    assert np.array_equal(encoder.encode(texts), encoder.encode(texts))


def test_a_folder_without_a_model_is_one_clear_sentence(tmp_path: Path) -> None:
    """The message says what to do and shows no path of this machine."""
    with pytest.raises(EncoderError, match="VEIVISER_ENCODER") as caught:
        OnnxEncoder(tmp_path)
    assert str(tmp_path) not in str(caught.value)


def test_another_model_without_the_extra_is_one_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who names a model that needs more is told what to install."""
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(EncoderError, match="make models"):
        load_encoder("some/model")


def test_letters_only_gives_vectors_that_say_nothing() -> None:
    """Without a model every vector is alike, so only words and letters decide."""
    vectors = LettersOnly().encode(["a", "b"])
    assert vectors.shape == (2, LettersOnly.WIDTH)
    assert not vectors.any()


def test_the_encoder_needs_no_torch() -> None:
    """The guide runs on a small machine: onnxruntime and a tokenizer, nothing heavier."""
    source = (DEFAULT_ENCODER.parent / "encoders.py").read_text(encoding="utf-8")
    assert "import torch" not in source
