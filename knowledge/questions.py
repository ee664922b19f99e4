"""The one question worth asking: only when its answer would change the first service."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from knowledge.facts import LANGUAGES, Text
from knowledge.library import Library
from knowledge.profile import Profile
from knowledge.reasons import rank_services
from knowledge.urgency import Urgency
from knowledge.wording import load_words

Slot = Literal["age", "in_norway", "role", "municipality"]
ABROAD_SERVICES = ("spesialutsendinger", "ud-konsular", "refusjonsordningen", "nordiske-tjenester")
#: Below this share of the probability the abroad services are no reason to ask where the person is.
ABROAD_SHARE = 0.12


@dataclass(frozen=True)
class Question:
    """A question with its answers: (value for a button, text)."""

    slot: Slot
    question: Text
    options: tuple[tuple[str, Text], ...]


def question_for(
    base: Mapping[str, float], profile: Profile, urgency: Urgency, library: Library, asked: Collection[str] = ()
) -> Question | None:
    """The first question, in order of weight, whose answers lead to different first services; None when none does."""
    if urgency.level == "acute":
        return None
    for slot, answers in _open_questions(base, profile).items():
        if slot in asked:
            continue
        firsts = {hit.id for answer in answers for hit in rank_services(base, answer, urgency, library)[:1]}
        if len(firsts) > 1:
            return load_question(slot)
    return None


def load_question(slot: Slot) -> Question:
    """The question about `slot` from words.yml. Raises KeyError when there is none."""
    row = load_words()["ask"][slot]
    options = tuple((o["value"], Text(**{k: o[k] for k in LANGUAGES})) for o in row["options"])
    return Question(slot, Text(**row["question"]), options)


def _open_questions(base: Mapping[str, float], profile: Profile) -> dict[Slot, tuple[Profile, ...]]:
    """For each slot that is not known, the profiles its answers would give."""
    found: dict[Slot, tuple[Profile, ...]] = {}
    abroad_share = sum(base.get(id, 0.0) for id in ABROAD_SERVICES)
    if profile.in_norway is None and (profile.country or abroad_share >= ABROAD_SHARE):
        found["in_norway"] = (replace(profile, in_norway=True), replace(profile, in_norway=False))
    if profile.is_minor is None and profile.role not in ("professional", "adult"):
        found["age"] = (replace(profile, minor=True), replace(profile, minor=False))
    if profile.role is None and profile.age is None:
        found["role"] = (replace(profile, role="adult"), replace(profile, role="professional"))
    return found
