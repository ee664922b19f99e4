"""How old and how sure a fact is: counted by the day, the worst first, and never told as current when it is not."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from actions.current import contact_note, entry_note, law_note
from actions.present import contact_json, open_now, service_json, topic_json, urgent_message
from actions.tell import Teller
from actions.turn import Turn
from knowledge.facts import ClaimedValue, Conflict, Contact, HoursClaim, Law, Text
from knowledge.freshness import KINDS, Freshness, all_facts, facts_of, in_conflict, judge, problems_of
from knowledge.hours import OSLO
from knowledge.library import Library
from knowledge.models import Service, Topic
from knowledge.profile import Profile
from knowledge.urgency import Urgency

CHECKED = dt.date(2026, 11, 20)
#: Limits that no test depends on by accident, and a clock that stands still.
FRESH = Freshness(contact_days=180, law_days=365, description_days=730, clock=lambda: CHECKED)
#: A Monday morning, half a year and a day after the check.
LATER = dt.datetime(2027, 5, 24, 10, tzinfo=OSLO)


def days(number: int) -> Freshness:
    """The same limits, so many days after the check."""
    return replace(FRESH, clock=lambda: CHECKED + dt.timedelta(days=number))


@pytest.fixture
def service(library: Library) -> Service:
    """A helpline with hours, checked on a known day."""
    return library.services["rode-kors-telefonen"].model_copy(update={"assured_date": CHECKED, "status": "active"})


@pytest.fixture
def phone(service: Service) -> Contact:
    """Its phone, with hours that hold on LATER."""
    hours = (HoursClaim(value="Mo-Fr 09:00-15:30", source=service.sources[0].key),)
    return service.contacts[0].model_copy(update={"hours": hours, "assured_date": None, "check_first": False})


@pytest.mark.parametrize(("kind", "limit"), list(zip(KINDS, (180, 180, 365, 365, 730, 730), strict=True)))
def test_a_fact_is_current_to_its_last_day_and_not_a_day_longer(kind: str, limit: int) -> None:
    """Contacts and hours 180 days, law and ages 365, everything else 730."""
    assert not days(limit).expired(kind, CHECKED)  # type: ignore[arg-type]
    assert days(limit + 1).expired(kind, CHECKED)  # type: ignore[arg-type]


def test_the_limits_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who checks more often can be stricter."""
    from api.settings import Settings

    monkeypatch.setenv("VEIVISER_CONTACT_DAYS", "30")
    assert Settings().freshness.contact_days == 30
    monkeypatch.setenv("VEIVISER_LAW_DAYS", "0")
    with pytest.raises(ValueError, match="law_days"):
        Settings()


def test_days_pass_without_a_restart(service: Service, phone: Contact) -> None:
    """The same records, asked on two days, are current on one and old on the other."""
    clock = [CHECKED]
    fresh = replace(FRESH, clock=lambda: clock[0])
    assert contact_note(phone, service, "nb", fresh) is None
    clock[0] += dt.timedelta(days=181)
    assert contact_note(phone, service, "nb", fresh) == "Sist kontrollert 20. november 2026. Sjekk først."


def test_every_fact_has_a_day_a_way_and_a_source(library: Library) -> None:
    """Only advice that is never shown may wait for its source."""
    facts = list(all_facts(library))
    assert {fact.kind for fact in facts} == set(KINDS)
    assert all(fact.assured_date and fact.assured_by for fact in facts)
    bare = [fact for fact in facts if not fact.sources and fact.conflict is None]
    assert {fact.kind for fact in bare} == {"advice"}


def test_the_worst_comes_first(library: Library) -> None:
    """An emergency number out of date before any other, then what else is too old, then the doubtful."""
    old = {id: s.model_copy(update={"assured_date": CHECKED}) for id, s in library.services.items()}
    found = problems_of(replace(library, services=old), CHECKED + dt.timedelta(days=200))
    emergency = [one.fact.emergency and "expired" in one.problems for one in found]
    assert emergency[0]
    assert emergency == sorted(emergency, reverse=True)
    others = [one.problems[0] for one in found if not (one.fact.emergency and "expired" in one.problems)]
    assert others.index("conflict") > max(place for place, problem in enumerate(others) if problem == "expired")
    assert found[-1].fact.kind == "advice"


