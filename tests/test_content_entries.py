"""Every service, topic and measure, one named case a file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import phonenumbers
import pytest

from knowledge.facts import LANGUAGES, Closed, Text
from knowledge.load import ROOT, read_yaml
from knowledge.mistakes import value_problem
from knowledge.models import Entry, Measure, Service, Topic

MODELS: dict[str, type[Entry]] = {"services": Service, "topics": Topic, "measures": Measure}
FILES = [(kind, path.stem) for kind in MODELS for path in sorted((ROOT / kind).glob("*.yml")) if not path.stem.startswith("_")]
SERVICES = [id for kind, id in FILES if kind == "services"]
TOPICS = [id for kind, id in FILES if kind == "topics"]
MEASURES = [id for kind, id in FILES if kind == "measures"]

#: The fixed ids. A display name may change, an id never does.
SERVICE_IDS = [
    "politiet-112",
    "amk-113",
    "legevakt-116117",
    "politiet-02800",
    "alarmtelefonen-116111",
    "barnevernet",
    "rode-kors-telefonen",
    "vo-linjen-116006",
    "mental-helse-116123",
    "kirkens-sos",
    "ung-no",
    "dinutvei",
    "nora",
    "mangfoldsradgivere",
    "kompetanseteamet",
    "spesialutsendinger",
    "imdi-fagteam",
    "bo-og-stottetilbudet",
    "refusjonsordningen",
    "ud-konsular",
    "sentralmyndigheten-haag",
    "udi",
    "dialoggrupper-asylmottak",
    "trygg-est",
    "hjelpekilden",
    "skeiv-verden",
    "seif",
    "mira-senteret",
    "krisesenter",
    "familievernkontoret",
    "nav",
    "nav-ressurssenter",
    "helsesykepleier",
    "kjonnslemlestelse-helsehjelp",
    "statens-barnehus",
    "overgrepsmottak",
    "fri-rettshjelp",
    "rvts",
    "nkvts",
    "udir-ressurser",
    "stl",
    "nordiske-tjenester",
]
TOPIC_IDS = [
    "tema-negativ-sosial-kontroll",
    "tema-aresrelatert-vold",
    "tema-tvangsekteskap",
    "tema-kjonnslemlestelse",
    "tema-ufrivillig-utenlandsopphold",
    "tema-for-du-reiser",
    "tema-rettigheter",
    "tema-taushetsplikt",
    "tema-avverge-og-meldeplikt",
    "tema-digital-kontroll",
    "tema-okonomisk-kontroll",
    "tema-skeiv",
    "tema-trossamfunn",
    "tema-beskyttelse",
    "tema-oppholdstillatelse",
    "tema-hva-skjer-nar-du-tar-kontakt",
    "tema-handlingsplanen",
]
MEASURE_IDS = [f"tiltak-{number}" for number in range(1, 34) if number not in (9, 10)]
MEASURE_IDS += ["tiltak-9a", "tiltak-9b", "tiltak-10a", "tiltak-10b"]

#: Blame, orders to confront, promises and drama: none of it helps a person in fear.
FORBIDDEN = [
    r"\bburde ha\b", r"\bdu skulle ha\b", r"\bkonfronter", r"\bstakkars", r"\bgaranter", r"\bvi (?:lover|lovar)\b",
    r"\bshould have\b", r"\bconfront", r"\bguarantee", r"\bpoor you\b", r"\bwe promise\b", "!",
]  # fmt: skip
#: A street, a postcode with its town: where a shelter lies is never written.
ADDRESS = re.compile(
    r"\b\w*(?:gata|gaten|gate|veien|vegen|vei|veg|plassen|allé|alléen|smauet)\s+\d"
    r"|\b(?!(?:19|20)\d\d)\d{4}\s+[A-ZÆØÅ][a-zæøå]+\b|\b[Pp]ostboks\b|\bP\.?O\.? ?[Bb]ox\b"
)
NOT_NYNORSK = {
    "ikke", "jeg", "hva", "hvordan", "hvem", "hvor", "noen", "noe", "mye", "uten", "fra", "hjem", "hvis", "hun", "deres",
    "dere", "ble", "være", "gjøre",
}  # fmt: skip
NOT_BOKMAL = {
    "ikkje", "eg", "kva", "korleis", "kven", "kvar", "nokon", "noko", "mykje", "utan", "frå", "dykk", "vere", "gjere", "ho",
    "dei", "ein", "eit", "òg",
}  # fmt: skip
NOT_ENGLISH = (NOT_NYNORSK | NOT_BOKMAL) - {"her", "ho", "fra", "ein"}
#: Real numbers that the phone library does not know: the European line for victims, and emergency texts from foreign SIMs.
REAL_ALL_THE_SAME = {"116006", "+4759555112", "+4759555113"}

#: Addresses whose sources give nothing better.
ONLY_UNENCRYPTED = {"http://red-safehouse.dk"}


@cache
def entry(kind: str, id: str) -> Any:
    """The entry of one file; raises with the reason when the file is wrong."""
    return MODELS[kind].model_validate({**read_yaml(ROOT / kind / f"{id}.yml"), "id": id})


def texts_of(part: Any, path: str = "") -> Iterator[tuple[str, Text]]:
    """(field, text) for every text for people in an entry."""
    if isinstance(part, Text):
        yield path, part
    elif isinstance(part, Closed):
        for name in type(part).model_fields:
            yield from texts_of(getattr(part, name), f"{path}.{name}" if path else name)
    elif isinstance(part, tuple):
        for number, inner in enumerate(part):
            yield from texts_of(inner, f"{path}.{number}")


def written(kind: str, id: str) -> list[tuple[str, str, str]]:
    """(field, language, sentence) for everything people may read in an entry."""
    return [
        (path, language, getattr(text, language))
        for path, text in texts_of(entry(kind, id))
        for language in LANGUAGES
        if getattr(text, language)
    ]


def words_of(text: str) -> set[str]:
    """The words, without what stands in quotes or brackets."""
    plain = re.sub(r"«[^»]*»|“[^”]*”|\([^)]*\)", "", text.lower())
    return set(re.findall(r"[a-zæøåòé]+", plain))


def ids(cases: list[tuple[str, str]]) -> list[str]:
    """kind/file as the case's name."""
    return [f"{kind}/{id}" for kind, id in cases]


