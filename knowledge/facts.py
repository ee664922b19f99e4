"""The small pieces that services, topics and measures are made of.

Every model is frozen and closed: an unknown key in a file is a mistake, never ignored.
Field names follow Open Referral HSDS 3.0 where it has one.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Language = Literal["nb", "nn", "en"]
LANGUAGES: tuple[Language, ...] = ("nb", "nn", "en")

#: Yes, no, or nobody has found out. Guessing is not a legal value.
Known = Literal["yes", "no", "unknown"]

Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
SourceKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class Closed(BaseModel):
    """A frozen record that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, data: Any) -> Any:
        """A known field left empty in the file counts as not written; an unknown one stays and is refused."""
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if value is not None or key not in cls.model_fields}


class Text(Closed):
    """One text for people, in up to three languages."""

    nb: Sentence = Field(description="Bokmål; always there.")
    nn: Sentence | None = Field(None, description="Nynorsk, written and not machine-made.")
    en: Sentence | None = Field(None, description="English, written and not machine-made.")

    def in_language(self, language: str) -> str:
        """The text in `language`; bokmål when it is not written in that language."""
        return (getattr(self, language, None) if language in LANGUAGES else None) or self.nb


class Source(Closed):
    """Where a fact was read, and when that page was of that wording."""

    key: SourceKey = Field(description="Short name that facts in the same file point to.")
    title: Sentence = Field(description="What the page or document is called, with who published it.")
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] | None = Field(
        None, description="Address; empty when the document has none that we know."
    )
    seen: Sentence = Field(description="What the page itself says of its date, e.g. 2023-12-13 or 'undated copy'.")
    supports: tuple[str, ...] = Field((), description="Names of the fields of this file that the source is the evidence for.")


class HoursClaim(Closed):
    """What one source says of the opening hours."""

    value: Sentence = Field(
        description="OSM opening_hours syntax, e.g. 'Mo-Fr 09:00-15:30' or '24/7'. Norwegian public "
        "holidays: add '; PH off' only when a source says so."
    )
    source: SourceKey = Field(description="Key of the source that says so.")
    seen: str | None = Field(None, description="When that source said so, if it says.")


AssuredBy = Literal["stored-copy", "official-page", "phone-call", "owner"]
ContactKind = Literal["phone", "sms", "chat", "email", "web", "visit"]


class Contact(Closed):
    """One way to reach a service, with the traces it leaves."""

    kind: ContactKind = Field(description="phone, sms, chat, email, web or visit.")
    value: Sentence = Field(
        description="The number with spaces as people write it, the web address, the e-mail address, or "
        "for a visit the kind of place (never a shelter's address)."
    )
    label: Text = Field(description="What the button says.")
    hours: tuple[HoursClaim, ...] = Field(
        (),
        description="What each source says of the hours. When they differ only the time that all agree on "
        "is shown. Empty: not known.",
    )
    note: Text | None = Field(None, description="One short line that a person needs before using it.")
    free: Known = Field("unknown", description="Costs nothing to use.")
    anonymous: Known = Field("unknown", description="You may use it without saying who you are.")
    on_bill: Known = Field("unknown", description="Can be seen on the phone bill or in the call log.")
    needs_bankid: Known = Field("unknown", description="Needs BankID or another electronic ID.")
    parents_told: Known = Field("unknown", description="Parents are told that somebody under 18 made contact this way.")
    from_abroad: Known = Field("unknown", description="Works when used from outside Norway.")
    check_first: bool = Field(False, description="True when the source is old or weak: shown with its date and 'check first'.")
    sources: tuple[SourceKey, ...] = Field(min_length=1, description="Keys of the sources.")
    assured_date: dt.date | None = Field(None, description="When this contact was last checked; empty: as the whole file.")
    assured_by: AssuredBy | None = Field(None, description="How this contact was checked; empty: as the whole file.")


class Figure(Closed):
    """A number somebody published, with the time it holds for."""

    value: Sentence = Field(description="The figure with its unit, as a text.")
    meaning: Text = Field(description="What is counted.")
    as_of: Sentence = Field(description="The time the figure holds for, e.g. 2023 or 2023-12-31.")
    source: SourceKey = Field(description="Key of the source.")


class Law(Closed):
    """A rule of law in plain words."""

    name: Sentence = Field(description="Short name of the act, e.g. straffeloven.")
    section: Sentence = Field(description="Section with its sign, e.g. § 253.")
    says: Text = Field(description="What it says, in words a 14-year-old understands.")
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] = Field(description="Address of the text of the act.")
    read_as_of: dt.date = Field(description="The date of the wording that was read.")
    in_force: Sentence | None = Field(None, description="When it came or comes into force, if that matters.")


class ClaimedValue(Closed):
    """One of several values that sources give for the same fact."""

    value: Sentence = Field(description="What it says.")
    source: Sentence = Field(description="Who says so, with date if there is one.")


class Conflict(Closed):
    """Sources that disagree. Kept for the person who can settle it; not shown as a fact."""

    field: Sentence = Field(description="Which field of this file it is about.")
    values: tuple[ClaimedValue, ...] = Field(min_length=2, description="Each value with its source.")
    shown: Sentence = Field(description="What is shown meanwhile: the sure part only, or nothing.")
    why: Sentence = Field(description="Why that is the sure part.")


Confidence = Literal["high", "medium", "low"]
