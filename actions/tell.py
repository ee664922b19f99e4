"""Answers about a service that is on the screen or named: number, hours, cost, who gets to know, what happens."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any, Literal

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import written_answer
from actions.context import SURE_LIKENESS, sentences
from actions.current import contact_note, entry_note
from actions.parts import OWN_FIELDS, part_asked, part_in_words
from actions.patterns import matches
from actions.present import open_now, when_open
from actions.turn import Turn, service_named
from knowledge.facts import Contact, Text
from knowledge.freshness import Freshness, assured
from knowledge.index import Index
from knowledge.models import Service
from knowledge.places import Places
from knowledge.wording import hours_in_words, say

#: Below this an intent about a service, without a word that says which part, is searched instead.
SURE_INTENT = 0.6
#: What may be in talk instead of a service; a question is then about that.
NOT_ABOUT_SERVICES = ("measure", "plan", "plan-new")
ABOUT_WHO_KNOWS = ("parents", "confidential", "anonymous")
#: Parts that say themselves how old each contact is.
OF_CONTACTS = ("contact", "chat", "hours")
_YEAR = re.compile(r"\b20\d\d\b")


class ActionTellAboutService(Action):  # type: ignore[misc]
    """One part of one service, in one message."""

    def __init__(self, index: Index, search: Action) -> None:
        self._index, self._search = index, search

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_tell_about_service"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Finds the service in talk and answers; without one it asks which."""
        turn = Turn.from_tracker(tracker)
        if matches("who_can", turn.text) or matches("about_measures", turn.text):
            return list(await self._search.run(dispatcher, tracker, domain))
        if part_asked(turn) not in OWN_FIELDS:
            about_one = part_in_words(turn.text) is not None and turn.slots.get("talk") == "service"
            written = written_answer(self._index, turn, dispatcher, only_in_talk=about_one)
            if written is not None:
                return written
        unsure = turn.text and part_in_words(turn.text) is None and turn.sure < SURE_INTENT
        unsure = unsure or (turn.focus(self._index) is None and len(turn.text.split()) > 6)
        about_article = turn.slots.get("talk") == "topic" and part_asked(turn) not in OWN_FIELDS
        if about_article and service_named(self._index, turn.text) is None:
            unsure = unsure or bool(turn.text)
        if unsure or (turn.text and turn.slots.get("talk") in NOT_ABOUT_SERVICES and not service_named(self._index, turn.text)):
            found: list[Any] = await self._search.run(dispatcher, tracker, domain)
            return found
        return tell(self._index, turn, part_asked(turn), dispatcher)


def tell(index: Index, turn: Turn, part: str, dispatcher: CollectingDispatcher) -> list[Any]:
    """Says the part of the service in focus. Gives the slot events."""
    id = turn.focus(index)
    if part in ABOUT_WHO_KNOWS and (id is None or matches("about_this_talk", turn.text)):
        dispatcher.utter_message(response="utter_privacy")
        return []
    if id is None:
        dispatcher.utter_message(response="utter_no_service_yet")
        return []
    service = index.library.services[id]
    if service.kind == "emergency" and turn.profile.abroad:
        dispatcher.utter_message(response="utter_urgent_abroad")
        return [SlotSet("focus", "ud-konsular")]
    teller = Teller(service, turn, index.library.places, index.library.freshness)
    name = service.name.in_language(turn.language)
    told = teller.sentences(part) if part != "about" else []
    if part == "chat" and service.kind == "emergency" and service_named(index, turn.text) is None:
        told = [("utter_service_chat_none", {})]
    if any(response.endswith("_unknown") for response, _ in told):
        written = written_answer(index, turn, dispatcher)
        if written is not None:
            return written
        answer = sentences(index, turn, id, SURE_LIKENESS)
        told = [("utter_service", {"answer": answer})] if answer else told
    for response, values in told:
        dispatcher.utter_message(response=response, name=name, **values)
    if part == "about" or id not in turn.listed("shown"):
        dispatcher.utter_message(json_message={"type": "services", "ids": [id], "why": {}, "scores": [1.0]})
    if part in ("parents", "confidential") and "tema-taushetsplikt" in index.library.topics:
        dispatcher.utter_message(json_message={"type": "topic", "id": "tema-taushetsplikt"})
    shown = turn.listed("shown")
    events = [
        SlotSet("focus", id),
        SlotSet("part", part),
        SlotSet("talk", "service"),
        SlotSet("shown", shown if id in shown else [id, *shown]),
    ]
    implied = service.kind == "emergency" and service_named(index, turn.text) is None
    if part == "chat" and (implied or not teller.part("chat")):
        events += _others_to_write_to(index, turn, id, dispatcher)
    return events