every_file = pytest.mark.parametrize(("kind", "id"), FILES, ids=ids(FILES))
every_service = pytest.mark.parametrize("id", SERVICES)


@every_file
def test_the_file_is_right(kind: str, id: str) -> None:
    """The file follows the model: every key known, every fact with its source."""
    assert entry(kind, id).id == id


@pytest.mark.parametrize(("kind", "expected"), [("services", SERVICE_IDS), ("topics", TOPIC_IDS), ("measures", MEASURE_IDS)])
def test_every_fixed_id_has_its_file(kind: str, expected: list[str]) -> None:
    """42 services, 17 topics and 35 parts of measures: an address once given leads somewhere for ever."""
    there = {path.stem for path in (ROOT / kind).glob("*.yml")}
    assert sorted(set(expected) - there) == []
    assert len(set(expected)) == {"services": 42, "topics": 17, "measures": 35}[kind]


def test_other_measures_belong_to_the_newer_plan() -> None:
    """What is not of the plan 2021–2024 is of 2025–2028, and its id says so."""
    for id in MEASURES:
        assert (entry("measures", id).plan == "2025-2028") is (id not in MEASURE_IDS)
        assert id in MEASURE_IDS or id.startswith("plan2025-")


@every_file
def test_every_text_is_in_three_languages(kind: str, id: str) -> None:
    """Nobody meets half an answer in another language than their own."""
    texts = list(texts_of(entry(kind, id)))
    lacking = [(path, language) for path, text in texts for language in LANGUAGES if not getattr(text, language)]
    assert texts
    assert not lacking


@every_file
def test_each_language_is_itself(kind: str, id: str) -> None:
    """Bokmål has no nynorsk words, nynorsk no bokmål words, and English neither."""
    foreign = {"nb": NOT_BOKMAL, "nn": NOT_NYNORSK, "en": NOT_ENGLISH}
    mixed = [(path, language, words_of(text) & foreign[language]) for path, language, text in written(kind, id)]
    assert [row for row in mixed if row[2]] == []


@every_file
def test_no_blame_no_orders_no_promises(kind: str, id: str) -> None:
    """Never 'you should have', never 'confront them', never a promise nobody can keep, and no shouting."""
    found = [(path, text) for path, _, text in written(kind, id) for word in FORBIDDEN if re.search(word, text, re.IGNORECASE)]
    assert not found


@every_file
def test_texts_are_finished(kind: str, id: str) -> None:
    """No double spaces, no doubled full stops, no line breaks, no loose commas."""
    wrong = [(p, t) for p, _, t in written(kind, id) if re.search(r"\s{2}|\n|\.\.(?!\.)| [.,;:](?!\w)|,,|^\s|\s$", t)]
    assert not wrong


@every_file
def test_nobody_is_told_where_a_shelter_is(kind: str, id: str) -> None:
    """Who asks may be the one who searches for somebody: no street, no postcode, no house."""
    assert not [(path, text) for path, _, text in written(kind, id) if ADDRESS.search(text)]


@every_file
def test_the_entry_was_checked_and_not_in_the_future(kind: str, id: str) -> None:
    """Every entry has a day on which it was last held against its sources."""
    assured = entry(kind, id).assured_date
    assert dt.date(2025, 1, 1) <= assured <= dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)


@every_file
def test_every_source_is_a_public_page(kind: str, id: str) -> None:
    """A source has a title, and an address anyone can open or none."""
    for source in entry(kind, id).sources:
        assert not re.search(r"localhost|127\.0\.0\.1|\.internal\b|file:|example\.(?:org|com)", f"{source.title} {source.url}")


