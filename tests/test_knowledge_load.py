"""From YAML files to the library: every mistake at once, as a sentence, and nothing half loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.facts import Contact, Text
from knowledge.hours import hours_problem
from knowledge.library import Library
from knowledge.load import load_library, read_yaml
from knowledge.mistakes import KnowledgeError, Mistake, url_problem, value_problem

COUNTIES = """
as_of: "2024"
source: "x"
attribution: {nb: "x"}
counties:
  - {number: "03", name: "Oslo", municipalities: [{number: "0301", name: "Oslo"}]}
"""
ABROAD = 'as_of: "2024"\nsources: ["x"]\nnote: {nb: "x"}\nposts: []\nnordic: []\naliases: {}\n'
OFFERS = 'note: {nb: "x"}\noffers: []\n'
SERVICE = """
name: {nb: "En linje"}
organization: {name: {nb: "Kommunen"}, kind: municipal}
kind: helpline
status: active
description: {nb: "En telefon."}
what_happens: {nb: "En voksen svarer."}
audience: [youth]
situations: [control]
reach: national
contacts:
  - {kind: phone, value: "22 00 00 00", label: {nb: "Ring"}, sources: [page]}
confidence: high
sources:
  - {key: page, title: "En side", seen: "2025"}
assured_date: 2026-11-20
assured_by: stored-copy
"""
TOPIC = """
title: {nb: "Et tema"}
summary: [{nb: "En setning."}]
confidence: high
sources:
  - {key: page, title: "En side", seen: "2025"}
assured_date: 2026-11-20
assured_by: stored-copy
"""
FILES = {
    "places/counties.yml": COUNTIES,
    "places/abroad.yml": ABROAD,
    "places/offers.yml": OFFERS,
    "services/a-line.yml": SERVICE,
    "services/b-line.yml": SERVICE.replace("En linje", "En annen linje"),
    "phrases/a-line.yml": 'nb: ["jeg trenger hjelp"]\n',
    "signals/calm.yml": 'nb: ["hei"]\n',
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small content that is right."""
    for name, text in FILES.items():
        write(tmp_path, name, text)
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    """Writes one file of content."""
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")


def mistakes_of(root: Path) -> list[Mistake]:
    """The mistakes of a content that is wrong."""
    with pytest.raises(KnowledgeError) as caught:
        load_library(root)
    return caught.value.mistakes


def test_a_right_content_is_loaded(root: Path) -> None:
    """The filename is the id."""
    library = load_library(root)
    assert set(library.services) == {"a-line", "b-line"}
    assert library.services["a-line"].id == "a-line"
    assert list(library.phrases["a-line"].all()) == [("nb", "jeg trenger hjelp")]


def test_all_mistakes_come_at_once_as_sentences(root: Path) -> None:
    """An editor mends everything in one go: each sentence names file, place, value, expectation and remedy."""
    write(root, "services/a-line.yml", SERVICE.replace("helpline", "hotline") + "opening: x\n")
    write(root, "services/b-line.yml", SERVICE.replace('name: {nb: "En linje"}', "").replace("22 00 00 00", "12"))
    write(root, "services/c-line.yml", SERVICE.replace("22 00 00 00", "12") + "related: [no-such]\n")
    found = mistakes_of(root)
    by_place = {(m.file, m.where): m for m in found}
    assert by_place[("services/a-line.yml", "kind")].value == "'hotline'"
    assert by_place[("services/a-line.yml", "opening")].expected == "There is no such key"
    assert by_place[("services/b-line.yml", "name")].expected == "This key is needed"
    assert by_place[("services/c-line.yml", "contacts.0.value")].value == "'12'"
    assert by_place[("services/c-line.yml", "related")].value == "'no-such'"
    for mistake in found:
        assert mistake.remedy
        assert str(mistake).startswith(mistake.file)
        assert str(mistake).endswith(".")
        assert mistake.value in str(mistake)


