"""What is known of the person moves the ranking: by rules about safety that hold whatever the words were."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.facts import Text
from knowledge.library import Library
from knowledge.profile import ROLES, Profile
from knowledge.reasons import Ranked, emergency_contact, rank_services
from knowledge.urgency import Urgency

BECAUSE = (Text(nb="Fordi.", nn="Fordi.", en="Because."),)
CALM = Urgency()
ACUTE = Urgency("acute", ("weapon",), BECAUSE)
OVERDOSE = Urgency("acute", ("pills",), BECAUSE)
SHELTERS = {"krisesenter", "bo-og-stottetilbudet"}
EMERGENCY = {"politiet-112", "amk-113"}

profiles = st.builds(
    Profile,
    role=st.sampled_from([None, *ROLES]),
    age=st.none() | st.integers(8, 80),
    minor=st.sampled_from([None, True, False]),
    in_norway=st.sampled_from([None, True, False]),
    country=st.sampled_from([None, "PK", "SO", "SE", "BR"]),
    municipality=st.sampled_from([None, "0301", "5601"]),
)


def even(library: Library, **sure: float) -> dict[str, float]:
    """A little probability for every service, and more for some (id with _ for -)."""
    base = dict.fromkeys(library.shown_services(), 0.001)
    return base | {id.replace("_", "-"): p for id, p in sure.items()}


def ids(ranked: list[Ranked]) -> list[str]:
    """The ids in order."""
    return [hit.id for hit in ranked]


def reasons(ranked: list[Ranked], id: str) -> str:
    """The bokmål reasons of one service."""
    return " ".join(why.nb for hit in ranked if hit.id == id for why in hit.why)


@pytest.fixture(scope="module")
def bases(library: Library) -> st.SearchStrategy[dict[str, float]]:
    """Any probabilities over the services, most often one that is very sure."""
    all_ids = sorted(library.shown_services())
    some = st.dictionaries(st.sampled_from(all_ids), st.floats(1e-6, 1.0), min_size=len(all_ids) // 2)
    sure = st.sampled_from(all_ids).map(lambda id: {**dict.fromkeys(all_ids, 1e-6), id: 1.0})
    return sure | some.map(lambda base: {**dict.fromkeys(all_ids, 1e-6), **base})


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), profile=profiles)
def test_whatever_the_words_the_rules_of_safety_hold(
    library: Library, bases: st.SearchStrategy[dict[str, float]], data: st.DataObject, profile: Profile
) -> None:
    """No minor is sent to an adults' shelter first, nobody abroad to 112 first, and in danger the right number is first."""
    base = data.draw(bases)
    calm = rank_services(base, profile, CALM, library)
    if profile.is_minor and profile.role != "parent":
        assert calm[0].id not in SHELTERS
    if profile.abroad:
        assert calm[0].id not in EMERGENCY
    acute = rank_services(base, profile, ACUTE, library)
    assert acute[0].id in ({"ud-konsular"} if profile.abroad else EMERGENCY)
    for ranked in (calm, acute):
        assert sorted(ids(ranked)) == sorted(set(ids(ranked)))
        assert all(0 <= hit.score <= 1 for hit in ranked)
        assert set(ids(ranked)) == set(base)


@pytest.mark.parametrize("shelter", sorted(SHELTERS))
def test_a_minor_who_asks_for_a_shelter_is_shown_child_welfare_first(library: Library, shelter: str) -> None:
    """A child is given a safe place by child welfare; the shelter is still there, below."""
    ranked = rank_services(even(library, **{shelter: 0.99}), Profile(age=16), CALM, library)
    assert ids(ranked)[0] == "barnevernet"
    assert shelter in ids(ranked)[:3]


def test_a_parent_with_a_child_is_shown_the_shelter(library: Library) -> None:
    """The age in 'my daughter is 5 and we must get away' is the daughter's; a shelter takes them both."""
    ranked = rank_services(even(library, krisesenter=0.7, barnevernet=0.1), Profile(role="parent", age=5), CALM, library)
    assert ids(ranked)[0] == "krisesenter"


