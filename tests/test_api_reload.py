"""Finding the running app, and memory that nobody else may read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.reload import ReloadError, findable, reload_running_app, running_app
from api.settings import Settings


def test_a_running_app_is_found_and_a_dead_one_is_not(tmp_path: Path) -> None:
    """The lock tells them apart: a file that a dead process has left leads nowhere."""
    assert running_app(tmp_path, 8000) is None
    with findable(tmp_path, 8000):
        assert running_app(tmp_path, 8000) == os.getpid()
        assert running_app(tmp_path, 8001) is None
    assert running_app(tmp_path, 8000) is None
    (tmp_path / "running-8000.pid").write_text("1\n")
    assert running_app(tmp_path, 8000) is None


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    """Only `veiviser reload` is missing then."""
    (tmp_path / "file").write_text("in the way")
    with findable(tmp_path / "file", 8000):
        assert running_app(tmp_path / "file", 8000) is None


def test_nothing_to_reload_is_a_sentence(tmp_path: Path) -> None:
    """It names the port and the setting."""
    with pytest.raises(ReloadError, match="VEIVISER_PORT"):
        reload_running_app(Settings(cache_dir=tmp_path, port=8299))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can close a process's memory")
def test_the_memory_of_the_app_is_closed() -> None:
    """After `no_dumps` there is no core dump, and the kernel counts the process as not dumpable."""
    script = (
        "import ctypes, resource; from api.supervise import no_dumps; no_dumps(); "
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "(0, 0) 0"


def test_onnxruntime_never_reports_its_use() -> None:
    """What keeps it from reporting stands in the environment before it is loaded."""
    script = "import sys, knowledge.encoders, os; print(os.environ['ORT_DISABLE_TELEMETRY'], 'onnxruntime' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split() == ["1", "False"]
