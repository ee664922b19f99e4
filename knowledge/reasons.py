"""What is known of the person moves the ranking, never hides the only help; each move says why.

Moves are additions to the log of a probability. Rules here, because they are about safety and must be readable:
a minor is not sent to an adults' shelter first, nobody abroad to 112 first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.facts import Text
from knowledge.library import Library
from knowledge.models import Service
from knowledge.profile import Profile
from knowledge.urgency import Urgency
from knowledge.wording import say

#: How far a reason moves a service: e^1.5 ≈ 4.5 times as likely. Measured on own questions (benchmarks/routing.md).
STRONG, CLEAR, SLIGHT = 2.5, 1.5, 0.6
NEVER_FIRST = 6.0
#: A service for people in another place or of another age: nearly never first, still to be found.
ELSEWHERE = 6.0
#: A service made for the young, for someone under 18.
YOUNG = 1.1
#: Ages at lower and upper secondary school, where the advisers work.
SCHOOL_AGES = range(13, 20)
#: For danger now only.
EMERGENCY_NUMBERS = ("politiet-112", "amk-113")
MEDICAL_RULES = {"medical", "pills", "suicide-now"}
#: (profession, service) → how far it moves.
FOR_PROFESSION = {
    ("school", "mangfoldsradgivere"): SLIGHT, ("refugee-service", "imdi-fagteam"): CLEAR, ("nav", "nav-ressurssenter"): SLIGHT,
    ("faith", "stl"): CLEAR, ("reception-centre", "dialoggrupper-asylmottak"): SLIGHT,
    ("child-welfare", "kompetanseteamet"): SLIGHT, ("child-welfare", "mangfoldsradgivere"): -CLEAR,
    ("nav", "mangfoldsradgivere"): -CLEAR, ("police", "mangfoldsradgivere"): -CLEAR,
    ("health", "mangfoldsradgivere"): -CLEAR, ("shelter", "mangfoldsradgivere"): -CLEAR,
    ("kindergarten", "mangfoldsradgivere"): -CLEAR,
    # one's own service is no referral
    ("child-welfare", "barnevernet"): -2 * STRONG, ("school-nurse", "helsesykepleier"): -STRONG, ("nav", "nav"): -STRONG,
    ("shelter", "krisesenter"): -STRONG, ("police", "politiet-02800"): -STRONG,
}  # fmt: skip
#: Open to all, made for adults: someone under 18 has 116 111.
FOR_ADULTS_MOSTLY = {"vo-linjen-116006"}
HOME_ONLY = {"emergency", "shelter", "health", "child-welfare", "authority"}
GENERAL_HELPERS = ("ung-no", "helsesykepleier", "mental-helse-116123", "kirkens-sos", "familievernkontoret")


@dataclass(frozen=True)
class Move:
    """One reason: how far it moves a service, and the sentence for the person (None: not worth saying)."""

    amount: float
    why: Text | None = None


@dataclass(frozen=True)
class Ranked:
    """A service with its probability after all reasons."""

    id: str
    score: float
    why: tuple[Text, ...]


def rank_services(
    base: Mapping[str, float], profile: Profile, urgency: Urgency, library: Library, without: frozenset[str] = frozenset()
) -> list[Ranked]:
    """Services by probability after the reasons, best first. `base` holds probabilities from the words alone.

    `without` are ids not to show (those the person says did not help).
    """
    shown = library.shown_services()
    moved = {
        id: (math.log(max(p, 1e-6)) + sum(m.amount for m in moves), tuple(m.why for m in moves if m.why))
        for id, p in base.items()
        if id in shown and id not in without
        for moves in [[*moves_for(shown[id], profile, library), *_calm(shown[id], urgency)]]
    }
    top = max((value for value, _ in moved.values()), default=0.0)
    total = sum(math.exp(value - top) for value, _ in moved.values()) or 1.0
    ranked = sorted(
        (Ranked(id, math.exp(value - top) / total, why) for id, (value, why) in moved.items()), key=lambda r: -r.score
    )
    ranked = _fit_first(_varied(ranked, shown), profile, shown)
    return _emergency_first(ranked, emergency_contact(base, profile, urgency), urgency, without)


def moves_for(service: Service, profile: Profile, library: Library) -> list[Move]:
    """Every reason that moves `service` for this profile."""
    return [
        *_place(service, profile, library),
        *_age(service, profile),
        *_role(service, profile),
        *_profession(service, profile),
    ]


def emergency_contact(base: Mapping[str, float], profile: Profile, urgency: Urgency) -> str:
    """The emergency contact that works where the person is."""
    if profile.abroad:
        return "ud-konsular"
    if MEDICAL_RULES & set(urgency.rules):
        return "amk-113"
    return "amk-113" if base.get("amk-113", 0) > base.get("politiet-112", 0) else "politiet-112"


def _calm(service: Service, urgency: Urgency) -> list[Move]:
    """Nothing urgent that a rule has seen: the emergency numbers step back. The classifier's `high` is too often wrong."""
    heard = urgency.level == "acute" or any(not rule.startswith("classifier") for rule in urgency.rules)
    return [] if heard else [Move(-STRONG)] if service.id in EMERGENCY_NUMBERS else []


