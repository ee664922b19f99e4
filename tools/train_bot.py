#!/usr/bin/env python3
"""Train the bot's model when what it is made of has changed.

    python3 tools/train_bot.py           trains when needed
    python3 tools/train_bot.py --path    prints the path of the model, training it first when needed
    python3 tools/train_bot.py --force   trains in any case

The model's name is a hash of bot/config.yml, bot/domain/, bot/data/, bot/requirements.lock, the featurizers and the
encoder, so a model always belongs to its content. Standard library only. Needs bot/.venv (python3 tools/setup.py).
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BOT = ROOT / "bot"
ENCODER = ROOT / "knowledge" / "encoder"
MODELS = BOT / "models"
LOG = MODELS / "training.log"
KEPT_MODELS = 3
WINDOWS = os.name == "nt"
PYTHON = BOT / ".venv" / ("Scripts/python.exe" if WINDOWS else "bin/python")


class TrainingError(Exception):
    """Raised when there is no model in the end; the text says why and what to do."""


def main() -> int:
    """Train when needed. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--path", action="store_true", help="print the model's path and nothing else on stdout")
    parser.add_argument("--force", action="store_true", help="train also when the model is there")
    asked = parser.parse_args()
    try:
        model = trained(asked.force)
    except TrainingError as error:
        print(f"train: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("train: stopped; start it again to go on.", file=sys.stderr)
        return 130
    model.touch()  # `rasa run --model models` takes the newest
    if asked.path:
        print(model)
    return 0


def content_hash() -> str:
    """A short hash of everything that the model is made of."""
    digest = hashlib.sha256()
    parts = [BOT / "config.yml", BOT / "requirements.lock", BOT / "extensions" / "features.py"]
    parts += [*(BOT / "domain").rglob("*.yml"), *(BOT / "data").rglob("*.yml")]
    parts += [*ENCODER.glob("*.json"), *ENCODER.rglob("*.onnx")]
    for path in sorted(parts):
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def trained(force: bool = False) -> Path:
    """The model of what bot/ holds now, trained when it is not there. Raises TrainingError."""
    MODELS.mkdir(parents=True, exist_ok=True)
    with alone():
        for _ in range(3):
            model = MODELS / f"{content_hash()}.tar.gz"
            if force or not model.exists():
                train(model)
                force = False
            if model.name == f"{content_hash()}.tar.gz":  # else something was changed while it trained
                return model
    raise TrainingError("bot/ kept changing while it trained; start it again when it is at rest.")


def train(model: Path) -> None:
    """Train beside the finished models and move it there in one step. Raises TrainingError."""
    if not PYTHON.exists():
        raise TrainingError("bot/.venv is missing; build it with `python3 tools/setup.py`.")
    building = MODELS / "building"
    building.mkdir(exist_ok=True)
    command = [
        str(PYTHON),
        "-m",
        "extensions.start",
        "train",
        "--skip-validation",
        "--config",
        "config.yml",
        "--domain",
        "domain",
    ]
    command += ["--data", "data", "--out", str(building), "--fixed-model-name", model.name]
    env = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "LOG_LEVEL": "INFO"}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # the bytecode that training leaves behind halves the bot's start
    started = time.monotonic()
    with LOG.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, cwd=BOT, env=env, stdout=log, stderr=subprocess.STDOUT)
        try:
            while process.poll() is None:
                show(f"training the bot's model: {time.monotonic() - started:.0f} s")
                time.sleep(1)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    show("")
    fresh = building / model.name
    if process.returncode or not fresh.exists():
        print("\n".join(LOG.read_text(encoding="utf-8", errors="replace").splitlines()[-25:]), file=sys.stderr)
        raise TrainingError(
            "training failed; above is the end of bot/models/training.log. `make bot-test` tells what to mend in bot/."
        )
    fresh.replace(model)
    print(f"train: bot/models/{model.name} after {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    for old in sorted(MODELS.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)[KEPT_MODELS:]:
        old.unlink()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One training at a time; another one that was started waits, and then finds the model there."""
    lock, said = MODELS / "training.lock", False
    while True:
        try:
            with lock.open("x") as mine:
                mine.write(str(os.getpid()))
            break
        except FileExistsError:
            if not _lives(lock):
                lock.unlink(missing_ok=True)
                continue
            if not said:
                print("train: another training is under way; waiting for it", file=sys.stderr, flush=True)
                said = True
            time.sleep(1)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _lives(lock: Path) -> bool:
    """Is the process that took the lock still there? One that has just been made and is empty counts as taken."""
    try:
        written = lock.read_text()
        if not written or WINDOWS:  # asking whether a process lives would end it on Windows
            return time.time() - lock.stat().st_mtime < (1800 if written else 5)
        os.kill(int(written), 0)
    except (OSError, ValueError):
        return False
    return True


def show(text: str) -> None:
    """One line that is written over on a terminal; now and then a line of its own elsewhere."""
    if sys.stderr.isatty():
        print(f"\r{text:<60}\r" if text else f"\r{'':<60}\r", end=text and "", file=sys.stderr, flush=True)
    elif text and int(text.split()[-2]) % 10 == 1:
        print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
