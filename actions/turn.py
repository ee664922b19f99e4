"""One turn as the actions see it: what was said, what is known, what is on the screen. Slots hold ids, never text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from rasa_sdk import Tracker

from actions.patterns import matches, patterns
from knowledge.index import Index
from knowledge.profile import Profile
from knowledge.text import fold
from knowledge.urgency import Level, Urgency

#: A longer message may tell of something new beside the correction, so it is read as any other.
LONGEST_CORRECTION = 9


def takes_back(text: str) -> bool:
    """Does a message take back an alarm ('nei, det var bare …', 'jeg er trygg')?"""
    return len(fold(text).split()) <= LONGEST_CORRECTION and matches("takes_back", text)


@dataclass(frozen=True)
class Turn:
    """What an action needs to know of this turn."""

    text: str
    intent: str
    sure: float
    entities: Mapping[str, Any]
    slots: Mapping[str, Any]

    @classmethod
    def from_tracker(cls, tracker: Tracker) -> Turn:
        """From the tracker Rasa sends with an action call."""
        message = tracker.latest_message or {}
        intent = message.get("intent") or {}
        entities = {e.get("entity"): e.get("value") for e in message.get("entities") or [] if e.get("entity")}
        text = message.get("text") or ""
        return cls(
            text="" if text.startswith("/") else text,
            intent=intent.get("name") or "nlu_fallback",
            sure=float(intent.get("confidence") or 0.0),
            entities=entities,
            slots=tracker.current_slot_values(),
        )

    @property
    def language(self) -> str:
        """nb, nn or en: the language answers are given in."""
        return self.slots.get("language") or "nb"

    @property
    def profile(self) -> Profile:
        """What is known of the person so far."""
        slots = self.slots
        age = slots.get("age")
        where = slots.get("in_norway")
        return Profile(
            role=slots.get("role"),
            profession=slots.get("profession"),
            age=int(age) if isinstance(age, int | float) else None,
            minor={"under18": True, "over18": False}.get(str(age)),
            in_norway={"yes": True, "no": False}.get(str(where)),
            country=slots.get("country"),
            municipality=slots.get("municipality"),
        )

    @property
    def urgency(self) -> Urgency:
        """The urgency found for this message."""
        level: Level = self.slots.get("urgency") or "none"
        return Urgency(level, tuple(self.slots.get("danger_rules") or ()))

    @property
    def base(self) -> dict[str, float]:
        """Probabilities of services for the need as described so far."""
        return {str(id): float(p) for id, p in self.slots.get("candidates") or []}

    def listed(self, slot: str) -> list[str]:
        """A slot that holds a list of ids."""
        return [str(x) for x in self.slots.get(slot) or []]

    def focus(self, index: Index) -> str | None:
        """The service the person asks about: named, counted ('den andre'), or the one in talk; None when unclear."""
        named = service_named(index, self.text)
        if named:
            return named
        shown = self.listed("shown")
        entity = self.entities.get("service")
        if entity in index.library.services:
            return str(entity)
        folded, order = fold(self.text), patterns()["order"]
        for number in (1, 2, 0):
            if number < len(shown) and order[str(number)].search(folded):
                return shown[-1] if number == 2 and re.search(r"\bsiste\b|\blast\b", folded) else shown[number]
        current = self.slots.get("focus")
        if current in index.library.services:
            return str(current)
        calm = [id for id in shown if id in index.library.services and index.library.services[id].kind != "emergency"]
        return next(iter(calm or shown), None)  # 'they' are rarely the ones behind an emergency number


def service_named(index: Index, text: str) -> str | None:
    """Id of the service whose name, nickname or former name stands in the text; the longest name wins."""
    folded = fold(text)
    hits = [
        (match.end() - match.start(), index.services.ids[number])
        for pattern, number, _ in index.services.names
        if (match := pattern.search(folded))
    ]
    hits += [
        (match.end() - match.start(), id)
        for id, pattern in _nicknames().items()
        if id in index.library.services and (match := pattern.search(folded))
    ]
    return max(hits)[1] if hits else None


@lru_cache(maxsize=1)
def _nicknames() -> dict[str, re.Pattern[str]]:
    data = yaml.load(Path(__file__).with_name("nicknames.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    any_of = {id: "|".join(re.escape(fold(n)) for n in sorted(names, key=len, reverse=True)) for id, names in data.items()}
    return {id: re.compile(rf"(?<!\w)(?:{names})(?:ene|ane|ne|en|et|er|ar|a|s)?(?!\w)") for id, names in any_of.items()}
