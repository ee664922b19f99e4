"""Open now, until when, and when next: only what every source agrees on."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.facts import HoursClaim
from knowledge.hours import OSLO, UNKNOWN, hours_problem, is_holiday, open_state, sure_hours

OFFICE = "Mo-Fr 09:00-15:30"


def claims(*values: str) -> list[HoursClaim]:
    """What each of several sources says."""
    return [HoursClaim(value=value, source=f"source-{number}") for number, value in enumerate(values)]


def oslo(*parts: int) -> dt.datetime:
    """A moment on a Norwegian clock."""
    return dt.datetime(*parts, tzinfo=OSLO)  # type: ignore[arg-type,misc]


def test_within_the_hours_it_is_open_until_they_end() -> None:
    """On a Monday at ten an office line is open, until half past three."""
    state = open_state(claims(OFFICE), oslo(2026, 11, 16, 10))
    assert (state.now, state.until, state.opens_at) == (True, oslo(2026, 11, 16, 15, 30), None)


def test_when_sources_disagree_the_time_they_differ_about_is_unknown() -> None:
    """Three pages say 15.30, 16 and 17: at a quarter to four nobody is told 'open', nor 'closed'."""
    said = claims(OFFICE, "Mo-Fr 09:00-16:00", "Mo-Fr 09:00-17:00")
    assert open_state(said, oslo(2026, 11, 16, 15)).now is True
    assert open_state(said, oslo(2026, 11, 16, 15)).until == oslo(2026, 11, 16, 15, 30)
    assert open_state(said, oslo(2026, 11, 16, 15, 45)).now is None
    assert open_state(said, oslo(2026, 11, 16, 17, 30)).now is False


def test_day_and_night_against_office_hours_is_sure_in_office_hours_only() -> None:
    """One page says 24/7, another office hours: at night we do not know."""
    said = claims("24/7", OFFICE)
    assert open_state(said, oslo(2026, 11, 16, 10)).now is True
    assert open_state(said, oslo(2026, 11, 16, 23)).now is None


def test_sources_without_common_time_promise_nothing() -> None:
    """When no hour is agreed on, no opening is promised."""
    said = claims("Mo 09:00-10:00", "Tu 09:00-10:00")
    assert open_state(said, oslo(2026, 11, 16, 9, 30)) == UNKNOWN
    hours = sure_hours(said)
    assert hours is not None
    assert hours.spans == ()


def test_no_source_is_not_closed() -> None:
    """Hours nobody has written down are unknown."""
    assert open_state([], oslo(2026, 11, 16, 10)) == UNKNOWN
    assert sure_hours([]) is None


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        (oslo(2026, 11, 20, 17), oslo(2026, 11, 23, 9)),
        (oslo(2026, 11, 21, 12), oslo(2026, 11, 23, 9)),
        (oslo(2026, 11, 23, 3), oslo(2026, 11, 23, 9)),
        (oslo(2026, 12, 24, 17), oslo(2026, 12, 28, 9)),
        (oslo(2027, 3, 24, 17), oslo(2027, 3, 30, 9)),
    ],
)
def test_the_next_opening_is_found_over_weekends_and_holidays(at: dt.datetime, opens: dt.datetime) -> None:
    """On a Friday evening the next opening is Monday; before Easter it is Tuesday after."""
    state = open_state(claims(OFFICE), at)
    assert (state.now, state.opens_at) == (False, opens)


def test_a_holiday_that_no_source_mentions_is_unknown() -> None:
    """'Mo-Fr 9–15.30' says nothing of Christmas Day, so neither do we; 'PH off' says closed."""
    christmas = oslo(2026, 12, 25, 12)
    assert open_state(claims(OFFICE), christmas).now is None
    assert open_state(claims(f"{OFFICE}; PH off"), christmas).now is False
    assert open_state(claims(f"{OFFICE}; PH 10:00-14:00"), christmas).now is True


def test_at_night_on_a_holiday_an_office_is_closed() -> None:
    """A holiday makes hours shorter, never longer."""
    assert open_state(claims(OFFICE), oslo(2027, 5, 17, 2)).now is False


def test_day_and_night_holds_on_holidays_too() -> None:
    """24/7 means every hour of the year; it has no end to tell."""
    state = open_state(claims("24/7"), oslo(2026, 12, 25, 3))
    assert (state.now, state.until, state.opens_at) == (True, None, None)


@pytest.mark.parametrize("day", [(2026, 12, 25), (2027, 1, 1), (2027, 3, 25), (2027, 3, 26), (2027, 5, 1), (2027, 5, 17)])
def test_norwegian_holidays_are_known(day: tuple[int, int, int]) -> None:
    """Maundy Thursday and 17 May are days off here and nowhere else."""
    assert is_holiday(oslo(*day, 12))


@pytest.mark.parametrize("day", [(2026, 11, 16), (2026, 12, 24), (2027, 2, 6)])
def test_ordinary_days_are_no_holidays(day: tuple[int, int, int]) -> None:
    """Christmas Eve is no public holiday, and the Sámi national day is no day off."""
    assert not is_holiday(oslo(*day, 12))


def test_an_evening_that_ends_after_midnight_is_one_opening() -> None:
    """At one in the night the line that opened at half past six is still open, until half past one."""
    said = claims("Mo-Su 18:30-25:30")
    assert open_state(said, oslo(2026, 11, 17, 1)).until == oslo(2026, 11, 17, 1, 30)
    assert open_state(said, oslo(2026, 11, 16, 23)).until == oslo(2026, 11, 17, 1, 30)
    assert open_state(said, oslo(2026, 11, 17, 2)).now is False


@pytest.mark.parametrize(("day", "offset"), [((2026, 3, 28), 1), ((2026, 3, 29), 2), ((2026, 10, 24), 2), ((2026, 10, 25), 1)])
def test_hours_follow_the_clock_on_the_wall_when_it_changes(day: tuple[int, int, int], offset: int) -> None:
    """Eight o'clock is eight o'clock before and after the nights in March and October, and its offset is right."""
    opens = open_state(claims("Mo-Su 08:00-20:00"), oslo(*day, 4)).opens_at
    assert opens == oslo(*day, 8)
    assert opens is not None
    assert opens.utcoffset() == dt.timedelta(hours=offset)


def test_both_hours_of_the_long_night_count_as_the_hour_they_show() -> None:
    """In October the clock shows half past two twice; a line open at half past two is open both times."""
    for hour in (0, 1):
        moment = dt.datetime(2026, 10, 25, hour, 30, tzinfo=dt.UTC)
        assert open_state(claims("Mo-Su 02:15-02:45"), moment).now is True


def test_a_moment_from_another_clock_is_read_on_the_norwegian() -> None:
    """07.30 UTC in July is half past nine in Norway."""
    assert open_state(claims(OFFICE), dt.datetime(2026, 7, 1, 7, 30, tzinfo=dt.UTC)).now is True
    assert open_state(claims(OFFICE), dt.datetime(2026, 7, 1, 14, 30, tzinfo=dt.UTC)).now is False


def test_times_given_are_aware() -> None:
    """A time without an offset would mean another hour to a portal abroad."""
    state = open_state(claims(OFFICE), oslo(2026, 11, 16, 10))
    assert state.until is not None
    assert state.until.tzinfo is OSLO


def test_what_a_source_calls_unknown_is_unknown() -> None:
    """OSM hours may say 'unknown'; it is passed on."""
    assert open_state(claims('Mo-Fr 09:00-15:00 unknown "ring først"'), oslo(2026, 11, 16, 10)).now is None


def test_the_sure_week_is_the_intersection() -> None:
    """What is shown is computed from what each source says, never typed."""
    hours = sure_hours(claims("Mo-Fr 09:00-16:00", "Mo-Th 08:00-15:30"))
    assert hours is not None
    assert hours.disputed
    assert hours.spans == tuple((day, dt.time(9), dt.time(15, 30)) for day in range(4))


def test_sources_that_agree_again_heal_by_themselves() -> None:
    """The same hours from two sources are no dispute."""
    hours = sure_hours(claims(OFFICE, OFFICE))
    assert hours is not None
    assert not hours.disputed


def test_day_and_night_is_told_from_long_hours() -> None:
    """24/7 and 00:00-24:00 every day are the same; one hour less is not."""
    for value, always in (
        ("24/7", True),
        ("Mo-Su 00:00-24:00", True),
        ("Mo-Su 00:00-23:00", False),
        ("Mo-Sa 00:00-24:00", False),
    ):
        hours = sure_hours(claims(value))
        assert hours is not None
        assert hours.always is always


@pytest.mark.parametrize(
    "value", ["24/7", OFFICE, "Mo-Fr 09:00-15:30; PH off", "Mo-Su 18:30-25:30", "09:00-15:00", "Mo,We 10:00-12:00"]
)
def test_right_hours_are_accepted(value: str) -> None:
    """OSM opening_hours, as on maps."""
    assert hours_problem(value) is None


@pytest.mark.parametrize("value", ["mandag 9-15", "Mo-Fr 9-15", "hver dag", "Mo 25:00-26:00", "", "9-15"])
def test_wrong_hours_are_refused_with_a_reason(value: str) -> None:
    """A reason comes back, no traceback."""
    problem = hours_problem(value)
    assert problem is not None
    assert "opening_hours" in problem


@settings(max_examples=60, deadline=None)
@given(
    st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2028, 1, 1)),
    st.lists(
        st.sampled_from([OFFICE, "24/7", "Mo-Su 18:30-25:30", f"{OFFICE}; PH off", "Sa 10:00-14:00"]), min_size=1, max_size=3
    ),
)
def test_open_and_closed_never_contradict_a_source(moment: dt.datetime, values: list[str]) -> None:
    """Whatever the sources: 'open' means open by each of them, and a next opening lies ahead."""
    at = moment.replace(tzinfo=OSLO)
    state = open_state(claims(*values), at)
    alone = [open_state(claims(value), at).now for value in values]
    assert state.now is True or not all(alone)
    if state.now is True:
        assert all(alone)
    if state.now is False:
        assert not any(alone)
    if state.opens_at is not None:
        assert state.opens_at.replace(tzinfo=None) > moment
