"""The acts of talk the app lets through are those of the bot."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from api.payloads import INTENTS, PayloadError, Payloads
from knowledge.library import Library
from knowledge.load import load_library

BOT = Path(__file__).parent.parent / "bot"
_PAYLOADS = Payloads(load_library())


def test_the_two_lists_of_intents_are_one() -> None:
    """A new intent of the bot must be allowed here, or its button would be refused."""
    domain = yaml.safe_load((BOT / "domain" / "domain.yml").read_text(encoding="utf-8"))
    names = {next(iter(intent)) if isinstance(intent, dict) else intent for intent in domain["intents"]}
    assert names - {"nlu_fallback"} == INTENTS


def test_every_button_of_the_bot_is_let_through(library: Library) -> None:
    """Buttons in the bot's responses (where {{ stands for {) are read by the same code that reads a browser's."""
    payloads = Payloads(library)
    for file in sorted((BOT / "domain").glob("*.yml")):
        responses = (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("responses") or {}
        for variants in responses.values():
            for variant in variants:
                for button in variant.get("buttons") or []:
                    assert payloads.read(button["payload"].replace("{{", "{").replace("}}", "}"))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing else happens."""
    try:
        intent, message = _PAYLOADS.read(f"/affirm{text}")
    except PayloadError:
        return
    assert intent == "affirm"
    assert message.startswith("/affirm")


@pytest.mark.parametrize("deep", ['/affirm{"a":' * 1, '/affirm{"age":' + "[" * 5000 + "]" * 5000 + "}"])
def test_deep_json_is_refused(deep: str) -> None:
    """However deep."""
    with pytest.raises(PayloadError):
        _PAYLOADS.read(deep)