def _others_to_write_to(index: Index, turn: Turn, id: str, dispatcher: CollectingDispatcher) -> list[Any]:
    """Services one can write to, the best for the need first."""
    ranked = index.rank(turn.base or dict.fromkeys(index.library.services, 1.0), turn.profile, turn.urgency)
    writable = [
        hit.id for hit in ranked
        if hit.id != id and any(c.kind in ("chat", "sms") for c in index.library.services[hit.id].contacts)
    ][:3]  # fmt: skip
    dispatcher.utter_message(json_message={"type": "services", "ids": writable, "why": {}, "scores": [1.0] * len(writable)})
    return [SlotSet("shown", writable), SlotSet("seen", sorted({*turn.listed("seen"), *writable}))]


class Teller:
    """The parts of one service in one language."""

    def __init__(self, service: Service, turn: Turn, places: Places, fresh: Freshness) -> None:
        self._service, self._places, self._turn, self._fresh = service, places, turn, fresh
        self._language = turn.language

    def part(self, part: str) -> str | None:
        """The text of a part, or None when it is not known."""
        tellers: dict[str, Callable[[], str | None]] = {
            "about": lambda: self._in(self._service.description),
            "contact": lambda: self._lines(("phone", "sms", "chat", "email", "web", "visit")),
            "chat": lambda: self._lines(("chat", "sms", "email", "web"), least=("chat", "sms", "email")),
            "hours": self._hours,
            "cost": lambda: self._in(self._service.fees_description) or self._contact_note("free"),
            "anonymous": self._anonymous,
            "confidential": lambda: self._in(self._service.confidentiality),
            "parents": lambda: self._in(self._service.confidentiality),
            "what_happens": lambda: self._in(self._service.what_happens),
            "language": lambda: self._in(self._service.languages_note),
            "age": lambda: self._in(self._service.eligibility_description),
            "where": self._where,
            "owner": lambda: self._in(self._service.organization.name),
            "limits": lambda: " ".join(t.in_language(self._language) for t in self._service.not_offered) or None,
            "referral": lambda: self._in(self._service.professional_referral),
            "figures": self._figures,
        }
        return tellers[part]() if part in tellers else None

    def sentences(self, part: str) -> list[tuple[str, dict[str, str]]]:
        """(response, its values) that answer a question about `part`; a sentence of its own when it is not known."""
        short = self._short(part)
        answer = self.part(part)
        told = [short] if short else []
        several = part == "hours" and len([c for c in self._service.contacts if c.hours]) > 1
        if answer and (several or not (short and short[0].endswith("always"))):
            told.append((f"utter_service_{part}", {"answer": answer}))
        kind: Literal["age", "description"] = "age" if part == "age" else "description"
        note = None if part in OF_CONTACTS else entry_note(self._service, self._language, self._fresh, kind=kind)
        if told and note:
            told.append(("utter_topic_answer", {"answer": note}))
        return told or [(f"utter_service_{part}_{'none' if part == 'chat' else 'unknown'}", {})]

    def _short(self, part: str) -> tuple[str, dict[str, str]] | None:
        """A yes, a no or a time in one sentence, where that is known."""
        service = self._service
        if part == "hours":
            state, moment = self.now()
            always = any(
                c.hours and all(claim.value == "24/7" for claim in c.hours) and not self._expired(c) for c in service.contacts
            )
            if always:
                return "utter_service_hours_always", {}
            if state == "open" and moment:
                return "utter_service_hours_open", {"until": moment}
            return ("utter_service_hours_closed", {"opens": moment}) if state == "closed" and moment else None
        if part == "cost" and service.free == "yes":
            return "utter_service_cost_free", {}
        if part == "anonymous" and service.anonymous != "unknown":
            return f"utter_service_anonymous_{service.anonymous}", {}
        if part == "parents":
            told = {c.parents_told for c in service.contacts} - {"unknown"}
            return (f"utter_service_parents_{told.pop()}", {}) if len(told) == 1 else None
        by_herself = self._turn.profile.role != "professional" or matches("by_oneself", self._turn.text)
        if part == "referral" and by_herself and service.self_referral == "yes":
            return "utter_service_referral_self", {}
        if part == "language" and service.interpreter == "yes":
            return "utter_service_language_interpreter", {}
        if part == "where" and service.reach in ("national", "online"):
            return "utter_service_where_national", {}
        return self._ages() if part == "age" else None

    def _ages(self) -> tuple[str, dict[str, str]] | None:
        low, high = self._service.minimum_age, self._service.maximum_age
        if low is not None and high is not None:
            return "utter_service_age_between", {"minimum": str(low), "maximum": str(high)}
        if low is not None:
            return "utter_service_age_from", {"minimum": str(low)}
        return ("utter_service_age_to", {"maximum": str(high)}) if high is not None else None

    def _in(self, text: Text | None) -> str | None:
        return text.in_language(self._language) if text else None

    def _lines(self, kinds: tuple[str, ...], least: tuple[str, ...] = ()) -> str | None:
        contacts = [c for c in self._service.contacts if c.kind in kinds]
        if least and not any(c.kind in least for c in contacts):
            return None
        return "\n".join(self._line(c) for c in contacts) or None

    def _line(self, contact: Contact) -> str:
        hours = hours_in_words(contact.hours, self._language, self._expired(contact))
        notes = [note for note in (self._in(contact.note), self._note(contact)) if note]
        line = f"{contact.label.in_language(self._language)}: {contact.value}"
        return line + (f" ({hours})" if hours else "") + (f". {' '.join(notes)}" if notes else "")

    def _expired(self, contact: Contact) -> bool:
        return self._fresh.expired("contact", assured(contact, self._service))

    def _note(self, contact: Contact) -> str | None:
        return contact_note(contact, self._service, self._language, self._fresh)

    def _hours(self) -> str | None:
        """Hours of each contact that has some, and what holds now."""
        known = [c for c in self._service.contacts if c.hours]
        if not known:
            return None
        return "\n".join(self._hours_line(c) for c in known)

    def _hours_line(self, contact: Contact) -> str:
        expired = self._expired(contact)
        hours = hours_in_words(contact.hours, self._language, expired)
        line = f"{contact.label.in_language(self._language)} {contact.value}: {hours}"
        return f"{line}. {self._note(contact)}" if expired else line

    def now(self, at: dt.datetime | None = None) -> tuple[str, str | None]:
        """('open' | 'closed' | 'unknown', when that changes in words)."""
        state = open_now(self._service, self._fresh, at)
        word = {True: "open", False: "closed", None: "unknown"}[state.now]
        return word, when_open(self._service, self._language, self._fresh, at)

    def _contact_note(self, trait: str) -> str | None:
        notes = [self._in(c.note) for c in self._service.contacts if getattr(c, trait) != "unknown" and c.note]
        return notes[0] if notes else None

    def _anonymous(self) -> str | None:
        open_ways = [c.label.in_language(self._language) for c in self._service.contacts if c.anonymous == "yes"]
        if self._service.anonymous == "unknown" and not open_ways:
            return None
        return self._in(self._service.confidentiality) or ", ".join(open_ways) or None

    def _where(self) -> str | None:
        near = self._places.offers_near(self._service.id, self._turn.profile.municipality)
        told = self._in(self._service.service_areas)
        found = ", ".join(offer.name for offer in near[:4])
        post = self._places.post_for(self._turn.profile.country) if self._service.reach == "abroad" else None
        if post:
            found = say("why", "abroad_post", city=post[0].city).in_language(self._language).rstrip(".")
        return " ".join(part for part in (f"{found}." if found else None, told) if part) or None

    def _figures(self) -> str | None:
        years = set(_YEAR.findall(self._turn.text))
        dated = [f for f in self._service.figures if years & set(_YEAR.findall(f.as_of))]
        if years and not dated:
            return None
        figures = dated or sorted(self._service.figures, key=lambda f: max(_YEAR.findall(f.as_of), default=""), reverse=True)
        listed = [f"{f.value}: {f.meaning.in_language(self._language)} ({f.as_of})" for f in figures[:5]]
        return "\n".join(listed) or None
