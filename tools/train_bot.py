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
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BOT = ROOT / "bot"
ENCODER = ROOT / "knowledge" / "encoder"
MODELS = BOT / "models"
LOG = MODELS / "training.log"
KEPT_MODELS = 3
WINDOWS = os.name == "nt"
PYTHON = BOT / ".venv" / ("Scripts/python.exe" if WINDOWS else "bin/python")


def main() -> int:
    """Train when needed. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--path", action="store_true", help="print the model's path and nothing else on stdout")
    parser.add_argument("--force", action="store_true", help="train also when the model is there")
    asked = parser.parse_args()
    model = MODELS / f"{content_hash()}.tar.gz"
    if asked.force or not model.exists():
        status = train(model)
        if status:
            return status
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


def train(model: Path) -> int:
    """Train beside the finished models and move it there in one step. Returns the exit status."""
    if not PYTHON.exists():
        return fail("bot/.venv is missing; build it with `python3 tools/setup.py`.")
    building = MODELS / "building"
    building.mkdir(parents=True, exist_ok=True)
    command = [
        str(PYTHON),
        "-m",
        "rasa",
        "train",
        "--skip-validation",
        "--config",
        "config.yml",
        "--domain",
        "domain",
        "--data",
        "data",
    ]
    command += ["--out", str(building), "--fixed-model-name", model.name]
    env = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "LOG_LEVEL": "INFO"}
    started = time.monotonic()
    with LOG.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, cwd=BOT, env=env, stdout=log, stderr=subprocess.STDOUT)
        try:
            while process.poll() is None:
                show(f"training the bot's model: {time.monotonic() - started:.0f} s")
                time.sleep(1)
        except KeyboardInterrupt:
            process.terminate()
            return fail("training was stopped; start it again to go on.", 130)
    show("")
    fresh = building / model.name
    if process.returncode or not fresh.exists():
        tail = LOG.read_text(encoding="utf-8", errors="replace").splitlines()[-25:]
        print("\n".join(tail), file=sys.stderr)
        return fail("training failed; above is the end of bot/models/training.log. `make bot-test` tells what to mend in bot/.")
    fresh.replace(model)
    print(f"train: bot/models/{model.name} after {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    for old in sorted(MODELS.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)[KEPT_MODELS:]:
        old.unlink()
    return 0


def show(text: str) -> None:
    """One line that is written over on a terminal; now and then a line of its own elsewhere."""
    if sys.stderr.isatty():
        print(f"\r{text:<60}\r" if text else f"\r{'':<60}\r", end=text and "", file=sys.stderr, flush=True)
    elif text and int(text.split()[-2]) % 10 == 1:
        print(text, file=sys.stderr, flush=True)


def fail(text: str, status: int = 1) -> int:
    """One clear sentence, and the exit status."""
    print(f"train: {text}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
