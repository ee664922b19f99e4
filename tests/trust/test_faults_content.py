"""Encoder, learned index and content are damaged, in a copy of the project: the guide searches on, and keeps what is good."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import yaml
from trust.parts import ROOT, Stack, until
from trust.table import checking
from trust.turns import ask_all, people, problem_of, say

#: So many phrases of each variety are left in the copy: it learns in seconds.
FEW, FEW_SIGNALS = 8, 14
SEEN = "Prøvetelefonen"


def small_copy(folder: Path) -> Path:
    """The project without environments, bot and history; with few phrases; the encoder as a link."""
    root = folder / "project"
    for name in ("api", "actions", "knowledge"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "encoder"))
    (root / "knowledge/encoder").symlink_to(ROOT / "knowledge/encoder")
    for name, count in (("phrases", FEW), ("signals", FEW_SIGNALS)):
        for file in (root / "knowledge" / name).glob("*.yml"):
            data = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
            few = {key: value[:count] if isinstance(value, list) else value for key, value in data.items()}
            file.write_text(yaml.safe_dump(few, allow_unicode=True, sort_keys=False, width=10_000), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A small copy, and a folder for what it learns."""
    folder = tmp_path_factory.mktemp("copy")
    return small_copy(folder), folder / "cache"


@pytest.mark.parametrize("damage", ["missing", "cut short", "rubbish"])
def test_without_its_encoder_the_guide_searches_by_letters(tmp_path: Path, project: tuple[Path, Path], damage: str) -> None:
    """Weights that are gone, half, or something else: it starts, says so, and still finds the right services."""
    root, cache = project
    encoder = root / "knowledge/encoder"
    encoder.unlink()
    shutil.copytree(ROOT / "knowledge/encoder", encoder)
    (weights,) = (encoder / "onnx").glob("*.onnx")
    if damage == "missing":
        shutil.rmtree(encoder)
    else:
        weights.write_bytes(weights.read_bytes()[:5000] if damage == "cut short" else b"rubbish" * 1000)
    try:
        with checking("faults", f"encoder {damage}") as check, Stack(tmp_path) as stack:
            stack.app(root, VEIVISER_CACHE_DIR=str(cache))
            stack.wait_for_app()
            problem = httpx.get(f"{stack.url}/readyz", trust_env=False).json()["encoder"]["problem"]
            check.trial(None if problem else "nobody is told")
            persons = people()
            for person, turn in zip(persons, ask_all(stack.url, persons), strict=True):
                check.trial(problem_of(person, turn), turn.seconds)
    finally:
        shutil.rmtree(encoder, ignore_errors=True)
        encoder.symlink_to(ROOT / "knowledge/encoder")


@pytest.mark.parametrize("damage", ["cut short", "rubbish", "empty", "folder that cannot be written"])
def test_a_damaged_index_is_learned_anew_and_meanwhile_there_are_numbers(
    tmp_path: Path, project: tuple[Path, Path], damage: str
) -> None:
    """Until the search is there again each turn has the emergency numbers; then it has the right services too."""
    root, cache = project
    learned_before = sorted(cache.glob("index-*")) if cache.exists() else []
    for file in learned_before:
        content = {"cut short": file.read_bytes()[:9999], "rubbish": b"rubbish" * 999}.get(damage, b"")
        file.write_bytes(content)
    if damage == "folder that cannot be written":
        shutil.rmtree(cache, ignore_errors=True)
        cache.write_text("in the way")
    with checking("faults", f"index {damage}") as check, Stack(tmp_path) as stack:
        stack.app(root, VEIVISER_CACHE_DIR=str(cache), VEIVISER_ENCODER=str(root / "no-encoder"))
        until(lambda: say(stack.url, "hei").status == 200, 60, "an answer")
        persons = people()
        for person, turn in zip(persons, ask_all(stack.url, persons), strict=True):
            check.trial(problem_of(person, turn, searches=False), turn.seconds)
        stack.wait_for_app()
        for person, turn in zip(persons, ask_all(stack.url, persons), strict=True):
            check.trial(problem_of(person, turn), turn.seconds)
    if cache.is_file():
        cache.unlink()


def _broken_yaml(file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8") + '\nname: "twice\n  - [', encoding="utf-8")


def _unknown_key(file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8") + "\nno_such_key: 1\n", encoding="utf-8")


def _wrong_value(file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace("116 111", "116 11x"), encoding="utf-8")


def _not_text(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00" + file.read_bytes())


def _gone(file: Path) -> None:
    file.unlink()


BAD_EDITS: dict[str, Callable[[Path], None]] = {
    "broken YAML": _broken_yaml, "unknown key": _unknown_key, "wrong number": _wrong_value, "not UTF-8": _not_text,
    "file gone that others name": _gone,
}  # fmt: skip


def test_a_bad_edit_never_replaces_good_content(tmp_path: Path, project: tuple[Path, Path]) -> None:
    """`veiviser reload` and SIGHUP take all of the new content or nothing, say which, and nobody's turn is disturbed."""
    root, cache = project
    file = root / "knowledge/services/alarmtelefonen-116111.yml"
    good = file.read_bytes()
    with checking("faults", "bad edit and reload") as bad, Stack(tmp_path) as stack:
        app = stack.app(root, VEIVISER_CACHE_DIR=str(cache), VEIVISER_ENCODER=str(root / "no-encoder"))
        stack.wait_for_app()

        def reload() -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-m", "api", "reload"]
            return subprocess.run(command, cwd=app.cwd, env=app.env, capture_output=True, text=True, timeout=300, check=False)

        def state() -> dict[str, object]:
            return dict(httpx.get(f"{stack.url}/readyz", trust_env=False, timeout=20).json())

        version = state()["content_version"]
        for name, edit in BAD_EDITS.items():
            edit(file)
            said = reload()
            named = said.returncode == 1 and "services/alarmtelefonen-116111.yml" in said.stderr
            bad.trial(None if named else f"{name}: {said}")
            before = state()["reloads"]
            os.kill(app.pid, signal.SIGHUP)
            until(lambda before=before: state()["reloads"] != before, 120, "the end of the reload")
            bad.trial(None if state()["content_version"] == version and state()["reload_problem"] else f"{name}: it was used")
            persons = people()
            for person, turn in zip(persons, ask_all(stack.url, persons), strict=True):
                bad.trial(problem_of(person, turn), turn.seconds)
            file.write_bytes(good)
        with checking("faults", "good edit and reload") as well:
            file.write_text(good.decode().replace("Alarmtelefonen for barn og unge", SEEN), encoding="utf-8")
            said = reload()
            well.trial(None if said.returncode == 0 and "uses version" in said.stdout else str(said))
            shown = httpx.get(f"{stack.url}/api/v1/services/alarmtelefonen-116111", trust_env=False).text
            well.trial(None if SEEN in shown and state()["content_version"] != version else "the new content is not used")
            file.write_bytes(good)
        app.stop()
        with checking("faults", "reload when nothing runs is one sentence") as check:
            said = reload()
            check.trial(None if said.returncode == 1 and len(said.stderr.strip().splitlines()) == 1 else str(said))
