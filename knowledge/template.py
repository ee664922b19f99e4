"""A new entry from the commented template of its kind: whole or not at all, and never over another."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

FOLDERS = {"service": "services", "topic": "topics", "measure": "measures"}
KINDS = tuple(FOLDERS)
#: How the ids of a kind begin.
STARTS = {"service": ("",), "topic": ("tema-",), "measure": ("tiltak-", "plan2025-")}
_HEADING = re.compile(r"\A(?:#.*\n)+")
_ID = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
HEADER = """# yaml-language-server: $schema=../schema/{kind}.json
# Made from _template.yml. What stands here is an example: change every line that is not as it should be, take out the keys
# you do not need, and run `make check`. {shown}
"""
SHOWN = {"service": "Nobody is shown it while the status is draft.", "topic": "", "measure": ""}


class TemplateError(Exception):
    """Raised when a new entry cannot be begun; the message says why and what to do."""


def new_entry(root: Path, kind: str, id: str) -> Path:
    """Writes `root`/<folder>/<id>.yml from the template beside it and gives its path. Raises TemplateError."""
    problem = id_problem(root, kind, id)
    if problem:
        raise TemplateError(problem)
    folder = root / FOLDERS[kind]
    template = folder / "_template.yml"
    if not template.is_file():
        raise TemplateError(f"There is no template {template}. Put it back, or say where the content is.")
    text = template.read_text(encoding="utf-8")
    body = _HEADING.sub("", text, count=1)
    _write(folder / f"{id}.yml", HEADER.format(kind=kind, shown=SHOWN[kind]).replace(" \n", "\n") + body)
    return folder / f"{id}.yml"


def id_problem(root: Path, kind: str, id: str) -> str | None:
    """Why no new entry can have this id, as a sentence, or None."""
    if not _ID.match(id):
        return f"The id {id} cannot be used: an id has small letters a–z, digits and single hyphens, e.g. familievernkontoret."
    if not id.startswith(STARTS[kind]):
        return f"The id {id} cannot be used: the id of a {kind} begins with {' or '.join(STARTS[kind])}."
    taken = next((folder for folder in FOLDERS.values() if (root / folder / f"{id}.yml").exists()), None)
    return f"The id {id} is taken: {taken}/{id}.yml is there. Choose another id, or change that file." if taken else None


def _write(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