def test_an_old_contact_is_last_known_and_undecided(service: Service, phone: Contact) -> None:
    """Its hours are told as the last known, with the date, and nobody says that it is open."""
    now = contact_json(phone, service, "nb", FRESH, dt.datetime(2026, 11, 23, 10, tzinfo=OSLO))
    assert (now["hours"], now["open"]["now"], now["check_first"], now["check_note"]) == (
        "hverdager kl. 9–15.30", True, False, None,
    )  # fmt: skip
    old = contact_json(phone, service, "nb", FRESH, LATER)
    assert (old["hours"], old["open"]["now"], old["open"]["opens_at"], old["check_first"]) == (
        "sist kjent: hverdager kl. 9–15.30", None, None, True,
    )  # fmt: skip
    assert "20. november 2026" in old["check_note"]
    assert old["assured_date"] == "2026-11-20"


@pytest.mark.parametrize(("language", "words"), [("nb", "Sjekk først"), ("nn", "Sjekk først"), ("en", "Check first")])
def test_it_is_said_in_every_language(service: Service, phone: Contact, language: str, words: str) -> None:
    """Whoever reads it is told to check first."""
    assert words in str(contact_note(phone, service, language, FRESH, LATER))


def test_a_contact_checked_later_than_its_file_is_current_longer(service: Service, phone: Contact) -> None:
    """An editor who called the number sets the day on that number alone."""
    called = phone.model_copy(update={"assured_date": CHECKED + dt.timedelta(days=100)})
    assert contact_note(called, service, "nb", FRESH, LATER) is None
    assert contact_note(phone, service, "nb", FRESH, LATER) is not None


def test_old_hours_open_no_service(service: Service, phone: Contact) -> None:
    """The list of those who are open now holds nobody on old hours."""
    alone = service.model_copy(update={"contacts": (phone,)})
    assert open_now(alone, FRESH, dt.datetime(2026, 11, 23, 10, tzinfo=OSLO)).now is True
    assert open_now(alone, FRESH, LATER).now is None


def test_nobody_in_danger_is_told_to_look_it_up_first(library: Library) -> None:
    """An old emergency number shows its date and is called all the same."""
    old = {**library.services}
    old["politiet-112"] = old["politiet-112"].model_copy(update={"assured_date": CHECKED})
    late = replace(library, services=old, freshness=days(400))
    message = urgent_message(late, Urgency("acute", ()), Profile(in_norway=True), "nb")
    assert message["contacts"][0]["value"] == "112"
    assert message["contacts"][0]["check_note"] == "Nummeret ble sist kontrollert 20. november 2026. Ring likevel."
    assert message["contacts"][0]["check_first"] is True


def test_old_texts_and_laws_say_so(library: Library) -> None:
    """A rule is as old as the wording that was read; a text as its file."""
    law = Law(name="straffeloven", section="§ 253", says=Text(nb="x"), url="https://lovdata.no/", read_as_of=CHECKED)
    assert law_note(law, "nb", days(365)) is None
    assert "20. november 2026" in str(law_note(law, "nb", days(366)))
    topic = library.topics["tema-tvangsekteskap"].model_copy(update={"assured_date": CHECKED, "law": (law,)})
    shown = topic_json(topic, "en", days(731))
    assert shown["check_note"] == "Last checked November 20, 2026. Check first."
    assert shown["law"][0]["check_note"] == shown["check_note"]
    assert entry_note(topic, "en", days(730)) is None


def test_the_bot_says_it_too(library: Library, service: Service, phone: Contact) -> None:
    """Hours, numbers and age limits in a conversation carry the date when they are old."""
    alone = service.model_copy(update={"contacts": (phone,), "minimum_age": 13})
    turn = Turn("", "", 1.0, {}, {"language": "nb"})
    now = Teller(alone, turn, library.places, FRESH)
    late = Teller(alone, turn, library.places, days(400))
    assert "Sjekk først" not in str(now.part("hours")) + str(now.part("contact")) + str(now.sentences("age"))
    for text in (late.part("hours"), late.part("contact"), str(late.sentences("age"))):
        assert "Sist kontrollert 20. november 2026. Sjekk først." in str(text)
    always = phone.model_copy(update={"hours": (HoursClaim(value="24/7", source="x"),)})
    late = Teller(alone.model_copy(update={"contacts": (always,)}), turn, library.places, days(400))
    assert "utter_service_hours_always" not in [name for name, _ in late.sentences("hours")]


