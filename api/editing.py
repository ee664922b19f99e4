"""What editors do on the command line: veiviser facts | diff | links | new | preview."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from api.facts import as_json, as_table, chosen
from api.settings import ROOT, Settings
from api.versions import VersionError, load_version
from knowledge.changes import Change, write_changes
from knowledge.compare import compare
from knowledge.facts import LANGUAGES
from knowledge.freshness import today
from knowledge.library import Library
from knowledge.load import load_library
from knowledge.template import KINDS, TemplateError, new_entry

CONTENT = ROOT / "knowledge"
Work = Callable[[argparse.Namespace], int]


class AddCommand(Protocol):
    """Adds a command to the command line."""

    def __call__(self, name: str, work: Work, help: str) -> argparse.ArgumentParser: ...


def add_editing(command: AddCommand) -> None:
    """Adds the commands."""
    facts = command("facts", _facts, "what is too old, weak, without source or in conflict, the worst first")
    facts.add_argument("--stale", action="store_true", help="only what nobody has checked in time")
    facts.add_argument("--json", action="store_true")
    facts.add_argument("--on", type=dt.date.fromisoformat, help="as it will be on a day, e.g. 2027-06-01")
    diff = command("diff", _diff, "what changed between two versions of the content, in sentences")
    diff.add_argument("old", help="a folder with content, or a git revision such as HEAD~1")
    diff.add_argument("new", nargs="?", default=str(CONTENT), help="the same; default the content as it stands")
    diff.add_argument("--language", choices=LANGUAGES, default="nb")
    diff.add_argument("--json", action="store_true")
    diff.add_argument("--write", action="store_true", help="publish them: a file in knowledge/changes, for the feed")
    links = command("links", _links, "open the address of every source, slowly, and report what does not answer")
    links.add_argument("--json", action="store_true")
    links.add_argument("--state", type=Path, help="file that remembers what was opened; default in the cache folder")
    links.add_argument("--again", action="store_true", help="open everything anew, also what was opened lately")
    links.add_argument("--delay", type=float, default=2.0, help="seconds between two requests to one host (2)")
    links.add_argument("--timeout", type=float, default=20.0, help="longest wait for an answer in seconds (20)")
    new = command("new", _new, "begin a new entry from its commented template")
    new.add_argument("kind", choices=KINDS)
    new.add_argument("id", help="the filename: small letters, digits and single hyphens")
    new.add_argument("--folder", type=Path, default=CONTENT, help=argparse.SUPPRESS)
    preview = command("preview", _preview, "how an entry looks, and what it wins and loses in the search")
    preview.add_argument("id")
    preview.add_argument("--language", choices=LANGUAGES, default="nb")
    preview.add_argument("--against", default="HEAD", help="the version to compare with: a folder or a git revision (HEAD)")
    preview.add_argument("--no-search", action="store_true", help="only the look: quick, learns no index")
    preview.add_argument("--questions", type=Path, default=ROOT / "tests" / "questions", help="labelled questions to try too")


def _facts(options: argparse.Namespace) -> int:
    library = load_library(freshness=Settings().freshness)
    found = chosen(library, options.stale, options.on)
    shown = as_json(library, found, options.on)
    print(json.dumps(shown, ensure_ascii=False, indent=1) if options.json else as_table(library, found, options.on))
    return 0


def _diff(options: argparse.Namespace) -> int:
    try:
        old, new = load_version(options.old), load_version(options.new)
    except VersionError as error:
        print(error, file=sys.stderr)
        return 2
    changes = compare(old, new)
    if options.json:
        print(json.dumps([change.model_dump() for change in changes], ensure_ascii=False, indent=1))
    else:
        print("\n".join([*_sentences(changes, options.language), _phrases(old, new)]))
    if options.write and changes:
        print(f"Written to {write_changes(changes, today(), CONTENT)}.", file=sys.stderr)
    return 0


def _sentences(changes: list[Change], language: str) -> list[str]:
    lines, heading = [], ""
    for change in changes:
        above = f"{change.name.in_language(language)} ({change.entry})" if change.name else ""
        if above and above != heading:
            lines.append(above)
        heading = above
        lines.append(("  " if above else "") + change.says.in_language(language))
    return lines or ["Nothing that a reader would notice."]


def _phrases(old: Library, new: Library) -> str:
    before, after = (
        {(id, text) for id, phrases in library.phrases.items() for _, text in phrases.all()} for library in (old, new)
    )  # fmt: skip
    return f"Phrases the search learns from: {len(after - before)} added, {len(before - after)} taken out."


def _links(options: argparse.Namespace) -> int:
    from api.links import check_links, report, urls_of

    settings = Settings()
    state = options.state or settings.cache_dir / "links.json"
    found = check_links(urls_of(load_library()), state, options.delay, options.timeout, options.again)
    print(json.dumps(found, ensure_ascii=False, indent=1) if options.json else report(found))
    return 1 if any(row["state"] == "gone" for row in found) else 0


def _new(options: argparse.Namespace) -> int:
    try:
        path = new_entry(options.folder, options.kind, options.id)
    except TemplateError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{path} is written. Open it, change every line that is not as it should be, and run `make check`.")
    return 0


def _preview(options: argparse.Namespace) -> int:
    from api.preview import PreviewError, preview

    try:
        print(preview(options.id, options.language, None if options.no_search else options.against, options.questions))
    except (PreviewError, VersionError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0
