"""The sentence beside a fact that may not be told as current: when it was last checked, and to check it first.

Everything that shows a contact, an age limit, a law or a text asks here; nothing is said while a fact is current.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from knowledge.answers import Answers
from knowledge.facts import Contact, Law
from knowledge.freshness import Freshness, assured
from knowledge.models import Entry, Service
from knowledge.wording import checked_in_words


def contact_note(
    contact: Contact, service: Service, language: str, fresh: Freshness, at: dt.datetime | None = None
) -> str | None:
    """The sentence beside a contact that is too old or too weak to be told as current; None when it is current."""
    day = assured(contact, service)
    if fresh.expired("contact", day, at and at.date()):
        return checked_in_words("emergency" if service.kind == "emergency" else "expired", day, language)
    return checked_in_words("weak", day, language) if contact.check_first else None


def entry_note(
    entry: Entry | Answers, language: str, fresh: Freshness, at: dt.datetime | None = None,
    kind: Literal["description", "age"] = "description",
) -> str | None:  # fmt: skip
    """The sentence beside texts or age limits that nobody has checked for too long; None while they are current."""
    expired = fresh.expired(kind, entry.assured_date, at and at.date())
    return checked_in_words("expired", entry.assured_date, language) if expired else None


def law_note(law: Law, language: str, fresh: Freshness, at: dt.datetime | None = None) -> str | None:
    """The sentence beside a rule that nobody has read for too long; None while it is current."""
    expired = fresh.expired("law", law.read_as_of, at and at.date())
    return checked_in_words("expired", law.read_as_of, language) if expired else None
