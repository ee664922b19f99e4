"""From the YAML files to the models. Gathers every mistake and reports them all at once, as sentences.

YAML is read as text only (`BaseLoader`): 12:00 stays 12:00 and no stays no; pydantic gives the types.
"""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from knowledge.answers import Answers
from knowledge.changes import FOLDER as CHANGES
from knowledge.changes import Changes
from knowledge.drafts import Draft, missing_in
from knowledge.freshness import Freshness
from knowledge.library import Library
from knowledge.mistakes import KnowledgeError, Mistake, mistakes_between, mistakes_in_contacts
from knowledge.models import Measure, Service, Topic
from knowledge.phrases import SIGNALS, Phrases
from knowledge.places import Abroad, Counties, LocalOffers, Places

ROOT = Path(__file__).parent
M = TypeVar("M", bound=BaseModel)


class DuplicateKeyError(yaml.YAMLError):
    """Raised when a YAML mapping has the same key twice."""


class TextLoader(yaml.BaseLoader):
    """All scalars are text; an empty value is None; a key may stand once."""

    def construct_scalar(self, node: yaml.ScalarNode) -> Any:
        plain_null = node.style is None and node.value in ("", "null", "~")
        return None if plain_null else super().construct_scalar(node)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise DuplicateKeyError(f"the key '{key.value}' stands twice, again on line {key.start_mark.line + 1}")
            seen.add(key.value)
        return super().construct_mapping(node, deep=True)


def load_library(root: Path = ROOT, freshness: Freshness | None = None) -> Library:
    """Read everything under `root` (services/, topics/, measures/, places/, phrases/, signals/, answers/, changes/).

    Raises KnowledgeError with every mistake of every file, also those between files.
    """
    mistakes: list[Mistake] = []
    unread: dict[str, set[str]] = {}
    drafts: dict[str, Draft] = {}

    def folder(name: str, model: type[M], with_id: bool) -> dict[str, M]:
        found: dict[str, M] = {}
        mistakes.extend(
            Mistake(f"{name}/{path.name}", "", "", "A file of content ends in .yml", "Rename it")
            for path in sorted((root / name).glob("*.yaml"))
        )
        for path in sorted((root / name).glob("*.yml")):
            if path.stem.startswith("_"):
                continue
            entry = _read(path, f"{name}/{path.name}", model, {"id": path.stem} if with_id else {}, mistakes, drafts)
            if entry is None:
                unread.setdefault(name, set()).add(path.stem)
            else:
                found[path.stem] = entry
        return found

    def place(name: str, model: type[M]) -> M | None:
        return _read(root / "places" / f"{name}.yml", f"places/{name}.yml", model, {}, mistakes, drafts)

    services = folder("services", Service, with_id=True)
    topics = folder("topics", Topic, with_id=True)
    measures = folder("measures", Measure, with_id=True)
    phrases = folder("phrases", Phrases, with_id=False)
    signals = folder("signals", Phrases, with_id=False)
    answers = folder("answers", Answers, with_id=False)
    changes = folder(CHANGES, Changes, with_id=False)
    counties, abroad, offers = place("counties", Counties), place("abroad", Abroad), place("offers", LocalOffers)
    unknown = sorted(set(signals) - set(SIGNALS))
    mistakes += [
        Mistake(f"signals/{name}.yml", "", "", f"A signal is one of {', '.join(SIGNALS)}", "Rename the file")
        for name in unknown
    ]
    if counties is None or abroad is None or offers is None:
        raise KnowledgeError(mistakes)
    library = Library(
        services=services,
        topics=topics,
        measures=measures,
        places=Places(counties=counties, abroad=abroad, offers=offers),
        phrases=phrases,
        signals=signals,
        answers=answers,
        changes=changes,
        drafts=drafts,
        freshness=freshness or Freshness(),
    )
    mistakes += mistakes_between(library, unread)
    if mistakes:
        raise KnowledgeError(mistakes)
    return library


def read_yaml(path: Path) -> Any:
    """The content of one YAML file as text, lists and mappings. Raises yaml.YAMLError, OSError, UnicodeDecodeError."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=TextLoader)  # noqa: S506  a BaseLoader makes no objects


def _read(
    path: Path, file: str, model: type[M], extra: dict[str, str], mistakes: list[Mistake], drafts: dict[str, Draft]
) -> M | None:
    try:
        data = read_yaml(path)
    except FileNotFoundError:
        mistakes.append(Mistake(file, "", "", "The file is needed", "Put it back"))
        return None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        mistakes.append(Mistake(file, where, "", f"The file must be YAML, but {problem}", "Mend that line"))
        return None
    if not isinstance(data, dict):
        mistakes.append(Mistake(file, "", "", "The file must hold keys with values", "Start from _template.yml"))
        return None
    if "id" in data and extra:
        mistakes.append(Mistake(file, "id", repr(data["id"]), "The filename is the id", "Take the line out"))
        return None
    try:
        return model.model_validate({**data, **extra})
    except ValidationError as error:
        missing = missing_in(data, error)
        if missing is None:
            mistakes += [_sentence(file, e) for e in error.errors()]
        else:
            drafts[path.stem] = Draft(path.stem, missing)
        mistakes += mistakes_in_contacts(file, data.get("contacts"))
        return None


#: pydantic's error types in the words of an editor: (what is expected, what to do)
_WORDS = {
    "extra_forbidden": ("There is no such key", "Correct the spelling or take it out; _template.yml lists all keys"),
    "missing": ("This key is needed", "Write it; _template.yml says what goes there"),
    "string_too_short": ("A text is needed here", "Write one, or take the key out"),
    "too_short": ("At least one is needed", "Add one"),
}


def _sentence(file: str, error: Any) -> Mistake:
    where = ".".join(str(part) for part in error["loc"])
    value = repr(error.get("input"))
    value = "" if error["type"] == "missing" else (value if len(value) < 80 else value[:77] + "…")
    expected, remedy = _WORDS.get(error["type"], (error["msg"], "Correct the value; _template.yml says what goes there"))
    if error["type"] == "string_pattern_mismatch" and where.endswith("url"):
        expected, remedy = "A web address starts with https:// and has no spaces", "Copy it anew from the browser"
    if error["type"] == "value_error":
        message = str(error["msg"]).removeprefix("Value error, ")
        expected, _, remedy = message.partition("; ")
        value = ""
    return Mistake(file, where, value, expected, (remedy or "Correct it")[:1].upper() + (remedy or "Correct it")[1:])
