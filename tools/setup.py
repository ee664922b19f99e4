#!/usr/bin/env python3
"""Build the two environments from the committed locks: bot/.venv (Python 3.10) and .venv (Python 3.11 or newer).

    python3 tools/setup.py              what the guide needs to run
    python3 tools/setup.py --dev        and what its tests need
    python3 tools/setup.py --models     and torch with sentence-transformers, to train and compare encoders
    python3 tools/setup.py --compare    and benchmarks/.venv, with what only `make compare` needs
    python3 tools/setup.py --only bot   one environment alone (bot or app)
    python3 tools/setup.py --lock       write the locks anew from pyproject.toml and the requirements*.in files

Standard library only, so any Python 3.8 or newer starts it. What is built already is not built again: each environment
remembers the locks it came from. PYTHON310 and PYTHON3XX (PYTHON311, PYTHON312 …) name a Python to use.
"""

from __future__ import annotations

import argparse
import glob
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
WINDOWS = os.name == "nt"
BIN = "Scripts" if WINDOWS else "bin"
PROBE = "import sys;print(sys.version_info[0],sys.version_info[1],getattr(sys,'_base_executable',sys.executable))"
REMEDY = (
    "Python {wanted} is missing. Install it (for example `uv python install {version}` or `pyenv install {version}`), "
    "or set {variable}=/path/to/python{version}, and start again."
)


class SetupError(Exception):
    """Raised when an environment cannot be built; the text says why and what to do."""


class Environment:
    """One environment: where it is, which Pythons it takes, and which locks it is made of."""

    def __init__(self, name: str, home: Path, minors: Sequence[int], wanted: str, *parts: str) -> None:
        self.name, self.minors, self.wanted = name, minors, wanted
        self.folder = home / ".venv"
        self.locks = {"base": home / "requirements.lock"} | {part: home / f"requirements-{part}.lock" for part in parts}
        self.project = home / "pyproject.toml"
        self.python = self.folder / BIN / ("python.exe" if WINDOWS else "python")
        self.stamp = self.folder / "built-from.json"

    def hash_of(self, part: str) -> str:
        """A hash of what one part is made of. Raises SetupError when its lock is missing."""
        lock = self.locks[part]
        if not lock.exists():
            name = lock.relative_to(ROOT).as_posix()
            raise SetupError(f"{name} is missing; get it back with `git checkout {name}`.")
        project = self.project.read_bytes() if part == "base" and self.project.exists() else b""
        return hashlib.sha256(lock.read_bytes() + project).hexdigest()

    def remembered(self) -> dict[str, str]:
        """What is in it now: part to hash. Nothing when it is not there or only half built."""
        try:
            known = json.loads(self.stamp.read_text()) if self.python.exists() else {}
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}