@pytest.mark.parametrize(
    ("line", "where", "words"),
    [
        ("related: [nobody]", "related", "There is no file services/nobody.yml"),
        ("topics: [tema-x]", "topics", "There is no file topics/tema-x.yml"),
        ("coordinates: [nobody]", "coordinates", "There is no file services/nobody.yml"),
    ],
)
def test_an_id_that_points_nowhere_is_a_mistake(root: Path, line: str, where: str, words: str) -> None:
    """A link in an answer must lead somewhere."""
    write(root, "services/a-line.yml", f"{SERVICE}{line}\n")
    [mistake] = mistakes_of(root)
    assert (mistake.file, mistake.where, mistake.expected) == ("services/a-line.yml", where, words)


def test_phrases_for_nobody_are_a_mistake(root: Path) -> None:
    """A file of phrases with a misspelt name would teach the search nothing."""
    write(root, "phrases/a-lin.yml", 'nb: ["hei"]\n')
    [mistake] = mistakes_of(root)
    assert mistake.file == "phrases/a-lin.yml"
    assert mistake.remedy == "Rename the file"


def test_an_unknown_signal_is_a_mistake(root: Path) -> None:
    """A signal teaches only when the code knows what it means."""
    write(root, "signals/danger.yml", 'nb: ["hei"]\n')
    [mistake] = mistakes_of(root)
    assert mistake.file == "signals/danger.yml"
    assert "acute" in mistake.expected


def test_impossible_hours_are_a_mistake(root: Path) -> None:
    """'mandag 9-15' is no opening_hours; the person must be told how to write it."""
    hours = SERVICE.replace("sources: [page]}", 'sources: [page], hours: [{value: "mandag 9-15", source: page}]}')
    write(root, "services/a-line.yml", hours)
    [mistake] = mistakes_of(root)
    assert mistake.where == "contacts.0.hours"
    assert "Mo-Fr 09:00-15:00" in mistake.remedy


def test_a_key_twice_is_a_mistake_with_its_line(root: Path) -> None:
    """YAML would quietly keep the last one; here both are shown to the editor."""
    text = SERVICE + "status: draft\n"
    write(root, "services/a-line.yml", text)
    [mistake] = mistakes_of(root)
    assert "'status' stands twice" in mistake.expected
    assert f"line {text.splitlines().index('status: draft') + 1}" in mistake.expected


def test_broken_yaml_names_the_line(root: Path) -> None:
    """A forgotten quote is found by its line."""
    write(root, "services/a-line.yml", 'name: {nb: "En linje\nkind: helpline\n')
    [mistake] = mistakes_of(root)
    assert mistake.where.startswith("line ")


def test_a_file_that_is_no_utf8_is_a_mistake(root: Path) -> None:
    """A file saved in an old encoding would show wrong letters."""
    (root / "services" / "a-line.yml").write_bytes("name: {nb: 'Blåbær'}".encode("latin-1"))
    [mistake] = mistakes_of(root)
    assert mistake.file == "services/a-line.yml"


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "bare tekst\n"])
def test_a_file_without_keys_is_a_mistake(root: Path, text: str) -> None:
    """An empty file is a forgotten file."""
    write(root, "services/a-line.yml", text)
    [mistake] = mistakes_of(root)
    assert mistake.remedy == "Start from _template.yml"


def test_an_id_in_the_file_is_a_mistake(root: Path) -> None:
    """The filename is the id; written twice, the two would drift apart."""
    write(root, "services/a-line.yml", f'id: "a-line"\n{SERVICE}')
    [mistake] = mistakes_of(root)
    assert mistake.where == "id"


@pytest.mark.parametrize("name", ["counties", "abroad", "offers"])
def test_a_missing_places_file_is_a_mistake(root: Path, name: str) -> None:
    """Without places nobody is found near anyone; better to stop than to start half."""
    (root / "places" / f"{name}.yml").unlink()
    [mistake] = mistakes_of(root)
    assert mistake.file == f"places/{name}.yml"


