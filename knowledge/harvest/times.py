"""HSDS schedules → one OSM opening_hours expression for each description, or every problem in them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from knowledge.hours import OSLO

Json = dict[str, Any]
DAYS = {"MO": "Mo", "TU": "Tu", "WE": "We", "TH": "Th", "FR": "Fr", "SA": "Sa", "SU": "Su"}
#: A whole day, in any way of writing it.
WHOLE = {("00:00", "23:59"), ("00:00", "24:00"), ("00:00", "00:00")}
#: Offsets of Norway: a time with one of them is already the local time of its season.
OURS = ("", "+01", "+02")
_TIME = re.compile(r"^(\d{2}:\d{2})(?::\d{2})?(Z|[+-]\d{2}(?::?\d{2})?)?$")
Span = tuple[str, str]


class TimesError(Exception):
    """Raised when schedules cannot be read; `problems` are (where, value, what is expected)."""

    def __init__(self, problems: list[tuple[str, Any, str]]) -> None:
        self.problems = problems
        super().__init__(f"{len(problems)} problems")


def opening_hours(schedules: list[Json], today: dt.date) -> dict[str, str]:
    """Description → hours of a week, in Norwegian time. Schedules that are over are left out, and those not of every week.

    A time without an offset is local. Raises TimesError.
    """
    problems: list[tuple[str, Any, str]] = []
    found: dict[str, dict[Span, set[str]]] = {}
    for number, schedule in enumerate(schedules):
        over = str(schedule.get("valid_to") or schedule.get("until") or "9999") < today.isoformat()
        if over or str(schedule.get("freq") or "WEEKLY").upper() != "WEEKLY" or not schedule.get("opens_at"):
            continue
        where = f"schedules.{number}"
        days = [day.strip().upper() for day in str(schedule.get("byday") or ",".join(DAYS)).split(",")]
        if wrong := [day for day in days if day not in DAYS]:
            problems.append((f"{where}.byday", wrong[0], "A day is MO, TU, WE, TH, FR, SA or SU"))
        span = _span(schedule, where, today, problems)
        if span:
            found.setdefault(str(schedule.get("description") or ""), {}).setdefault(span, set()).update(days)
    if problems:
        raise TimesError(problems)
    return {description: _expression(by_span) for description, by_span in found.items()}


def _span(schedule: Json, where: str, today: dt.date, problems: list[tuple[str, Any, str]]) -> Span | None:
    matches = [_TIME.match(str(schedule.get(key))) for key in ("opens_at", "closes_at")]
    for key, match in zip(("opens_at", "closes_at"), matches, strict=True):
        midnight = match is not None and match[1] == "24:00" and key == "closes_at"
        if match is None or not (midnight or match[1] <= "23:59") or match[1][3:] > "59":
            problems.append((f"{where}.{key}", schedule.get(key), "A time is written like 09:00 or 09:00+01:00"))
            return None
    opens, closes = (match for match in matches if match)
    if (opens[1], closes[1]) in WHOLE:
        return ("00:00", "24:00")
    if opens[1] == closes[1]:
        problems.append((f"{where}.closes_at", schedule["closes_at"], "It closes when it opens"))
    begins = str(schedule.get("dtstart") or schedule.get("valid_from") or today.isoformat())
    local = [_local(match, begins) for match in (opens, closes)]
    if None in local:
        problems.append((f"{where}.opens_at", schedule["opens_at"], "In Norwegian time this begins on another day"))
        return None
    return (str(local[0]), str(local[1]))


def _local(match: re.Match[str], begins: str) -> str | None:
    """The time in Norway on the day the schedule begins; None when that is another day, or no day."""
    time, offset = match[1], match[2] or ""
    if offset[:3] in OURS or time == "24:00":
        return time
    try:
        moment = dt.datetime.fromisoformat(f"{begins[:10]}T{time}{offset}").astimezone(OSLO)
    except (ValueError, OverflowError):
        return None
    return moment.strftime("%H:%M") if moment.date().isoformat() == begins[:10] else None


def _expression(by_span: dict[Span, set[str]]) -> str:
    if by_span == {("00:00", "24:00"): set(DAYS)}:
        return "24/7"
    parts: dict[str, list[str]] = {}
    for (opens, closes), days in by_span.items():
        listed = ",".join(DAYS[day] for day in DAYS if day in days)
        parts.setdefault(listed, []).append(f"{opens}-{'24:00' if closes in ('00:00', '23:59') else closes}")
    return "; ".join(f"{days} {','.join(sorted(times))}" for days, times in parts.items())
