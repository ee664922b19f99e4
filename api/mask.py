"""Takes direct identifiers out of what people write, before it reaches the bot or any store.

The search needs none of them. Numbers and addresses of the guide's own services stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from knowledge.library import Library

_ELEVEN = re.compile(r"(?<![\d+])\d{6}[ \u00a0.-]?\d{5}(?!\d)|(?<![\d+])\d{4}([ \u00a0.])\d{2}\1\d{5}(?!\d)")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_EMAIL = re.compile(r"[\w.+%'-]+ ?(?:@|\(at\)|\[at\]) ?[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,24}\b")
_SEP = r"[ \u00a0.-]?"
_GAP = r"[ \u00a0.-]"
_PHONE = re.compile(
    rf"(?<![\w+])(?:\+|00)(?:{_SEP}\(?\d\)?){{7,15}}(?!\d)"  # with a country code
    rf"|(?<![\d+/-])(?:\(?47\)?{_SEP})?[2-9](?:\d{{7}}|\d{_GAP}\d\d{_GAP}\d\d{_GAP}\d\d|\d\d{_GAP}\d\d{_GAP}\d\d\d"
    rf"|\d\d\d{_GAP}\d\d\d\d)(?!\d)"
)
_YEARS = re.compile(r"(?:19|20)\d\d[ \u00a0.-](?:19|20)\d\d")
_STREET_ENDS = (
    "gata|gaten|gate|gt|veien|vegen|vei|veg|vn|allé|alle|alléen|alleen|plass|plassen|bakken|stien|svingen|kroken|lia|haugen"
    "|terrasse|ringen|tunet|torg|torget|åsen|jordet|løkka|brygge|street|road|avenue|lane|drive"
)
_TIMES = (
    r"(?! ?(?:ganger|gonger|timer|timar|år|dager|dagar|uker|veker|minutt\w*|km|meter|prosent|stk|times|hours|days|years)\b)"
)
_STREET = re.compile(
    rf"\b(?:(?:[A-ZÆØÅ][\wæøåé.'-]*[ \u00a0]){{0,3}}[A-ZÆØÅ][\wæøåé'-]*?[ \u00a0]?(?:(?i:{_STREET_ENDS}))"
    rf"|[\wæøåé'-]{{3,}}(?:{_STREET_ENDS}))\.?[ \u00a0]\d{{1,4}}(?:[a-zA-Z]|[ \u00a0][A-H])?\b{_TIMES}"
    r"|\b\d{1,4}[a-z]?[ \u00a0](?:[A-Z][\w'-]+[ \u00a0]){1,3}(?i:street|road|avenue|lane|drive|st|rd|ave)\b"
)
_FIRST = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_SECOND = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_ACCOUNT = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


class Masker:
    """Masks texts; knows the guide's own numbers and addresses."""

    def __init__(self, library: Library) -> None:
        contacts = [contact for service in library.services.values() for contact in service.contacts]
        self._own_numbers = {_national(c.value) for c in contacts if c.kind in ("phone", "sms")}
        self._own_emails = {c.value.lower() for c in contacts if c.kind == "email"} | {
            offer.email.lower() for offer in library.places.offers.offers if offer.email
        }

    def mask(self, text: str) -> str:
        """The text with what identifies a person replaced by words such as [telefonnummer]."""
        text = _EMAIL.sub(self._email, text)
        text = _IBAN.sub(lambda m: "[kontonummer]" if sum(ch.isdigit() for ch in m.group()) >= 10 else m.group(), text)
        text = _ELEVEN.sub(lambda m: _eleven(m.group()), text)
        text = _PHONE.sub(self._phone, text)
        return _STREET.sub("[adresse]", text)

    def _email(self, match: re.Match[str]) -> str:
        return match.group() if match.group().lower() in self._own_emails else "[e-post]"

    def _phone(self, match: re.Match[str]) -> str:
        found = match.group()
        if _YEARS.fullmatch(found) or _national(found) in self._own_numbers:
            return found
        return "[telefonnummer]"


def is_birth_number(digits: str) -> bool:
    """Is it a fødselsnummer, D-number or synthetic one: eleven digits with a day, a month and both check digits right?"""
    if len(digits) != 11 or not digits.isdigit():
        return False
    day, month = int(digits[:2]), int(digits[2:4])
    if not (1 <= day <= 31 or 41 <= day <= 71) or not 1 <= (month % 40) % 20 <= 12:
        return False
    numbers = [int(d) for d in digits]
    # From 2032 the first check digit may be off by 1 to 3 from the old rule.
    first = (11 - _weighted(numbers, _FIRST)) % 11
    return (numbers[9] - first) % 11 in (0, 1, 2, 3) and _weighted(numbers, _SECOND) == (-numbers[10]) % 11


def is_account_number(digits: str) -> bool:
    """Is it a Norwegian bank account number: eleven digits with the check digit right (modulus 11)?"""
    if len(digits) != 11 or not digits.isdigit():
        return False
    numbers = [int(d) for d in digits]
    return _weighted(numbers, _ACCOUNT) == (-numbers[10]) % 11


def _weighted(numbers: list[int], weights: Iterable[int]) -> int:
    return sum(n * w for n, w in zip(numbers, weights, strict=False)) % 11


def _eleven(found: str) -> str:
    """Eleven digits are of no use to the search, whatever they are."""
    digits = "".join(ch for ch in found if ch.isdigit())
    if is_birth_number(digits):
        return "[fødselsnummer]"
    return "[kontonummer]" if is_account_number(digits) else "[nummer]"


def _national(number: str) -> str:
    digits = "".join(ch for ch in number if ch.isdigit())
    digits = digits.removeprefix("00") if number.strip().startswith("00") else digits
    return digits.removeprefix("47") if len(digits) == 10 else digits