def test_a_friend_is_not_told_that_they_are_under_18(library: Library) -> None:
    """The age is the friend's; 'for you who are under 18' is said only to the one it is true of."""
    base = even(library, alarmtelefonen_116111=0.6)
    assert "under 18" in reasons(rank_services(base, Profile(role="youth", age=15), CALM, library), "alarmtelefonen-116111")
    assert "under 18" not in reasons(
        rank_services(base, Profile(role="friend", age=15), CALM, library), "alarmtelefonen-116111"
    )


def test_an_adult_is_not_sent_to_the_childrens_line_first(library: Library) -> None:
    """The line for children is for people under 18."""
    base = even(library, alarmtelefonen_116111=0.4, vo_linjen_116006=0.3)
    ranked = rank_services(base, Profile(role="adult", age=30), CALM, library)
    assert ids(ranked)[0] == "vo-linjen-116006"
    assert "17 år eller yngre" in reasons(ranked, "alarmtelefonen-116111")


def test_the_same_need_at_15_and_at_30_has_another_first(library: Library) -> None:
    """Age moves the list, and says so."""
    base = even(library, alarmtelefonen_116111=0.4, vo_linjen_116006=0.4)
    assert ids(rank_services(base, Profile(age=15), CALM, library))[0] == "alarmtelefonen-116111"
    assert ids(rank_services(base, Profile(age=30), CALM, library))[0] == "vo-linjen-116006"


def test_a_professional_with_a_case_finds_kompetanseteamet(library: Library) -> None:
    """Who asks in their job is shown those who advise professionals before those who talk with the person."""
    base = even(library, krisesenter=0.2, kompetanseteamet=0.25, rode_kors_telefonen=0.3)
    ranked = rank_services(base, Profile(role="professional"), CALM, library)
    assert ids(ranked)[0] == "kompetanseteamet"
    assert "fagfolk" in reasons(ranked, "kompetanseteamet")


def test_a_young_person_is_not_sent_to_a_service_for_professionals(library: Library) -> None:
    """A service that talks only with professionals is no first answer to anyone else."""
    base = even(library, rvts=0.5, rode_kors_telefonen=0.3)
    assert ids(rank_services(base, Profile(role="youth"), CALM, library))[0] == "rode-kors-telefonen"


def test_a_post_that_covers_the_country_comes_first_and_is_named(library: Library) -> None:
    """From Somalia the embassy in Nairobi is the one; the reason says the city."""
    base = even(library, spesialutsendinger=0.3, kompetanseteamet=0.4)
    ranked = rank_services(base, Profile(in_norway=False, country="SO"), CALM, library)
    assert ids(ranked)[0] == "spesialutsendinger"
    assert "Nairobi" in reasons(ranked, "spesialutsendinger")


def test_where_no_post_covers_the_country_the_foreign_ministry_is_before_it(library: Library) -> None:
    """In Brazil there is no special envoy; the consular service is everywhere."""
    base = even(library, spesialutsendinger=0.3, ud_konsular=0.3)
    ranked = rank_services(base, Profile(in_norway=False, country="BR"), CALM, library)
    assert ids(ranked).index("ud-konsular") < ids(ranked).index("spesialutsendinger")


def test_in_a_nordic_country_its_own_services_are_shown(library: Library) -> None:
    """In Sweden ORIGO is nearer than an embassy."""
    base = even(library, nordiske_tjenester=0.2, spesialutsendinger=0.4)
    ranked = rank_services(base, Profile(in_norway=False, country="SE"), CALM, library)
    assert ids(ranked)[0] == "nordiske-tjenester"


def test_who_is_in_norway_is_not_sent_abroad(library: Library) -> None:
    """The envoys abroad are no first answer to somebody at home who fears something else."""
    base = even(library, spesialutsendinger=0.4, mangfoldsradgivere=0.3)
    ranked = rank_services(base, Profile(role="youth", age=16, in_norway=True), CALM, library)
    assert ids(ranked)[0] == "mangfoldsradgivere"


