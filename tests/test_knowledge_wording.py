"""The short sentences the search says, and hours in words."""

from __future__ import annotations

import datetime as dt
import string
from collections.abc import Iterator
from typing import Any

import pytest

from knowledge.facts import LANGUAGES, HoursClaim, Text
from knowledge.hours import OSLO
from knowledge.models import Situation
from knowledge.wording import hours_in_words, load_words, moment_in_words, say


def claims(*values: str) -> list[HoursClaim]:
    """What each of several sources says."""
    return [HoursClaim(value=value, source=f"source-{number}") for number, value in enumerate(values)]


def sentences(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """(place, {language: sentence}) for every sentence of words.yml."""
    if isinstance(node, dict) and "nb" in node:
        yield path, {language: node.get(language) for language in LANGUAGES}
    elif isinstance(node, dict):
        for key, inner in node.items():
            yield from sentences(inner, f"{path}.{key}" if path else key)
    elif isinstance(node, list):
        for number, inner in enumerate(node):
            yield from sentences(inner, f"{path}.{number}")


SENTENCES = dict(sentences(load_words()))


@pytest.mark.parametrize("place", SENTENCES)
def test_every_sentence_is_said_in_three_languages_with_the_same_gaps(place: str) -> None:
    """A sentence with {city} in bokmål has {city} in nynorsk and English too, and none is missing or unfinished."""
    said = SENTENCES[place]
    assert all(said[language] is not None for language in LANGUAGES)
    gaps = {language: {name for _, name, _, _ in string.Formatter().parse(said[language]) if name} for language in LANGUAGES}
    assert gaps["nb"] == gaps["nn"] == gaps["en"]
    for text in said.values():
        assert ".." not in text
        assert "  " not in text
        assert text == text.strip()


def test_there_are_sentences_to_hold() -> None:
    """The test above reads all of words.yml."""
    assert len(SENTENCES) > 50


def test_every_situation_has_words() -> None:
    """A reason may name any situation of the models."""
    assert set(load_words()["situations"]) == set(Situation.__args__)  # type: ignore[attr-defined]


def test_values_are_filled_in_for_each_language() -> None:
    """A value may itself be a text with languages."""
    said = say("why", "near_you", places=Text(nb="Bergen senter", nn="Bergen senter", en="Bergen centre"))
    assert said.in_language("en") == "Near you: Bergen centre."
    assert said.in_language("nn") == "Finst nær deg: Bergen senter."


def test_a_sentence_that_is_not_there_is_an_error() -> None:
    """A misspelt key fails in the tests, not in front of a person."""
    with pytest.raises(KeyError):
        say("why", "no_such_reason")


@pytest.mark.parametrize(
    ("values", "nb", "nn", "en"),
    [
        (["24/7"], "hele døgnet", "heile døgnet", "day and night"),
        (["Mo-Fr 09:00-15:30"], "hverdager kl. 9–15.30", "kvardagar kl. 9–15.30", "weekdays 9:00–15:30"),
        (["Mo-Su 08:00-20:00"], "alle dager kl. 8–20", "alle dagar kl. 8–20", "every day 8:00–20:00"),
        (
            ["Mo-Th 09:00-15:00; Fr 09:00-14:00"],
            "mandag–torsdag kl. 9–15, fredag kl. 9–14",
            "måndag–torsdag kl. 9–15, fredag kl. 9–14",
            "Monday–Thursday 9:00–15:00, Friday 9:00–14:00",
        ),
        (
            ["Mo,We,Fr 10:00-12:00"],
            "mandag, onsdag, fredag kl. 10–12",
            "måndag, onsdag, fredag kl. 10–12",
            "Monday, Wednesday, Friday 10:00–12:00",
        ),
        (
            ["Mo-Fr 09:00-11:00,13:00-15:00"],
            "hverdager kl. 9–11, 13–15",
            "kvardagar kl. 9–11, 13–15",
            "weekdays 9:00–11:00, 13:00–15:00",
        ),
        (
            ["Mo-Fr 09:00-16:00", "Mo-Fr 09:00-15:30"],
            "sikkert åpent hverdager kl. 9–15.30",
            "sikkert ope kvardagar kl. 9–15.30",
            "sure to be open weekdays 9:00–15:30",
        ),
    ],
)
def test_hours_read_as_people_say_them(values: list[str], nb: str, nn: str, en: str) -> None:
    """'hverdager kl. 9–15.30', not 'Mo-Fr 09:00-15:30'; and where sources differ it says 'sure to be open'."""
    said = claims(*values)
    assert [hours_in_words(said, language) for language in LANGUAGES] == [nb, nn, en]


@pytest.mark.parametrize(
    ("value", "nb"),
    [
        ("Mo-Su 18:30-25:30", "alle dager kl. 18.30–1.30"),
        ("Fr 20:00-26:00", "fredag kl. 20–2"),
        ("Su 20:00-26:00", "søndag kl. 20–2"),
        ("Mo-Fr 00:00-08:00", "hverdager kl. 0–8"),
        ("Mo-Fr 09:00-24:00", "hverdager kl. 9–24"),
    ],
)
def test_hours_past_midnight_are_said_in_one_piece(value: str, nb: str) -> None:
    """A line open from half past six to half past one is one evening, not two bits; a day begins at 0 and ends at 24."""
    assert hours_in_words(claims(value), "nb") == nb


def test_other_languages_read_the_bokmal_hours() -> None:
    """Who writes Somali gets whole bokmål hours, not half a sentence."""
    assert hours_in_words(claims("Mo-Fr 09:00-15:30"), "so") == hours_in_words(claims("Mo-Fr 09:00-15:30"), "nb")


@pytest.mark.parametrize("values", [[], ["Mo 09:00-10:00", "Tu 09:00-10:00"]])
def test_no_sure_hours_are_no_words(values: list[str]) -> None:
    """Nothing agreed on, nothing said."""
    assert hours_in_words(claims(*values), "nb") is None


@pytest.mark.parametrize(
    ("moment", "nb", "en"),
    [
        ((2026, 11, 20, 15, 30), "kl. 15.30", "15:30"),
        ((2026, 11, 23, 9, 0), "mandag kl. 9", "Monday 9:00"),
        ((2026, 11, 21, 0, 0), "kl. 24", "24:00"),
        ((2026, 11, 22, 0, 0), "lørdag kl. 24", "Saturday 24:00"),
    ],
)
def test_a_time_soon_is_said_with_its_day_unless_it_is_today(moment: tuple[int, ...], nb: str, en: str) -> None:
    """'kl. 15.30' today, 'mandag kl. 9' later; midnight is the end of the day before it."""
    at = dt.datetime(*moment, tzinfo=OSLO)  # type: ignore[arg-type,misc]
    now = dt.datetime(2026, 11, 20, 12, tzinfo=OSLO)
    assert (moment_in_words(at, now, "nb"), moment_in_words(at, now, "en")) == (nb, en)
