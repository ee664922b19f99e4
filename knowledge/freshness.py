"""How old and how sure each fact is: what has expired, has no source, is in conflict or weak, worst first.

A fact is a contact, its hours, an age limit, a rule of law, a description, or advice that waits for a source.
Every fact carries its sources, the day it was assured and how. Days are counted anew at each look, so a guide that
runs for months shows a number as old on the day it becomes so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from knowledge.answers import Answers
from knowledge.facts import AssuredBy, Conflict, Contact, Source
from knowledge.hours import sure_hours
from knowledge.models import Entry, Measure, Service, Topic

if TYPE_CHECKING:
    from knowledge.library import Library

Kind = Literal["contact", "hours", "age", "law", "description", "advice"]
Problem = Literal["expired", "unsourced", "conflict", "weak"]
PROBLEMS: tuple[Problem, ...] = ("expired", "unsourced", "conflict", "weak")
#: Kinds by what a mistake in them does to a person who trusts it, the worst first.
KINDS: tuple[Kind, ...] = ("contact", "hours", "age", "law", "description", "advice")
AGES = ("minimum_age", "maximum_age")
#: Text that says whom a service is for also carries its age limits.
AGE_SOURCES = {*AGES, "eligibility_description", "audience"}


def today() -> dt.date:
    """The date in Norway."""
    return dt.datetime.now(ZoneInfo("Europe/Oslo")).date()


@dataclass(frozen=True)
class Freshness:
    """How many days a fact counts as current after it was assured, and the clock that says what day it is."""

    contact_days: int = 180
    law_days: int = 365
    description_days: int = 730
    clock: Callable[[], dt.date] = today

    def days(self, kind: Kind) -> int:
        """Days for contacts and hours; for law and age limits; for everything else."""
        return {
            "contact": self.contact_days, "hours": self.contact_days, "law": self.law_days, "age": self.law_days,
        }.get(kind, self.description_days)  # fmt: skip

    def days_over(self, kind: Kind, assured: dt.date, on: dt.date | None = None) -> int:
        """Days since it expired; 0 on its last good day, negative before."""
        return ((on or self.clock()) - assured).days - self.days(kind)

    def expired(self, kind: Kind, assured: dt.date, on: dt.date | None = None) -> bool:
        """Is it too old to be shown as current? `on` is the day; default is the clock's."""
        return self.days_over(kind, assured, on) > 0


@dataclass(frozen=True)
class Fact:
    """One fact of an entry with what stands behind it."""

    folder: str
    id: str
    field: str
    kind: Kind
    value: str
    assured_date: dt.date
    assured_by: AssuredBy
    sources: tuple[Source, ...] = ()
    emergency: bool = False
    weak: bool = False
    conflict: Conflict | None = None
    disputed: bool = False

    @property
    def file(self) -> str:
        """The file it stands in."""
        return f"{self.folder}/{self.id}.yml"


@dataclass(frozen=True)
class Judged:
    """A fact and what is wrong with it on a day; `days_over` is negative while it is current."""

    fact: Fact
    problems: tuple[Problem, ...]
    days_over: int


def judge(fact: Fact, fresh: Freshness, on: dt.date | None = None) -> Judged:
    """What is wrong with a fact on a day; no problems when nothing is."""
    over = fresh.days_over(fact.kind, fact.assured_date, on)
    found: dict[Problem, bool] = {
        "expired": over > 0 and fact.conflict is None,
        "unsourced": not fact.sources and fact.conflict is None,
        "conflict": fact.disputed or fact.conflict is not None,
        "weak": fact.weak,
    }
    return Judged(fact, tuple(problem for problem in PROBLEMS if found[problem]), over)


def problems_of(library: Library, on: dt.date | None = None) -> list[Judged]:
    """Every fact with a problem, the worst first: emergency numbers, then what is expired, then the oldest."""
    judged = (judge(fact, library.freshness, on) for fact in all_facts(library))
    return sorted((one for one in judged if one.problems), key=_badness)


def all_facts(library: Library) -> Iterator[Fact]:
    """Every fact of every entry that people may be shown."""
    entries: Iterable[Entry] = (*library.shown_services().values(), *library.topics.values(), *library.measures.values())
    for entry in entries:
        yield from facts_of(entry)
        yield from _answer_facts(entry, library.answers.get(entry.id))


