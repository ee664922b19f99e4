"""What a person filled in on a search page, and what is found for it. Keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args
from urllib.parse import parse_qs

from actions.present import service_card, urgent_message
from api.schemas import without_markup
from knowledge.facts import Language
from knowledge.index import Index, SearchResult
from knowledge.library import Library
from knowledge.models import Measure, Service, Situation, Topic
from knowledge.profile import Profile, Role
from knowledge.text import MAX_CHARACTERS, clean, has_words
from knowledge.urgency import Urgency

Json = dict[str, Any]
MOST = 10
#: How much a chosen situation counts beside the person's own words.
CHOSEN_WEIGHT = 3.0
_ROLES: dict[str, Role] = {"friend": "friend", "parent": "parent", "professional": "professional"}


@dataclass(frozen=True)
class Asked:
    """A filled-in form; every part may be empty."""

    text: str = ""
    who: str = ""
    age: str = ""
    where: str = ""
    country: str = ""
    municipality: str = ""
    situations: tuple[str, ...] = ()
    acute: bool = False

    @classmethod
    def from_form(cls, body: bytes) -> Asked:
        """From an urlencoded body. Whatever is not understood counts as not filled in; never raises."""
        try:
            fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=100)
        except ValueError:
            return cls()

        def one(name: str) -> str:
            return clean(fields.get(name, [""])[0])[:MAX_CHARACTERS]

        known = get_args(Situation)
        return cls(
            text=without_markup(one("tekst")), who=one("hvem"), age=one("alder"), where=one("hvor"), country=one("land")[:80],
            municipality=one("kommune")[:80], situations=tuple(s for s in fields.get("tema", []) if s in known),
            acute=one("hast") == "acute",
        )  # fmt: skip

    @property
    def is_empty(self) -> bool:
        """Nothing to look for?"""
        return not (has_words(self.text) or self.situations or self.acute)

    def profile(self, index: Index) -> Profile:
        """As the search knows a person."""
        minor = {"under18": True, "over18": False}.get(self.age)
        role = _ROLES.get(self.who)
        if self.who == "self" and minor is not None:
            role = "youth" if minor else "adult"
        in_norway = {"norway": True, "abroad": False}.get(self.where)
        return Profile(
            role=role, minor=minor, in_norway=in_norway,
            country=index.reader.country_code(self.country) if in_norway is not True else None,
            municipality=index.reader.municipality_number(self.municipality) if in_norway is not False else None,
        )  # fmt: skip

    def unknown_place(self, index: Index) -> bool:
        """Was a place written that we do not know?"""
        country = bool(self.country) and index.reader.country_code(self.country) is None
        return country or (bool(self.municipality) and index.reader.municipality_number(self.municipality) is None)


@dataclass(frozen=True)
class Findings:
    """What is shown for a form."""

    cards: list[Json] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    topics: list[Topic] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    urgent: Json | None = None
    scope: str = "in"
    unknown_place: bool = False

    @property
    def shared_reasons(self) -> set[str]:
        """Reasons that every service has: true, but of no help in choosing."""
        return set.intersection(*(set(card["why"]) for card in self.cards[:4])) if len(self.cards) > 1 else set()


def find(index: Index, asked: Asked, language: Language) -> Findings:
    """Looks for help. Runs for some hundredths of a second."""
    library, profile = index.library, asked.profile(index)
    result = index.search(asked.text, profile, language, limit=MOST) if has_words(asked.text) else None
    urgency = result.urgency if result else Urgency()
    if asked.acute or "acute-danger" in asked.situations:
        urgency = Urgency("acute", (*urgency.rules, "chosen"), urgency.because)
    known = result.profile if result else profile
    scope = result.scope if result and not asked.situations and urgency.level != "acute" else "in"
    base = base_of(library, result, asked.situations)
    ranked = index.rank(base, known, urgency, scope)[:MOST]
    topics, measures = _found(library, result, asked.situations)
    return Findings(
        cards=[service_card(index, hit, language) for hit in ranked],
        services=[library.services[hit.id] for hit in ranked], topics=topics, measures=measures,
        urgent=urgent_message(library, urgency, known, language) if urgency.level == "acute" else None,
        scope=scope, unknown_place=asked.unknown_place(index),
    )  # fmt: skip


def base_of(library: Library, result: SearchResult | None, situations: tuple[str, ...]) -> Mapping[str, float]:
    """Probabilities from the words and from the chosen situations; together when there are both."""
    shown = library.shown_services()
    even = 1 / max(len(shown), 1)
    words = result.base if result else dict.fromkeys(shown, even)
    if not situations:
        return words
    fits = {id: len(set(situations) & set(s.situations)) / len(situations) for id, s in shown.items()}
    focus = {id: 1 + 1 / len(s.situations) for id, s in shown.items()}
    weighted = {id: words.get(id, even / 10) * (0.2 + CHOSEN_WEIGHT * fits[id] * focus[id]) for id in shown}
    total = sum(weighted.values()) or 1.0
    return {id: value / total for id, value in weighted.items()}


def _found(library: Library, result: SearchResult | None, situations: tuple[str, ...]) -> tuple[list[Topic], list[Measure]]:
    if result:
        topics = [library.topics[t.id] for t in result.topics[:3]]
        return topics, [library.measures[m.id] for m in result.measures[:3]]
    fits = {id: len(set(situations) & set(t.situations)) for id, t in library.topics.items()}
    return [library.topics[id] for id in sorted(fits, key=lambda id: -fits[id])[:3] if fits[id]], []