def _place(service: Service, profile: Profile, library: Library) -> list[Move]:
    if not profile.abroad:
        moves = [Move(0, why)] if (why := _near(service, profile, library)) else []
        at_home = profile.in_norway and service.reach in ("abroad", "nordic") and profile.role != "professional"
        return [*moves, Move(-ELSEWHERE)] if at_home else moves
    if profile.country in library.places.abroad.nordic:
        if service.id == "nordiske-tjenester":
            return [Move(STRONG, say("why", "nordic"))]
        return [Move(SLIGHT)] if service.id == "ud-konsular" else []
    if service.id == "spesialutsendinger":
        post = library.places.post_for(profile.country)
        if post is None:
            return [Move(CLEAR if profile.country is None else SLIGHT, say("why", "abroad"))]
        return [Move(STRONG if post[1] == "works" else CLEAR, say("why", "abroad_post", city=post[0].city))]
    if service.id == "ud-konsular":
        return [Move(CLEAR, say("why", "abroad"))]
    if service.kind in HOME_ONLY and service.from_abroad != "yes":
        return [Move(-NEVER_FIRST if service.kind == "emergency" else -CLEAR, say("why", "not_abroad"))]
    return []


def _near(service: Service, profile: Profile, library: Library) -> Text | None:
    near = library.places.offers_near(service.id, profile.municipality)
    return say("why", "near_you", places=", ".join(offer.name for offer in near[:3])) if near else None


def _age(service: Service, profile: Profile) -> list[Move]:
    if profile.is_minor is None or profile.role == "professional":
        return []
    limit = profile.age if profile.age is not None else (17 if profile.is_minor else 18)
    if profile.role == "parent" and service.kind == "shelter":
        return []
    if service.minimum_age is not None and limit < service.minimum_age:
        return [Move(-STRONG, say("why", "too_young", age=str(service.minimum_age)))]
    if service.maximum_age is not None and limit > service.maximum_age:
        amount = -STRONG if profile.role in (None, "youth", "adult") else 0.0
        return [Move(amount, say("why", "too_old", age=str(service.maximum_age)))]
    if profile.is_minor and "youth" not in service.audience and profile.role in (None, "youth"):
        return [Move(-ELSEWHERE)]
    if profile.is_minor and profile.role in (None, "youth") and service.id in FOR_ADULTS_MOSTLY:
        return [Move(-STRONG)]
    if profile.is_minor and service.maximum_age is not None and service.maximum_age <= 20:
        return [Move(YOUNG, say("why", "minor") if profile.role in (None, "youth") else None)]
    if service.reach == "schools" and (profile.age in SCHOOL_AGES if profile.age is not None else profile.is_minor):
        return [Move(YOUNG)]
    if not profile.is_minor and service.minimum_age is not None and service.minimum_age >= 18:
        return [Move(SLIGHT, say("why", "adult"))]
    return []


def _profession(service: Service, profile: Profile) -> list[Move]:
    """Each profession has services made for it; a few need the case to be abroad."""
    amount = FOR_PROFESSION.get((profile.profession or "", service.id), 0.0)
    if profile.profession == "child-welfare" and service.id == "sentralmyndigheten-haag" and profile.abroad:
        amount += STRONG
    return [Move(amount)] if amount else []


def _role(service: Service, profile: Profile) -> list[Move]:
    role = profile.role
    if role is None:
        return []
    if role == "professional":
        if "professional" not in service.audience:
            return [Move(-CLEAR)]
        return [Move(SLIGHT if service.kind in ("team", "competence", "adviser") else 0.0, say("why", "professional"))]
    if service.audience == ("professional",):
        return [Move(-CLEAR)]
    if role in ("friend", "parent") and role in service.audience:
        return [Move(0.0, say("why", "for_other"))]
    return []


def _varied(ranked: list[Ranked], shown: Mapping[str, Service]) -> list[Ranked]:
    """Not three names of the same thing: when the first three are of one kind, the third gives way to a close other."""
    if len(ranked) < 4 or len({shown[r.id].kind for r in ranked[:3]}) > 1:
        return ranked
    kind = shown[ranked[0].id].kind
    other = next((r for r in ranked[3:7] if shown[r.id].kind != kind and r.score >= ranked[2].score / 2), None)
    return [*ranked[:2], other, *(r for r in ranked[2:] if r is not other)] if other else ranked


def _fit_first(ranked: list[Ranked], profile: Profile, shown: Mapping[str, Service]) -> list[Ranked]:
    """However sure the words are: the first is never one that cannot take the person in. It stays in the list, below.

    A child who needs a safe place gets child welfare instead of a shelter, for that is who must give a child one.
    """
    if not ranked or _can_be_first(shown[ranked[0].id], profile):
        return ranked
    fit = [r for r in ranked if _can_be_first(shown[r.id], profile)]
    if shown[ranked[0].id].kind == "shelter":
        fit.sort(key=lambda r: shown[r.id].kind != "child-welfare")
    if not fit:
        return ranked
    return [Ranked(fit[0].id, ranked[0].score, fit[0].why), *(r for r in ranked if r is not fit[0])]


def _can_be_first(service: Service, profile: Profile) -> bool:
    """No adults' shelter for a minor (a parent's child comes with the parent); abroad, only what reaches a person there."""
    too_young = profile.is_minor is True and profile.role != "parent" and (service.minimum_age or 0) >= 18
    if service.kind == "shelter" and too_young:
        return False
    reaches = service.from_abroad == "yes" or service.reach in ("abroad", "nordic") or service.id == "ud-konsular"
    if not profile.abroad or reaches:
        return True
    return profile.role == "professional" and service.kind != "emergency"


def _emergency_first(ranked: list[Ranked], contact: str, urgency: Urgency, without: frozenset[str]) -> list[Ranked]:
    if urgency.level != "acute" or contact in without:
        return ranked
    own = next((r for r in ranked if r.id == contact), Ranked(contact, 0.0, ()))
    first = Ranked(contact, max(own.score, ranked[0].score if ranked else 1.0), (say("why", "acute"), *own.why))
    return [first, *(r for r in ranked if r.id != contact)]