def main() -> int:
    """Build what is asked for. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", action="store_true", help="with what the tests need")
    parser.add_argument("--models", action="store_true", help="with torch and sentence-transformers")
    parser.add_argument("--compare", action="store_true", help="with the environment of benchmarks/, for `make compare`")
    parser.add_argument("--only", choices=["bot", "app"], help="one environment alone")
    parser.add_argument("--lock", action="store_true", help="write the locks anew; versions stay unless they must change")
    parser.add_argument("--upgrade", action="store_true", help="with --lock: take the newest versions that fit")
    asked = parser.parse_args()
    started = time.monotonic()
    try:
        if asked.lock:
            return write_locks(asked.upgrade)
        parts = [part for part in ("dev", "models") if getattr(asked, part)]
        built = [build(env, parts) for env in environments(asked.only, asked.compare)]
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nsetup: stopped; start it again to go on.", file=sys.stderr)
        return 130
    if any(built):
        say(f"ready after {time.monotonic() - started:.0f} s")
    return 0


def environments(only: str | None, compare: bool = False) -> Iterator[Environment]:
    """The environments that are asked for."""
    if only != "app":
        yield Environment("bot", ROOT / "bot", [10], "3.10", "dev")
    if only != "bot":
        yield Environment("app", ROOT, [11, 12, 13, 14], "3.11 or newer", "dev", "models")
    if compare:
        yield Environment("benchmarks", ROOT / "benchmarks", [11, 12, 13], "3.11 to 3.13")


def build(env: Environment, asked: Sequence[str]) -> bool:
    """Build one environment when what is there is not what is asked for. Was there anything to do?

    Parts that are there stay: asking without --dev takes no tests away.
    """
    known = env.remembered()
    wanted = {part: env.hash_of(part) for part in {"base", *asked, *known} if part in env.locks}
    if known == wanted:
        return False
    uv = find_uv()
    if {k: v for k, v in known.items() if k != "models"} != {k: v for k, v in wanted.items() if k != "models"}:
        version, python = usable(env) or find_python(env, uv)
        say(f"{env.name}: Python {version} ({python}); the first time this takes some minutes")
        make_environment(env, python, uv)
        env.stamp.unlink(missing_ok=True)
        install_locks(env, [env.locks[part] for part in ("base", "dev") if part in wanted], uv)
        if env.project.exists():
            install_project(env, uv)
    if "models" in wanted:
        install_models(env, env.locks["models"], uv)
    env.stamp.write_text(json.dumps(wanted))
    return True


# --- Pythons -------------------------------------------------------------------------------------------------------


def probe(python: str) -> tuple[int, str] | None:
    """Minor version and real path of a Python 3 that works; None otherwise. Run at the root folder, so that a
    .python-version file where we are does not decide."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__")}
    try:
        out = subprocess.run(
            [python, "-c", PROBE], capture_output=True, text=True, timeout=20, cwd=os.path.abspath(os.sep), env=env
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    said = out.stdout.split(maxsplit=2)
    if out.returncode or len(said) != 3 or said[0] != "3":
        return None
    real = said[2].strip()
    return int(said[1]), real if os.path.exists(real) else python


def candidates(minor: int) -> Iterator[str]:
    """Where a Python 3.minor may be, the surest first."""
    named = os.environ.get(f"PYTHON3{minor}")
    if named:
        yield named
    homes = [os.environ.get("UV_PYTHON_INSTALL_DIR"), os.path.expanduser("~/.local/share/uv/python")]
    if os.environ.get("APPDATA"):
        homes.append(os.path.join(os.environ["APPDATA"], "uv", "python"))
    for home in filter(None, homes):
        yield from newest(
            glob.glob(f"{home}/cpython-3.{minor}.*/bin/python3.{minor}") + glob.glob(f"{home}/cpython-3.{minor}.*/python.exe")
        )
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    yield from newest(glob.glob(f"{pyenv}/versions/3.{minor}.*/bin/python3.{minor}"))
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        for name in (f"python3.{minor}", f"python3.{minor}.exe"):
            path = os.path.join(folder, name)
            if os.access(path, os.X_OK):
                yield path
    yield sys.executable
    for name in ("python3", "python"):
        found = shutil.which(name)
        if found:
            yield found


def newest(paths: list[str]) -> list[str]:
    """Paths with versions in them, the newest patch first."""
    return sorted(paths, key=lambda path: [int(n) for n in re.findall(r"\d+", path)], reverse=True)


def usable(env: Environment) -> tuple[str, str] | None:
    """The Python of the environment that is there, when it still fits."""
    found = probe(str(env.python)) if env.python.exists() else None
    return (f"3.{found[0]}", found[1]) if found and found[0] in env.minors else None


def find_python(env: Environment, uv: str | None) -> tuple[str, str]:
    """Version and path of a Python for the environment. Raises SetupError with the remedy when there is none."""
    for minor in env.minors:
        tried = set()
        for python in candidates(minor):
            if python in tried:
                continue
            tried.add(python)
            found = probe(python)
            if found and found[0] == minor:
                return f"3.{minor}", found[1]
    version = f"3.{env.minors[0]}"
    if uv:
        say(f"{env.name}: no Python {env.wanted} here; asking uv for one")
        if run([uv, "python", "install", version], check=False) == 0:
            path = subprocess.run(
                [uv, "python", "find", "--managed-python", version], capture_output=True, text=True
            ).stdout.strip()
            found = probe(path) if path else None
            if found and found[0] in env.minors:
                return f"3.{found[0]}", found[1]
    raise SetupError(REMEDY.format(wanted=env.wanted, version=version, variable=f"PYTHON3{env.minors[0]}"))


# --- installing ----------------------------------------------------------------------------------------------------


def find_uv() -> str | None:
    """A uv that works: on PATH, or our own in .tools, put there when pip can; None: pip does the work."""
    own = TOOLS / BIN / ("uv.exe" if WINDOWS else "uv")
    for path in (shutil.which("uv"), str(own)):
        if path and os.path.exists(path):
            try:
                if (
                    subprocess.run([path, "--version"], capture_output=True, cwd=os.path.abspath(os.sep), timeout=20).returncode
                    == 0
                ):
                    return path
            except (OSError, subprocess.TimeoutExpired):
                continue
    say("getting uv, which installs much faster than pip")
    for python in [sys.executable, *(p for minor in (11, 12, 13, 10) for p in candidates(minor))]:
        if probe(python) and run([python, "-m", "venv", "--clear", str(TOOLS)], check=False, silent=True) == 0:
            pip = [str(TOOLS / BIN / "python"), "-m", "pip", "install", "-q", "uv"]
            if run(pip, check=False) == 0 and own.exists():
                return str(own)
            break
    say("uv cannot be had here; going on with pip, which is slower")
    return None


def make_environment(env: Environment, python: str, uv: str | None) -> None:
    """An empty environment, unless one with this Python is there."""
    if usable(env):
        return
    if uv:
        run([uv, "venv", "--quiet", "--clear", "--python", python, str(env.folder)])
    elif run([python, "-m", "venv", "--clear", str(env.folder)], check=False):
        raise SetupError(
            f"{python} has no venv module; install it (Debian: apt install python3-venv) or install uv, and start again."
        )


def install_locks(env: Environment, locks: Sequence[Path], uv: str | None) -> None:
    """Exactly what the locks say, each file checked against its hash."""
    if uv:
        command = [uv, "pip", "sync", "--require-hashes", "--python", str(env.python), *map(str, locks)]
    else:
        files = [part for lock in locks for part in ("-r", str(lock))]
        command = [str(env.python), "-m", "pip", "install", "--require-hashes", "--no-deps", "--progress-bar", "on", *files]
    if run(command, check=False):
        raise SetupError(
            f"the packages for {env.folder.relative_to(ROOT)} could not be installed; see above. Is there a network?"
        )


def install_project(env: Environment, uv: str | None) -> None:
    """The project itself, editable, so that `veiviser` is a command."""
    pip = (
        [uv, "pip", "install", "--quiet", "--python", str(env.python)]
        if uv
        else [str(env.python), "-m", "pip", "install", "-q"]
    )
    if run([*pip, "--no-deps", "--editable", str(ROOT)], check=False):
        raise SetupError("the project itself could not be installed; see above.")


def install_models(env: Environment, lock: Path, uv: str | None) -> None:
    """torch as the small CPU build where there is one, then the rest without asking what torch wants."""
    torch = re.search(r"^torch==([\d.]+)", lock.read_text(), re.MULTILINE)
    if not torch:
        raise SetupError(f"{lock.name} names no torch version.")
    version = torch.group(1)
    pip = [uv, "pip", "install", "--python", str(env.python)] if uv else [str(env.python), "-m", "pip", "install"]
    have = subprocess.run([str(env.python), "-c", "import torch;print(torch.__version__)"], capture_output=True, text=True)
    if not have.stdout.startswith(version):
        say(f"app: torch {version}, the build without CUDA")
        for extra in torch_sources(version, bool(uv)):
            if run([*pip, "--no-deps", *extra], check=False) == 0:
                break
        else:
            raise SetupError(f"torch {version} could not be installed; see above. Is there a network?")
    rest = TOOLS / "models-without-torch.txt"
    rest.parent.mkdir(exist_ok=True)
    rest.write_text("\n".join(without_torch(lock.read_text())))
    if run([*pip, "--no-deps", "-r", str(rest)], check=False):
        raise SetupError("sentence-transformers could not be installed; see above.")


def torch_sources(version: str, with_uv: bool) -> Iterator[list[str]]:
    """Where the small CPU build may come from: a folder of wheels that pip knows, then PyTorch's own index."""
    said = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.find-links"], capture_output=True, text=True
    ).stdout
    for folder in [*said.split(), *os.environ.get("PIP_FIND_LINKS", "").split()]:
        if glob.glob(f"{folder}/torch-{version}*"):
            yield ["--find-links", folder, f"torch=={version}+cpu"]
    if platform.system() == "Linux":
        cpu = "https://download.pytorch.org/whl/cpu"
        yield ["--torch-backend", "cpu", f"torch=={version}"] if with_uv else ["--index-url", cpu, f"torch=={version}"]
    else:
        yield [f"torch=={version}"]


