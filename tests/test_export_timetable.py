"""Sure hours as dated weekly rules: with summer time and public holidays, and never a moment that is not sure."""

from __future__ import annotations

import datetime as dt

import pytest

from knowledge.export.timetable import ALWAYS, WeeklyRule, on_holidays, weekly_rules
from knowledge.facts import HoursClaim
from knowledge.hours import OSLO, open_state

TODAY = dt.date(2026, 11, 20)
OFFICE, NIGHT = "Mo-Fr 09:00-15:00", "Mo-Su 18:30-25:30"


def claims(*values: str) -> list[HoursClaim]:
    return [HoursClaim(value=value, source="page") for value in values]


def open_by_rules(rules: tuple[WeeklyRule, ...], moment: dt.datetime) -> bool:
    """What a reader finds who knows only the rules: local time by the rule's own offset."""
    for rule in rules:
        local = moment.astimezone(dt.timezone(dt.timedelta(hours=rule.offset_hours)))
        held = rule.always or (rule.first is not None and rule.last is not None and rule.first <= local.date() <= rule.last)
        if held and local.weekday() in rule.days and rule.opens <= local.time() < rule.closes:
            return True
    return False


@pytest.mark.parametrize(
    "values",
    [
        (OFFICE,), (OFFICE, "Mo-Fr 08:00-12:00"), (NIGHT,), ("24/7",), ("24/7", OFFICE), (f"{OFFICE}; PH off",),
        ("Mo-Fr 08:00-16:00; PH 10:00-12:00",), ("Mo-Fr 10:00-14:00; Dec 24 off",), ("Mo-Su 00:00-24:00",), ("Su 00:30-02:00",),
    ],
)  # fmt: skip
def test_the_rules_say_what_the_hours_say(values: tuple[str, ...]) -> None:
    """Hour by hour for a year and more, over two changes of the clock and all holidays: open by the rules is surely open."""
    said = claims(*values)
    rules = weekly_rules(said, TODAY)
    moment = dt.datetime(2026, 11, 20, 0, 30, tzinfo=OSLO).astimezone(dt.UTC)
    for _ in range(1776):
        moment += dt.timedelta(hours=5)
        assert open_by_rules(rules, moment) == (open_state(said, moment).now is True), moment.astimezone(OSLO)


def test_summer_time_is_another_rule() -> None:
    """The same hours have offset 1 in winter and 2 in summer, from the Sunday on which the clock changes."""
    rules = weekly_rules(claims("Su 12:00-14:00; PH 12:00-14:00 || Su 12:00-14:00"), dt.date(2026, 3, 1))
    changes = [(rule.first, rule.offset_hours) for rule in rules]
    assert (dt.date(2026, 3, 29), 2) in changes
    assert (dt.date(2026, 10, 25), 1) in changes


def test_a_holiday_nobody_tells_of_is_left_out() -> None:
    """Christmas Day 2026 is a Friday: no rule covers it, and the next one begins after it."""
    rules = weekly_rules(claims(OFFICE), TODAY)
    day = dt.date(2026, 12, 25)
    assert not any(rule.first and rule.last and rule.first <= day <= rule.last for rule in rules)
    assert {dt.date(2026, 12, 24), dt.date(2027, 11, 30)} <= {rule.last for rule in rules}
    assert on_holidays(claims(OFFICE), TODAY) == "unknown"
    assert on_holidays(claims(f"{OFFICE}; PH off"), TODAY) == "closed"
    assert on_holidays(claims("24/7"), TODAY) == "open"


def test_day_and_night_is_one_rule_without_an_end() -> None:
    """All sources must say so: one that says less makes it less."""
    assert weekly_rules(claims("24/7", "24/7"), TODAY) == (ALWAYS,)
    assert ALWAYS not in weekly_rules(claims("24/7", OFFICE), TODAY)
    assert weekly_rules([], TODAY) == ()


def test_the_rules_are_the_same_all_month() -> None:
    """They change on the first of a month, so that answers can be kept."""
    assert weekly_rules(claims(OFFICE), dt.date(2026, 11, 1)) == weekly_rules(claims(OFFICE), dt.date(2026, 11, 30))
    assert weekly_rules(claims(OFFICE), dt.date(2026, 12, 1)) != weekly_rules(claims(OFFICE), TODAY)