@every_file
def test_what_is_in_conflict_is_kept_with_each_value(kind: str, id: str) -> None:
    """A conflict holds at least two values that differ, each with who says so."""
    for conflict in entry(kind, id).conflicts:
        assert len({claim.value for claim in conflict.values}) >= 2
        named = {field.strip().split(".")[0] for field in conflict.field.split(" (")[0].split(",")}
        assert named <= set(type(entry(kind, id)).model_fields)


@every_service
def test_every_contact_has_a_source_and_can_work(id: str) -> None:
    """No number, address or page without evidence, and none that cannot be right."""
    service = entry("services", id)
    for contact in service.contacts:
        assert contact.sources
        assert value_problem(contact) is None, contact.value


@every_service
def test_no_number_is_shown_that_the_phone_library_refuses(id: str) -> None:
    """A wrong digit leads a frightened person to a stranger."""
    for contact in entry("services", id).contacts:
        if contact.kind in ("phone", "sms"):
            digits = "".join(ch for ch in contact.value if ch.isdigit() or ch == "+")
            number = phonenumbers.parse(digits, "NO")
            known = phonenumbers.is_valid_number(number) or phonenumbers.is_valid_short_number_for_region(number, "NO")
            assert known or digits in REAL_ALL_THE_SAME, contact.value


@every_service
def test_web_contacts_are_encrypted(id: str) -> None:
    """Nobody on the same network reads along."""
    web = {contact.value for contact in entry("services", id).contacts if contact.kind in ("web", "chat")}
    assert not {value for value in web if not value.startswith("https://")} - ONLY_UNENCRYPTED


@every_service
def test_a_visit_names_no_place(id: str) -> None:
    """Where to go is told in words that fit everywhere, or by the place itself on the phone."""
    assert not [c.value for c in entry("services", id).contacts if c.kind == "visit" and re.search(r"\d", c.value)]


@every_service
def test_disputed_hours_are_kept_as_a_conflict(id: str) -> None:
    """When sources give different hours both stay in the file, so that a person can settle it."""
    service = entry("services", id)
    disputed = [c for c in service.contacts if len({claim.value for claim in c.hours}) > 1]
    assert not disputed or any(conflict.field.startswith(("contacts", "hours")) for conflict in service.conflicts)


@every_service
def test_whom_it_is_for_fits_its_ages(id: str) -> None:
    """A service for adults only does not say it is for the young, and the other way about."""
    service = entry("services", id)
    if (service.minimum_age or 0) >= 18:
        assert "youth" not in service.audience
    if service.maximum_age is not None and service.maximum_age < 18:
        assert "youth" in service.audience


@every_service
def test_a_service_says_what_happens(id: str) -> None:
    """Not knowing what happens when you call is what keeps people from calling."""
    service = entry("services", id)
    assert len(service.what_happens.nb.split()) >= 8
    assert len(service.description.nb.split()) >= 5


@pytest.mark.parametrize("id", TOPICS)
def test_a_topic_leads_to_help_and_gives_small_steps(id: str) -> None:
    """An article ends with somebody to talk to and something one may do."""
    topic = entry("topics", id)
    assert topic.services
    assert topic.what_you_can_do
    assert all(re.search(r"[.?»”)]$", text.nb) for text in topic.summary)


@pytest.mark.parametrize("id", TOPICS)
def test_the_law_is_dated(id: str) -> None:
    """A rule of law is shown with the wording's date, and its section has its sign."""
    for law in entry("topics", id).law:
        assert law.section.startswith(("§", "kapittel", "kapitlene", "artikkel", "art.", "artiklene", "hele", "del")), (
            law.section
        )
        assert law.read_as_of <= dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)


@pytest.mark.parametrize("id", MEASURES)
def test_a_measure_says_who_answers_for_it_and_how_it_stands(id: str) -> None:
    """Number, area, ministry and status with its date: what a journalist or a ministry looks up."""
    measure = entry("measures", id)
    assert measure.responsible or any("ansvarlig" in gap for gap in measure.gaps)
    assert id in (f"tiltak-{measure.number}", f"plan2025-{measure.number}")
    if measure.plan == "2021-2024":
        assert measure.status in ("ongoing", "completed")
        assert measure.status_date == dt.date(2023, 12, 31)
        assert measure.reported is not None


def test_the_older_plan_has_its_33_measures() -> None:
    """Counted as the plan counts, 9 and 10 are one each."""
    numbers = {entry("measures", id).number.rstrip("ab") for id in MEASURES if entry("measures", id).plan == "2021-2024"}
    assert numbers == {str(number) for number in range(1, 34)}


@pytest.mark.parametrize(("kind", "model"), MODELS.items(), ids=list(MODELS))
def test_the_template_is_itself_right_and_shows_every_key(kind: str, model: type[Entry]) -> None:
    """Who copies the template starts from something that loads, and sees every key there is."""
    raw = read_yaml(ROOT / kind / "_template.yml")
    model.model_validate({**raw, "id": "a-template"})
    assert set(raw) == set(model.model_fields) - {"id"}


def test_the_service_template_is_a_draft() -> None:
    """A forgotten copy is shown to nobody."""
    assert read_yaml(ROOT / "services" / "_template.yml")["status"] == "draft"