def without_torch(lock: str) -> Iterator[str]:
    """The lines of a lock without the entries of torch and the packages that only its CUDA build needs."""
    skipping = False
    for line in lock.splitlines():
        if line and not line.startswith((" ", "#")):
            skipping = bool(re.match(r"(?:torch|triton|nvidia-[\w-]+|cuda-[\w-]+)==", line))
        if not skipping:
            yield line


def write_locks(upgrade: bool) -> int:
    """Compile every lock: versions and hashes for all platforms, no addresses. Raises SetupError."""
    uv = find_uv()
    if not uv:
        raise SetupError("locks are written by uv, which cannot be had here.")
    for env in environments(None, compare=True):
        version, python = find_python(env, uv)
        base = env.project.name if env.project.exists() else "requirements.in"
        for part, lock in env.locks.items():
            source = lock.parent / (base if part == "base" else f"{lock.stem}.in")
            extra = [] if part == "base" else ["--constraint", env.locks["base"].name]
            if part == "base" and "models" in env.locks:  # one environment holds both, and the extra is the choosier
                extra = ["--constraint", f"{env.locks['models'].stem}.in"]
            say(f"{source.relative_to(ROOT)} → {lock.relative_to(ROOT)}")
            command = [uv, "pip", "compile", source.name, "--universal", "--generate-hashes", "--quiet", "--no-strip-markers"]
            command += ["--python", python, "--python-version", version, "--custom-compile-command", "make lock", *extra]
            command += ["--output-file", lock.name, *(["--upgrade"] if upgrade else [])]
            run(command, folder=lock.parent)
    return 0


def run(command: Sequence[str], check: bool = True, silent: bool = False, folder: Path = ROOT) -> int:
    """Run a command in view. Raises SetupError when it fails and `check` is set."""
    env = {
        k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "UV_PYTHON", "PYTHONPATH", "PYTHONHOME", "CONDA_PREFIX")
    }
    hidden = subprocess.DEVNULL if silent else None
    try:
        status = subprocess.run(list(command), env=env, stdout=hidden, stderr=hidden, cwd=str(folder)).returncode
    except OSError as error:
        status = 127
        print(f"setup: {command[0]}: {error.strerror}", file=sys.stderr)
    if check and status:
        raise SetupError(f"`{' '.join(command[:4])} …` failed; see above.")
    return status


def say(text: str) -> None:
    """One line of progress."""
    print(f"setup: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
