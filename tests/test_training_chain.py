"""training/make_encoder.py makes an encoder that the guide can use, in one command."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from extra_models import need_models

from knowledge.encoders import OnnxEncoder, load_encoder

need_models()

ROOT = Path(__file__).parents[1]
TEXTS = ["jeg er redd for å bli giftet bort", "eg er redd dei vil gifte meg bort", "where is the nearest school", "hei"]
PARALLEL = [
    ("nb", "I am afraid that they will marry me off", "jeg er redd for at de vil gifte meg bort"),
    ("nn", "I am afraid that they will marry me off", "eg er redd for at dei vil gifte meg bort"),
    ("nb", "my sister needs help", "søsteren min trenger hjelp"),
    ("nn", "my sister needs help", "systera mi treng hjelp"),
    ("nb", "where is the school?", "hvor er skolen?"),
    ("nn", "where is the school?", "kvar er skulen?"),
    ("tr", "where is the school?", "okul nerede?"),
    ("ar", "I need help", "أحتاج إلى مساعدة"),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make_encoder.py --tiny` leaves behind: the folders `work` and `encoder`."""
    home = tmp_path_factory.mktemp("chain")
    (home / "parallel").mkdir()
    with gzip.open(home / "parallel/own.tsv.gz", "wt", encoding="utf-8") as lines:
        lines.writelines("\t".join(row) + "\n" for row in PARALLEL)
    (home / "phrases").mkdir()
    for id in ("alarmtelefonen-116111", "ung-no", "tema-tvangsekteskap"):
        shutil.copy(ROOT / f"knowledge/phrases/{id}.yml", home / "phrases")
    folders = [str(home / name) for name in ("parallel", "work", "encoder")]
    command = [sys.executable, str(ROOT / "training/make_encoder.py"), *folders, "--tiny", "--phrases", str(home / "phrases")]
    done = subprocess.run(command, cwd=home, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr[-3000:]
    return home


def test_the_guide_runs_what_was_made(made: Path) -> None:
    """The folder is one that the running guide loads, and the same meaning is nearer than another."""
    fear, same_fear, school, _ = OnnxEncoder(made / "encoder").encode(TEXTS)
    assert fear.shape == (384,)
    assert fear @ same_fear > fear @ school


def test_sentence_transformers_loads_what_was_made(made: Path) -> None:
    """Anybody with sentence-transformers can use the folder and gets the same vectors."""
    ours = OnnxEncoder(made / "encoder").encode(TEXTS[:1])
    theirs = load_encoder(str(made / "encoder")).encode(TEXTS[:1])
    assert float(ours[0] @ theirs[0]) > 0.995


def test_8_bit_weights_say_the_same_as_the_trained_ones(made: Path) -> None:
    """The step from torch in 32 bits to the file that ships moves vectors little."""
    from training.student import encode, load_student, load_tokenizer

    tokenizer = load_tokenizer(made / "work/tokenizer.json")
    trained = encode(load_student(made / "work/finetuned.pt", tokenizer.get_vocab_size()), tokenizer, TEXTS)
    shipped = np.concatenate([OnnxEncoder(made / "encoder").encode([text]) for text in TEXTS])
    assert (trained * shipped).sum(axis=1).mean() >= 0.97


def test_the_model_card_tells_sources_licences_and_figures(made: Path) -> None:
    """Who gets the folder alone knows where it is from, what it may be used for and how good it is."""
    card = (made / "encoder/README.md").read_text(encoding="utf-8")
    for needed in ("license: cc-by-sa-4.0", "## Sources and licences", "## Limits", "cosine of int8 to fp32"):
        assert needed in card


def test_a_step_that_is_done_is_not_done_again(made: Path) -> None:
    """A stopped run goes on where it was."""
    before = (made / "work/tokenizer.json").stat().st_mtime_ns
    command = [sys.executable, "-m", "training.build_vocabulary", str(made / "parallel"), str(made / "work")]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout
    assert "is there already" in said
    assert (made / "work/tokenizer.json").stat().st_mtime_ns == before
