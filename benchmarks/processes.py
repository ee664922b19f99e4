"""Starts and measures what the bench compares: the guide (app and bot), and a plain Rasa bot of the same version."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
BOT_PYTHON = ROOT / "bot/.venv/bin/python"
START_SECONDS = 600
PLAIN_EPOCHS = 20
_TICKS = os.sysconf("SC_CLK_TCK")


class BenchError(Exception):
    """Raised when something cannot be started; the text says what, with the end of its output."""


@dataclass(frozen=True)
class Started:
    """A running process with its children: how long it took to be ready, and how to look at it."""

    url: str
    seconds: float
    pid: int

    def processes(self) -> dict[str, int]:
        """Name to process id: `app` and `bot` of the guide, or `plain`."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return {"app": self.pid, "bot": int(children[0])} if children else {"plain": self.pid}

    def memory_mb(self) -> dict[str, float]:
        """Resident memory now, in MB."""
        return {name: _status(pid, "VmRSS") / 1024 for name, pid in self.processes().items()}

    def cpu_seconds(self) -> dict[str, float]:
        """Processor time used since the start."""
        return {name: _cpu_seconds(pid) for name, pid in self.processes().items()}


@contextmanager
def running_guide(folder: Path) -> Iterator[Started]:
    """`veiviser run` on free ports of loopback, ready to talk; ended at the end."""
    port, bot_port = _free_port(), _free_port()
    environment = {"VEIVISER_PORT": str(port), "VEIVISER_BOT_URL": f"http://127.0.0.1:{bot_port}"}
    url = f"http://127.0.0.1:{port}"

    def ready() -> bool:
        said = httpx.get(f"{url}/readyz", timeout=5)
        return said.status_code == 200 and bool(said.json()["bot"])

    command = [sys.executable, "-m", "api", "run"]
    with _running(command, ROOT, environment, folder / "guide.log", ready) as (process, seconds):
        yield Started(url, seconds, process.pid)


@contextmanager
def running_plain_bot(folder: Path, cache: Path) -> Iterator[Started]:
    """A bot as `rasa init` makes it, on a free port of loopback; trained once and kept in `cache`."""
    project = folder / "plain"
    package = next((ROOT / "bot/.venv/lib").glob("python3*/site-packages/rasa"))
    shutil.copytree(package / "cli/initial_project", project)
    config = project / "config.yml"
    config.write_text(_default_pipeline(config.read_text(encoding="utf-8")), encoding="utf-8")
    model = cache / f"plain-rasa-{rasa_version()}-{PLAIN_EPOCHS}.tar.gz"
    if not model.exists():
        cache.mkdir(parents=True, exist_ok=True)
        train = ["train", "--out", str(folder), "--fixed-model-name", "plain"]
        _finish([str(BOT_PYTHON), "-m", "rasa", *train], project, folder / "train.log")
        shutil.copy(folder / "plain.tar.gz", model)
    port = _free_port()
    command = [str(BOT_PYTHON), "-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(port), "-m", str(model)]
    url = f"http://127.0.0.1:{port}"

    def ready() -> bool:
        said = httpx.post(f"{url}/webhooks/rest/webhook", json={"sender": "ready", "message": "hello"}, timeout=5)
        return said.status_code == 200 and bool(said.json())

    with _running(command, project, {}, folder / "plain.log", ready) as (process, seconds):
        yield Started(url, seconds, process.pid)


def learn_index(folder: Path) -> None:
    """So that the start that is measured is one with the index on disk, as every start but the first."""
    _finish([sys.executable, "-m", "api", "search", "hei", "--json"], ROOT, folder / "index.log")


def rasa_version() -> str:
    """The version of Rasa in the bot's environment."""
    found = next((ROOT / "bot/.venv/lib").glob("python3*/site-packages/rasa-*.dist-info"))
    return found.name.removeprefix("rasa-").removesuffix(".dist-info")


def machine() -> str:
    """Processor, cores and memory in a few words."""
    model = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({model.group(1) if model else 'unknown'}), {gigabytes:.0f} GB"


@contextmanager
def _running(
    command: list[str], folder: Path, environment: dict[str, str], log: Path, ready: object
) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    started = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=folder, env=_environment(environment), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    try:
        _wait(process, ready, log)
        yield process, time.monotonic() - started
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def _wait(process: subprocess.Popen[bytes], ready: object, log: Path) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        with suppress(httpx.HTTPError, ValueError, KeyError):
            if callable(ready) and ready():
                return
        time.sleep(0.1)
    raise BenchError(f"{log.stem} did not start:\n" + log.read_text(errors="replace")[-2000:])


def _finish(command: list[str], folder: Path, log: Path) -> None:
    with log.open("wb") as out:
        done = subprocess.run(command, cwd=folder, env=_environment({}), stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    if done.returncode:
        raise BenchError(f"{log.stem} failed:\n" + log.read_text(errors="replace")[-2000:])


def _environment(more: dict[str, str]) -> dict[str, str]:
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore", "LOG_LEVEL": "WARNING"}
    own = {name: value for name, value in os.environ.items() if not name.startswith("VEIVISER_")}
    own.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**own, **quiet, **more}


def _default_pipeline(scaffold: str) -> str:
    """The scaffold's configuration with its commented default pipeline and policies made real, and fewer epochs."""
    lines = [re.sub(r"^# ( +)", r"\1", line) for line in scaffold.splitlines() if not line.startswith("# #")]
    return re.sub(r"epochs: \d+", f"epochs: {PLAIN_EPOCHS}", "\n".join(lines)) + "\n"


def _status(pid: int, name: str) -> float:
    found = re.search(rf"^{name}:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return float(found.group(1)) if found else 0.0


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
