"""What a text says of the person: role, age, place."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.profile import Profile, ProfileReader, country_names

ROWS = yaml.safe_load((Path(__file__).parent / "sentences" / "profile.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=[row["say"] for row in ROWS])
def test_a_sentence_tells_these_facts_and_no_others(row: dict[str, Any], reader: ProfileReader) -> None:
    """What a person has said once, they are not asked again; what they have not said, is not made up."""
    read = reader.read(row["say"])
    expected = {key: value for key, value in row.items() if key != "say"}
    assert {key: getattr(read, key) for key in expected} == expected


def test_the_table_is_long_and_every_fact_is_in_it() -> None:
    """At least 80 sentences, in every written form, hold the patterns of signs.yml."""
    assert len(ROWS) >= 80
    assert len({row["say"] for row in ROWS}) == len(ROWS)
    told = {key for row in ROWS for key in row} - {"say"}
    assert told == {"role", "profession", "age", "is_minor", "in_norway", "abroad", "country", "municipality"}


@pytest.mark.parametrize("text", ["hva er taushetsplikt?", "jeg vil snakke med noen", "kan dere hjelpe meg", "hello", "🙂"])
def test_a_text_without_facts_gives_an_empty_profile(text: str, reader: ProfileReader) -> None:
    """Nothing is guessed about who asks."""
    assert reader.read(text) == Profile()


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        ("Bergen", "municipality", {"municipality": "4601", "in_norway": True}),
        ("Oslo", "in_norway", {"in_norway": True}),
        ("Pakistan", "in_norway", {"in_norway": False, "country": "PK"}),
        ("16", "age", {"age": 16}),
        ("nei, 18", "age", {"age": 18}),
        ("lærer", "role", {"role": "professional"}),
    ],
)
def test_a_bare_answer_counts_for_the_question_just_asked(
    text: str, asked: str, expected: dict[str, Any], reader: ProfileReader
) -> None:
    """When the guide asks how old you are, '16' is an age."""
    read = reader.read(text, asked)
    assert {key: getattr(read, key) for key in expected} == expected


@pytest.mark.parametrize(
    "name", ["Kárášjohka", "Karasjok", "KARASJOK", "Guovdageaidnu", "Tråante", "Trondheim", "0301", "Oslo"]
)
def test_a_municipality_is_found_by_any_of_its_names_or_its_number(name: str, reader: ProfileReader) -> None:
    """Sámi names are names, and a portal may send the number."""
    number = reader.municipality_number(name)
    assert number in reader.places.municipalities


@pytest.mark.parametrize("name", ["Hogwarts", "", "9999", None, "Pakistan"])
def test_an_unknown_municipality_is_none(name: str | None, reader: ProfileReader) -> None:
    """A place we do not know is no place; nothing near is guessed."""
    assert reader.municipality_number(name) is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("pk", "PK"),
        ("PK", "PK"),
        ("Pakistan", "PK"),
        ("tyrkia", "TR"),
        ("Turkey", "TR"),
        ("Noreg", "NO"),
        ("Mogadishu", "SO"),
        ("Atlantis", None),
        ("", None),
        (None, None),
        ("zz", None),
    ],
)
def test_a_country_is_found_by_name_city_or_code(name: str | None, code: str | None, reader: ProfileReader) -> None:
    """A person names the city they sit in; a portal sends the code; both are the same country."""
    assert reader.country_code(name) == code


def test_every_written_language_names_its_countries() -> None:
    """Bokmål, nynorsk and English names of a country lead to the same code."""
    names = country_names()
    assert names["sveits"] == names["switzerland"] == "CH"
    assert names["noreg"] == names["norge"] == names["norway"] == "NO"


def test_the_later_word_wins() -> None:
    """Who corrects themselves is believed."""
    first = Profile(role="youth", age=16, in_norway=False, country="PK")
    later = first.updated(Profile(age=17))
    assert (later.age, later.role, later.country) == (17, "youth", "PK")
    assert first.updated(Profile()) == first


def test_coming_home_takes_the_country_away() -> None:
    """Who says they are in Norway now is no longer in Pakistan."""
    assert Profile(in_norway=False, country="PK").updated(Profile(in_norway=True)).country is None


def test_naming_a_norwegian_municipality_places_a_person_in_norway() -> None:
    """'I am in Drammen' is an answer to 'are you in Norway?' too."""
    known = Profile(in_norway=False, country="PK").updated(Profile(municipality="3301"))
    assert known.in_norway is True
    assert not known.abroad


def test_an_age_decides_over_words_about_age() -> None:
    """A number is surer than 'minor'; a new number takes an old word away."""
    assert Profile(age=17, minor=False).is_minor is True
    assert Profile(minor=True).is_minor is True
    assert Profile().is_minor is None
    assert Profile(minor=True).updated(Profile(age=19)).is_minor is False


def test_a_profile_holds_no_text() -> None:
    """A profile may be kept through a conversation because nothing in it was written by the person."""
    assert {f.name for f in fields(Profile)} == {
        "role", "profession", "age", "minor", "in_norway", "country", "municipality"
    }  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_no_text_makes_the_reader_fail(reader: ProfileReader, text: str) -> None:
    """Whatever arrives, there is a profile, and an age in it is a person's age."""
    read = reader.read(text)
    assert read.age is None or 5 <= read.age <= 99
