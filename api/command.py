"""The command line: veiviser run | reload | check | search | evaluate | calibrate | schema | settings, and editing.py."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from api.app import say
from api.editing import add_editing
from api.engine import Engine
from api.exchange import add_exchange
from api.facts import expired_emergencies
from api.figures import write_figures
from api.schemas import SearchIn
from api.search import search_json
from api.settings import Settings, settings_table
from knowledge.freshness import today
from knowledge.index import Index
from knowledge.load import load_library
from knowledge.mistakes import KnowledgeError
from knowledge.models import Measure, Service, Topic
from knowledge.phrases import Phrases
from knowledge.places import Abroad, Counties, LocalOffers

#: Schema files for editors, by the model they come from.
SCHEMAS: dict[str, type[BaseModel]] = {
    "service": Service, "topic": Topic, "measure": Measure, "phrases": Phrases, "counties": Counties, "abroad": Abroad,
    "offers": LocalOffers,
}  # fmt: skip
SCHEMA_DIR = Path("knowledge") / "schema"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; the exit status is 0 when all is well."""
    options = _parser().parse_args(arguments)
    try:
        work: Callable[[argparse.Namespace], int] = options.work
        return work(options)
    except KnowledgeError as error:
        _print("\n".join(str(m) for m in error.mistakes), error=True)
        _print(f"{len(error.mistakes)} mistakes.", error=True)
        return 1
    except ValidationError as error:
        for e in error.errors():
            _print(f"The setting VEIVISER_{str(e['loc'][0] if e['loc'] else '').upper()}: {e['msg']}.", error=True)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="veiviser", description="A guide to help against honour-related violence in Norway.")
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, work: Callable[[argparse.Namespace], int], help: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help, description=help)
        added.set_defaults(work=work)
        return added

    run = command("run", _run, "start the guide, app and bot, on this machine")
    run.add_argument("--no-bot", action="store_true", help="the app alone: search, pages, and chat without the bot")
    command("reload", _reload, "make the guide that runs on this machine read the content again, all of it or nothing")
    check = command("check", _check, "look through all content and say every mistake at once")
    check.add_argument("--strict", action="store_true", help="fail also when an emergency contact has not been checked in time")
    search = command("search", _search, "search as the app does")
    search.add_argument("text")
    search.add_argument("--language", help="nb, nn or en")
    search.add_argument("--limit", type=int, default=5)
    search.add_argument("--json", action="store_true", help="the answer of /api/v1/search")
    evaluate = command("evaluate", _evaluate, "how well the search answers labelled questions")
    evaluate.add_argument("files", nargs="+", type=Path, help="JSONL files, or folders of them")
    evaluate.add_argument("--json", action="store_true")
    evaluate.add_argument("--write", type=Path, metavar="FOLDER", help="folder for benchmarks/questions.md")
    calibrate = command("calibrate", _calibrate, "choose the thresholds of the encoder in use on labelled questions")
    calibrate.add_argument("files", nargs="+", type=Path)
    schema = command("schema", _schema, "write the JSON schemas that editors use")
    schema.add_argument("folder", nargs="?", type=Path, default=SCHEMA_DIR)
    add_editing(command)
    add_exchange(command)
    command("settings", _settings, "every setting as a table, as it stands in the README")
    return parser


def build_index(settings: Settings) -> Index:
    """The index as `run` would have it. Raises KnowledgeError."""
    engine = Engine(load_library())
    engine.prepare(settings.encoder, settings.cache_dir, say)
    if engine.encoder_problem:
        say(f"{engine.encoder_problem} Searching by letters alone.")
    assert engine.index is not None
    return engine.index


def schema_texts() -> dict[str, str]:
    """File name → JSON schema, as `veiviser schema` writes it."""
    return {
        f"{name}.json": json.dumps(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", **_without_id(model.model_json_schema())},
            ensure_ascii=False, indent=2,
        ) + "\n"
        for name, model in SCHEMAS.items()
    }  # fmt: skip