def test_help_at_home_steps_back_for_someone_abroad_and_says_why(library: Library) -> None:
    """A Norwegian shelter cannot take in somebody in Pakistan; it stays in the list with the reason."""
    base = even(library, krisesenter=0.5, ud_konsular=0.3)
    ranked = rank_services(base, Profile(in_norway=False, country="PK"), CALM, library)
    assert ids(ranked)[0] == "ud-konsular"
    assert "Hjelper mest i Norge" in reasons(ranked, "krisesenter")


def test_a_life_in_danger_by_body_goes_to_113(library: Library) -> None:
    """An overdose is for the ambulance, a knife for the police."""
    assert rank_services(even(library), Profile(), OVERDOSE, library)[0].id == "amk-113"
    assert rank_services(even(library), Profile(), ACUTE, library)[0].id == "politiet-112"


def test_when_only_a_classifier_sees_danger_the_words_choose_police_or_ambulance(library: Library) -> None:
    """Without a rule to say which, the likelier of the two emergency numbers is first."""
    seen = Urgency("acute", ("classifier",), BECAUSE)
    assert emergency_contact({"amk-113": 0.2, "politiet-112": 0.1}, Profile(), seen) == "amk-113"
    assert emergency_contact({"amk-113": 0.1, "politiet-112": 0.2}, Profile(), seen) == "politiet-112"
    assert emergency_contact({}, Profile(), seen) == "politiet-112"
    assert emergency_contact({}, Profile(in_norway=False), seen) == "ud-konsular"


def test_the_emergency_number_says_that_it_can_help_now(library: Library) -> None:
    """The first line of an urgent answer says why it is first."""
    assert "akkurat nå" in reasons(rank_services(even(library), Profile(), ACUTE, library), "politiet-112")


def test_an_emergency_number_that_did_not_help_is_not_forced_on_anyone(library: Library) -> None:
    """Who says '112 did not help' is shown something else."""
    ranked = rank_services(even(library), Profile(), ACUTE, library, frozenset({"politiet-112"}))
    assert "politiet-112" not in ids(ranked)


def test_what_was_tried_is_left_out(library: Library) -> None:
    """'Others than those' means others."""
    base = even(library, krisesenter=0.5, nav=0.3)
    ranked = rank_services(base, Profile(), CALM, library, frozenset({"krisesenter"}))
    assert ids(ranked)[0] == "nav"
    assert "krisesenter" not in ids(ranked)


def test_three_helplines_are_not_the_first_three_when_another_kind_is_close(library: Library) -> None:
    """Three phone numbers in a row are one answer three times; the third gives way to another kind of help."""
    lines = {"rode-kors-telefonen": 0.3, "mental-helse-116123": 0.28, "kirkens-sos": 0.2}
    ranked = rank_services(even(library) | lines | {"nora": 0.15}, Profile(), CALM, library)
    assert ids(ranked)[:4] == ["rode-kors-telefonen", "mental-helse-116123", "nora", "kirkens-sos"]


def test_three_helplines_stay_when_nothing_else_is_close(library: Library) -> None:
    """Variety is no reason to show what does not fit."""
    lines = {"rode-kors-telefonen": 0.3, "mental-helse-116123": 0.28, "kirkens-sos": 0.2}
    ranked = rank_services(even(library) | lines | {"nora": 0.01}, Profile(), CALM, library)
    assert ids(ranked)[:3] == list(lines)


def test_a_known_local_offer_is_named(library: Library) -> None:
    """Who says where they are is told what is near, by name and never by address."""
    offer = next(o for o in library.places.offers.offers if o.municipality)
    ranked = rank_services(even(library, **{offer.service: 0.5}), Profile(municipality=offer.municipality), CALM, library)
    assert offer.name in reasons(ranked, offer.service)


def test_a_draft_is_never_ranked(library: Library) -> None:
    """What is not yet checked by a person is shown to nobody."""
    draft = library.services["nav"].model_copy(update={"status": "draft"})
    changed = replace(library, services={**library.services, "nav": draft})
    assert "nav" not in ids(rank_services(even(library, nav=0.9), Profile(), CALM, changed))


def test_without_candidates_there_is_an_empty_list(library: Library) -> None:
    """No words, no guess."""
    assert rank_services({}, Profile(), CALM, library) == []
    assert ids(rank_services({}, Profile(), ACUTE, library)) == ["politiet-112"]
