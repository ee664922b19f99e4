"""Mistakes in the content, as sentences for the person who mends them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import phonenumbers

from knowledge.facts import Contact
from knowledge.hours import hours_problem

if TYPE_CHECKING:
    from knowledge.library import Library

#: Short numbers that Norwegian phone rules do not list as ordinary numbers.
SHORT_NUMBERS = {"110", "112", "113", "1412", "02800", "116111", "116117", "116006", "116123"}


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
    return [*_dangling(library, known), *_contacts(library), *_phrases(library, known)]


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
            file, where = f"services/{service.id}.yml", f"contacts.{number}"
            for claim in contact.hours:
                problem = hours_problem(claim.value)
                if problem:
                    yield Mistake(
                        file, f"{where}.hours", repr(claim.value), problem, "Write it like 'Mo-Fr 09:00-15:00' or '24/7'"
                    )
            problem = value_problem(contact)
            if problem:
                yield Mistake(file, f"{where}.value", repr(contact.value), problem, "Correct it from the source")


def value_problem(contact: Contact) -> str | None:
    """Why the value of a contact cannot be right, or None."""
    value = contact.value
    if contact.kind in ("phone", "sms"):
        digits = "".join(ch for ch in value if ch.isdigit() or ch == "+")
        if digits in SHORT_NUMBERS or (contact.kind == "sms" and digits.isdigit() and 4 <= len(digits) <= 5):
            return None
        try:
            number = phonenumbers.parse(digits, "NO")
        except phonenumbers.NumberParseException:
            return "This is no phone number"
        return None if phonenumbers.is_possible_number(number) else "No phone number has this many digits"
    if contact.kind in ("chat", "web") and not value.startswith(("https://", "http://")):
        return "A web address starts with https://"
    if contact.kind == "email" and ("@" not in value or " " in value):
        return "This is no e-mail address"
    return None


def _phrases(library: Library, known: Mapping[str, set[str]]) -> Iterator[Mistake]:
    for name in sorted(set(library.phrases).difference(*known.values())):
        yield Mistake(f"phrases/{name}.yml", "", "", "No service, topic or measure has this id", "Rename the file")
