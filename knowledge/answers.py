"""Short answers to what people ask about an entry, written by hand, each on its sources.

A file knowledge/answers/<id>.yml belongs to the service, topic or measure of that id. `answering.py` finds them.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, Self

from pydantic import Field, model_validator

from knowledge.facts import AssuredBy, Closed, Id, Sentence, Source, SourceKey, Text
from knowledge.phrases import Phrases


class Answer(Closed):
    """One fact, as an answer."""

    id: Id = Field(description="Short English name, unique in the file, e.g. how-long.")
    asks: Phrases = Field(description="How people ask for it, whole and as a follow-up ('how long does it last?').")
    says: Text = Field(description="The answer: one to three short sentences that stand on the sources.")
    sources: tuple[SourceKey, ...] = Field((), description="Keys of sources in this file or in the entry's own file.")
    law: tuple[Sentence, ...] = Field(
        (), description="Rules it stands on, as name and section of a law in any entry, e.g. 'straffeloven § 253'."
    )
    audience: Literal["anyone", "professional", "not-professional"] = Field(
        "anyone", description="Who gets this answer; another wording for the others may stand beside it."
    )
    shows: tuple[Id, ...] = Field((), description="Ids of services to show with it, the best first.")
    asks_alone: bool = Field(
        True, description="False when the questions make sense only while this entry is in talk, such as 'and who decides?'."
    )

    @model_validator(mode="after")
    def _stands_on_something(self) -> Self:
        if not self.sources and not self.law:
            raise ValueError(f"{self.id}: an answer stands on a source or a law; name one")
        return self


class Answers(Closed):
    """All answers that belong to one entry."""

    sources: tuple[Source, ...] = Field((), description="Sources that the entry's own file does not have.")
    assured_date: dt.date = Field(description="When the answers were last checked against their sources.")
    assured_by: AssuredBy = Field(description="How they were checked.")
    answers: tuple[Answer, ...] = Field(min_length=1, description="The answers.")

    @model_validator(mode="after")
    def _ids_once(self) -> Self:
        ids = [answer.id for answer in self.answers]
        double = sorted({id for id in ids if ids.count(id) > 1})
        if double:
            raise ValueError(f"answers: the id {', '.join(double)} is used twice; give each answer its own")
        return self
