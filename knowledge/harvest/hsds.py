"""HSDS services of another directory → draft files of ours. All or nothing, and every mistake at once.

Read are: one service, a list of services, a page of an API (`contents`), lines of JSON, and a folder with services.json
or with the tables of a datapackage (services.csv, phones.csv …). What a draft becomes is decided in adopt.py.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.harvest.adopt import Adopted, adopt
from knowledge.mistakes import KnowledgeError, Mistake

Json = dict[str, Any]
#: Tables of a datapackage whose rows belong to a service, by the key they get inside it.
TABLES = ("phones", "schedules", "service_areas", "languages", "contacts", "attributes", "cost_options", "required_documents")
#: Services that are over: there is nothing to show the way to.
OVER = ("defunct", "inactive")


@dataclass(frozen=True)
class Harvest:
    """The files that were written, and the names of services that were left out because they are over."""

    written: tuple[Path, ...]
    over: tuple[str, ...]


def import_hsds(source: Path, into: Path, language: str, today: dt.date) -> Harvest:
    """Writes a draft into the folder `into` for each service in `source`; texts are in `language` (nb or nn).

    Raises KnowledgeError with every mistake, and then nothing is written. Raises OSError when the disk fails.
    """
    services = read_services(source)
    over = [service for service in services if service.get("status") in OVER]
    adopted = [
        adopt(service, f"{source.name}, service {number}", source.name, language, today)
        for number, service in enumerate(services, 1) if service not in over
    ]  # fmt: skip
    mistakes = [mistake for found in adopted for mistake in found.mistakes]
    mistakes += _taken(adopted, into)
    if not services:
        mistakes.append(Mistake(source.name, "", "", "There is no service in it", "Give a file with at least one"))
    if mistakes:
        raise KnowledgeError(mistakes)
    written = _write_all({into / f"{found.id}.yml": found.text for found in adopted})
    return Harvest(written, tuple(str(service.get("name", service.get("id", ""))) for service in over))


def read_services(source: Path) -> list[Json]:
    """The services of a file or folder. Raises KnowledgeError when it is no HSDS."""
    try:
        if source.is_dir():
            if (source / "services.json").is_file():
                return read_services(source / "services.json")
            return _tables(source)
        text = source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _refused(source, f"It cannot be read ({type(error).__name__})", "Give a file with JSON in UTF-8") from error
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        try:
            data = [json.loads(line) for line in text.splitlines() if line.strip()]
        except json.JSONDecodeError:
            raise _refused(source, f"It is no JSON: {error.msg} on line {error.lineno}", "Download it again") from error
    if isinstance(data, dict):
        data = data["contents"] if isinstance(data.get("contents"), list) else [data]
    if not isinstance(data, list) or not all(isinstance(service, dict) for service in data):
        raise _refused(source, "It holds no services", "Give a service, a list of services or a page of an HSDS API")
    return data


def _tables(folder: Path) -> list[Json]:
    """Services from the tables of a datapackage; an empty cell is not written."""
    if not (folder / "services.csv").is_file():
        raise _refused(folder, "There is neither services.json nor services.csv in it", "Give a folder with HSDS data")
    services = _rows(folder / "services.csv")
    organizations = {row.get("id"): row for row in _rows(folder / "organizations.csv")}
    for service in services:
        owner = organizations.get(service.get("organization_id"))
        if owner:
            service["organization"] = owner
        for table in TABLES:
            all_rows = _rows(folder / f"{table}.csv")
            rows = [row for row in all_rows if service.get("id", "") in (row.get("service_id"), row.get("link_id"))]
            if rows:
                service[table] = rows
    return services


def _rows(path: Path) -> list[Json]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{key: value for key, value in row.items() if value} for row in csv.DictReader(file)]


def _taken(adopted: list[Adopted], into: Path) -> list[Mistake]:
    """Ids that two services want, or that a file has already."""
    count = Counter(found.id for found in adopted if found.id)
    mistakes = []
    for found in adopted:
        if count[found.id] > 1:
            mistakes.append(Mistake(found.where, "name", repr(found.id), "Two services get the same id", "Rename one of them"))
        elif found.id and (into / f"{found.id}.yml").exists():
            expected = f"The id is taken: {into.name}/{found.id}.yml is there"
            mistakes.append(Mistake(found.where, "name", repr(found.id), expected, "Rename the service, or move that file"))
    return mistakes


def _write_all(files: dict[Path, str]) -> tuple[Path, ...]:
    """All files or none; never over another."""
    made: list[Path] = []
    if not files:
        return ()
    with tempfile.TemporaryDirectory(dir=next(iter(files)).parent, prefix=".import-") as scratch:
        try:
            for path, text in files.items():
                ready = Path(scratch) / path.name
                ready.write_text(text, encoding="utf-8")
                os.chmod(ready, 0o644)
                os.link(ready, path)
                made.append(path)
        except BaseException:
            for path in made:
                with suppress(OSError):
                    path.unlink()
            raise
    return tuple(made)


def _refused(source: Path, expected: str, remedy: str) -> KnowledgeError:
    return KnowledgeError([Mistake(source.name, "", "", expected, remedy)])
