"""The short sentences of words.yml, as Text with values filled in; and hours in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale
from babel.dates import get_day_names

from knowledge.facts import LANGUAGES, HoursClaim, Text
from knowledge.hours import sure_hours


@lru_cache(maxsize=1)
def load_words(path: Path = Path(__file__).with_name("words.yml")) -> dict[str, Any]:
    """words.yml as it stands. Raises yaml.YAMLError when the file is wrong."""
    data: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    return data


def say(group: str, key: str, **values: str | Text) -> Text:
    """The sentence `key` of `group` with {name}s replaced, in all languages. Raises KeyError when there is none."""
    entry = load_words()[group][key]

    def filled(language: str) -> str:
        own = {name: v.in_language(language) if isinstance(v, Text) else v for name, v in values.items()}
        return str(entry[language]).format(**own)

    return Text(**{language: filled(language) for language in LANGUAGES})


def hours_in_words(claims: Sequence[HoursClaim], language: str) -> str | None:
    """The sure hours of an ordinary week, e.g. 'mandag–fredag kl. 9–15.30', or None when not known."""
    hours = sure_hours(claims)
    if hours is None or not hours.spans:
        return None
    words = {key: Text(**value).in_language(language) for key, value in load_words()["hours"].items() if key != "at"}
    if hours.always:
        return words["always"]
    at = load_words()["hours"]["at"].get(language, "")
    by_times: dict[tuple[tuple[dt.time, dt.time], ...], list[int]] = {}
    for day in range(7):
        times = tuple((start, end) for d, start, end in hours.spans if d == day)
        if times:
            by_times.setdefault(times, []).append(day)
    parts = [
        f"{_days(days, language, words)} {at + ' ' if at else ''}{', '.join(f'{_clock(a)}–{_clock(b)}' for a, b in times)}"
        for times, days in by_times.items()
    ]
    text = ", ".join(parts)
    return words["sure"].format(hours=text) if hours.disputed else text


def moment_in_words(moment: dt.datetime, now: dt.datetime, language: str) -> str:
    """A time soon: 'kl. 15.30' today, else with the weekday, 'mandag kl. 9'."""
    at = load_words()["hours"]["at"].get(language, "")
    clock = f"{at} {_clock(moment.time())}".strip()
    return clock if moment.date() == now.date() else f"{_day(moment.weekday(), language)} {clock}"


def _days(days: list[int], language: str, words: dict[str, str]) -> str:
    if days == [0, 1, 2, 3, 4]:
        return words["weekdays"]
    if days == list(range(7)):
        return words["every_day"]
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(
        _day(run[0], language) if len(run) == 1 else f"{_day(run[0], language)}–{_day(run[-1], language)}" for run in runs
    )


@lru_cache(maxsize=64)
def _day(day: int, language: str) -> str:
    known = language if language in LANGUAGES else "nb"
    return str(get_day_names("wide", locale=Locale(known))[day])


def _clock(time: dt.time) -> str:
    if time == dt.time(0):
        return "24"
    return f"{time.hour}.{time.minute:02d}" if time.minute else str(time.hour)
