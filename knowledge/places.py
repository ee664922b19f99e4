"""Where people are: Norwegian counties and municipalities, countries, embassies, and local offers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from knowledge.facts import Closed, Sentence, Text

CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class Municipality(Closed):
    """A Norwegian municipality."""

    number: Annotated[str, StringConstraints(pattern=r"^\d{4}$")] = Field(description="Four digits.")
    name: Sentence = Field(description="Norwegian name.")
    also: tuple[Sentence, ...] = Field((), description="Sámi, Kven and other names, and towns or districts in it.")


class County(Closed):
    """A Norwegian county with its municipalities."""

    number: Annotated[str, StringConstraints(pattern=r"^\d{2}$")] = Field(description="Two digits.")
    name: Sentence = Field(description="Norwegian name.")
    also: tuple[Sentence, ...] = Field((), description="Other names.")
    municipalities: tuple[Municipality, ...] = Field(min_length=1, description="All of them.")


class Counties(Closed):
    """places/counties.yml"""

    as_of: Sentence = Field(description="The date of the division.")
    source: Sentence = Field(description="Where it comes from, with licence.")
    attribution: Text = Field(description="The sentence the licence asks for.")
    counties: tuple[County, ...] = Field(min_length=1, description="All counties.")


class Post(Closed):
    """An embassy with a special envoy, and the countries it works for."""

    city: Sentence = Field(description="City of the embassy.")
    country: CountryCode = Field(description="Country the embassy is in.")
    works_in: tuple[CountryCode, ...] = Field((), description="Countries where the envoy handles cases.")
    guides: tuple[CountryCode, ...] = Field((), description="Countries the envoy gives advice on.")
    web: Sentence | None = Field(None, description="Address of the embassy's page for Norwegians.")


class Abroad(Closed):
    """places/abroad.yml"""

    as_of: Sentence = Field(description="The date the list of posts holds for.")
    sources: tuple[Sentence, ...] = Field(description="Where it was read.")
    note: Text = Field(description="What must be said with it.")
    posts: tuple[Post, ...] = Field(description="Embassies with a special envoy.")
    nordic: tuple[CountryCode, ...] = Field(description="Nordic countries, which have services of their own.")
    aliases: dict[str, CountryCode] = Field(description="Cities, regions, nicknames and inflections → country.")


class LocalOffer(Closed):
    """One place where a service is found. Never an address of a shelter."""

    service: Sentence = Field(description="Id of the service.")
    name: Sentence = Field(description="Its name.")
    municipality: Annotated[str, StringConstraints(pattern=r"^\d{4}$")] | None = Field(None, description="Number.")
    counties: tuple[Sentence, ...] = Field((), description="Numbers of the counties it serves.")
    email: Sentence | None = Field(None, description="E-mail, when a source has it.")
    as_of: Sentence = Field(description="The time the source holds for.")
    source: Sentence = Field(description="Where it was read.")


class LocalOffers(Closed):
    """places/offers.yml"""

    note: Text = Field(description="What must be said with it: the lists are not complete.")
    offers: tuple[LocalOffer, ...] = Field(description="Known places. Not here does not mean not there.")


PostLevel = Literal["works", "guides"]


@dataclass(frozen=True)
class Places:
    """All of places/, with the look-ups the search needs."""

    counties: Counties
    abroad: Abroad
    offers: LocalOffers

    @cached_property
    def municipalities(self) -> dict[str, tuple[Municipality, County]]:
        """Number → (municipality, its county)."""
        return {m.number: (m, county) for county in self.counties.counties for m in county.municipalities}

    def post_for(self, country: str | None) -> tuple[Post, PostLevel] | None:
        """The embassy with a special envoy that covers a country, and how; None when none does."""
        for post in self.abroad.posts:
            if country in post.works_in:
                return post, "works"
        for post in self.abroad.posts:
            if country in post.guides:
                return post, "guides"
        return None

    def offers_near(self, service: str, municipality: str | None) -> tuple[LocalOffer, ...]:
        """Known local offers of a service for a municipality number: in it, or serving its county."""
        if municipality not in self.municipalities:
            return ()
        county = self.municipalities[municipality][1].number
        return tuple(
            offer for offer in self.offers.offers
            if offer.service == service and (offer.municipality == municipality or county in offer.counties)
        )  # fmt: skip

    def fingerprint(self) -> str:
        """A hash of everything in here."""
        text = "".join(part.model_dump_json() for part in (self.counties, self.abroad, self.offers))
        return hashlib.sha256(text.encode()).hexdigest()
