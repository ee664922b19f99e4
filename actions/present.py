"""Entries as the JSON of the public interface (docs: the OpenAPI document at /docs)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from actions.current import contact_note, entry_note, law_note
from knowledge.facts import Contact, Known, Law, Source, Text
from knowledge.freshness import Freshness, assured
from knowledge.hours import OSLO, UNKNOWN, OpenState, open_state
from knowledge.index import Index
from knowledge.library import Library
from knowledge.models import Entry, Measure, Service, Topic
from knowledge.profile import Profile
from knowledge.reasons import MEDICAL_RULES, Ranked
from knowledge.urgency import Urgency
from knowledge.wording import hours_in_words, load_words, moment_in_words, say

Json = dict[str, Any]
_TRACES = ("on_bill", "needs_bankid", "parents_told", "from_abroad")


def service_card(index: Index, hit: Ranked, language: str, at: dt.datetime | None = None) -> Json:
    """One service as in /api/v1/search. `at` (aware) is the moment for open now; default now."""
    service = index.library.services[hit.id]
    card = service_json(service, language, index.library.freshness, at)
    return {**card, "score": round(hit.score, 4), "why": why_of(index, hit, language)}


def service_json(service: Service, language: str, fresh: Freshness, at: dt.datetime | None = None) -> Json:
    """A service without score and reasons."""
    return {
        "id": service.id,
        "name": service.name.in_language(language),
        "description": service.description.in_language(language),
        "what_happens": service.what_happens.in_language(language),
        "alert": service.alert.in_language(language) if service.alert else None,
        "open": open_json(open_now(service, fresh, at)),
        "contacts": [contact_json(contact, service, language, fresh, at) for contact in service.contacts],
        **_checked(service, language, fresh, at),
        "sources": sources_json(service.sources),
        "url": f"/tjenester/{service.id}",
    }


def contact_json(
    contact: Contact, service: Service, language: str, fresh: Freshness, at: dt.datetime | None = None
) -> Json:
    """A contact with its hours in words and its traces; a trace nobody has found out is null.

    One that nobody has checked for too long is never told as current: its hours are the last known, whether it is open
    is not known, and `check_note` says when it was checked.
    """
    expired = fresh.expired("contact", assured(contact, service), at and at.date())
    return {
        "kind": contact.kind,
        "value": contact.value,
        "label": contact.label.in_language(language),
        "hours": hours_in_words(contact.hours, language, expired),
        "open": open_json(UNKNOWN if expired else open_state(contact.hours, at)),
        "note": contact.note.in_language(language) if contact.note else None,
        "free": known_json(contact.free),
        "anonymous": known_json(contact.anonymous),
        "check_first": contact.check_first or expired,
        "check_note": contact_note(contact, service, language, fresh, at),
        "assured_date": assured(contact, service).isoformat(),
        **{trace: known_json(getattr(contact, trace)) for trace in _TRACES},
    }


def law_json(law: Law, language: str, fresh: Freshness, at: dt.datetime | None = None) -> Json:
    """A rule of law, with the date of the wording that was read."""
    return {
        "name": law.name,
        "section": law.section,
        "says": law.says.in_language(language),
        "url": law.url,
        "read_as_of": law.read_as_of.isoformat(),
        "check_note": law_note(law, language, fresh, at),
    }


def _checked(entry: Entry, language: str, fresh: Freshness, at: dt.datetime | None = None) -> Json:
    return {"assured_date": entry.assured_date.isoformat(), "check_note": entry_note(entry, language, fresh, at)}


def open_now(service: Service, fresh: Freshness, at: dt.datetime | None = None) -> OpenState:
    """Open when any talk with a person is; closed only when every one that has hours is; else not known.

    Hours that nobody has checked for too long say nothing.
    """
    states = [
        UNKNOWN if fresh.expired("hours", assured(c, service), at and at.date()) else open_state(c.hours, at)
        for c in service.contacts if c.hours and c.kind in ("phone", "chat", "sms", "visit")
    ]  # fmt: skip
    if not states:
        return OpenState(None)
    opened = next((s for s in states if s.now), None)
    if opened:
        return opened
    soonest = min((s.opens_at for s in states if s.opens_at), default=None)
    return OpenState(False if all(s.now is False for s in states) else None, opens_at=soonest)


def open_json(state: OpenState) -> Json:
    """{"now", "until", "opens_at"}: times in ISO 8601 with the Norwegian offset."""
    return {
        "now": state.now,
        "until": state.until.isoformat() if state.until else None,
        "opens_at": state.opens_at.isoformat() if state.opens_at else None,
    }


def known_json(value: Known) -> bool | None:
    """yes → true, no → false, unknown → null."""
    return {"yes": True, "no": False, "unknown": None}[value]


def sources_json(sources: Sequence[Source]) -> list[Json]:
    """Title, address and date of each source."""
    return [{"title": s.title, "url": s.url, "seen": s.seen} for s in sources]


def why_of(index: Index, hit: Ranked, language: str) -> list[str]:
    """Reasons in words; when nothing special is known, what the service is about."""
    reasons = [why.in_language(language) for why in dict.fromkeys(hit.why)]
    if reasons:
        return reasons
    situations = load_words()["situations"]
    named = [Text(**situations[s]) for s in index.library.services[hit.id].situations[:2]]
    listed = Text(
        nb=" og ".join(t.nb for t in named), nn=" og ".join(t.in_language("nn") for t in named),
        en=" and ".join(t.in_language("en") for t in named),
    )  # fmt: skip
    return [say("why", "about", situations=listed).in_language(language)]


def topic_json(topic: Topic, language: str, fresh: Freshness, at: dt.datetime | None = None) -> Json:
    """A topic as a chat message and a catalogue entry show it."""
    return {
        "id": topic.id,
        "title": topic.title.in_language(language),
        "summary": [line.in_language(language) for line in topic.summary],
        "what_you_can_do": [line.in_language(language) for line in topic.what_you_can_do],
        "for_professionals": [line.in_language(language) for line in topic.for_professionals],
        "law": [law_json(law, language, fresh, at) for law in topic.law],
        "services": list(topic.services),
        **_checked(topic, language, fresh, at),
        "sources": sources_json(topic.sources),
        "url": f"/tema/{topic.id}",
    }


def measure_json(measure: Measure, language: str, fresh: Freshness, at: dt.datetime | None = None) -> Json:
    """A measure of an action plan."""
    said = {"status_note": measure.status_note, "reported": measure.reported}
    return {
        "id": measure.id,
        "plan": measure.plan,
        "number": measure.number,
        "title": measure.title.in_language(language),
        "area": measure.area.in_language(language),
        "responsible": list(measure.responsible),
        "responsible_names": [Text(**load_words()["ministries"][m]).in_language(language) for m in measure.responsible],
        "cooperating": list(measure.cooperating),
        "status": measure.status,
        "status_name": Text(**load_words()["statuses"][measure.status]).in_language(language),
        "status_date": measure.status_date.isoformat() if measure.status_date else None,
        **{key: text.in_language(language) if text else None for key, text in said.items()},
        "summary": measure.summary.in_language(language),
        "figures": [
            {"value": f.value, "meaning": f.meaning.in_language(language), "as_of": f.as_of} for f in measure.figures
        ],
        "later": [{"as_of": later.as_of, "what": later.what.in_language(language)} for later in measure.later],
        "services": list(measure.services),
        **_checked(measure, language, fresh, at),
        "sources": sources_json(measure.sources),
        "url": f"/tiltak/{measure.id}",
    }  # fmt: skip


def phone_contacts(library: Library, ids: Sequence[str], language: str) -> list[Json]:
    """The first phone number of each of these services that has one."""
    contacts = []
    for id in ids:
        service = library.services.get(id)
        phone = next((c for c in service.contacts if c.kind == "phone"), None) if service else None
        if service and phone:
            shown = contact_json(phone, service, language, library.freshness)
            contacts.append({"id": id, "name": service.name.in_language(language), **shown})
    return contacts


def urgent_message(library: Library, urgency: Urgency, profile: Profile, language: str) -> Json:
    """The message that comes first when someone is in danger: what works where the person is, and a way to correct it."""
    kind, ids = _urgent_kind(urgency, profile)
    words = load_words()["urgent"]
    return {
        "type": "urgent",
        "text": Text(**words[kind]).in_language(language),
        "contacts": phone_contacts(library, ids, language),
        "because": [because.in_language(language) for because in urgency.because],
        "correct": {"title": Text(**words["correct"]).in_language(language), "payload": "/not_danger"},
    }


def _urgent_kind(urgency: Urgency, profile: Profile) -> tuple[str, tuple[str, ...]]:
    child = ("alarmtelefonen-116111",) if profile.is_minor is not False and profile.role != "professional" else ()
    if profile.abroad:
        return "abroad", ("ud-konsular",)
    if "suicide-now" in urgency.rules or "pills" in urgency.rules:
        return "suicide", ("amk-113", "mental-helse-116123")
    if MEDICAL_RULES & set(urgency.rules):
        return "health", ("amk-113", "politiet-112")
    if profile.in_norway is None and profile.country:
        return "somewhere", ("politiet-112", "ud-konsular", *child)
    return "norway", ("politiet-112", *child)


def when_open(service: Service, language: str, fresh: Freshness, at: dt.datetime | None = None) -> str | None:
    """'kl. 15.30' or 'mandag kl. 9': the next moment something changes, or None when not known."""
    now = (at or dt.datetime.now(OSLO)).astimezone(OSLO)
    state = open_now(service, fresh, at)
    moment = state.until if state.now else state.opens_at
    return moment_in_words(moment, now, language) if moment else None
