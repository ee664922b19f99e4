"""One HSDS service of another directory → the text of a draft file of ours, or the mistakes in it.

Only what the other directory says is taken over. Who may contact it, what it helps with and how sure it is, a person
must write, with the day it was checked: until then it is a draft.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, get_args

import yaml

from knowledge.export.identity import slug, uuid_of
from knowledge.export.vocabulary import term
from knowledge.facts import Contact
from knowledge.harvest.fields import FIELDS
from knowledge.harvest.times import TimesError, opening_hours
from knowledge.mistakes import Mistake, url_problem, value_problem
from knowledge.models import Audience, ServiceKind, Situation
from knowledge.text import clean

Json = dict[str, Any]
LONGEST_ID = 60
SOURCE = "import"
_PHONE_KINDS = {"text": "sms", "sms": "sms", "fax": None, "pager": None}
_CHOICES = {"situation": ("situations", get_args(Situation)), "audience": ("audience", get_args(Audience))}
HEADER = """# yaml-language-server: $schema=../schema/service.json
# Imported from {file} on {day}. Nobody is shown it while the status is draft. Check every line against its source, write
# what is missing (`veiviser check` names it), set assured_date and assured_by to the day and the way you checked it, and
# then change the status.
"""


@dataclass(frozen=True)
class Adopted:
    """The id and text of a draft, and where it came from; `mistakes` tells what is wrong with the service."""

    where: str
    id: str
    text: str
    mistakes: tuple[Mistake, ...]


class _Quoted(str):
    """A text that is written with double quotes."""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


_Dumper.add_representer(
    _Quoted, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style='"')
)  # fmt: skip


def adopt(service: Json, where: str, file: str, language: str, today: dt.date) -> Adopted:
    """The draft of a service. Never raises for JSON of any shape: what cannot be read is a mistake."""
    mistakes: list[Mistake] = list(_unknown_fields(service, where))
    name = _text(service.get("name"))
    if not slug(name):
        expected = "A service has a name, in Latin letters because the filename is made of it"
        mistakes.append(Mistake(where, "name", repr(name), expected, "Write it"))
    entry = _entry(service, where, file, language, today, mistakes)
    if (entry.get("minimum_age") or 0) > entry.get("maximum_age", 120):
        mistakes.append(Mistake(where, "minimum_age", "", "It is higher than maximum_age", "Swap them"))
    text = HEADER.format(file=clean(file), day=today.isoformat()) + yaml.dump(
        _quoted(entry), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000
    )
    return Adopted(f"{where} ({name})" if name else where, slug(name)[:LONGEST_ID].strip("-"), text, tuple(mistakes))


def _entry(service: Json, where: str, file: str, language: str, today: dt.date, mistakes: list[Mistake]) -> Json:
    """The keys of the file, as far as the service says them."""
    said = partial(_said, language=language)
    owner = service.get("organization") if isinstance(service.get("organization"), dict) else {}
    assert isinstance(owner, dict)
    interpretation = said(service.get("interpretation_services"))
    areas = _parts(service, "service_areas")
    gaps: list[str] = []
    contacts = _contacts(service, where, language, today, mistakes, gaps)
    entry: Json = {
        "name": said(service.get("name")),
        "alternate_name": [_text(name) for name in _text(service.get("alternate_name")).split(";") if _text(name)],
        "organization": {"name": said(owner.get("name"))} if said(owner.get("name")) else None,
        "kind": next(iter(_own_terms(service, "kind", get_args(ServiceKind))), None),
        "status": "draft",
        "alert": said(service.get("alert")),
        "description": said(service.get("description")),
        "what_happens": said(service.get("application_process")),
        **{key: _own_terms(service, taxonomy, known) for taxonomy, (key, known) in _CHOICES.items()},
        "minimum_age": _age(service, "minimum_age", where, mistakes),
        "maximum_age": _age(service, "maximum_age", where, mistakes),
        "eligibility_description": said(service.get("eligibility_description")),
        "service_areas": said("; ".join(_text(a.get("description") or a.get("name")) for a in areas)),
        "contacts": contacts,
        "languages": _languages(service, where, mistakes),
        "interpreter": "yes" if interpretation else None,
        "languages_note": interpretation,
        "fees_description": said(service.get("fees_description")),
        "gaps": gaps,
        "sources": [_source(service, owner, file, where, mistakes)],
    }
    kept = {key: value for key, value in entry.items() if value not in (None, [], "")}
    kept["sources"][0]["supports"] = [key for key in kept if key not in ("status", "sources", "gaps")]
    return kept


def _contacts(
    service: Json, where: str, language: str, today: dt.date, mistakes: list[Mistake], gaps: list[str]
) -> list[Json]:
    """Phones, e-mail addresses and the website. Hours go with the contact of the same description; when there is only one
    set of hours, with the first contact; else they are kept among what a person must find out.
    """
    found: list[Json] = []

    def add(kind: str, value: Any, at: str, note: Any = None) -> None:
        contact = {
            "kind": kind, "value": _text(value), "label": term("labels", kind).model_dump(exclude_none=True),
            "note": _said(note, language), "sources": [SOURCE],
        }  # fmt: skip
        known = {key: part for key, part in contact.items() if part}
        problem = value_problem(Contact.model_validate(known)) if known.get("value") else "This is empty"
        if problem:
            mistakes.append(Mistake(where, at, repr(value), problem, "Correct it from the source"))
        elif not any(other["kind"] == kind and other["value"] == known["value"] for other in found):
            found.append(known)

    for number, phone in enumerate(_parts(service, "phones")):
        kind = _PHONE_KINDS.get(_text(phone.get("type")).lower(), "phone")
        if kind:
            add(kind, phone.get("number"), f"phones.{number}.number", phone.get("description"))
    for number, contact in enumerate(_parts(service, "contacts")):
        if contact.get("email"):
            add("email", contact["email"], f"contacts.{number}.email", contact.get("name"))
    if service.get("email"):
        add("email", service["email"], "email")
    if service.get("url"):
        add("web", service["url"], "url")
    try:
        hours = opening_hours(_parts(service, "schedules"), today)
        for description, value in hours.items():
            told = next((c for c in found if c.get("note", {}).get("nb") == description), None)
            told = told or (found[0] if found and len(hours) == 1 else None)
            if told is not None:
                told["hours"] = [{"value": value, "source": SOURCE}]
            else:
                gaps.append(term("sentences", "hours_of_unknown", hours=value, description=clean(description)).nb)
    except TimesError as error:
        for at, value, expected in error.problems:
            mistakes.append(Mistake(where, at, repr(value), expected, "Correct it from the source"))
    gaps += dict.fromkeys(_text(s["notes"]) for s in _parts(service, "schedules") if _text(s.get("notes")))
    return found


def _source(service: Json, owner: Mapping[str, Any], file: str, where: str, mistakes: list[Mistake]) -> Json:
    """The other directory as the source, with the day it says it was checked."""
    url, website = service.get("url"), owner.get("website")
    if not url and website:
        url, problem = website, url_problem(_text(website))
        if problem:
            mistakes.append(Mistake(where, "organization.website", repr(url), problem, "Copy it anew from the browser"))
    titles = [_text(owner.get("name")), f"HSDS: {clean(file)}"]
    seen = _text(service.get("assured_date")) or _text(service.get("last_modified")) or "undated"
    return {"key": SOURCE, "title": ", ".join(t for t in titles if t), **({"url": _text(url)} if url else {}), "seen": seen}


def _languages(service: Json, where: str, mistakes: list[Mistake]) -> list[str]:
    codes = []
    for number, language in enumerate(_parts(service, "languages")):
        code = _text(language.get("code")).lower().split("-")[0]
        if code and not (code.isascii() and code.isalpha() and 2 <= len(code) <= 3):
            expected = "A language has a code of two or three letters"
            mistakes.append(Mistake(where, f"languages.{number}.code", repr(code), expected, "Write the ISO 639 code, e.g. nb"))
        elif code and code not in codes:
            codes.append(code)
    return codes


def _age(service: Json, key: str, where: str, mistakes: list[Mistake]) -> int | None:
    value = service.get(key)
    if value in (None, ""):
        return None
    try:
        age = float(value)
    except (TypeError, ValueError, OverflowError):
        age = -1.0
    if not 0 <= age <= 120 or age != int(age):
        mistakes.append(Mistake(where, key, repr(value), "An age is a whole number of years from 0 to 120", "Correct it"))
        return None
    return int(age)


def _own_terms(service: Json, taxonomy: str, known: Iterable[str]) -> list[str]:
    """Terms of our own taxonomy; what others call their terms says nothing here."""
    own = {uuid_of("taxonomy_term", taxonomy, key): key for key in known}
    ids = [a.get("taxonomy_term_id") for a in _parts(service, "attributes")]
    return [own[id] for id in ids if isinstance(id, str) and id in own]


def _unknown_fields(service: Json, where: str) -> Iterable[Mistake]:
    """Fields that HSDS 3.0 does not have: a misspelt field would be lost without a word."""
    for key in service:
        if key not in FIELDS["service"]:
            yield Mistake(where, key, "", "There is no such field in HSDS 3.0", "Correct the spelling or take it out")
    for table in FIELDS.keys() - {"service"}:
        parts = service.get(table)
        if parts is None:
            continue
        if table == "organization" and isinstance(parts, dict):
            parts = [parts]
        if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
            yield Mistake(where, table, "", "This has another form in HSDS 3.0", "Give the objects of that field")
            continue
        for number, part in enumerate(parts):
            for key in part:
                if key not in FIELDS[table]:
                    at = f"{table}.{number}.{key}"
                    yield Mistake(where, at, "", "There is no such field in HSDS 3.0", "Correct the spelling or take it out")


def _parts(service: Json, key: str) -> list[Json]:
    parts = service.get(key)
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def _said(value: Any, language: str) -> Json | None:
    """A text in its language; bokmål is always there, and stands for it until somebody translates."""
    text = _text(value)
    return {"nb": text, **({language: text} if language != "nb" else {})} if text else None


def _text(value: Any) -> str:
    """What a field says, cleaned; nothing when it is empty."""
    return clean(str(value)) if isinstance(value, str | int | float) else ""


def _quoted(node: Any) -> Any:
    """All texts with quotes: a person may then write what they like."""
    if isinstance(node, dict):
        return {key: _quoted(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_quoted(part) for part in node]
    return _Quoted(node) if isinstance(node, str) else node
