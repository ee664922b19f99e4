"""Open data on the command line: veiviser export hsds|cpsv|schema-org DIR and veiviser import hsds FILE."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from api.editing import AddCommand
from api.settings import ROOT, Settings
from knowledge.facts import LANGUAGES
from knowledge.freshness import today
from knowledge.library import Library
from knowledge.load import load_library

Json = dict[str, Any]
SERVICES = ROOT / "knowledge" / "services"
FORMATS = ("hsds", "cpsv", "schema-org")


def add_exchange(command: AddCommand) -> None:
    """Adds the commands."""
    export = command("export", _export, "write all services as open data")
    export.add_argument("format", choices=FORMATS)
    export.add_argument("folder", type=Path, help="made when it is not there; only files of the same names are replaced")
    export.add_argument("--language", choices=LANGUAGES, default="nb", help="of hsds and schema-org; cpsv holds all three (nb)")
    export.add_argument("--address", help="address of the guide in the links; default VEIVISER_PUBLIC_URL, else this machine")
    bring = command("import", _import, "make drafts of the services of another directory; nobody is shown a draft")
    bring.add_argument("format", choices=("hsds",))
    bring.add_argument("file", type=Path, help="HSDS: JSON (a service, a list, a page, lines), or a folder with JSON or CSV")
    bring.add_argument("--into", type=Path, default=SERVICES, help="folder for the drafts (knowledge/services)")
    bring.add_argument("--language", choices=("nb", "nn"), default="nb", help="language of the texts (nb)")


def _export(options: argparse.Namespace) -> int:
    settings = Settings()
    library = load_library(freshness=settings.freshness)
    base = (options.address or settings.public_url or f"http://localhost:{settings.port}").rstrip("/")
    files = files_of(library, options.format, options.language, base)
    try:
        _write(options.folder, files)
    except OSError as error:
        print(f"Nothing could be written to {options.folder}: {error.strerror}.", file=sys.stderr)
        return 1
    print(f"{len(library.shown_services())} services written to {options.folder}: {len(files)} files.")
    return 0


def _import(options: argparse.Namespace) -> int:
    from knowledge.harvest.hsds import import_hsds

    if not options.into.is_dir():
        print(f"There is no folder {options.into}.", file=sys.stderr)
        return 2
    try:
        harvest = import_hsds(options.file, options.into, options.language, today())
    except OSError as error:
        print(f"Nothing could be written to {options.into}: {error.strerror}.", file=sys.stderr)
        return 1
    for name in harvest.over:
        print(f"Left out, because it is over: {name}.")
    for path in harvest.written:
        print(f"{path}")
    count = len(harvest.written)
    print(f"{count} draft{'' if count == 1 else 's'}. Nobody is shown a draft. `veiviser check` says what it lacks.")
    return 0


def files_of(library: Library, format: str, language: str, base: str) -> dict[str, str]:
    """Name → text of every file of an export."""
    day = library.freshness.clock()
    if format == "cpsv":
        from knowledge.export.cpsv import FORMATS as ENDINGS
        from knowledge.export.cpsv import catalogue_text

        return {f"catalogue.{ending}": catalogue_text(library, base, day, ending) for ending in ENDINGS}
    if format == "schema-org":
        from knowledge.export.schema_org import page_data

        return {
            f"{service.id}.jsonld": _text(page_data(service, language, base, library.freshness, day))
            for service in library.shown_services().values()
        }
    return _hsds_files(library, language)


def _hsds_files(library: Library, language: str) -> dict[str, str]:
    """One file for each list of the HSDS API, in full."""
    from knowledge.export.hsds import Directory
    from knowledge.export.vocabulary import taxonomies, taxonomy_terms

    directory = Directory(library, language, library.freshness.clock())
    lists: dict[str, list[Json]] = {
        "services": [directory.full_service(service) for service in directory.services.values()],
        "organizations": [directory.full_organization(id) for id in directory.owners],
        "service_at_locations": [directory.service_at_location(id, full=False) for id in directory.offers],
        "taxonomies": taxonomies(language),
        "taxonomy_terms": taxonomy_terms(language),
    }
    return {f"{name}.json": _text(records) for name, records in lists.items()}


def _text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _write(folder: Path, files: dict[str, str]) -> None:
    """Every file is whole before the first is moved into place."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".export-") as scratch:
        for name, text in files.items():
            (Path(scratch) / name).write_text(text, encoding="utf-8")
        for name in files:
            os.replace(Path(scratch) / name, folder / name)