def test_a_file_with_mistakes_is_there_all_the_same(root: Path) -> None:
    """Who misspells a key in one file is not told to rename another that points to it."""
    write(root, "services/a-line.yml", f"{SERVICE}opning: x\n")
    write(root, "services/b-line.yml", f"{SERVICE}related: [a-line]\n")
    assert [m.where for m in mistakes_of(root)] == ["opning"]


def test_nothing_is_half_loaded(root: Path) -> None:
    """One mistake in one file, and no library at all: an answer never misses a service without anyone knowing."""
    write(root, "services/b-line.yml", "x: y\n")
    with pytest.raises(KnowledgeError):
        load_library(root)


def test_templates_are_not_entries(root: Path) -> None:
    """A name that begins with _ is for people who write, not for people who ask."""
    write(root, "services/_template.yml", "anything: goes\n")
    assert "_template" not in load_library(root).services


def test_times_and_no_stay_text(tmp_path: Path) -> None:
    """Plain YAML reads 12:00 as 720 and no as false; here both stay what the editor wrote."""
    write(tmp_path, "x.yml", "time: 12:00\nanswer: no\nyes_too: yes\ndate: 2026-11-20\nnumber: 02800\nempty:\n")
    assert read_yaml(tmp_path / "x.yml") == {
        "time": "12:00", "answer": "no", "yes_too": "yes", "date": "2026-11-20", "number": "02800", "empty": None,
    }  # fmt: skip


def test_a_yaml_file_can_make_no_objects(tmp_path: Path) -> None:
    """A content file is data; it cannot run anything."""
    write(tmp_path, "x.yml", "a: !!python/object/apply:os.getcwd []\n")
    assert read_yaml(tmp_path / "x.yml") == {"a": []}


@pytest.mark.parametrize(
    ("kind", "value", "right"),
    [
        ("phone", "22 00 00 00", True),
        ("phone", "112", True),
        ("phone", "02800", True),
        ("phone", "116 111", True),
        ("phone", "+47 23 95 00 00", True),
        ("phone", "12", False),
        ("phone", "ring oss", False),
        ("phone", "123 456 789 012", False),
        ("sms", "1412", True),
        ("web", "https://a.no", True),
        ("web", "www.a.no", False),
        ("chat", "a.no/chat", False),
        ("email", "a@b.no", True),
        ("email", "a b@c.no", False),
        ("email", "a.no", False),
        ("visit", "På skolen", True),
    ],
)
def test_a_contact_that_cannot_work_is_a_mistake(kind: str, value: str, right: bool) -> None:
    """A wrong digit in a number is the worst mistake there is here."""
    contact = Contact.model_validate({"kind": kind, "value": value, "label": Text(nb="x"), "sources": ["page"]})
    assert (value_problem(contact) is None) is right


def test_the_version_follows_the_content(root: Path) -> None:
    """Caches and portals see a change of one letter anywhere, and none when nothing changed."""
    first = load_library(root).version
    assert load_library(root).version == first
    write(root, "phrases/a-line.yml", 'nb: ["jeg trenger hjelp!"]\n')
    second = load_library(root).version
    write(root, "places/counties.yml", COUNTIES.replace("Oslo", "Osloo"))
    assert len({first, second, load_library(root).version}) == 3


def test_drafts_and_closed_services_are_not_shown(root: Path) -> None:
    """A draft is nobody's answer; what is closed for a while is shown with its alert."""
    write(root, "services/a-line.yml", SERVICE.replace("status: active", "status: draft"))
    write(root, "services/b-line.yml", SERVICE.replace("status: active", "status: temporarily closed"))
    write(root, "services/c-line.yml", SERVICE.replace("status: active", "status: defunct"))
    library: Library = load_library(root)
    assert set(library.services) == {"a-line", "b-line", "c-line"}
    assert set(library.shown_services()) == {"b-line"}