def _without_id(schema: dict[str, Any]) -> dict[str, Any]:
    """The file name is the id, so no file may hold it."""
    properties = {k: v for k, v in schema.get("properties", {}).items() if k != "id"}
    return {**schema, "properties": properties, "required": [k for k in schema.get("required", []) if k != "id"]}


def _run(options: argparse.Namespace) -> int:
    from api.supervise import RunError, run

    try:
        return run(Settings(), with_bot=not options.no_bot)
    except RunError as error:
        _print(str(error), error=True)
        return 1


def _check(options: argparse.Namespace) -> int:
    library = load_library(freshness=Settings().freshness)
    _print(
        f"{len(library.services)} services, {len(library.topics)} topics, {len(library.measures)} measures, "
        f"{sum(len(list(p.all())) for p in library.phrases.values())} phrases: no mistakes. Version {library.version}."
    )
    for draft in library.drafts.values():
        _print(str(draft))
    old = expired_emergencies(library) if options.strict else []
    for sentence in old:
        _print(sentence, error=True)
    return 1 if old else 0


def _reload(_: argparse.Namespace) -> int:
    from api.reload import ReloadError, reload_running_app

    try:
        _print(reload_running_app(Settings()))
    except ReloadError as error:
        _print(str(error), error=True)
        return 1
    except KnowledgeError:
        _print("The new content has mistakes, and the guide goes on with the old one:", error=True)
        raise
    return 0


def _search(options: argparse.Namespace) -> int:
    try:
        asked = SearchIn(text=options.text, language=options.language, limit=options.limit)
    except ValidationError as error:
        _print("; ".join(f"{e['loc'][0]}: {e['msg']}" for e in error.errors()), error=True)
        return 2
    answer = search_json(build_index(Settings()), asked)
    _print(json.dumps(answer, ensure_ascii=False, indent=1) if options.json else _as_text(answer))
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from knowledge.evaluate import QuestionsError, answer, as_json, as_table, load_questions, report

    try:
        questions = load_questions(options.files)
    except QuestionsError as error:
        _print(str(error), error=True)
        return 2
    result = report(answer(build_index(Settings()), questions))
    if options.write:
        for path in write_figures(result, len(questions), options.write, today()):
            _print(f"Written to {path}.", error=True)
    _print(as_json(result) if options.json else as_table(result))
    return 0


def _calibrate(options: argparse.Namespace) -> int:
    from knowledge.calibrate import calibrate
    from knowledge.evaluate import QuestionsError, load_questions
    from knowledge.thresholds import save_thresholds

    index = build_index(Settings())
    try:
        thresholds = calibrate(index, load_questions(options.files))
    except (QuestionsError, ValueError) as error:
        _print(str(error), error=True)
        return 2
    save_thresholds(index.encoder.name, thresholds)
    _print(f"{index.encoder.name}: {thresholds}")
    return 0


def _schema(options: argparse.Namespace) -> int:
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, text in schema_texts().items():
        (options.folder / name).write_text(text, encoding="utf-8")
    _print(f"{len(SCHEMAS)} schemas written to {options.folder}.")
    return 0


def _settings(_: argparse.Namespace) -> int:
    _print(settings_table())
    return 0


def _as_text(answer: dict[str, Any]) -> str:
    lines = [f"urgency: {answer['urgency']['level']}  {' '.join(answer['urgency']['because'])}".rstrip()]
    if not answer["in_scope"]:
        lines.append("outside the guide's field")
    for number, service in enumerate(answer["services"], 1):
        ways = ", ".join(contact["value"] for contact in service["contacts"][:2])
        lines.append(f"{number}. {service['name']} ({service['score']:.2f})  {ways}\n   {' '.join(service['why'])}")
    lines += [f"topic: {topic['title']} ({topic['score']:.2f})" for topic in answer["topics"][:3]]
    lines += [f"measure: {m['title']} ({m['score']:.2f}, {m['status']})" for m in answer["measures"][:3]]
    if answer["ask"]:
        lines.append(f"asks: {answer['ask']['question']}")
    return "\n".join(lines)


def _print(text: str, error: bool = False) -> None:
    print(text, file=sys.stderr if error else sys.stdout, flush=True)
