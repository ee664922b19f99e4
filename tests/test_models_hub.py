"""VEIVISER_ENCODER takes any sentence-transformers model: a folder or a hub id, with its prompts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from extra_models import WIDTH, need_models, save_tiny_model

from api.engine import load_index
from knowledge.encoders import EncoderError, SentenceTransformersEncoder, load_encoder
from knowledge.index import Index

need_models()

TEXTS = ["jeg er redd for at de vil gifte meg bort", "hva kan jeg gjøre", "hjelp søsteren min"]
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model that wants `spørsmål: ` before what is asked."""
    prompts = {"query": "spørsmål: ", "passage": "tekst: "}
    return save_tiny_model(tmp_path_factory.mktemp("models") / "tiny", prompts)


def reference(folder: Path, texts: list[str]) -> np.ndarray:
    """The vectors of texts just as they stand, by sentence-transformers itself."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    model.default_prompt_name = None
    return model.encode(texts, normalize_embeddings=True)


def test_a_folder_is_loaded_and_gives_vectors_of_length_one(folder: Path) -> None:
    """Any width will do; the guide asks for unit length."""
    encoder = load_encoder(str(folder))
    assert isinstance(encoder, SentenceTransformersEncoder)
    vectors = encoder.encode(TEXTS)
    assert (vectors.shape, vectors.dtype) == ((len(TEXTS), WIDTH), np.float32)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)


def test_the_models_own_prompt_for_questions_is_used(folder: Path) -> None:
    """A model trained with prompts is far worse without them, so what a person writes gets the prompt for queries."""
    vectors = load_encoder(str(folder)).encode(TEXTS)
    assert vectors == pytest.approx(reference(folder, [f"spørsmål: {text}" for text in TEXTS]), abs=1e-5)
    assert np.abs(vectors - reference(folder, TEXTS)).max() > 0.01


def test_a_default_prompt_of_another_name_is_used(tmp_path: Path) -> None:
    """A model may name its prompts otherwise and say which is the usual one."""
    folder = save_tiny_model(tmp_path / "tiny", {"sts": "likhet: "}, "sts")
    wanted = reference(folder, [f"likhet: {text}" for text in TEXTS])
    assert load_encoder(str(folder)).encode(TEXTS) == pytest.approx(wanted, abs=1e-5)


def test_a_model_without_prompts_reads_the_text_as_it_stands(tmp_path: Path) -> None:
    """Nothing is put before the text."""
    folder = save_tiny_model(tmp_path / "tiny")
    assert load_encoder(str(folder)).encode(TEXTS) == pytest.approx(reference(folder, TEXTS), abs=1e-5)


def test_another_model_in_the_same_folder_has_another_name(folder: Path, tmp_path: Path) -> None:
    """The cached index and the thresholds go by the name: a model trained anew must not get those of the old one."""
    other = save_tiny_model(tmp_path / "tiny", seed=2)
    assert load_encoder(str(other)).name != load_encoder(str(folder)).name
    assert str(tmp_path) not in load_encoder(str(other)).name


def test_the_search_runs_on_it(folder: Path, letters_index: Index, tmp_path: Path) -> None:
    """The whole search is learned over it and answers, and the next start reads what was learned."""
    found, again = (
        load_index(letters_index.library, load_encoder(str(folder)), tmp_path, print).search(TEXTS[0]) for _ in range(2)
    )
    assert found.services
    assert again.services == found.services


def test_a_folder_that_is_not_there_is_one_clear_sentence(tmp_path: Path) -> None:
    """The message names the setting and what to do, and shows no path of the machine."""
    with pytest.raises(EncoderError, match="VEIVISER_ENCODER") as caught:
        load_encoder(str(tmp_path / "nothing/here"))
    assert str(tmp_path) not in str(caught.value)


def test_a_hub_id_is_loaded_by_its_name_and_an_unknown_one_is_one_clear_sentence(folder: Path, tmp_path: Path) -> None:
    """A model that was fetched once is found without a network; one that cannot be had says so."""
    snapshot = tmp_path / "hub/models--somebody--tiny/snapshots/0123456789abcdef0123456789abcdef01234567"
    shutil.copytree(folder, snapshot)
    (snapshot.parents[1] / "refs").mkdir()
    (snapshot.parents[1] / "refs/main").write_text(snapshot.name)
    code = (
        "from knowledge.encoders import EncoderError, load_encoder\n"
        "encoder = load_encoder('somebody/tiny')\n"
        "print(encoder.name, encoder.encode(['hva kan jeg gjøre']).shape)\n"
        "try:\n    load_encoder('nobody/nothing')\nexcept EncoderError as error:\n    print(error)\n"
    )
    environment = os.environ | {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=True)
    loaded, refused = done.stdout.splitlines()
    assert loaded == f"somebody-tiny (1, {WIDTH})"
    assert "VEIVISER_ENCODER" in refused
