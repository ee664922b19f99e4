"""tools/setup.py finds Pythons, builds once, and says in one sentence what is missing."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).parents[1] / "tools" / "setup.py"


@pytest.fixture
def setup(monkeypatch, tmp_path) -> ModuleType:
    """The tool, working in an empty project with locks."""
    spec = importlib.util.spec_from_file_location("veiviser_setup", TOOL)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    (tmp_path / "bot").mkdir()
    for lock in ("requirements.lock", "requirements-dev.lock", "bot/requirements.lock", "bot/requirements-dev.lock"):
        (tmp_path / lock).write_text(f"# {lock}\n")
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    monkeypatch.setattr(tool, "TOOLS", tmp_path / ".tools")
    monkeypatch.setattr(tool, "find_uv", lambda: "uv")
    monkeypatch.setattr(tool, "usable", lambda env: None)
    tool.real_find_python = tool.find_python
    monkeypatch.setattr(tool, "find_python", lambda env, uv: (f"3.{env.minors[0]}", sys.executable))
    tool.done = []
    monkeypatch.setattr(tool, "run", lambda command, **_: tool.done.append(command) or 0)

    def make(env, python, uv):
        env.python.parent.mkdir(parents=True, exist_ok=True)
        env.python.write_text("")

    monkeypatch.setattr(tool, "make_environment", make)
    return tool


def start(tool: ModuleType, monkeypatch, *arguments: str) -> int:
    """Run the tool with arguments; its exit status."""
    tool.done.clear()
    monkeypatch.setattr(sys, "argv", ["setup.py", *arguments])
    return tool.main()


def test_a_second_run_does_nothing(setup, monkeypatch, capsys):
    """What is there already, from the same locks, is not built again, and nothing is said."""
    assert start(setup, monkeypatch, "--dev") == 0
    assert len(setup.done) == 2
    capsys.readouterr()
    assert start(setup, monkeypatch, "--dev") == 0
    assert (setup.done, capsys.readouterr().out) == ([], "")


def test_asking_for_less_takes_nothing_away(setup, monkeypatch):
    """`make run` after `make test` leaves the test tools where they are."""
    start(setup, monkeypatch, "--dev")
    assert start(setup, monkeypatch) == 0
    assert setup.done == []


def test_a_changed_lock_builds_that_environment_anew(setup, monkeypatch):
    """And only that one; the tests' tools stay in."""
    start(setup, monkeypatch, "--dev")
    (setup.ROOT / "bot/requirements.lock").write_text("# newer\n")
    assert start(setup, monkeypatch) == 0
    assert [command[-2:] for command in setup.done] == [
        [str(setup.ROOT / "bot/requirements.lock"), str(setup.ROOT / "bot/requirements-dev.lock")]
    ]


def test_every_file_is_checked_against_its_hash(setup, monkeypatch):
    """With uv and with pip."""
    start(setup, monkeypatch)
    monkeypatch.setattr(setup, "find_uv", lambda: None)
    for env in setup.environments(None):
        env.stamp.unlink()
    with_uv = list(setup.done)
    start(setup, monkeypatch)
    assert len(with_uv) == len(setup.done) == 2
    assert all("--require-hashes" in command for command in [*with_uv, *setup.done])


def test_a_build_that_fails_is_built_again(setup, monkeypatch, capsys):
    """It is one sentence and exit status 1; a half-built environment is never taken for a whole one."""
    monkeypatch.setattr(setup, "run", lambda command, **_: 1)
    assert start(setup, monkeypatch) == 1
    assert "could not be installed" in capsys.readouterr().err
    monkeypatch.setattr(setup, "run", lambda command, **_: setup.done.append(command) or 0)
    assert start(setup, monkeypatch) == 0
    assert len(setup.done) == 2


def test_a_missing_python_is_one_sentence_with_the_remedy(setup, monkeypatch, capsys):
    """Exit status 1, and what to install or set."""
    monkeypatch.setattr(setup, "candidates", lambda minor: iter(()))
    monkeypatch.setattr(setup, "find_uv", lambda: None)
    monkeypatch.setattr(setup, "find_python", setup.real_find_python)
    assert start(setup, monkeypatch) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "Python 3.10 is missing." in said
    assert "PYTHON310=" in said


def test_a_missing_lock_is_one_sentence_with_the_remedy(setup, monkeypatch, capsys):
    """Not a traceback."""
    (setup.ROOT / "bot/requirements.lock").unlink()
    assert start(setup, monkeypatch) == 1
    assert "git checkout bot/requirements.lock" in capsys.readouterr().err


def test_a_version_file_in_the_folder_does_not_decide(setup, monkeypatch, tmp_path):
    """pyenv's shims read .python-version; the Pythons are tried where there is none."""
    (tmp_path / ".python-version").write_text("2.7.18\n")
    monkeypatch.chdir(tmp_path)
    minor, path = setup.probe(sys.executable)
    assert minor == sys.version_info[1]
    assert Path(path).exists()
    assert setup.probe(str(tmp_path / "no-python")) is None


def test_a_named_python_comes_first(setup, monkeypatch):
    """PYTHON310 and PYTHON3XX are obeyed before anything is looked for."""
    monkeypatch.setenv("PYTHON310", "/a/python")
    assert next(setup.candidates(10)) == "/a/python"


def test_the_extra_models_leaves_out_what_only_graphics_cards_need(setup):
    """torch comes first, as the small build; its CUDA packages never come."""
    lock = "torch==2.13.0 \\\n    --hash=sha256:a\nnvidia-cublas==1 \\\n    --hash=sha256:b\ntqdm==4 \\\n    --hash=sha256:c\n"
    assert list(setup.without_torch(lock)) == ["tqdm==4 \\", "    --hash=sha256:c"]


def test_the_stamp_of_something_broken_is_no_stamp(setup, monkeypatch):
    """A stamp that cannot be read is as none."""
    start(setup, monkeypatch, "--only", "bot")
    env = next(setup.environments("bot"))
    assert set(json.loads(env.stamp.read_text())) == {"base"}
    env.stamp.write_text("{")
    assert env.remembered() == {}


def test_the_environment_for_comparing_is_built_only_when_asked_for(setup, monkeypatch):
    """Eighty packages that nobody else needs; asking again builds nothing."""
    (setup.ROOT / "benchmarks").mkdir()
    (setup.ROOT / "benchmarks/requirements.lock").write_text("# its lock\n")
    start(setup, monkeypatch, "--dev")
    assert not (setup.ROOT / "benchmarks/.venv").exists()
    assert start(setup, monkeypatch, "--dev", "--compare") == 0
    assert [command[-1] for command in setup.done] == [str(setup.ROOT / "benchmarks/requirements.lock")]
    assert start(setup, monkeypatch, "--dev", "--compare") == 0
    assert setup.done == []


def test_the_guides_lock_is_held_to_what_the_extra_models_can_live_with(setup, monkeypatch):
    """Both share an environment, and the extra is the choosier: it is resolved within the guide's lock and the other way."""
    assert start(setup, monkeypatch, "--lock") == 0
    held = [(c[c.index("--constraint") + 1], c[c.index("--output-file") + 1]) for c in setup.done if "--constraint" in c]
    assert ("requirements-models.in", "requirements.lock") in held
    assert ("requirements.lock", "requirements-models.lock") in held