def test_a_weak_contact_is_shown_with_a_warning(service: Service, phone: Contact) -> None:
    """A weak source is doubtful from the first day."""
    weak = phone.model_copy(update={"check_first": True})
    assert contact_note(weak, service, "nb", FRESH) == "Opplysningen er gammel. Sjekk den først."


@pytest.mark.parametrize(
    ("first", "second", "differ"),
    [("9–16", "9–15.30", True), ("under 18 år", "Under  18 år", False), ("55 kommuner", "56 kommuner", True)],
)
def test_a_conflict_heals_when_its_sources_say_the_same(first: str, second: str, differ: bool) -> None:
    """Capitals and spaces are no disagreement; a conflict that is over is on no list."""
    values = (ClaimedValue(value=first, source="a"), ClaimedValue(value=second, source="b"))
    conflict = Conflict(field="contacts (telefon)", values=values, shown="x", why="y")
    assert in_conflict(conflict) is differ


def test_hours_in_conflict_show_the_sure_part_and_heal(service: Service, phone: Contact) -> None:
    """Three pages with three sets of hours: what all agree on is shown; once they agree it is plain again."""
    keys = [source.key for source in service.sources]
    values = ("Mo-Fr 09:00-16:00", "Mo-Fr 09:00-15:30", "Mo-Th 08:00-17:00")
    claims = tuple(HoursClaim(value=v, source=k) for v, k in zip(values, keys, strict=False))
    disputed = service.model_copy(update={"contacts": (phone.model_copy(update={"hours": claims}),), "conflicts": ()})
    card = service_json(disputed, "nb", FRESH, dt.datetime(2026, 11, 23, 15, 45, tzinfo=OSLO))
    assert card["contacts"][0]["hours"] == "sikkert åpent mandag–torsdag kl. 9–15.30"
    assert card["contacts"][0]["open"]["now"] is None
    assert [judge(f, FRESH).problems for f in facts_of(disputed) if f.kind == "hours"] == [("conflict",)]
    agreed = tuple(claim.model_copy(update={"value": v}) for claim, v in zip(claims, ("Mo-Fr 09:00-15:30",) * 3, strict=True))
    healed = service.model_copy(update={"contacts": (phone.model_copy(update={"hours": agreed}),), "conflicts": ()})
    assert service_json(healed, "nb", FRESH)["contacts"][0]["hours"] == "hverdager kl. 9–15.30"
    assert [judge(f, FRESH).problems for f in facts_of(healed) if f.kind == "hours"] == [()]


def test_the_same_week_written_in_two_ways_is_no_conflict(phone: Contact) -> None:
    """'Mo-Fr' and 'Mo,Tu,We,Th,Fr' are one thing."""
    from knowledge.hours import sure_hours

    values = ("Mo-Fr 09:00-15:30", "Mo,Tu,We,Th,Fr 09:00-15:30")
    hours = sure_hours([HoursClaim(value=value, source="x") for value in values])
    assert hours is not None
    assert not hours.disputed


def test_a_topic_counts_its_waiting_advice(library: Library) -> None:
    """Advice without a source is listed for the one who can find it, and is nowhere else."""
    topic: Topic = library.topics["tema-negativ-sosial-kontroll"].model_copy(update={"withheld": ("Råd uten kilde.",)})
    [advice] = [fact for fact in facts_of(topic) if fact.kind == "advice"]
    assert judge(advice, FRESH).problems == ("unsourced",)
    assert "Råd uten kilde." not in str(topic_json(topic, "nb", FRESH))


def test_written_answers_grow_old_too(library: Library) -> None:
    """An answer is a fact with a day and sources; a change of it is a change of its entry."""
    from knowledge.compare import compare

    answers = [fact for fact in all_facts(library) if fact.folder == "answers"]
    assert answers or not library.answers
    assert all(fact.sources for fact in answers)
    id = next(iter(library.answers))
    older = library.answers[id].model_copy(update={"assured_date": CHECKED - dt.timedelta(days=1)})
    assert "20. november 2026" not in str(entry_note(older, "nb", days(730)))
    assert entry_note(older, "nb", days(730)) == "Sist kontrollert 19. november 2026. Sjekk først."
    [change] = compare(library, replace(library, answers={**library.answers, id: older}))
    assert str(change.entry).endswith(f"/{id}")
