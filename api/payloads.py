"""What a button may say to the bot: an act of talk and a few closed values. Anything else is refused, never passed on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from knowledge.library import Library
from knowledge.profile import ROLES

#: The acts of talk in bot/domain; a test holds the two lists together.
INTENTS = frozenset({
    "greet", "goodbye", "thanks", "affirm", "deny", "dont_know", "feeling", "insult", "describe_situation", "ask_service",
    "ask_service_contact", "ask_service_hours", "ask_service_chat", "ask_service_cost", "ask_service_anonymous",
    "ask_service_confidential", "ask_parents_told", "ask_what_happens", "ask_service_language", "ask_service_age",
    "ask_service_where", "ask_service_owner", "ask_service_limits", "ask_referral", "ask_figures", "choose_service",
    "more_or_other", "ask_topic", "ask_is_this_normal", "ask_homework", "ask_measure", "ask_plan", "tell_age", "tell_place",
    "tell_role", "danger", "not_danger", "find_person", "phone_checked", "bot_challenge", "ask_privacy",
    "delete_conversation", "ask_human", "change_language", "ask_capabilities", "out_of_scope",
})  # fmt: skip
MOST_VALUES = 4
_PAYLOAD = re.compile(r"^/([a-z_]+)(\{.*\})?$", re.DOTALL)


class PayloadError(ValueError):
    """Raised when a payload is not one of ours."""


class Payloads:
    """Reads payloads with the ids that exist."""

    def __init__(self, library: Library) -> None:
        self._allowed: dict[str, Callable[[Any], bool]] = {
            "age": lambda v: v in ("under18", "over18", "unknown") or (type(v) is int and 0 <= v <= 120),
            "role": lambda v: v in (*ROLES, "self", "unknown"),
            "profession": lambda v: isinstance(v, str) and bool(re.fullmatch(r"[a-z][a-z_-]{1,39}", v)),
            "in_norway": lambda v: v in ("yes", "no", "unknown"),
            "country": lambda v: isinstance(v, str) and bool(re.fullmatch(r"[A-Z]{2}", v)),
            "municipality": lambda v: v == "unknown" or v in library.places.municipalities,
            "language": lambda v: v in ("nb", "nn", "en"),
            "service": lambda v: v in library.services,
            "topic": lambda v: v in library.topics,
            "measure": lambda v: v in library.measures,
        }

    def read(self, payload: str) -> tuple[str, str]:
        """(intent, the payload as the bot reads it). Raises PayloadError."""
        match = _PAYLOAD.match(payload.strip())
        if not match or match.group(1) not in INTENTS:
            raise PayloadError("not an act of talk")
        intent = match.group(1)
        if not match.group(2):
            return intent, f"/{intent}"
        try:
            values = json.loads(match.group(2))
        except (ValueError, RecursionError):
            raise PayloadError("not a JSON object") from None
        if not isinstance(values, dict) or len(values) > MOST_VALUES:
            raise PayloadError("not a small object")
        for key, value in values.items():
            if key not in self._allowed or not isinstance(value, str | int) or not self._allowed[key](value):
                raise PayloadError("not an allowed value")
        return intent, f"/{intent}{json.dumps(values)}" if values else f"/{intent}"
