"""Mistakes in the content, as sentences for the person who mends them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import phonenumbers
from pydantic import ValidationError

from knowledge.facts import Contact
from knowledge.hours import hours_problem

if TYPE_CHECKING:
    from knowledge.library import Library

#: Short numbers that Norwegian phone rules do not list as ordinary numbers.
SHORT_NUMBERS = {"110", "112", "113", "1412", "02800", "116111", "116117", "116006", "116123"}
#: Emergency texts from a foreign SIM: real, and unknown to the phone library.
EMERGENCY_TEXTS = {"+4759555112", "+4759555113"}
#: Hosts of the examples in the templates; nobody owns them.
EXAMPLE_HOSTS = ("example.org", "example.com")
_HOST = re.compile(r"^(?:[\w-]{1,63}\.)+[^\W\d_]{2,63}$")


@dataclass(frozen=True)
class Mistake:
    """One thing to mend: where it is, what stands there, what is expected, what to do."""

    file: str
    where: str
    value: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}, {self.where}" if self.where else self.file
        found = f" Found {self.value}." if self.value else ""
        return f"{place}: {self.expected}.{found} {self.remedy}."


class KnowledgeError(Exception):
    """Raised when the content has mistakes; `mistakes` holds all of them."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(str(m) for m in mistakes))


def mistakes_between(library: Library, unread: Mapping[str, set[str]] | None = None) -> list[Mistake]:
    """What no single file can show: ids that point nowhere, impossible hours, wrong phone numbers.

    `unread` are the ids, by folder, of files with mistakes of their own: they are there, so pointing to them is right.
    """
    known = {kind: {*getattr(library, kind), *(unread or {}).get(kind, ())} for kind in ("services", "topics", "measures")}
    return [
        *_same_id(library), *_dangling(library, known), *_contacts(library), *_sources(library), *_phrases(library, known),
        *_answers(library, known),
    ]  # fmt: skip


def _same_id(library: Library) -> Iterator[Mistake]:
    """Phrases and addresses know an entry by its id alone."""
    for kind, others in (("topics", ("services",)), ("measures", ("services", "topics"))):
        for other in others:
            for id in sorted(set(getattr(library, kind)) & set(getattr(library, other))):
                yield Mistake(f"{kind}/{id}.yml", "", "", f"The id {id} is taken by {other}/{id}.yml", "Rename one of them")


def _dangling(library: Library, known: Mapping[str, set[str]]) -> Iterator[Mistake]:
    points = [("services", ("related", "coordinates"), "services"), ("services", ("topics",), "topics")]
    points += [
        ("topics", ("services",), "services"),
        ("measures", ("services",), "services"),
        ("measures", ("topics",), "topics"),
    ]
    for kind, fields, target in points:
        for entry in getattr(library, kind).values():
            for field in fields:
                for wanted in getattr(entry, field):
                    if wanted not in known[target]:
                        yield Mistake(
                            f"{kind}/{entry.id}.yml", field, repr(wanted), f"There is no file {target}/{wanted}.yml",
                            "Correct the id or take it out",
                        )  # fmt: skip


def _contacts(library: Library) -> Iterator[Mistake]:
    for service in library.services.values():
        for number, contact in enumerate(service.contacts):
            yield from _contact(f"services/{service.id}.yml", f"contacts.{number}", contact)


def _contact(file: str, where: str, contact: Contact) -> Iterator[Mistake]:
    for claim in contact.hours:
        problem = hours_problem(claim.value)
        if problem:
            yield Mistake(file, f"{where}.hours", repr(claim.value), problem, "Write it like 'Mo-Fr 09:00-15:00' or '24/7'")
    problem = value_problem(contact)
    if problem:
        yield Mistake(file, f"{where}.value", repr(contact.value), problem, "Correct it from the source")


