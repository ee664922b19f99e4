"""What goes in and what comes out: the models behind the OpenAPI document. Closed on the way in, open on the way out."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from knowledge.facts import LANGUAGES
from knowledge.profile import Profile, ProfileReader, Role
from knowledge.text import has_words

LONGEST_TEXT = 2000
_OWN_LANGUAGE = {"no": "nb", "da": "nb", "sv": "nb", "se": "nb", "fkv": "nb", "smj": "nb", "sma": "nb"}

_MARKUP = re.compile(r"""</?[A-Za-z!][^<>]{0,300}>|\b[\w-]+=["'][^\s"']*["']?""")


def without_markup(text: str) -> str:
    """The text without tags and attributes, which nobody says; the same text when there is nothing else in it."""
    rest = _MARKUP.sub(" ", text)
    return rest if has_words(rest) else text


UserText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT), AfterValidator(without_markup)
]
LanguageTag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$", max_length=35)]
CountryTag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$"), AfterValidator(str.upper)]


def answer_language(tag: str) -> str:
    """The language answers are given in for a language tag: one of ours; bokmål for neighbours, English for the rest."""
    primary = tag.split("-")[0].lower()
    return primary if primary in LANGUAGES else _OWN_LANGUAGE.get(primary, "en")


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ProfileIn(_In):
    """What is known of the person; everything may be left out."""

    role: Role | None = Field(None, description="Who asks.")
    age: int | None = Field(None, ge=0, le=120, strict=True, description="Age in years.")
    in_norway: bool | None = Field(None, strict=True, description="Is the person in Norway now?")
    country: CountryTag | None = Field(None, description="ISO 3166 alpha-2 code of the country the person is in.")
    municipality: Annotated[str, StringConstraints(max_length=80)] | None = Field(
        None, description="Name or number of a Norwegian municipality; one that is not recognised counts as not known."
    )

    def as_profile(self, reader: ProfileReader) -> Profile:
        """As the search knows it."""
        country = reader.country_code(self.country)
        in_norway = self.in_norway
        if in_norway is None and country:
            in_norway = country == "NO"
        return Profile(
            role=self.role, age=self.age, in_norway=in_norway, country=None if country == "NO" else country,
            municipality=reader.municipality_number(self.municipality) if in_norway is not False else None,
        )  # fmt: skip


class SearchIn(_In):
    """A search."""

    text: UserText = Field(description="1 to 2 000 characters after trimming.")
    language: LanguageTag | None = Field(None, description="Language of the answer; null finds it from the text.")
    profile: ProfileIn | None = Field(None, description="What is known of the person.")
    limit: int = Field(5, ge=1, le=10, strict=True, description="How many services at most.")


class ChatIn(_In):
    """One turn. Either text or payload."""

    conversation_id: Annotated[str, StringConstraints(max_length=128)] | None = Field(
        None, description="As given by the last turn; null begins a conversation. One we did not make is replaced."
    )
    text: UserText | None = Field(None, description="What the person writes; 1 to 2 000 characters after trimming.")
    payload: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = Field(
        None, description="From a button, exactly as it was given."
    )
    language: LanguageTag | None = Field(None, description="Language of the page; null finds it from the text.")


class _Out(BaseModel):
    model_config = ConfigDict(extra="allow")


class OpenOut(_Out):
    """Open now? null is not known."""

    now: bool | None
    until: str | None
    opens_at: str | None


class SourceOut(_Out):
    """Where it was read."""

    title: str
    url: str | None


class ContactOut(_Out):
    """One way to reach a service."""

    kind: Literal["phone", "sms", "chat", "email", "web", "visit"]
    value: str
    label: str
    hours: str | None = Field(description="The hours all sources agree on, in words; null is not known.")
    open: OpenOut
    note: str | None
    free: bool | None
    anonymous: bool | None
    check_first: bool = Field(description="Too old or too weak to be told as current.")
    check_note: str | None = Field(description="What to say beside it then, with the date; null while it is current.")
    assured_date: str


class ServiceOut(_Out):
    """A service with its probability and why it is shown."""

    id: str
    name: str
    score: float = Field(ge=0, le=1)
    why: list[str]
    description: str
    open: OpenOut
    contacts: list[ContactOut]
    assured_date: str
    check_note: str | None = Field(description="Beside the texts, when nobody has checked them for too long; else null.")
    sources: list[SourceOut]


class FoundOut(_Out):
    """A topic that fits."""

    id: str
    title: str
    score: float = Field(ge=0, le=1)


class FoundMeasureOut(FoundOut):
    """A measure that fits."""

    status: Literal["ongoing", "completed", "unknown"]


class UrgencyOut(_Out):
    """How urgent it is, and what says so."""

    level: Literal["acute", "high", "none"]
    because: list[str]


class AskOut(_Out):
    """The one question worth asking."""

    slot: Literal["age", "in_norway", "role", "municipality"]
    question: str
    options: list[str]


class SearchOut(_Out):
    """The answer of a search."""

    language: str
    urgency: UrgencyOut
    in_scope: bool
    services: list[ServiceOut]
    topics: list[FoundOut]
    measures: list[FoundMeasureOut]
    ask: AskOut | None


class ChoiceOut(_Out):
    """A button."""

    title: str
    payload: str


class MessageOut(_Out):
    """One message; the type says which of the other keys it has."""

    type: Literal["text", "urgent", "services", "topic", "measure", "choices"]
    text: str | None = None
    contacts: list[ContactOut] | None = None
    services: list[ServiceOut] | None = None
    topic: dict[str, Any] | None = None
    measure: dict[str, Any] | None = None
    choices: list[ChoiceOut] | None = None


class ChatOut(_Out):
    """The answer of a turn; never without messages."""

    conversation_id: str
    language: str
    degraded: bool
    messages: list[MessageOut] = Field(min_length=1)
