"""From the bot's messages, which hold ids, to the messages of the public interface; and what is said without the bot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from actions.present import measure_json, phone_contacts, service_card, topic_json, urgent_message
from api.sentences import sentence
from knowledge.index import Index, SearchResult
from knowledge.library import Library
from knowledge.profile import ROLES, Profile
from knowledge.reasons import Ranked
from knowledge.urgency import Urgency

Json = dict[str, Any]
NORWAY = ("politiet-112", "amk-113", "alarmtelefonen-116111")
ABROAD = ("ud-konsular",)


@dataclass
class BotTurn:
    """What the bot said, sorted: what is shown, and what only the app needs to know."""

    shown: list[Json] = field(default_factory=list)
    state: Json = field(default_factory=dict)
    wants_forgetting: bool = False
    says_danger: bool = False

    @classmethod
    def from_messages(cls, messages: Iterable[Json]) -> BotTurn:
        """Sorts the channel's messages."""
        turn = cls()
        for message in messages:
            custom = message.get("custom")
            kind = custom.get("type") if isinstance(custom, dict) else None
            if kind == "state":
                turn.state |= custom or {}
            elif kind == "delete":
                turn.wants_forgetting = True
            elif kind == "urgent":
                turn.says_danger = True
            else:
                turn.shown.append(message)
        return turn

    @property
    def calm(self) -> bool:
        """Has the person just said that there is no danger?"""
        return bool(self.state.get("calm"))

    def profile(self) -> Profile:
        """What the bot knows of the person."""
        state, age = self.state, self.state.get("age")
        in_norway = {"yes": True, "no": False}.get(str(state.get("in_norway")))
        if state.get("abroad") is True:
            in_norway = False
        country = state.get("country")
        return Profile(
            role=next((role for role in ROLES if role == state.get("role")), None),
            age=age if type(age) is int else None,
            minor={"under18": True, "over18": False}.get(str(age)),
            in_norway=in_norway,
            country=country if isinstance(country, str) else None,
        )


def expanded(index: Index, shown: Iterable[Json], language: str) -> list[Json]:
    """Messages with the ids in them made into cards; what is not understood is left out."""
    out: list[Json] = []
    for message in shown:
        if isinstance(text := message.get("text"), str) and text.strip():
            out.append({"type": "text", "text": text})
        if isinstance(custom := message.get("custom"), dict):
            out += _card(index, custom, language)
        if choices := _choices(message.get("buttons")):
            out.append({"type": "choices", "choices": choices})
    return out


def _card(index: Index, custom: Json, language: str) -> list[Json]:
    library, kind, id = index.library, custom.get("type"), str(custom.get("id"))
    if kind == "services":
        cards = _service_cards(index, custom, language)
        return [{"type": "services", "services": cards}] if cards else []
    if kind == "topic" and id in library.topics:
        return [{"type": "topic", "topic": topic_json(library.topics[id], language, library.freshness)}]
    if kind == "measure" and id in library.measures:
        return [{"type": "measure", "measure": measure_json(library.measures[id], language, library.freshness)}]
    if kind == "choices" and (choices := _choices(custom.get("choices"))):
        return [{"type": "choices", "choices": choices}]
    return []


def _service_cards(index: Index, custom: Json, language: str) -> list[Json]:
    ids, scores, why = custom.get("ids") or [], custom.get("scores") or [], custom.get("why") or {}
    cards = []
    for place, id in enumerate(ids):
        if id in index.library.shown_services():
            score = float(scores[place]) if place < len(scores) else 1.0
            card = service_card(index, Ranked(id, min(max(score, 0.0), 1.0), ()), language)
            cards.append({**card, "why": why.get(id) or card["why"]})
    return cards


def _choices(buttons: Any) -> list[Json]:
    rows = buttons if isinstance(buttons, list) else []
    return [
        {"title": row["title"], "payload": row["payload"]}
        for row in rows
        if isinstance(row, dict) and isinstance(row.get("title"), str) and isinstance(row.get("payload"), str)
    ]


def emergency_numbers(library: Library, profile: Profile, language: str) -> Json:
    """The numbers that work where the person is, without alarm."""
    ids: tuple[str, ...] = NORWAY if profile.is_minor is not False and profile.role != "professional" else NORWAY[:2]
    name = "numbers_norway"
    if profile.abroad:
        ids, name = ABROAD, "numbers_abroad"
    elif profile.in_norway is None and profile.country:
        ids, name = (*ids, *ABROAD), "numbers_somewhere"
    return {"type": "urgent", "text": sentence(name, language), "contacts": phone_contacts(library, ids, language)}


def without_bot(
    library: Library, index: Index | None, found: SearchResult | None, urgency: Urgency, profile: Profile, language: str
) -> list[Json]:
    """What is said when the bot gives no answer: the danger first, an honest sentence, the search, the numbers."""
    messages: list[Json] = []
    acute = urgency.level == "acute"
    if acute:
        messages.append(urgent_message(library, urgency, profile, language))
    cards = [service_card(index, hit, language) for hit in found.services] if index and found else []
    messages.append({"type": "text", "text": sentence("degraded_found" if cards else "degraded_nothing", language)})
    if cards:
        messages.append({"type": "services", "services": cards})
    if not acute:
        messages.append(emergency_numbers(library, profile, language))
    return messages
