"""Is it open now, until when, and when does it open next?

Hours are OSM opening_hours (opening-hours-py, with Norwegian public holidays). Where sources disagree only the
time that every source agrees on counts as sure; a holiday that no source mentions is unknown, not open.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, State

from knowledge.facts import HoursClaim

OSLO = ZoneInfo("Europe/Oslo")
WEEK = dt.timedelta(days=7)
#: An ordinary Monday; only the weekday matters, because no country (so no holiday) is given with it.
MONDAY = dt.datetime(2026, 11, 16)

#: Openings that go on through the night end by then; a later end before the start is a slip of the pen.
LAST_OF_NIGHT = "08:00"
_SPAN = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")

Span = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class OpenState:
    """`now` is None when it is not known. Times are aware, in Norwegian time."""

    now: bool | None
    until: dt.datetime | None = None
    opens_at: dt.datetime | None = None


UNKNOWN = OpenState(None)


@dataclass(frozen=True)
class SureHours:
    """The time in an ordinary week that all sources agree on: (day 0–6, from, to); `always` is day and night.

    `disputed` while two sources give different weeks; the same week written in two ways is no dispute.
    """

    spans: tuple[tuple[int, dt.time, dt.time], ...]
    always: bool
    disputed: bool


def hours_problem(value: str) -> str | None:
    """Why `value` is no opening_hours expression, or None when it is one."""
    try:
        _parse(value, "NO")
    except Exception as error:  # noqa: BLE001  the library raises its own types, all of them mean "not valid"
        return f"Opening hours must follow OSM opening_hours ({type(error).__name__})"
    turned = next((s.group() for s in _SPAN.finditer(value) if LAST_OF_NIGHT < s.group(2) <= s.group(1)), "")
    return f"An opening must end after it begins, which {turned} does not" if turned else None


def open_state(claims: Sequence[HoursClaim], at: dt.datetime | None = None) -> OpenState:
    """Open at `at` (aware; default now)? Sure only when every claim says the same.

    Never raises for claims that `hours_problem` accepts.
    """
    if not claims:
        return UNKNOWN
    local = (at or dt.datetime.now(OSLO)).astimezone(OSLO).replace(tzinfo=None)
    answers = {_is_open(claim.value, local) for claim in claims}
    spans = _sure_spans(tuple(claim.value for claim in claims), local, 9)
    if answers == {True}:
        until = next((end for start, end in spans if start <= local < end), None)
        beyond = until is not None and until - local > WEEK
        return OpenState(True, until=None if beyond else _aware(until))
    opens_at = _aware(next((start for start, _ in spans if start > local), None))
    return OpenState(False if answers == {False} else None, opens_at=opens_at)


def sure_hours(claims: Sequence[HoursClaim]) -> SureHours | None:
    """The agreed time of an ordinary week, or None when nothing is known."""
    if not claims:
        return None
    values = tuple(claim.value for claim in claims)
    spans = []
    for start, end in _ordinary_spans(values):
        while start < end:
            midnight = (start + dt.timedelta(days=1)).replace(hour=0, minute=0)
            stop = min(end, midnight)
            spans.append((start.weekday(), start.time(), stop.time()))
            start = stop
    always = len(spans) == 7 and all(a == b == dt.time(0) for _, a, b in spans)
    weeks = {tuple(_spans(_parse(value, None), MONDAY, 7)) for value in values}
    return SureHours(tuple(spans), always, disputed=len(weeks) > 1)


def sure_days(claims: Sequence[HoursClaim], first: dt.date, count: int) -> dict[dt.date, tuple[tuple[dt.time, dt.time], ...]]:
    """For each of `count` days from `first` on: (from, to) of every sure opening; 00:00 as `to` is the midnight after.

    A day is empty when it is closed, and on a public holiday that not every source mentions: then it is not known.
    """
    values = tuple(claim.value for claim in claims)
    days: dict[dt.date, list[tuple[dt.time, dt.time]]] = {first + dt.timedelta(days=n): [] for n in range(count)}
    start = dt.datetime.combine(first, dt.time())
    for opens, closes in _together([_spans(_parse(v, "NO"), start, count) for v in values]) if values else ():
        while opens < closes:
            stop = min(closes, dt.datetime.combine(opens.date() + dt.timedelta(days=1), dt.time()))
            days[opens.date()].append((opens.time(), stop.time()))
            opens = stop
    known = all(_names_holidays(value) for value in values)
    return {
        day: tuple(times) if known or not is_holiday(dt.datetime.combine(day, dt.time(12))) else ()
        for day, times in days.items()
    }


def names_holidays(claims: Sequence[HoursClaim]) -> bool:
    """Do all sources say what holds on public holidays?"""
    return bool(claims) and all(_names_holidays(claim.value) for claim in claims)


def is_holiday(day: dt.datetime) -> bool:
    """A Norwegian public holiday?"""
    return bool(_parse("PH 00:00-24:00", "NO").is_open(day.replace(tzinfo=None)))


@lru_cache(maxsize=512)
def _parse(value: str, country: str | None) -> OpeningHours:
    return OpeningHours(value, country=country) if country else OpeningHours(value)


def _is_open(value: str, local: dt.datetime) -> bool | None:
    hours = _parse(value, "NO")
    if hours.is_unknown(local):
        return None
    is_open = bool(hours.is_open(local))
    return None if is_open and not _names_holidays(value) and is_holiday(local) else is_open


def _sure_spans(values: tuple[str, ...], start: dt.datetime, days: int) -> list[Span]:
    """Spans from the start of that day on, when every expression is surely open."""
    first = start.replace(hour=0, minute=0, second=0, microsecond=0)
    return [
        span for span in _together([_spans(_parse(v, "NO"), first, days) for v in values])
        if all(_names_holidays(v) for v in values) or not is_holiday(span[0])
    ]  # fmt: skip


def _names_holidays(value: str) -> bool:
    """Does it say what holds on public holidays?"""
    return "PH" in value or value.strip() == "24/7"


def _ordinary_spans(values: tuple[str, ...]) -> list[Span]:
    return _together([_spans(_parse(v, None), MONDAY, 7) for v in values])


def _spans(hours: OpeningHours, start: dt.datetime, days: int) -> list[Span]:
    pieces = hours.intervals(start, start + dt.timedelta(days=days))
    return [(a, b) for a, b, state, _ in pieces if state == State.OPEN]


def _together(lists: list[list[Span]]) -> list[Span]:
    """The intersection of lists of spans."""
    common = lists[0]
    for other in lists[1:]:
        common = [
            (max(a, c), min(b, d)) for a, b in common for c, d in other if max(a, c) < min(b, d)
        ]  # fmt: skip
    return common


def _aware(moment: dt.datetime | None) -> dt.datetime | None:
    return moment.replace(tzinfo=OSLO) if moment else None