def mistakes_in_contacts(file: str, contacts: Any) -> Iterator[Mistake]:
    """Impossible hours and wrong numbers in a file that cannot be read whole, so that all its mistakes come at once."""
    for number, raw in enumerate(contacts if isinstance(contacts, list) else ()):
        known = {key: raw[key] for key in raw if key in Contact.model_fields} if isinstance(raw, dict) else {}
        try:
            contact = Contact.model_validate(known)
        except ValidationError:
            continue
        yield from _contact(file, f"contacts.{number}", contact)


def _sources(library: Library) -> Iterator[Mistake]:
    for kind in ("services", "topics", "measures"):
        for entry in getattr(library, kind).values():
            file, draft = f"{kind}/{entry.id}.yml", getattr(entry, "status", "") == "draft"
            named = [(f"sources ({source.key})", source.url) for source in entry.sources]
            named += [(f"law.{number}", law.url) for number, law in enumerate(getattr(entry, "law", ()))]
            for where, url in named:
                problem = url_problem(url) if url else None
                if problem:
                    yield Mistake(file, where, repr(url), problem, "Copy it anew from the browser")
                elif url and not draft and (urlsplit(url).hostname or "").endswith(EXAMPLE_HOSTS):
                    yield Mistake(file, where, repr(url), "This still stands as in the template", "Write the real source")


def url_problem(url: str) -> str | None:
    """Why nobody can open an address, or None. Nothing is opened."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").encode("idna").decode()
    except (ValueError, UnicodeError):
        return "This is no web address"
    if parts.scheme not in ("http", "https") or not _HOST.match(host) or port == 0:
        return "A web address starts with https:// and the name of a site, e.g. https://www.imdi.no/"
    return None


def value_problem(contact: Contact) -> str | None:
    """Why the value of a contact cannot be right, or None."""
    value = contact.value
    if contact.kind in ("phone", "sms"):
        digits = "".join(ch for ch in value if ch.isdigit() or ch == "+")
        if digits in SHORT_NUMBERS | EMERGENCY_TEXTS or (contact.kind == "sms" and digits.isdigit() and 4 <= len(digits) <= 5):
            return None
        try:
            number = phonenumbers.parse(digits, "NO")
        except phonenumbers.NumberParseException:
            return "This is no phone number"
        if not phonenumbers.is_possible_number(number):
            return "No phone number has this many digits"
        known = phonenumbers.is_valid_number(number) or phonenumbers.is_valid_short_number(number)
        return None if known else "Nobody has a phone number like this"
    if contact.kind in ("chat", "web"):
        return url_problem(value)
    if contact.kind == "email" and ("@" not in value or " " in value):
        return "This is no e-mail address"
    return None


def _phrases(library: Library, known: Mapping[str, set[str]]) -> Iterator[Mistake]:
    for name in sorted(set(library.phrases).difference(*known.values())):
        yield Mistake(f"phrases/{name}.yml", "", "", "No service, topic or measure has this id", "Rename the file")


def _answers(library: Library, known: Mapping[str, set[str]]) -> Iterator[Mistake]:
    laws = {f"{law.name} {law.section}" for kind in (library.services, library.topics) for e in kind.values() for law in e.law}
    for entry, answers in library.answers.items():
        file = f"answers/{entry}.yml"
        owner = library.services.get(entry) or library.topics.get(entry) or library.measures.get(entry)
        if owner is None:
            if entry not in set().union(*known.values()):
                yield Mistake(file, "", "", "No service, topic or measure has this id", "Rename the file")
            continue
        keys = {source.key for source in (*owner.sources, *answers.sources)}
        for answer in answers.answers:
            for key in sorted(set(answer.sources) - keys):
                yield Mistake(file, f"{answer.id}.sources", repr(key), "No source has this key", "Add it or correct the key")
            for law in sorted(set(answer.law) - laws):
                yield Mistake(file, f"{answer.id}.law", repr(law), "No entry has this law", "Write it as it stands there")
            for id in sorted(set(answer.shows) - known["services"]):
                yield Mistake(file, f"{answer.id}.shows", repr(id), f"There is no file services/{id}.yml", "Correct the id")
