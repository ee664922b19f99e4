"""Runs at every message before anything else: what the message says of the person goes into slots, the text does not."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn, takes_back
from knowledge.index import Index
from knowledge.profile import Profile
from knowledge.text import find_language, fold, words

#: Fewer words than this do not change the language of a conversation, unless they ask for it.
WORDS_TO_SWITCH = 3
_SPOKEN = {"nb", "nn", "en"}


class ActionReadMessage(Action):  # type: ignore[misc]
    """Custom slot mapping: language, age, role, place, urgency."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def name(self) -> str:
        """Rasa's own name for it: only under this name does Rasa pass on the message it sends besides the slots."""
        return "action_validate_slot_mappings"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Sets slots and tells the app, in a message it does not show, how to word an urgent message."""
        turn = Turn.from_tracker(tracker)
        changes: dict[str, Any] = {"turns": int(turn.slots.get("turns") or 0) + 1}
        changes |= self._from_button(turn)
        if turn.text:
            changes["language"] = self._language(turn)
            newer = self._index.reader.read(turn.text, asked=turn.slots.get("asking"))
            changes |= _profile_slots(turn.profile, newer)
            urgency = self._index.urgency(turn.text, in_talk=bool(turn.base))
            changes |= {"urgency": urgency.level, "danger_rules": list(urgency.rules)}
            corrected = turn.slots.get("calm") == "alarm" and takes_back(turn.text)
            if urgency.level == "acute" and not corrected:
                changes["calm"] = "alarm"
        else:
            changes |= {"urgency": "none", "danger_rules": []}
            changes.setdefault("language", turn.slots.get("language") or "nb")
        moved_in_danger = turn.slots.get("calm") == "alarm" and changes.get(
            "in_norway", turn.slots.get("in_norway")
        ) != turn.slots.get("in_norway")
        if moved_in_danger:
            dispatcher.utter_message(json_message={"type": "urgent"})
        known = {**turn.slots, **changes}
        dispatcher.utter_message(
            json_message={
                "type": "state", "language": known.get("language"), "abroad": known.get("in_norway") == "no",
                "in_norway": known.get("in_norway"), "country": known.get("country"), "age": known.get("age"),
                "role": known.get("role"),
                "calm": turn.intent == "not_danger" or (turn.slots.get("calm") == "alarm" and takes_back(turn.text)),
            }
        )  # fmt: skip
        return [SlotSet(name, value) for name, value in changes.items()]

    def _language(self, turn: Turn) -> str:
        current = turn.slots.get("language")
        if turn.intent == "change_language" and (wanted := language_named(turn.text)):
            return wanted
        found = find_language(turn.text, default=current or "nb")
        if found not in _SPOKEN:
            return current or "en"
        return current if current and len(words(turn.text)) < WORDS_TO_SWITCH else found

    @staticmethod
    def _from_button(turn: Turn) -> dict[str, Any]:
        """Values a button carries, such as /tell_age{"age": "under18"}."""
        allowed = {"age", "in_norway", "role", "language", "country", "municipality"}
        given = {k: v for k, v in turn.entities.items() if k in allowed and v not in (None, "unknown")}
        if given.get("role") == "self":
            given.pop("role")
        return given


_NAMED = {
    "nn": re.compile(r"nynorsk|new norwegian"),
    "nb": re.compile(r"bokmål|bokmal|norsk|norwegian"),
    "en": re.compile(r"engelsk|english"),
}


def language_named(text: str) -> str | None:
    """The language a message asks for by name: nn, nb or en; None when it names none."""
    folded = fold(text)
    return next((code for code, pattern in _NAMED.items() if pattern.search(folded)), None)


def _profile_slots(before: Profile, newer: Profile) -> dict[str, Any]:
    """Slots after laying what a message says over what was known; a correction wins."""
    both = before.updated(newer)
    changes: dict[str, Any] = {}
    if newer.age is not None:
        changes["age"] = newer.age
    elif newer.minor is not None:
        changes["age"] = "under18" if newer.minor else "over18"
    if newer.role and not (newer.role in ("youth", "adult") and before.role in ("professional", "friend", "parent")):
        changes["role"] = newer.role
    elif newer.age is not None and before.role in ("youth", "adult"):
        changes["role"] = "youth" if newer.age < 18 else "adult"
    if newer.profession:
        changes["profession"] = newer.profession
    if both.in_norway is not None:
        changes["in_norway"] = "yes" if both.in_norway else "no"
    if both.country != before.country:
        changes["country"] = both.country
    if newer.municipality:
        changes["municipality"] = newer.municipality
    return changes