def facts_of(entry: Entry) -> Iterator[Fact]:
    """The facts of one entry."""
    if isinstance(entry, Service):
        yield from _service_facts(entry)
    if isinstance(entry, Service | Topic):
        for number, law in enumerate(entry.law):
            source = Source(key="law", title=f"{law.name} {law.section}", url=law.url, seen=law.read_as_of.isoformat())
            yield _fact(entry, f"law.{number}", "law", source.title, (source,), assured_date=law.read_as_of)
    main = "description" if isinstance(entry, Service) else "summary"
    text = entry.description.nb if isinstance(entry, Service) else _summary(entry)
    yield _fact(entry, main, "description", text, supporting(entry, main), weak=entry.confidence == "low")
    if isinstance(entry, Topic):
        for number, advice in enumerate(entry.withheld):
            yield _fact(entry, f"withheld.{number}", "advice", advice, ())
    for number, conflict in enumerate(entry.conflicts):
        if in_conflict(conflict):
            kind = _kind_of(conflict)
            yield _fact(entry, f"conflicts.{number}", kind, conflict.shown, (), conflict=conflict)


def assured(contact: Contact, entry: Entry) -> dt.date:
    """The day a contact was last checked: its own, else that of the whole file."""
    return contact.assured_date or entry.assured_date


def supporting(entry: Entry, *fields: str) -> tuple[Source, ...]:
    """The sources that are evidence for any of these fields."""
    return tuple(s for s in entry.sources if any(name.split(".")[0] in fields for name in s.supports))


def in_conflict(conflict: Conflict) -> bool:
    """Do the values still differ? Once the sources say the same it heals by itself, though it stands in the file."""
    return len({" ".join(claim.value.casefold().split()) for claim in conflict.values}) > 1


def _answer_facts(entry: Entry, answers: Answers | None) -> Iterator[Fact]:
    """The written answers that belong to an entry, each with its sources and rules of law."""
    if answers is None:
        return
    for answer in answers.answers:
        named = tuple(source for source in (*answers.sources, *entry.sources) if source.key in answer.sources)
        rules = tuple(Source(key="law", title=law, seen=answers.assured_date.isoformat()) for law in answer.law)
        fact = _fact(entry, answer.id, "description", answer.says.nb, (*named, *rules))
        yield replace(fact, folder="answers", assured_date=answers.assured_date, assured_by=answers.assured_by)


def _service_facts(service: Service) -> Iterator[Fact]:
    by_key = {source.key: source for source in service.sources}
    for number, contact in enumerate(service.contacts):
        day = assured(contact, service)
        sources = tuple(by_key[key] for key in contact.sources)
        by = contact.assured_by or service.assured_by
        yield _fact(service, f"contacts.{number}", "contact", contact.value, sources, day, by, weak=contact.check_first)
        if contact.hours:
            hours = sure_hours(contact.hours)
            yield _fact(
                service, f"contacts.{number}.hours", "hours", " / ".join(dict.fromkeys(c.value for c in contact.hours)),
                tuple(by_key[claim.source] for claim in contact.hours), day, by,
                disputed=hours is not None and hours.disputed,
            )  # fmt: skip
    for name in AGES:
        age = getattr(service, name)
        if age is not None:
            yield _fact(service, name, "age", str(age), supporting(service, *AGE_SOURCES))


def _fact(
    entry: Entry, field: str, kind: Kind, value: str, sources: tuple[Source, ...], assured_date: dt.date | None = None,
    assured_by: AssuredBy | None = None, weak: bool = False, disputed: bool = False, conflict: Conflict | None = None,
) -> Fact:  # fmt: skip
    folder = {Service: "services", Topic: "topics", Measure: "measures"}[type(entry)]
    return Fact(
        folder, entry.id, field, kind, value, assured_date or entry.assured_date, assured_by or entry.assured_by, sources,
        emergency=isinstance(entry, Service) and entry.kind == "emergency" and kind in ("contact", "hours"),
        weak=weak, conflict=conflict, disputed=disputed,
    )  # fmt: skip


def _summary(entry: Entry) -> str:
    summary = getattr(entry, "summary")  # noqa: B009  topics have several lines, measures one
    return str(summary[0].nb if isinstance(summary, tuple) else summary.nb)


def _kind_of(conflict: Conflict) -> Kind:
    """What a conflict is about, from the field it names."""
    name = conflict.field.split(" ")[0].split(",")[0].split(".")[0]
    if name == "contacts":
        return "contact"
    if name in AGE_SOURCES:
        return "age"
    return "law" if name == "law" else "description"


def _badness(judged: Judged) -> tuple[int, int, int, int, str, str]:
    """Smaller is worse."""
    fact = judged.fact
    expired = "expired" in judged.problems
    return (
        not (fact.emergency and expired), PROBLEMS.index(judged.problems[0]) if fact.kind != "advice" else len(PROBLEMS),
        KINDS.index(fact.kind), -judged.days_over if expired else 0, fact.id, fact.field,
    )  # fmt: skip
