"""The slips of people who write in a hurry: what training adds to a text so that the encoder shrugs at them."""

from __future__ import annotations

import random

_NORWEGIAN_WITHOUT = str.maketrans({"å": "a", "ø": "o", "Å": "A", "Ø": "O"})
SHARE_SLIP = 0.08
SHARE_PLAIN_LETTERS = 0.04
SHARE_NO_END_MARK = 0.05


def plain_letters(text: str) -> str:
    """``text`` as written without a Norwegian keyboard: å→a, ø→o, æ→ae."""
    return text.translate(_NORWEGIAN_WITHOUT).replace("æ", "ae").replace("Æ", "Ae")


def slip(text: str, rng: random.Random) -> str:
    """``text`` with one letter swapped with the next, lost or doubled, inside a word of at least four letters."""
    words = text.split(" ")
    long_words = [position for position, word in enumerate(words) if len(word) >= 4]
    if not long_words:
        return text
    position = rng.choice(long_words)
    word = words[position]
    at = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(3)
    if kind == 0:
        word = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    elif kind == 1:
        word = word[:at] + word[at + 1 :]
    else:
        word = word[:at] + word[at] + word[at:]
    words[position] = word
    return " ".join(words)


def noisy(text: str, rng: random.Random) -> str:
    """``text``, now and then with a slip, without Norwegian letters or without its end mark (seeded by ``rng``)."""
    if rng.random() < SHARE_SLIP:
        text = slip(text, rng)
    if rng.random() < SHARE_PLAIN_LETTERS:
        text = plain_letters(text)
    if rng.random() < SHARE_NO_END_MARK:
        text = text.rstrip(".!?") or text
    return text
