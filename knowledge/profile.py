"""What a text says of the person: role, age, in Norway or abroad, country, municipality. Patterns are in signs.yml."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from babel import Locale

from knowledge.places import Places
from knowledge.text import fold

Role = Literal["youth", "adult", "parent", "friend", "professional"]
SIGNS = Path(__file__).with_name("signs.yml")
ROLES: tuple[Role, ...] = ("youth", "adult", "parent", "friend", "professional")


@dataclass(frozen=True)
class Profile:
    """What is known; None is not known. `age` in years; `minor` may be known without it."""

    role: Role | None = None
    profession: str | None = None
    age: int | None = None
    minor: bool | None = None
    in_norway: bool | None = None
    country: str | None = None
    municipality: str | None = None

    @property
    def is_minor(self) -> bool | None:
        """Under 18, from the age or from words; None when not known."""
        return self.age < 18 if self.age is not None else self.minor

    @property
    def abroad(self) -> bool:
        """Known to be outside Norway."""
        return self.in_norway is False

    def updated(self, newer: Profile) -> Profile:
        """This profile with what `newer` knows laid over it; the later word wins."""
        known = {k: v for k, v in vars(newer).items() if v is not None}
        if "age" in known:
            known.setdefault("minor", None)
        if known.get("in_norway") is True:
            known["country"] = None
        if known.get("municipality") and "in_norway" not in known:
            known["in_norway"] = True
        return replace(self, **known)


@dataclass(frozen=True)
class ProfileReader:
    """Reads profiles from texts, with the places it was made from."""

    places: Places

    def read(self, text: str, asked: str | None = None) -> Profile:
        """What `text` says of the person. `asked` names the slot just asked for, so that a bare answer counts."""
        folded = fold(text)
        signs = load_signs()
        role, profession = _role(folded, signs)
        age = _age(folded, signs, asked)
        country = self._country(folded)
        municipality = self._municipality(folded)
        in_norway = self._in_norway(folded, signs, country, municipality, asked)
        if in_norway is not False and country and asked not in ("in_norway", "country"):
            country = country if in_norway is None else None
        minor = True if signs.under_18.search(folded) else False if signs.over_18.search(folded) else None
        if role is None:
            role = _role_from_words(folded, signs, age)
        return Profile(role, profession, age, minor, in_norway, country, municipality if in_norway is not False else None)

    @cached_property
    def _countries(self) -> tuple[re.Pattern[str], dict[str, str]]:
        names = country_names()
        names.update({fold(k): v for k, v in self.places.abroad.aliases.items()})
        return _any_of(names, "(?:s|et|en)?"), names

    @cached_property
    def _municipalities(self) -> tuple[re.Pattern[str], dict[str, str]]:
        names: dict[str, str] = {}
        for number, (municipality, _) in self.places.municipalities.items():
            for name in (municipality.name, *municipality.also):
                names.setdefault(fold(name), number)
        return _any_of(names, "(?:s)?"), names

    def _country(self, folded: str) -> str | None:
        pattern, names = self._countries
        found = [names[m.group(1)] for m in pattern.finditer(folded)]
        return next((code for code in found if code != "NO"), None)

    def _municipality(self, folded: str) -> str | None:
        """A municipality named after a preposition, or alone; common words (Time, Lund, Sande …) need the preposition."""
        pattern, names = self._municipalities
        for match in pattern.finditer(folded):
            before = folded[: match.start()].rstrip()
            alone = match.group(0) == folded.strip(" .!,?")
            word = re.search(r"(\w+)$", before)
            if alone or (word and word.group(1) in _PREPOSITIONS) or len(match.group(1)) > 6:
                return names[match.group(1)]
        return None

    def municipality_number(self, name_or_number: str | None) -> str | None:
        """The number of a municipality given by name (any of its names) or number; None when there is none."""
        if not name_or_number:
            return None
        wanted = fold(name_or_number)
        return wanted if wanted in self.places.municipalities else self._municipalities[1].get(wanted)

    def country_code(self, name_or_code: str | None) -> str | None:
        """ISO code of a country given by name or code; None when there is none."""
        if not name_or_code:
            return None
        upper = name_or_code.strip().upper()
        names = self._countries[1]
        return upper if upper in set(names.values()) else names.get(fold(name_or_code))

    def _in_norway(
        self, folded: str, signs: Signs, country: str | None, municipality: str | None, asked: str | None
    ) -> bool | None:
        if signs.bare_abroad.match(folded):
            return False
        if signs.bare_norway.match(folded):
            return True
        if asked == "in_norway":
            if country:
                return False
            if municipality:
                return True
        if signs.abroad_home.search(folded) and not signs.abroad_no.search(folded):
            return False
        pattern, names = self._countries
        foreign = re.sub("|".join(re.escape(n) for n, c in names.items() if c == "NO"), " ", folded)
        placed = pattern.sub(_A_COUNTRY, foreign)
        there = any(not _is_plan(placed, found.start(), found.end(), signs) for found in signs.abroad_yes.finditer(placed))
        if there and not signs.abroad_no.search(folded):
            return False
        planned = country is not None and signs.abroad_trip.search(placed) is not None
        return True if planned or municipality or signs.abroad_no.search(folded) else None


@dataclass(frozen=True)
class Signs:
    """signs.yml, compiled."""

    ages: tuple[re.Pattern[str], ...]
    age_bare: re.Pattern[str]
    age_turning: re.Pattern[str]
    age_words: dict[str, int]
    not_years: re.Pattern[str]
    grades: tuple[tuple[re.Pattern[str], int], ...]
    under_18: re.Pattern[str]
    over_18: re.Pattern[str]
    professions: dict[str, re.Pattern[str]]
    parent: re.Pattern[str]
    friend: re.Pattern[str]
    bare_roles: dict[str, re.Pattern[str]]
    abroad_yes: re.Pattern[str]
    abroad_home: re.Pattern[str]
    abroad_no: re.Pattern[str]
    abroad_plan: re.Pattern[str]
    abroad_later: re.Pattern[str]
    abroad_trip: re.Pattern[str]
    bare_abroad: re.Pattern[str]
    bare_norway: re.Pattern[str]
    youth_words: re.Pattern[str]
    adult_words: re.Pattern[str]


@lru_cache(maxsize=1)
def load_signs(path: Path = SIGNS) -> Signs:
    """The patterns of signs.yml. Raises re.error, KeyError or yaml.YAMLError when the file is wrong."""
    data: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    roles = data["roles"]
    return Signs(
        ages=tuple(re.compile(p) for p in data["ages"]),
        age_bare=re.compile(data["age_bare"]),
        age_turning=re.compile(data["age_turning"]),
        age_words={word: int(age) for word, age in data["age_words"].items()},
        not_years=re.compile(data["not_years"]),
        grades=tuple((re.compile(p), int(age)) for p, age in data["grades"].items()),
        under_18=re.compile(data["under_18"]),
        over_18=re.compile(data["over_18"]),
        professions={name: re.compile(p) for name, p in roles["professional"].items()},
        parent=re.compile(roles["parent"]),
        friend=re.compile(roles["friend"]),
        bare_roles={role: re.compile(p) for role, p in data["bare_roles"].items()},
        abroad_yes=re.compile(data["abroad"]["yes"].replace("{country}", _A_COUNTRY)),
        abroad_home=re.compile(data["abroad"]["home"]),
        abroad_no=re.compile(data["abroad"]["no"]),
        abroad_plan=re.compile(data["abroad"]["plan"]),
        abroad_later=re.compile(data["abroad"]["later"]),
        abroad_trip=re.compile(data["abroad"]["trip"].replace("{country}", _A_COUNTRY)),
        bare_abroad=re.compile(data["bare_abroad"]),
        bare_norway=re.compile(data["bare_norway"]),
        youth_words=re.compile(data["youth_words"]),
        adult_words=re.compile(data["adult_words"]),
    )


@lru_cache(maxsize=1)
def country_names() -> dict[str, str]:
    """Folded names of countries in bokmål, nynorsk and English (Unicode CLDR, by babel) → ISO code."""
    names: dict[str, str] = {}
    for language in ("nb", "nn", "en"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY:
                names.setdefault(fold(name), code)
    return names


#: "klokka er tolv", "vi er tolv": no age.
_NOT_OF_ONE = "(?<!klokka )(?<!klokken )(?<!vi )(?<!de )(?<!dei )"
#: Stands for any foreign country when the patterns for "abroad" are matched.
_A_COUNTRY = "acountry"
_NO_COUNTRY = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO", "SJ", "GS", "TF", "AQ", "BV", "JE", "CC", "HM"}
_PREPOSITIONS = {
    "i",
    "på",
    "fra",
    "frå",
    "ved",
    "til",
    "in",
    "from",
    "at",
    "near",
    "utenfor",
    "utafor",
    "utanfor",
    "rundt",
    "nær",
}


def _is_plan(placed: str, start: int, end: int, signs: Signs) -> bool:
    """Is 'is in Pakistan' at these places only planned or feared: 'when I am in Pakistan', 'are in Pakistan next summer'?"""
    before = re.split(r"[.!?,;]", placed[:start])[-1][-30:]
    after = re.split(r"[.!?,;]", placed[end:])[0][:30]
    return bool(signs.abroad_plan.search(before) or signs.abroad_later.search(after) or signs.abroad_later.search(before))


def _any_of(names: dict[str, str], ending: str) -> re.Pattern[str]:
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(rf"\b({'|'.join(re.escape(name) for name in longest_first)}){ending}\b")


def _age(folded: str, signs: Signs, asked: str | None) -> int | None:
    bare = signs.age_bare.match(folded)
    if bare and (asked == "age" or not folded.strip().isdigit() or asked is None):
        return _plausible(int(bare.group(1)))
    for pattern in signs.ages:
        match = pattern.search(folded)
        if match:
            age = int(match.group(1))
            turning = signs.age_turning.search(match.group(0))
            return _plausible(age - 1 if turning else age)
    for word, age in signs.age_words.items():
        said = rf"{_NOT_OF_ONE}\b(?:er|e|jeg|eg|am|i'm|im|fyller|fylt|bare|only|is|på)\b[\w ]{{0,8}}\b{word}\b"
        if re.search(rf"(?:{said}|^{word}\b|\b{word} år){signs.not_years.pattern}", folded):
            return age - 1 if re.search(rf"\b(?:fyller|blir|turning) (?:snart )?{word}", folded) else age
    return next((age for pattern, age in signs.grades if pattern.search(folded)), None)


def _plausible(age: int) -> int | None:
    return age if 5 <= age <= 99 else None


def _role(folded: str, signs: Signs) -> tuple[Role | None, str | None]:
    for role in ROLES:
        if role in signs.bare_roles and signs.bare_roles[role].match(folded):
            return role, next((n for n, p in signs.professions.items() if role == "professional" and p.search(folded)), None)
    for name, pattern in signs.professions.items():
        if pattern.search(folded):
            return "professional", name
    if signs.parent.search(folded):
        return "parent", None
    if signs.friend.search(folded):
        return "friend", None
    return None, None


def _role_from_words(folded: str, signs: Signs, age: int | None) -> Role | None:
    if age is not None:
        return "youth" if age < 18 else "adult"
    if signs.adult_words.search(folded):
        return "adult"
    return "youth" if signs.youth_words.search(folded) else None
