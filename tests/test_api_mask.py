"""Direct identifiers are masked; the guide's own numbers, places and ordinary words are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.mask import Masker, is_account_number, is_birth_number
from knowledge.library import Library


@pytest.fixture(scope="module")
def masker(library: Library) -> Masker:
    return Masker(library)


@pytest.mark.parametrize(
    ("written", "masked"),
    [
        ("fnr 01010750160 ok", "fnr [fødselsnummer] ok"),
        ("fnr 010107 50160", "fnr [fødselsnummer]"),
        ("konto 8601 11 17947", "konto [kontonummer]"),
        ("konto 8601.11.17947.", "konto [kontonummer]."),
        ("konto 86011117947", "konto [kontonummer]"),
        ("feil skrevet 01010750161", "feil skrevet [nummer]"),
        ("IBAN NO93 8601 1117 947", "IBAN [kontonummer]"),
        ("ring 412 34 567", "ring [telefonnummer]"),
        ("ring 41 23 45 67!", "ring [telefonnummer]!"),
        ("ring +47 41234567", "ring [telefonnummer]"),
        ("ring 0047 412 34 567", "ring [telefonnummer]"),
        ("(+92) 300 1234567", "([telefonnummer]"),
        ("ring +92 300 1234567 nå", "ring [telefonnummer] nå"),
        ("skriv til kari.nordmann@example.no.", "skriv til [e-post]."),
        ("skriv til kari(at)example.no", "skriv til [e-post]"),
        ("jeg bor i Storgata 5, Tromsø", "jeg bor i [adresse], Tromsø"),
        ("Karl Johans gate 22 i Oslo", "[adresse] i Oslo"),
        ("bor i skogveien 12b", "bor i [adresse]"),
        ("I live at 12 Baker Street", "I live at [adresse]"),
    ],
)
def test_what_identifies_a_person_is_masked(masker: Masker, written: str, masked: str) -> None:
    """Numbers, addresses and accounts of people become neutral words."""
    assert masker.mask(written) == masked


@pytest.mark.parametrize(
    "written",
    [
        "jeg er 15 år og bor i 0155 Oslo", "ring 112, 113 eller 116 111", "hva er 02800?", "116 006 og 116117",
        "handlingsplanen 2021-2024", "i 2021 2024 var det slik", "tiltak 9a og tiltak 24", "den 12.03.2025 klokka 15.30",
        "hun gikk på veien 5 ganger", "vi var 3 i lia", "skoleveien 2 timer hver dag", "paragraf 253 i straffeloven",
        "jeg har 20 000 kroner", "UD: +47 23 95 00 00",
    ],
)  # fmt: skip
def test_what_the_search_needs_stays(masker: Masker, written: str) -> None:
    """Ages, places, years, measures and the guide's own numbers stay as they are."""
    assert masker.mask(written) == written


def test_every_number_of_the_guide_stays(masker: Masker, library: Library) -> None:
    """Somebody may write 'I called 23 95 00 00 and nobody answered'."""
    for service in library.services.values():
        for contact in service.contacts:
            if contact.kind in ("phone", "sms", "email"):
                assert masker.mask(f"jeg prøvde {contact.value} i går") == f"jeg prøvde {contact.value} i går"


@pytest.mark.parametrize("digits", ["01010750160", "41010750160"])
def test_a_birth_number_has_two_check_digits(digits: str) -> None:
    """A number with a wrong digit is none."""
    assert is_birth_number("01010750160")
    assert not is_birth_number("01010750161")
    assert not is_birth_number("0101075016")
    assert not is_birth_number("99010750160")


def test_an_account_number_has_a_check_digit() -> None:
    """Modulus 11."""
    assert is_account_number("86011117947")
    assert not is_account_number("86011117948")


@given(st.text(max_size=300))
def test_any_text_can_be_masked(text: str) -> None:
    """Masking never fails and never makes a text of words empty."""
    masked = _EMPTY.mask(text)
    assert isinstance(masked, str)
    assert bool(masked.strip()) == bool(text.strip())


@given(st.integers(20000000, 99999999))
def test_any_eight_digit_number_of_a_person_is_masked(number: int) -> None:
    """Whatever number it is, unless it is the guide's own."""
    assert str(number) not in _EMPTY.mask(f"ring {number} da") or str(number) in _EMPTY._own_numbers


def _empty() -> Masker:
    from knowledge.load import load_library

    return Masker(load_library())


_EMPTY = _empty()
