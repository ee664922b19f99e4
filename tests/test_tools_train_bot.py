"""tools/train_bot.py trains when what the model is made of has changed, and not otherwise."""

import importlib.util
import os
import sys
import threading
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).parents[1] / "tools" / "train_bot.py"


@pytest.fixture
def train(monkeypatch, tmp_path) -> ModuleType:
    """The tool, working in a small project whose `python` stands in for Rasa's."""
    spec = importlib.util.spec_from_file_location("veiviser_train_bot", TOOL)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    bot = tmp_path / "bot"
    for name in ("config.yml", "requirements.lock", "domain/domain.yml", "data/rules.yml", "extensions/features.py"):
        (bot / name).parent.mkdir(parents=True, exist_ok=True)
        (bot / name).write_text(f"# {name}\n")
    python = bot / "python"
    python.write_text(
        '#!/bin/sh\nfor last; do :; done\necho trained with "$@"\ntouch "models/building/$last"\nexit ${FAIL:-0}\n'
    )
    python.chmod(0o755)
    for name, value in {
        "ROOT": tmp_path, "BOT": bot, "MODELS": bot / "models", "LOG": bot / "models/training.log", "PYTHON": python,
        "ENCODER": tmp_path / "knowledge/encoder",
    }.items():  # fmt: skip
        monkeypatch.setattr(tool, name, value)
    return tool


def start(tool: ModuleType, monkeypatch, *arguments: str) -> int:
    """Run the tool with arguments; its exit status."""
    monkeypatch.setattr(sys, "argv", ["train_bot.py", *arguments])
    return tool.main()


def test_the_same_content_is_trained_once(train, monkeypatch, capsys):
    """The second time only the path is said."""
    assert start(train, monkeypatch, "--path") == 0
    path = Path(capsys.readouterr().out.strip())
    assert path.name == f"{train.content_hash()}.tar.gz"
    train.LOG.unlink()
    assert start(train, monkeypatch, "--path") == 0
    assert capsys.readouterr().out.strip() == str(path)
    assert not train.LOG.exists()


@pytest.mark.parametrize(
    "name", ["config.yml", "requirements.lock", "domain/more.yml", "data/nlu/new.yml", "extensions/features.py"]
)
def test_another_content_is_another_model(train, name):
    """Whatever of it changes."""
    before = train.content_hash()
    (train.BOT / name).parent.mkdir(exist_ok=True)
    (train.BOT / name).write_text("changed\n")
    assert train.content_hash() != before


def test_another_encoder_is_another_model(train):
    """The intents are told apart by its vectors too."""
    before = train.content_hash()
    (train.ENCODER / "onnx").mkdir(parents=True)
    (train.ENCODER / "onnx" / "model.onnx").write_bytes(b"weights")
    assert train.content_hash() != before


def test_a_failed_training_is_told_with_the_end_of_its_log(train, monkeypatch, capsys):
    """Exit status 1, one sentence, and no model that looks finished."""
    monkeypatch.setenv("FAIL", "1")
    assert start(train, monkeypatch) == 1
    said = capsys.readouterr().err
    assert "trained with -m extensions.start train" in said
    assert said.splitlines()[-1].startswith("train: training failed;")
    assert list(train.MODELS.glob("*.tar.gz")) == []


def test_without_an_environment_it_says_what_to_do(train, monkeypatch, capsys):
    """Not a traceback."""
    monkeypatch.setattr(train, "PYTHON", train.BOT / "no-python")
    assert start(train, monkeypatch) == 1
    assert "python3 tools/setup.py" in capsys.readouterr().err


def test_old_models_do_not_pile_up(train, monkeypatch):
    """A few are kept, so that going back is quick."""
    for number in range(6):
        (train.BOT / "data/rules.yml").write_text(f"# {number}\n")
        assert start(train, monkeypatch) == 0
    assert len(list(train.MODELS.glob("*.tar.gz"))) == train.KEPT_MODELS


def test_a_lock_left_by_a_dead_process_is_no_lock(train, monkeypatch):
    """A training that was killed does not keep the next one waiting."""
    train.MODELS.mkdir()
    (train.MODELS / "training.lock").write_text("999999999")
    assert start(train, monkeypatch) == 0
    assert not (train.MODELS / "training.lock").exists()


def test_two_trainings_at_once_are_one(train, monkeypatch, capsys):
    """The second waits, and finds the model there."""
    train.MODELS.mkdir()
    lock = train.MODELS / "training.lock"
    lock.write_text(str(os.getpid()))
    threading.Timer(0.5, lock.unlink).start()
    assert start(train, monkeypatch) == 0
    assert "waiting for it" in capsys.readouterr().err


def test_what_changes_while_it_trains_is_trained_again(train, monkeypatch):
    """The model in the end is of what is there in the end."""
    once = train.train

    def train_slowly(model: Path) -> None:
        once(model)
        (train.BOT / "config.yml").write_text("# edited meanwhile\n")

    monkeypatch.setattr(train, "train", train_slowly)
    assert start(train, monkeypatch) == 0
    assert (train.MODELS / f"{train.content_hash()}.tar.gz").exists()
    assert len(list(train.MODELS.glob("*.tar.gz"))) == 2
