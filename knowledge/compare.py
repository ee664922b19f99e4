"""What changed between two versions of the content, in sentences that a reader of the content understands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from knowledge.changes import Change
from knowledge.facts import LANGUAGES, Conflict, Contact, Law, Text
from knowledge.freshness import in_conflict
from knowledge.library import Library
from knowledge.models import Entry, Later, Measure, Service
from knowledge.wording import date_in_words, hours_in_words, load_words, say

#: Bookkeeping of a file; a change in these alone is no change for a reader.
BOOKKEEPING = {"id", "sources", "assured_date", "assured_by", "gaps", "confidence", "conflicts", "withheld"}
TRAITS = ("free", "anonymous", "from_abroad", "interpreter", "self_referral")
#: Fields that get sentences of their own.
TOLD = {"name", "title", "contacts", "minimum_age", "maximum_age", "alert", "status", "law", "figures", *TRAITS}


def compare(old: Library, new: Library) -> list[Change]:
    """Every change that a reader of the content would notice, entry by entry; a first version is one sentence."""
    if not old.services and not old.topics and not old.measures:
        counts = {kind: str(len(entries)) for kind, entries in _shown(new).items()}
        return [Change(says=say("changes", "first", **counts))]
    found: list[Change] = []
    for kind, entries in _shown(new).items():
        before = _shown(old)[kind]
        for id in sorted({*before, *entries}):
            entry = entries.get(id) or before[id]
            sentences = _of(kind, before.get(id), entries.get(id))
            found += [Change(entry=f"{kind}/{id}", name=name_of(entry), says=sentence) for sentence in sentences]
    for id in sorted({*old.answers, *new.answers}):
        owner = new.services.get(id) or new.topics.get(id) or new.measures.get(id)
        if owner and old.answers.get(id) != new.answers.get(id):
            kind = next(kind for kind in _shown(new) if id in getattr(new, kind))
            found.append(Change(entry=f"{kind}/{id}", name=name_of(owner), says=say("changes", "answers")))
    return found + list(_offers(old, new))


def name_of(entry: Entry) -> Text:
    """The name or title people see."""
    named: Text = entry.name if isinstance(entry, Service) else entry.title  # type: ignore[attr-defined]
    return named


def _shown(library: Library) -> dict[str, dict[str, Any]]:
    return {"services": library.shown_services(), "topics": dict(library.topics), "measures": dict(library.measures)}


def _of(kind: str, old: Any, new: Any) -> list[Text]:
    if old is None or new is None:
        return [say("changes", f"{'added' if old is None else 'removed'}_{kind}")]
    sentences = [*_entry(old, new)]
    if not sentences and old.sources != new.sources:
        sentences.append(say("changes", "sources"))
    if not sentences and new.assured_date > old.assured_date:
        sentences.append(say("changes", "checked", new=_day(new.assured_date)))
    return sentences


def _entry(old: Any, new: Any) -> Iterator[Text]:
    if name_of(old) != name_of(new):
        yield say("changes", "name", old=name_of(old), new=name_of(new))
    if getattr(old, "status", None) != getattr(new, "status", None):
        group = "statuses" if isinstance(new, Measure) else "service_statuses"
        yield say("changes", "status", old=_word(group, old.status), new=_word(group, new.status))
    if isinstance(new, Service):
        yield from _service(old, new)
    yield from _laws(getattr(old, "law", ()), getattr(new, "law", ()))
    if getattr(old, "figures", ()) != getattr(new, "figures", ()):
        yield say("changes", "figures")
    differing = [
        name for name in type(new).model_fields
        if name not in TOLD | BOOKKEEPING and getattr(old, name) != getattr(new, name)
    ]  # fmt: skip
    texts = [name for name in differing if _is_text(getattr(new, name)) or _is_text(getattr(old, name))]
    others = [name for name in differing if name not in texts]
    for key, names in (("texts", texts), ("other", others)):
        if names:
            yield say("changes", key, fields=_listed(names))
    yield from _conflicts(old.conflicts, new.conflicts)


def _service(old: Service, new: Service) -> Iterator[Text]:
    yield from _contacts(old.contacts, new.contacts)
    for name in ("minimum_age", "maximum_age"):
        if getattr(old, name) != getattr(new, name):
            yield say("changes", name, old=_age(getattr(old, name)), new=_age(getattr(new, name)))
    for name in TRAITS:
        if getattr(old, name) != getattr(new, name):
            before, after = _word("known", getattr(old, name)), _word("known", getattr(new, name))
            yield say("changes", "trait", trait=_word("fields", name), old=before, new=after)
    if old.alert != new.alert:
        yield say("changes", "alert", new=new.alert) if new.alert else say("changes", "alert_removed")


def _contacts(old: tuple[Contact, ...], new: tuple[Contact, ...]) -> Iterator[Text]:
    """What is new of each kind is told as a change of what is gone of that kind."""
    kept = {(c.kind, c.value) for c in old} & {(c.kind, c.value) for c in new}
    gone = [c for c in old if (c.kind, c.value) not in kept]
    for contact in (c for c in new if (c.kind, c.value) not in kept):
        kind, before = _word("contact_kinds", contact.kind), next((c for c in gone if c.kind == contact.kind), None)
        if before:
            gone.remove(before)
            yield say("changes", "contact", kind=kind, old=before.value, new=contact.value)
        else:
            yield say("changes", "contact_added", kind=kind, new=contact.value)
    for contact in gone:
        yield say("changes", "contact_removed", kind=_word("contact_kinds", contact.kind), old=contact.value)
    known = {(c.kind, c.value): c for c in old}
    changed = False
    for contact in (c for c in new if (c.kind, c.value) in kept):
        before = known[contact.kind, contact.value]
        hours = _hours(before), _hours(contact)
        if hours[0] != hours[1]:
            yield say("changes", "hours", contact=contact.value, old=hours[0], new=hours[1])
        told = {"hours", "sources", "assured_date"}
        changed |= before.model_dump(exclude=told) != contact.model_dump(exclude=told)
    if changed:
        yield say("changes", "other", fields=_listed(["contacts"]))


def _laws(old: tuple[Law, ...], new: tuple[Law, ...]) -> Iterator[Text]:
    before, after = ({f"{law.name} {law.section}": law for law in laws} for laws in (old, new))
    for law in dict.fromkeys((*before, *after)):
        if law not in before or law not in after:
            yield say("changes", "law_added" if law in after else "law_removed", law=law)
        elif before[law].says != after[law].says or before[law].in_force != after[law].in_force:
            yield say("changes", "law", law=law)


def _conflicts(old: Iterable[Conflict], new: Iterable[Conflict]) -> Iterator[Text]:
    before, after = ([c.field for c in conflicts if in_conflict(c)] for conflicts in (old, new))
    for field in dict.fromkeys((*before, *after)):
        if (field in before) != (field in after):
            yield say("changes", "conflict_added" if field in after else "conflict_removed", field=_field(field))


def _offers(old: Library, new: Library) -> Iterator[Change]:
    before, after = ({(o.service, o.name) for o in library.places.offers.offers} for library in (old, new))
    for service, name in sorted(before ^ after):
        added = (service, name) in after
        owner = new.services.get(service) or old.services.get(service)
        says = say("changes", "offer_added", new=name) if added else say("changes", "offer_removed", old=name)
        yield Change(entry=f"services/{service}", name=owner.name if owner else None, says=says)


def _field(path: str) -> Text:
    """A field such as 'contacts (chat, åpningstid)' as a reader calls it; what stands in brackets is kept."""
    first, bracket, rest = path.partition(" (")
    name = first.split(",")[0].split(".")[0]
    word = _word("fields", "hours" if first.endswith(".hours") else name)
    return Text(**{each: word.in_language(each) + bracket + rest for each in LANGUAGES})


def _listed(names: Iterable[str]) -> Text:
    words = [_word("fields", name) for name in names]
    return Text(**{each: ", ".join(dict.fromkeys(word.in_language(each) for word in words)) for each in LANGUAGES})


def _word(group: str, key: str) -> Text:
    table = load_words()[group]
    return Text(**(table.get(key) or table["else"]))


def _hours(contact: Contact) -> Text:
    unknown = _word("known", "unknown")
    return Text(**{each: hours_in_words(contact.hours, each) or unknown.in_language(each) for each in LANGUAGES})


def _age(age: int | None) -> Text:
    return _word("known", "unknown") if age is None else Text(nb=str(age))


def _day(date: dt.date) -> Text:
    return Text(**{each: date_in_words(date, each) for each in LANGUAGES})


def _is_text(value: Any) -> bool:
    return isinstance(value, Text) or (isinstance(value, tuple) and any(isinstance(part, Text | Later) for part in value))
