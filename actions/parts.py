"""Which part of a service a question is about: its number, hours, cost, who gets to know …"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import yaml

from actions.turn import Turn
from knowledge.text import fold

#: Parts that the entry's own fields answer best: what holds for this moment, and a plain yes or no.
OWN_FIELDS = ("hours", "contact", "chat", "ring_now", "cost", "anonymous", "age", "language", "owner")
#: Intent → the part of a service it asks about.
PARTS = {
    "ask_service": "about", "choose_service": "about", "ask_service_contact": "contact", "ask_service_hours": "hours",
    "ask_service_chat": "chat", "ask_service_cost": "cost", "ask_service_anonymous": "anonymous",
    "ask_service_confidential": "confidential", "ask_parents_told": "parents", "ask_what_happens": "what_happens",
    "ask_service_language": "language", "ask_service_age": "age", "ask_service_where": "where",
    "ask_service_owner": "owner", "ask_service_limits": "limits", "ask_referral": "referral", "ask_figures": "figures",
}  # fmt: skip


def part_asked(turn: Turn) -> str:
    """The part a message asks about: the NLU's intent; the patterns of parts.yml where the intent says only 'a service'."""
    by_intent = PARTS.get(turn.intent)
    by_words = part_in_words(turn.text)
    if by_intent in (None, "about"):
        return by_words or by_intent or "about"
    return by_words if by_words and turn.sure < 0.5 else by_intent


def part_in_words(text: str) -> str | None:
    """The first part of parts.yml whose pattern is found in the text."""
    folded = fold(text)
    return next((name for name, pattern in _patterns().items() if pattern.search(folded)), None)


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    data = yaml.load(Path(__file__).with_name("parts.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    return {name: re.compile(pattern) for name, pattern in data.items()}
