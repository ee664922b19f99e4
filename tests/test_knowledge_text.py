"""Cleaning, folding and the language of what people write."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.text import clean, find_language, fold, has_words, words

#: Everything a keyboard, a broken phone or an attacker can send, lone surrogates included.
ANYTHING = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=200)


@settings(max_examples=300, deadline=None)
@given(ANYTHING)
def test_cleaning_never_fails_and_leaves_text_that_can_be_sent(text: str) -> None:
    """Whatever arrives can be searched, logged by length and sent on as UTF-8."""
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert cleaned == cleaned.strip()
    assert not any(unicodedata.category(ch) == "Cc" for ch in cleaned)


@settings(max_examples=300, deadline=None)
@given(ANYTHING)
def test_cleaning_and_folding_twice_change_nothing_more(text: str) -> None:
    """A text that came through once is the same in every later step, so that rules and search see the same."""
    assert clean(clean(text)) == clean(text)
    assert fold(fold(text)) == fold(text)


@settings(max_examples=100, deadline=None)
@given(ANYTHING)
def test_every_text_has_a_language(text: str) -> None:
    """There is always a language to answer in."""
    assert find_language(text)
    assert find_language(text, default="nn")


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("hje\u200blp\u200d", "hjelp"),
        ("\u202ehjelp\u202c", "hjelp"),
        ("\u2066hjelp\u2069 \ufeffmeg", "hjelp meg"),
        ("tvangs\u00adekteskap", "tvangsekteskap"),
        ("a\u0000b\u0007c", "abc"),
        ("  mange \n\t mellomrom  ", "mange mellomrom"),
        ("å", "å"),
        ("\ud800hei", "?hei"),
        ("🙂 hei", "🙂 hei"),
        ("sla\u200b\u030ar", "slår"),
        ("hje\U000e0041lp", "hjelp"),
    ],
)
def test_hidden_characters_go_and_what_is_seen_stays(text: str, cleaned: str) -> None:
    """Zero-width, direction and control characters cannot hide a word from the danger rules."""
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("HJEEEELP", "hjeelp"),
        ("HjElP!!!!", "hjelp!!"),
        ("Æ Ø Å", "æ ø å"),
        ("ｈｅｌｐ", "help"),
        ("nåååååå", "nåå"),
        ("buss", "buss"),
    ],
)
def test_folding_keeps_norwegian_letters_and_shortens_shouting(text: str, folded: str) -> None:
    """å, ø and æ are letters, not a and o with dots; 'hjeeeelp' is 'hjelp' said loudly."""
    assert fold(text) == folded


def test_words_keep_compounds_together() -> None:
    """'VO-linjen' and 'don't' are one word each."""
    assert words("Ring VO-linjen, don't wait!") == ["ring", "vo-linjen", "don't", "wait"]


@pytest.mark.parametrize(
    ("text", "expected"), [("hei", True), ("16", True), ("سلام", True), ("🙂🙂", False), ("?!…", False), ("", False)]
)
def test_emoji_and_signs_alone_are_no_words(text: str, expected: bool) -> None:
    """There is nothing to search for in '???'."""
    assert has_words(text) is expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("jeg vet ikke hva jeg skal gjøre", "nb"),
        ("eg veit ikkje kva eg skal gjere", "nn"),
        ("I don't know what to do", "en"),
        ("æ veit itj ka æ ska gjør", "nb"),
        ("Familien min vil at jeg skal gifte meg", "nb"),
        ("Foreldra mine nektar meg å gå ut, kva kan eg gjere?", "nn"),
        ("my family wants me to marry my cousin", "en"),
        ("أحتاج مساعدة", "ar"),
        ("", "nb"),
        ("16", "nb"),
    ],
)
def test_the_language_is_found_from_little_words(text: str, language: str) -> None:
    """The guide answers in the language it is spoken to in; dialect is Norwegian."""
    assert find_language(text) == language


@pytest.mark.parametrize("default", ["nb", "nn", "en"])
def test_when_nothing_tells_the_language_stays_as_it_was(default: str) -> None:
    """'ok' or a number does not switch the conversation to another language."""
    assert find_language("16", default) == default
