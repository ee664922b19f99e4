"""Everything that reads what people or editors write takes anything: it answers, or refuses in its own way; it never breaks."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trust.table import checking

from api.finding import Asked
from api.mask import Masker
from api.payloads import PayloadError, Payloads
from knowledge.facts import HoursClaim
from knowledge.hours import hours_problem
from knowledge.library import Library
from knowledge.load import read_yaml
from knowledge.models import Service
from knowledge.profile import ProfileReader
from knowledge.text import clean, find_language, fold, has_words, words
from knowledge.urgency import find_urgency

EXAMPLES = 300
#: Any text, and text that looks like what the parsers look for.
ANY = st.text(max_size=400)
LIKELY = st.lists(
    st.sampled_from([
        "jeg er", "16", "år", "i", "Pakistan", "Oslo", "0301", "pappa", "slår", "nå", "12345678", "+47", "01017012345", "@",
        ".no", "Storgata", "5", "NO93", "8601", "1111", "947", "/", "{", "}", "\u202e", "\u200b", "\x00", "😭", "é", "ß", "İ",
        "ﬁ", "٣", "१", "\ud800", "112", "ikke", "\n", "'", '"', "<b>", "mo-fr", "09:00-15:00", ":", "- ", "&a", "*a",
        "!!python/object:os.system",
    ]),
    max_size=40,
).map(" ".join)  # fmt: skip
TEXTS = st.one_of(ANY, LIKELY)
QUICK = settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
Parser = Callable[[str], Any]


@pytest.fixture(scope="session")
def masker(library: Library) -> Masker:
    """The one of the app."""
    return Masker(library)


def takes_anything(name: str, parser: Parser, *allowed: type[Exception]) -> None:
    """Gives the parser many texts; only its own refusals may come out."""
    with checking("security", f"parsers, odd input: {name}") as check:

        @QUICK
        @given(TEXTS)
        def odd(text: str) -> None:
            with suppress(*allowed):
                parser(text)
            check.trial()

        odd()


def test_cleaning_is_complete_and_done_once(library: Library) -> None:
    """No hidden or control character is left, and cleaning again changes nothing."""

    def parser(text: str) -> None:
        cleaned = clean(text)
        assert clean(cleaned) == cleaned
        assert not any(ord(ch) < 32 or 0x202A <= ord(ch) <= 0x202E for ch in cleaned)
        assert fold(fold(text)) == fold(text)
        words(text), has_words(text), find_language(text)

    takes_anything("text", parser)


def test_profiles_danger_and_places_are_read_from_anything(reader: ProfileReader) -> None:
    """Ages stay within a life, and nothing breaks."""

    def parser(text: str) -> None:
        profile = reader.read(text)
        assert profile.age is None or 0 <= profile.age <= 120
        find_urgency(text)
        reader.municipality_number(text)
        reader.country_code(text)

    takes_anything("profile, places, danger", parser)


def test_masking_takes_anything_and_leaves_no_identifier(masker: Masker) -> None:
    """Whatever stands around it, an address or a number of a person does not come through; masking twice is masking once."""

    def parser(text: str) -> None:
        masked = masker.mask(clean(text))
        assert masker.mask(masked) == masked
        assert "41234567" not in masker.mask(clean(f"{text} ring 41234567 nå"))
        assert "kari@example.org" not in masker.mask(clean(f"{text} skriv til kari@example.org nå"))

    takes_anything("mask", parser)


def test_payloads_are_ours_or_refused(library: Library) -> None:
    """Only acts of talk with closed values come out."""
    payloads = Payloads(library)

    def parser(text: str) -> None:
        for payload in (text, f"/{text}", f"/tell_age{{{text}}}", f'/tell_age{{"age": {json.dumps(text)}}}'):
            try:
                intent, message = payloads.read(payload)
            except PayloadError:
                continue
            assert message.startswith(f"/{intent}")
            assert "\n" not in message

    takes_anything("payloads", parser)


def test_forms_are_read_or_count_as_empty() -> None:
    """A form field holds anything."""

    def parser(text: str) -> None:
        raw = text.encode("utf-8", "surrogatepass")
        Asked.from_form(raw)
        assert len(Asked.from_form(b"tekst=" + raw).text) <= 2000

    takes_anything("forms", parser)


def test_opening_hours_are_read_or_refused() -> None:
    """A wrong expression is a sentence for the editor."""

    def parser(text: str) -> None:
        hours_problem(text)
        hours_problem(f"Mo-Fr {text}")

    takes_anything("opening hours", parser)
    with pytest.raises(ValueError, match=r"."):
        HoursClaim.model_validate({"value": "Mo-Fr 9 til 15"})


def test_yaml_is_text_or_refused(tmp_path: Path) -> None:
    """No tag makes an object, no anchor a bomb; models refuse the rest with a sentence."""
    file = tmp_path / "entry.yml"

    def parser(text: str) -> None:
        for content in (text, f"name: {text}", f'name: "{text}"', f"a: &a [{text}]\nb: [*a, *a]"):
            file.write_bytes(content.encode("utf-8", "surrogatepass"))
            try:
                data = read_yaml(file)
            except (yaml.YAMLError, UnicodeDecodeError):
                continue
            assert data is None or isinstance(data, str | list | dict)
            try:
                Service.model_validate(data)
            except ValueError:
                continue
            raise AssertionError("an entry out of nothing")

    takes_anything("YAML", parser)
