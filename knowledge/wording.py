"""The short sentences of words.yml, as Text with values filled in; and hours in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale
from babel.dates import format_date, get_day_names

from knowledge.facts import LANGUAGES, HoursClaim, Text
from knowledge.hours import sure_hours

Span = tuple[int, dt.time, dt.time]
#: An opening that goes on after midnight ends before this.
MORNING = dt.time(8)
WORDS = Path(__file__).with_name("words.yml")


@lru_cache(maxsize=1)
def load_words(path: Path = WORDS) -> dict[str, Any]:
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


def checked_in_words(kind: str, date: dt.date, language: str) -> str:
    """The sentence beside a fact that is too old to be current: when it was last checked, and to check it first."""
    days = Text(**{each: date_in_words(date, each) for each in LANGUAGES})
    return say("checked", kind, date=days).in_language(language)


def date_in_words(date: dt.date, language: str) -> str:
    """20. november 2026."""
    return str(format_date(date, "long", locale=Locale(language if language in LANGUAGES else "nb")))


def hours_in_words(claims: Sequence[HoursClaim], language: str, expired: bool = False) -> str | None:
    """The sure hours of an ordinary week, e.g. 'mandag–fredag kl. 9–15.30', or None when not known.

    `expired` hours are told as the last known.
    """
    hours = sure_hours(claims)
    if hours is None or not hours.spans:
        return None
    words = {key: Text(**value).in_language(language) for key, value in load_words()["hours"].items() if key != "at"}
    if hours.always:
        return words["last_known"].format(hours=words["always"]) if expired else words["always"]
    by_times: dict[tuple[tuple[dt.time, dt.time], ...], list[int]] = {}
    spans = _past_midnight(hours.spans)
    for day in range(7):
        times = tuple((start, end) for d, start, end in spans if d == day)
        if times:
            by_times.setdefault(times, []).append(day)
    parts = [
        f"{_days(days, language, words)} {_at(language)}"
        f"{', '.join(f'{_clock(a, language)}–{_clock(b, language, ends=True)}' for a, b in times)}"
        for times, days in by_times.items()
    ]
    text = ", ".join(parts)
    if expired:
        return words["last_known"].format(hours=text)
    return words["sure"].format(hours=text) if hours.disputed else text


def moment_in_words(moment: dt.datetime, now: dt.datetime, language: str) -> str:
    """A time soon: 'kl. 15.30' today, else with the weekday, 'mandag kl. 9'. Midnight belongs to the day that ends."""
    ends = moment.time() == dt.time(0)
    day = (moment - dt.timedelta(minutes=1 if ends else 0)).date()
    clock = f"{_at(language)}{_clock(moment.time(), language, ends)}"
    return clock if day == now.date() else f"{_day(day.weekday(), language)} {clock}"


def _past_midnight(spans: Sequence[Span]) -> list[Span]:
    """Spans that go on after midnight joined to the evening they began in: 18–24 and 0–1.30 the day after is 18–1.30."""
    nights = {day: end for day, start, end in spans if start == dt.time(0) and dt.time(0) < end < MORNING}
    evenings = {day for day, start, end in spans if end == dt.time(0) and start != dt.time(0)}
    joined = []
    for day, start, end in spans:
        if start == dt.time(0) and day in nights and (day - 1) % 7 in evenings:
            continue
        goes_on = end == dt.time(0) and start != dt.time(0) and (day + 1) % 7 in nights
        joined.append((day, start, nights[(day + 1) % 7] if goes_on else end))
    return joined


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


def _at(language: str) -> str:
    """'kl. ' in Norwegian, nothing in English."""
    word = load_words()["hours"]["at"][language if language in LANGUAGES else "nb"]
    return f"{word} " if word else ""


def _clock(time: dt.time, language: str, ends: bool = False) -> str:
    hour = 24 if ends and time == dt.time(0) else time.hour
    if language == "en":
        return f"{hour}:{time.minute:02d}"
    return f"{hour}.{time.minute:02d}" if time.minute else str(hour)