def test_every_kind_of_bad_input_is_told_at_once(root: Path) -> None:
    """A broken address, an impossible hour, a wrong number, an unknown field and an id used twice: five sentences, one run."""
    hours = 'hours: [{value: "Mo-Fr 25:00-26:00", source: page}], sources: [page]}'
    bad = SERVICE.replace("sources: [page]}", hours).replace("22 00 00 00", "22 00 00 000")
    write(root, "services/a-line.yml", bad.replace("status: active", "statuss: active"))
    write(root, "services/b-line.yml", SERVICE.replace('title: "En side"', 'title: "En side", url: "https://imdi"'))
    write(root, "services/c-line.yml", SERVICE.replace('title: "En side"', 'title: "En side", url: "www.imdi.no"'))
    write(root, "topics/d-line.yml", TOPIC)
    write(root, "services/d-line.yml", SERVICE)
    found = {(m.file, m.where): m for m in mistakes_of(root)}
    assert "opening_hours" in found["services/a-line.yml", "contacts.0.hours"].expected
    assert found["services/a-line.yml", "contacts.0.value"].value == "'22 00 00 000'"
    assert found["services/a-line.yml", "statuss"].expected == "There is no such key"
    assert "name of a site" in found["services/b-line.yml", "sources (page)"].expected
    assert "https://" in found["services/c-line.yml", "sources.0.url"].expected
    assert found["topics/d-line.yml", ""].expected == "The id d-line is taken by services/d-line.yml"


def test_a_file_with_the_wrong_ending_is_not_passed_over(root: Path) -> None:
    """'.yaml' would be read by nobody, and nobody would know."""
    write(root, "services/c-line.yaml", SERVICE)
    [mistake] = mistakes_of(root)
    assert (mistake.file, mistake.remedy) == ("services/c-line.yaml", "Rename it")


@pytest.mark.parametrize(
    "value", ["Mo-Fr 15:30-09:00", "Mo-Fr 09:00-09:00", "Mo-Fr 09:75-15:00", "Mo-Fr 9-15", "man-fre 09:00-15:00"]
)
def test_hours_that_cannot_be_are_a_mistake(value: str) -> None:
    """Closing before opening, minutes past 59, and a week in another language."""
    assert hours_problem(value)


@pytest.mark.parametrize(
    "value", ["Mo-Su 18:00-01:30", "Th-Fr 18:30-25:30", "24/7", "Mo-Fr 09:00-15:30; PH off", "Mo 22:00-08:00"]
)
def test_hours_through_the_night_are_right(value: str) -> None:
    """A line that closes after midnight is no slip of the pen."""
    assert hours_problem(value) is None


@pytest.mark.parametrize(
    "url",
    ["https://", "https://imdi", "https://imdi .no", "ftp://imdi.no", "https://imdi.no:port/", "https://[x/", "https://.no"],
)
def test_an_address_that_nobody_can_open_is_a_mistake(url: str) -> None:
    """Without a site, with a space, of another kind, with half a port."""
    assert url_problem(url)


@pytest.mark.parametrize(
    "url", ["https://www.imdi.no/nora/", "http://red-safehouse.dk", "https://ærlig.no/§2", "https://a.b-c.no:8443/?x=1#y"]
)
def test_an_address_is_not_opened_to_see_whether_it_is_one(url: str) -> None:
    """Its form is enough here; `veiviser links` opens it."""
    assert url_problem(url) is None


@pytest.mark.parametrize("number", ["22 00 00 000", "00 00 00 00", "+47 12 34 56 78", "+46 1"])
def test_a_number_that_nobody_has_is_a_mistake(number: str) -> None:
    """The right count of digits is not enough."""
    contact = Contact.model_validate({"kind": "phone", "value": number, "label": Text(nb="x"), "sources": ["page"]})
    assert value_problem(contact)
