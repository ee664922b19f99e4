"""The three kinds of entries: services, topics, measures. One file is one entry; the filename is the id."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from knowledge.facts import (
    AssuredBy,
    Closed,
    Confidence,
    Conflict,
    Contact,
    Figure,
    Id,
    Known,
    Law,
    Sentence,
    Source,
    Text,
)

Audience = Literal["youth", "adult", "parent", "friend", "professional"]
Situation = Literal[
    "acute-danger", "violence", "threats", "control", "honour", "forced-marriage", "fgm", "fear-of-travel",
    "kept-abroad", "digital-control", "money", "housing", "residence", "religion", "queer", "sexual-assault",
    "mental-health", "health", "law", "family-conflict", "concern-for-other", "special-risk", "training",
    "knowledge", "cross-border",
]  # fmt: skip
ServiceKind = Literal[
    "emergency", "helpline", "online", "adviser", "team", "child-welfare", "shelter", "health", "legal",
    "authority", "organisation", "competence",
]  # fmt: skip
Reach = Literal["national", "municipal", "county", "regional", "schools", "abroad", "online", "nordic"]
Ministry = Literal["AID", "BFD", "HOD", "JD", "KUD", "KD", "UD", "KDD"]


class Organization(Closed):
    """Who runs the service."""

    name: Text = Field(description="Name of the owner as people know it.")
    kind: Literal["state", "municipal", "county", "foundation", "ngo", "mixed"] = Field(
        description="What sort of owner it is; decides which standard vocabulary the exports use."
    )
    ministry: Ministry | None = Field(None, description="Responsible ministry, when a source says so.")


class Entry(Closed):
    """What every entry has. `id` is the filename and is not written in the file."""

    id: Id = Field(description="The filename without .yml.")
    conflicts: tuple[Conflict, ...] = Field((), description="Sources that disagree, and what is shown.")
    gaps: tuple[Sentence, ...] = Field((), description="What was looked for and not found (for editors).")
    confidence: Confidence = Field(description="How sure the whole entry is, as the researcher judged it.")
    sources: tuple[Source, ...] = Field(min_length=1, description="Every source used, each with a key.")
    assured_date: dt.date = Field(description="HSDS: when the content was last checked against its sources.")
    assured_by: AssuredBy = Field(description="How it was checked; 'stored-copy' is the weakest.")

    @model_validator(mode="after")
    def _keys_exist(self) -> Self:
        keys = [source.key for source in self.sources]
        double = sorted({key for key in keys if keys.count(key) > 1})
        if double:
            raise ValueError(f"sources: the key {', '.join(double)} is used twice; give each source its own key")
        missing = sorted({key for key in _source_keys_in(self) if key not in keys})
        if missing:
            raise ValueError(f"sources: no source has the key {', '.join(missing)}; add it or correct the key")
        fields = set(type(self).model_fields)
        for source in self.sources:
            wrong = sorted(f for f in source.supports if f.split(".")[0] not in fields)
            if wrong:
                raise ValueError(f"sources: {source.key} supports {', '.join(wrong)}, which is no field of this file")
        return self


class Service(Entry):
    """A service a person can be shown the way to."""

    name: Text = Field(description="The name people should see.")
    alternate_name: tuple[Sentence, ...] = Field((), description="Other names and abbreviations in use.")
    former_name: tuple[Sentence, ...] = Field((), description="Names it had before; search finds these too.")
    organization: Organization = Field(description="Who runs it.")
    kind: ServiceKind = Field(description="What sort of help it is; the first three hits are not all of one kind.")
    status: Literal["active", "inactive", "defunct", "temporarily closed", "draft"] = Field(
        description="HSDS status; a draft is never shown."
    )
    alert: Text | None = Field(None, description="HSDS alert: something that is special right now.")
    description: Text = Field(description="What it is and what it helps with, one to three sentences.")
    what_happens: Text = Field(description="What happens when you make contact, step by step, in plain words.")
    audience: tuple[Audience, ...] = Field(min_length=1, description="Who may contact it.")
    situations: tuple[Situation, ...] = Field(min_length=1, description="What it helps with, from the list.")
    minimum_age: int | None = Field(None, ge=0, le=120, description="HSDS minimum_age in years.")
    maximum_age: int | None = Field(None, ge=0, le=120, description="HSDS maximum_age in years.")
    eligibility_description: Text | None = Field(None, description="Who may use it, when that needs words.")
    reach: Reach = Field(description="Where it is found.")
    service_areas: Text | None = Field(None, description="How to find the one near you, in words.")
    from_abroad: Known = Field("unknown", description="Helps a person who is outside Norway.")
    contacts: tuple[Contact, ...] = Field(min_length=1, description="Ways to reach it, the best first.")
    languages: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")], ...] = Field(
        (), description="Languages a source names, ISO 639 codes; empty: not known."
    )
    interpreter: Known = Field("unknown", description="An interpreter is offered.")
    languages_note: Text | None = Field(None, description="What is known of languages, in words.")
    anonymous: Known = Field("unknown", description="You may be anonymous.")
    confidentiality: Text | None = Field(None, description="Duty of confidentiality and where it ends.")
    free: Known = Field("unknown", description="Free of charge.")
    fees_description: Text | None = Field(None, description="What it costs, in words.")
    self_referral: Known = Field("unknown", description="The person may make contact without being referred.")
    professional_referral: Text | None = Field(None, description="How a professional refers or asks, and what to have ready.")
    not_offered: tuple[Text, ...] = Field((), description="What they do not do or cannot promise.")
    figures: tuple[Figure, ...] = Field((), description="Published figures with date.")
    law: tuple[Law, ...] = Field((), description="Rules of law the service stands on.")
    related: tuple[Id, ...] = Field((), description="Ids of services that are natural next steps.")
    topics: tuple[Id, ...] = Field((), description="Ids of topics that explain more.")
    coordinates: tuple[Id, ...] = Field((), description="Ids of services this one coordinates or gives access to.")

    @model_validator(mode="after")
    def _ages_in_order(self) -> Self:
        if self.minimum_age is not None and self.maximum_age is not None and self.minimum_age > self.maximum_age:
            raise ValueError("minimum_age: is higher than maximum_age; swap them")
        return self


class Topic(Entry):
    """An information article, for a 14-year-old."""

    title: Text = Field(description="Title.")
    summary: tuple[Text, ...] = Field(min_length=1, description="The article in short sentences, the most important first.")
    law: tuple[Law, ...] = Field((), description="Rules of law with section and source.")
    what_you_can_do: tuple[Text, ...] = Field((), description="Small steps, each free to choose.")
    for_professionals: tuple[Text, ...] = Field((), description="What a professional must or can do.")
    limits: tuple[Text, ...] = Field((), description="What cannot be promised.")
    figures: tuple[Figure, ...] = Field((), description="Published figures with date.")
    services: tuple[Id, ...] = Field((), description="Ids of services that help with this, the best first.")
    situations: tuple[Situation, ...] = Field((), description="What it is about, from the list.")
    withheld: tuple[Sentence, ...] = Field(
        (), description="Common advice without a source; kept for a professional to approve, never shown."
    )


class Later(Closed):
    """Something known after the report, with its own source."""

    as_of: Sentence = Field(description="When it was said.")
    what: Text = Field(description="What is known.")
    source: Sentence = Field(description="Key of the source.")


class Measure(Entry):
    """A measure of an action plan."""

    plan: Literal["2021-2024", "2025-2028"] = Field(description="Which plan it belongs to.")
    number: Sentence = Field(description="Number in the plan, e.g. 7 or 9a.")
    title: Text = Field(description="Title as the plan gives it (bokmål), translated where written.")
    area: Text = Field(description="Name of the priority area.")
    area_number: int = Field(ge=1, le=9, description="Number of the priority area.")
    responsible: tuple[Ministry, ...] = Field(description="Responsible ministry or ministries.")
    cooperating: tuple[Ministry, ...] = Field((), description="Ministries that take part.")
    status: Literal["ongoing", "completed", "unknown"] = Field(description="As reported at status_date.")
    status_date: dt.date | None = Field(None, description="The date the status holds for.")
    status_note: Text | None = Field(None, description="What must be known to read the status right.")
    summary: Text = Field(description="What the measure is.")
    reported: Text | None = Field(None, description="What was reported done.")
    figures: tuple[Figure, ...] = Field((), description="Figures reported, with date.")
    later: tuple[Later, ...] = Field((), description="What is known later, each with date and source.")
    services: tuple[Id, ...] = Field((), description="Ids of services it concerns.")
    topics: tuple[Id, ...] = Field((), description="Ids of topics it concerns.")
    directorates: tuple[Sentence, ...] = Field((), description="Directorates named in it.")


def _source_keys_in(entry: Entry) -> list[str]:
    """Every source key that the facts of an entry point to."""
    keys: list[str] = []
    for contact in getattr(entry, "contacts", ()):
        keys += [*contact.sources, *(claim.source for claim in contact.hours)]
    keys += [figure.source for figure in getattr(entry, "figures", ())]
    keys += [later.source for later in getattr(entry, "later", ())]
    return keys
