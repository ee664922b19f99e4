"""Runs at every message before anything else: what the message says of the person goes into slots, the text does not."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn
from knowledge.index import Index
from knowledge.profile import Profile
from knowledge.text import find_language, words

#: Fewer words than this do not change the language of a conversation, unless they ask for it.
WORDS_TO_SWITCH = 3
_SPOKEN = {"nb", "nn", "en"}


class ActionReadMessage(Action):  # type: ignore[misc]
    """Custom slot mapping: language, age, role, place, urgency."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_read_message"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Sets slots and tells the app, in a message it does not show, how to word an urgent message."""
        turn = Turn.from_tracker(tracker)
        changes: dict[str, Any] = {"turns": int(turn.slots.get("turns") or 0) + 1}
        changes |= self._from_button(turn)
        if turn.text:
            changes["language"] = self._language(turn)
            newer = self._index.reader.read(turn.text, asked=turn.slots.get("asking"))
            changes |= _profile_slots(turn.profile, newer)
            urgency = self._index.urgency(turn.text)
            changes |= {"urgency": urgency.level, "danger_rules": list(urgency.rules)}
            if urgency.level == "acute" and turn.intent != "not_danger":
                changes["calm"] = None
        else:
            changes |= {"urgency": "none", "danger_rules": []}
            changes.setdefault("language", turn.slots.get("language") or "nb")
        known = {**turn.slots, **changes}
        dispatcher.utter_message(
            json_message={
                "type": "state", "language": known.get("language"), "abroad": known.get("in_norway") == "no",
                "in_norway": known.get("in_norway"), "country": known.get("country"), "age": known.get("age"),
                "role": known.get("role"), "calm": turn.intent == "not_danger",
            }
        )  # fmt: skip
        return [SlotSet(name, value) for name, value in changes.items()]

    def _language(self, turn: Turn) -> str:
        current = turn.slots.get("language")
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
