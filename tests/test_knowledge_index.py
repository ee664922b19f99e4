"""The search as a whole: a text in; services, topics, measures, urgency and scope out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.index import LEARNED, Index, SearchResult
from knowledge.profile import Profile
from knowledge.reasons import GENERAL_HELPERS
from knowledge.thresholds import Thresholds


def ids(result: SearchResult) -> list[str]:
    """The services in order."""
    return [hit.id for hit in result.services]


@pytest.fixture(scope="module")
def everything_in(letters_index: Index) -> Index:
    """The small index with a gate that lets everything in and a classifier that never alarms."""
    return replace(letters_index, thresholds=Thresholds(acute=0.999, high=0.999, scope=0.0))


# --- the small index: what does not depend on how good the search is ---


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.text(min_size=1, max_size=200), limit=st.integers(1, 10))
def test_any_text_gets_a_whole_answer(letters_index: Index, text: str, limit: int) -> None:
    """Whatever is typed, the answer has its shape: no service twice, none unknown, scores between 0 and 1."""
    result = letters_index.search(text, limit=limit)
    assert len(ids(result)) == len(set(ids(result))) <= limit
    assert set(ids(result)) <= set(letters_index.library.shown_services())
    assert all(0 <= hit.score <= 1 for hit in (*result.services, *result.topics, *result.measures))
    assert result.scope in ("in", "near", "out")
    assert result.kind in ("service", "topic", "measure")
    assert sum(result.base.values()) == pytest.approx(1.0)


def test_out_of_scope_shows_no_services_and_near_shows_general_helpers(letters_index: Index) -> None:
    """Who asks for a recipe is not shown a help line; who is sad is shown somebody to talk to."""
    base = letters_index.search("krisesenter").base
    nobody = letters_index.search("krisesenter").urgency
    assert letters_index.rank(base, Profile(), nobody, "out") == []
    helpers = letters_index.rank(base, Profile(), nobody, "near")
    assert len(helpers) == 2
    assert {hit.id for hit in helpers} <= set(GENERAL_HELPERS)


def test_danger_is_always_in_scope(letters_index: Index) -> None:
    """A rule that sees danger opens the gate, whatever the classifier believes of the words."""
    shut = replace(letters_index, thresholds=Thresholds(acute=0.999, high=0.999, scope=1.0))
    assert shut.search("fotball").scope != "in"
    result = shut.search("pappa slår mamma akkurat nå")
    assert result.scope == "in"
    assert ids(result)[0] == "politiet-112"
    assert result.urgency.because


def test_naming_a_service_is_always_in_scope(letters_index: Index) -> None:
    """'JURK?' is a question about our field."""
    shut = replace(letters_index, thresholds=Thresholds(acute=0.999, high=0.999, scope=1.0))
    result = shut.search("mangfoldsrådgiver?")
    assert result.scope == "in"
    assert ids(result)[0] == "mangfoldsradgivere"


def test_the_classifier_raises_what_the_rules_did_not_see(letters_index: Index) -> None:
    """With a threshold of nothing every text is urgent, and it says that a model thought so."""
    alarmed = replace(letters_index, thresholds=Thresholds(acute=0.0, acute_scope=0.0)).search("hei på deg")
    assert alarmed.urgency.level == "acute"
    assert alarmed.urgency.rules == ("classifier",)
    assert alarmed.urgency.because


def test_what_is_known_wins_over_what_the_text_says(everything_in: Index) -> None:
    """A portal that knows the age sends it; the text fills in the rest."""
    result = everything_in.search("jeg er 15 og bor i Bergen", Profile(age=17))
    assert (result.profile.age, result.profile.municipality) == (17, "4601")


def test_the_language_is_found_or_taken_as_given(everything_in: Index) -> None:
    """The answer is in the language of the question unless another is asked for."""
    assert everything_in.search("eg veit ikkje kva eg skal gjere").language == "nn"
    assert everything_in.search("eg veit ikkje kva eg skal gjere", language="en").language == "en"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tiltak 24", ["tiltak-24"]),
        ("hva er status på tiltak nr. 7?", ["tiltak-7"]),
        ("Tiltak 9", ["tiltak-9a", "tiltak-9b"]),
        ("tiltak 10b", ["tiltak-10b"]),
        ("measure 3", ["tiltak-3"]),
        ("tiltak 3 i den nye planen", ["plan2025-3"]),
        ("tiltak 3 i Sjef i eget liv", ["plan2025-3"]),
        ("tiltak 99", []),
    ],
)
def test_a_measure_is_found_by_its_number(everything_in: Index, text: str, expected: list[str]) -> None:
    """Who works with the plan asks by number; 9 and 10 have two parts, and the new plan has numbers of its own."""
    numbered = [found.id for found in everything_in.search(text).measures if found.score == 1.0]
    assert numbered == expected


def test_topics_and_measures_are_only_those_worth_showing(everything_in: Index) -> None:
    """Below its threshold nothing is shown; the best come first."""
    result = everything_in.search("tvangsekteskap", limit=10)
    scores = [topic.score for topic in result.topics]
    assert scores == sorted(scores, reverse=True)
    assert all(score >= everything_in.thresholds.topic for score in scores)


def test_a_learned_index_can_be_kept_and_made_again(letters_index: Index) -> None:
    """What took time to learn is put on disk; the library and the encoder are not in it."""
    learned = letters_index.learned
    assert set(learned) == {"letters", *LEARNED}
    again = Index.from_learned(letters_index.library, letters_index.encoder, learned)
    one, other = letters_index.search("jeg trenger et sted å bo"), again.search("jeg trenger et sted å bo")
    assert one.base == other.base
    assert one.services == other.services
    with pytest.raises(KeyError):
        Index.from_learned(letters_index.library, letters_index.encoder, {"letters": learned["letters"]})


def test_too_few_phrases_is_an_error_that_says_so(letters_index: Index) -> None:
    """An index of one service would answer everything with it."""
    library = letters_index.library
    lone = replace(library, services={"nav": library.services["nav"]}, phrases={})
    with pytest.raises(ValueError, match="at least two ids"):
        Index.from_library(lone, letters_index.encoder)


# --- the real index: a plain need of each kind, in every written form ---


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("jeg er 14 og pappa slår meg ofte, jeg vil snakke med en voksen om det", "alarmtelefonen-116111"),
        ("faren min truer meg og jeg er redd, jeg vil anmelde ham og få voldsalarm", "politiet-02800"),
        ("kona mi og jeg må bort fra mannen hennes, vi trenger krisesenter", "krisesenter"),
        ("jeg er 22 og har flyktet fra familien, jeg trenger et trygt sted å bo i flere måneder", "bo-og-stottetilbudet"),
        (
            "jeg går på videregående og er redd for at de skal gifte meg bort i sommer, er det noen på skolen",
            "mangfoldsradgivere",
        ),
        ("jeg jobber i kommunen og trenger veiledning i en sak om æresrelatert vold, voksen kvinne", "kompetanseteamet"),
        ("jeg er i Somalia og familien har tatt passet mitt, jeg får ikke reise hjem", "spesialutsendinger"),
        ("hvem betaler flybilletten hjem når man er holdt igjen i utlandet og ikke har penger", "refusjonsordningen"),
        ("jeg ble omskåret som barn og vil ha åpnende operasjon", "kjonnslemlestelse-helsehjelp"),
        ("ble voldtatt i helga, hvor får jeg undersøkelse og sporsikring", "overgrepsmottak"),
        ("jeg vil annullere et tvangsekteskap og trenger gratis advokat", "fri-rettshjelp"),
        ("mister jeg oppholdstillatelsen når jeg har vært for lenge i utlandet", "udi"),
        ("jeg trenger penger til mat og husleie etter at jeg flyttet fra mannen min", "nav"),
        ("jeg er homofil og muslim og kjenner ingen andre som meg", "skeiv-verden"),
        ("jeg har gått ut av en streng menighet og mistet alle vennene mine", "hjelpekilden"),
        ("menigheten vår vil ha kurs om negativ sosial kontroll", "stl"),
        ("eg vil snakke anonymt med nokon om kontroll frå familien", "rode-kors-telefonen"),
        ("I need someone to talk to, I think about dying but I will not do anything now", "mental-helse-116123"),
    ],
)
def test_a_plain_need_of_each_kind_finds_its_help_first(index: Index, text: str, first: str) -> None:
    """One clear need for each kind of service: whoever writes plainly is sent to the right door."""
    result = index.search(text)
    assert result.scope == "in"
    assert ids(result)[0] == first


@pytest.mark.parametrize(
    "text",
    [
        "hva er negativ sosial kontroll?",
        "kva er tvangsekteskap?",
        "what is female genital mutilation",
        "hva betyr taushetsplikt",
        "hvilke rettigheter har jeg når jeg er 16",
    ],
)
def test_a_question_about_a_topic_finds_an_article(index: Index, text: str) -> None:
    """Who wants to know is given something to read."""
    assert index.search(text).topics


@pytest.mark.parametrize(
    "text",
    [
        "oppskrift på pannekaker",
        "hvem vant fotballkampen i går",
        "what is the capital of France",
        "kan du skrive python-kode for meg",
        "korleis blir vêret i morgon",
        "billige flybilletter til Malaga",
    ],
)
def test_what_is_not_our_field_is_declined(index: Index, text: str) -> None:
    """A guide that answers everything is trusted with nothing."""
    result = index.search(text)
    assert not result.in_scope
    assert set(ids(result)) <= set(GENERAL_HELPERS)


@pytest.mark.parametrize(
    "text",
    [
        "jeg er 16 og vil til krisesenter",
        "I'm 15, is there a shelter I can go to tonight?",
        "eg er 17 og treng bu- og støttetilbodet",
    ],
)
def test_a_child_who_asks_for_a_shelter_is_sent_to_child_welfare(index: Index, text: str) -> None:
    """A shelter for adults cannot take in a child alone."""
    assert ids(index.search(text))[0] == "barnevernet"


@pytest.mark.parametrize(
    "text",
    [
        "jeg er i Pakistan og broren min slår meg nå, hjelp",
        "I am in Somalia and they will kill me",
        "eg er i Irak, dei har låst meg inne",
    ],
)
def test_danger_abroad_gets_the_number_that_works_there(index: Index, text: str) -> None:
    """112 in Norway cannot come to Pakistan."""
    result = index.search(text)
    assert result.urgency.level == "acute"
    assert ids(result)[0] == "ud-konsular"


def test_every_service_is_found_by_its_name(index: Index) -> None:
    """Who has heard a name finds the service by it, in every language it has one."""
    missed = []
    for id, service in index.library.shown_services().items():
        for name in filter(None, (service.name.nb, service.name.nn, service.name.en)):
            if id not in ids(index.search(name))[:3]:
                missed.append(f"{name} ({id})")
    assert not missed
