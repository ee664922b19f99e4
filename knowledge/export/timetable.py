"""Sure opening hours as dated weekly rules, for standards that know neither public holidays nor summer time.

HSDS has a weekly rule with an offset from UTC, but no exceptions and no time zone; schema.org has exceptions, but "not
known" is none. So a rule holds for a stretch of days without a change of the clock and without a holiday on which the
hours differ or are not known: between the stretches nothing is promised. The rules reach from the first of this month
to the end of the same month next year, so that they change once a month and always cover a year.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from knowledge.facts import HoursClaim
from knowledge.hours import OSLO, is_holiday, names_holidays, sure_days, sure_hours

Times = tuple[tuple[dt.time, dt.time], ...]
WHOLE_DAY: Times = ((dt.time(0), dt.time(0)),)
#: The last minute of a day: midnight as a closing time reads as the beginning of the day.
LAST_MINUTE = dt.time(23, 59)
#: The clock changes before this.
MORNING = dt.time(3)


@dataclass(frozen=True)
class WeeklyRule:
    """Open on `days` (0 is Monday) from `opens` to `closes`, each week from `first` to `last`.

    Times are Norwegian, `offset_hours` from UTC. Day and night, all year has no first and last, and offset 0.
    """

    days: tuple[int, ...]
    opens: dt.time
    closes: dt.time
    first: dt.date | None = None
    last: dt.date | None = None
    offset_hours: int = 0

    @property
    def always(self) -> bool:
        """Day and night, all year?"""
        return self.first is None


ALWAYS = WeeklyRule(tuple(range(7)), dt.time(0), LAST_MINUTE)


def weekly_rules(claims: Sequence[HoursClaim], today: dt.date) -> tuple[WeeklyRule, ...]:
    """The rules that together say when it is surely open; none when nothing is known."""
    days = _window(tuple(claims), today.replace(day=1))
    if all(times == WHOLE_DAY for times in days.values()):
        return (ALWAYS,)
    ordinary = _ordinary(claims)
    rules: list[WeeklyRule] = []
    for stretch in _stretches(days, ordinary):
        by_times: dict[tuple[dt.time, dt.time], list[int]] = {}
        for day in sorted(stretch, key=dt.date.weekday):
            for span in days[day]:
                found = by_times.setdefault(span, [])
                if day.weekday() not in found:
                    found.append(day.weekday())
        rules += [
            WeeklyRule(
                tuple(weekdays), opens, LAST_MINUTE if closes == dt.time(0) else closes, stretch[0], stretch[-1],
                _offset(stretch[0], opens),
            )
            for (opens, closes), weekdays in by_times.items()
        ]
    return tuple(rules)


def on_holidays(claims: Sequence[HoursClaim], today: dt.date) -> Literal["open", "closed", "unknown"]:
    """What the sources agree on for public holidays; "open" also when it is for some hours, or on some of them."""
    if not names_holidays(claims):
        return "unknown"
    days = _window(tuple(claims), today.replace(day=1))
    holidays = [times for day, times in days.items() if is_holiday(dt.datetime.combine(day, dt.time(12)))]
    return "open" if any(holidays) else "closed"


@lru_cache(maxsize=256)
def _window(claims: tuple[HoursClaim, ...], first: dt.date) -> dict[dt.date, Times]:
    last = dt.date(first.year + 1, first.month, calendar.monthrange(first.year + 1, first.month)[1])
    return sure_days(claims, first, (last - first).days + 1)


def _ordinary(claims: Sequence[HoursClaim]) -> dict[int, Times]:
    hours = sure_hours(claims)
    return {
        weekday: tuple((opens, closes) for day, opens, closes in (hours.spans if hours else ()) if day == weekday)
        for weekday in range(7)
    }


def _stretches(days: dict[dt.date, Times], ordinary: dict[int, Times]) -> Iterator[list[dt.date]]:
    """Days in a row with one offset that are all as usual; a day that is not, or opens before its clock changes, alone."""
    stretch: list[dt.date] = []
    for day, times in days.items():
        night = any(opens < MORNING for opens, _ in times) and _offset(day, dt.time(0)) != _offset(day)
        usual = times == ordinary[day.weekday()] and not night
        if stretch and (not usual or _offset(stretch[0]) != _offset(day)):
            yield stretch
            stretch = []
        if usual:
            stretch.append(day)
        else:
            yield [day]
    if stretch:
        yield stretch


def _offset(day: dt.date, time: dt.time = dt.time(12)) -> int:
    """Hours from UTC."""
    offset = dt.datetime.combine(day, time, OSLO).utcoffset()
    assert offset is not None
    return int(offset.total_seconds() // 3600)
