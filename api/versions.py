"""A version of the content by its name: a folder, or a revision of git where git is at hand."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.settings import ROOT
from knowledge.library import Library
from knowledge.load import load_library
from knowledge.mistakes import KnowledgeError


class VersionError(Exception):
    """Raised when a version of the content cannot be found or read; the message says what to do."""


def load_version(name: str) -> Library:
    """The content of a folder (services/, topics/ …, or one with knowledge/ in it) or a revision. Raises VersionError."""
    with version_folder(name) as folder:
        try:
            return load_library(folder)
        except KnowledgeError as error:
            first = "\n".join(str(mistake) for mistake in error.mistakes[:5])
            count = len(error.mistakes)
            raise VersionError(f"The content of {name} has {count} mistakes and cannot be read:\n{first}") from error


@contextmanager
def version_folder(name: str) -> Iterator[Path]:
    """The folder of that version; one taken out of git is there only while it is used. Raises VersionError."""
    given = Path(name)
    if given.is_dir():
        yield given / "knowledge" if (given / "knowledge" / "services").is_dir() else given
        return
    if not shutil.which("git") or name.startswith("-"):
        raise VersionError(f"There is no folder {name}, and no git here to look for a revision. Give a folder with content.")
    with tempfile.TemporaryDirectory() as folder:
        _take_out(name, Path(folder))
        yield Path(folder) / "knowledge"


def _take_out(revision: str, folder: Path) -> None:
    """The content of a revision without touching the working copy; the encoder is left out."""
    paths = [f"knowledge/{name}" for name in ("services", "topics", "measures", "places", "phrases", "signals", "answers")]
    listed = _git("ls-tree", "-d", "--name-only", revision, "knowledge/")
    if listed.returncode:
        raise VersionError(f"There is no folder and no git revision {revision}. Give a folder with content, or e.g. HEAD~1.")
    there = [path for path in paths if path in listed.stdout.decode().split()]
    if not there:
        raise VersionError(f"The revision {revision} has no content.")
    packed = _git("archive", "--format=tar", revision, *there)
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)  # noqa: S603, S607
