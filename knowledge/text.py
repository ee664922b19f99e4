"""Cleaning and folding of what people write, and finding its language. Nothing here keeps a text."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

MAX_CHARACTERS = 2000
_HIDDEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
_SPACES = re.compile(r"\s+")
_LONG = re.compile(r"(.)\1{2,}")
_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")


def clean(text: str) -> str:
    """The text without control, zero-width and direction characters, NFC, spaces collapsed.

    Lone surrogates become '?'. Never raises.
    """
    text = text.encode("utf-8", "replace").decode("utf-8")
    return _SPACES.sub(" ", unicodedata.normalize("NFC", _HIDDEN.sub("", text))).strip()


def fold(text: str) -> str:
    """Lower case NFKC with three or more equal letters cut to two ('hjeeelp' → 'hjeelp'); å, ø and æ stay."""
    return _LONG.sub(r"\1\1", clean(unicodedata.normalize("NFKC", clean(text)).lower()))


def words(text: str) -> list[str]:
    """The words of the folded text."""
    return _WORD.findall(fold(text))


def has_words(text: str) -> bool:
    """Does it hold a letter or a digit at all? Emoji and punctuation alone do not."""
    return any(ch.isalnum() for ch in text)


@lru_cache(maxsize=1)
def _languages() -> dict[str, Any]:
    path = Path(__file__).with_name("languages.yml")
    data: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    return {
        "scripts": [(re.compile(f"[{row['range']}]"), row["language"]) for row in data["scripts"]],
        "letters": {language: set(letters) for language, letters in data["letters"].items()},
        "words": {language: set(listed.split()) for language, listed in data["words"].items()},
    }


def find_language(text: str, default: str = "nb") -> str:
    """ISO 639 code of the language of `text`; `default` when nothing in it tells.

    Counts common little words of each language (languages.yml) and the letters only one has. Dialect counts as nb,
    or as nn when its little words are nynorsk's.
    """
    table = _languages()
    for pattern, language in table["scripts"]:
        if len(pattern.findall(text)) * 2 > sum(ch.isalpha() for ch in text):
            return str(language)
    found = words(text)
    scores = {language: float(sum(word in listed for word in found)) for language, listed in table["words"].items()}
    for language, letters in table["letters"].items():
        if any(ch in letters for ch in fold(text)):
            scores[language] = scores.get(language, 0) + 0.5
    best = max(scores.values(), default=0)
    if best <= 0:
        return default
    leaders = [language for language, score in scores.items() if score == best]
    return default if default in leaders else leaders[0]
