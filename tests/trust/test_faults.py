"""Each part in turn is killed, hung, slowed or broken while people talk: they get numbers, right services, in two seconds."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from trust.meddler import WRONG_ANSWERS, Meddler
from trust.parts import Part, Stack, free_port
from trust.table import checking
from trust.turns import ask_all, begin, follow_up, people, problem_of, problem_of_any, say, wait_until_well

AT_ONCE_SECONDS = 1.0


class Meddled:
    """App and bot with a meddler on each of the two ways between them, and a clock that can be moved."""

    def __init__(self, folder: Path) -> None:
        self.stack = Stack(folder)
        self.clock = folder / "clock"
        self.to_bot = Meddler(free_port(), self.stack.bot_url)
        self.to_app = Meddler(free_port(), self.stack.action_url.removesuffix("/webhook"))
        self.stack.asked_bot_url, self.stack.action_url = self.to_bot.url, f"{self.to_app.url}/webhook"
        self.app = self.stack.app(TRUST_CLOCK=str(self.clock))
        self.bot = self.stack.bot(TRUST_CLOCK=str(self.clock))
        self.url = self.stack.url

    def well(self) -> None:
        """Nothing is meddled with, and the bot answers."""
        self.to_bot.set("through")
        self.to_app.set("through")
        wait_until_well(self.url, 120)

    def close(self) -> None:
        """All ends."""
        self.stack.stop()
        self.to_bot.close()
        self.to_app.close()


@pytest.fixture(scope="module")
def meddled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meddled]:
    """The whole, ready to talk."""
    all = Meddled(tmp_path_factory.mktemp("meddled"))
    try:
        all.stack.wait_for_app()
        all.stack.wait_for_bot()
        yield all
    finally:
        all.close()


@pytest.fixture
def well(meddled: Meddled) -> Iterator[Meddled]:
    """The whole, well before the test and made well after it."""
    meddled.well()
    yield meddled
    meddled.well()


def test_a_bot_that_hangs_costs_nobody_more_than_two_seconds(well: Meddled) -> None:
    """SIGSTOP: who is in a turn gets the search in time, who comes later gets it at once, and then the talk goes on."""
    with (
        checking("faults", "bot hangs: turns in flight") as first,
        checking("faults", "bot hangs: later turns, at once") as later,
        checking("faults", "bot hangs: the talk goes on") as after,
    ):
        for _ in range(3):
            persons = begin(well.url)
            well.bot.signal(signal.SIGSTOP)
            for person, turn in zip(persons, ask_all(well.url, persons), strict=True):
                first.trial(problem_of(person, turn), turn.seconds)
            for person, turn in zip(persons, ask_all(well.url, persons), strict=True):
                slow = f"{turn.seconds:.2f} s" if turn.seconds > AT_ONCE_SECONDS else None
                later.trial(problem_of(person, turn) or slow, turn.seconds)
            well.bot.signal(signal.SIGCONT)
            wait_until_well(well.url)
            for person in persons:
                after.trial(follow_up(well.url, person, persons))


def test_a_bot_that_is_killed_is_missed_by_nobody(well: Meddled) -> None:
    """SIGKILL in the middle of turns and after; when a bot is there again, it is asked again."""
    with checking("faults", "bot killed") as killed, checking("faults", "bot killed: the talk goes on") as after:
        for _ in range(2):
            persons = begin(well.url)
            threading.Timer(0.05, well.bot.signal, [signal.SIGKILL]).start()
            for _ in range(2):
                for person, turn in zip(persons, ask_all(well.url, persons), strict=True):
                    killed.trial(problem_of(person, turn), turn.seconds)
            assert well.bot.process is not None
            well.bot.process.wait(10)
            well.bot.start()
            wait_until_well(well.url, 180)
            for person in persons:
                turn = say(well.url, person.question, person.id)
                after.trial(problem_of(person, turn), turn.seconds)


def test_a_bot_that_is_asked_to_stop_finishes_or_hands_over(well: Meddled) -> None:
    """SIGTERM to the bot in the middle of turns."""
    with checking("faults", "bot stopped in a turn") as stopped:
        begin(well.url)
        persons = people()
        threading.Timer(0.05, well.bot.signal, [signal.SIGTERM]).start()
        for person, turn in zip(persons, ask_all(well.url, persons), strict=True):
            stopped.trial(problem_of(person, turn), turn.seconds)
        assert well.bot.process is not None
        well.bot.process.wait(20)
        well.bot.start()
        wait_until_well(well.url, 180)


@pytest.mark.parametrize("mode", ["slow", "cut", "refuse", *WRONG_ANSWERS])
def test_whatever_the_bot_answers_the_person_gets_help(well: Meddled, mode: str) -> None:
    """Too late, cut off, refused, an error, not JSON, nothing, or something else than agreed."""
    with checking("faults", f"bot's answers: {mode}") as check:
        persons = begin(well.url)
        well.to_bot.set(mode)
        for person, turn in zip(persons, ask_all(well.url, persons), strict=True):
            check.trial(problem_of(person, turn), turn.seconds)
        well.well()
        for person in persons:
            check.trial(follow_up(well.url, person, persons, heard=mode in ("slow", "cut")))


@pytest.mark.parametrize("mode", ["hang", "cut", "refuse", *WRONG_ANSWERS])
def test_an_action_call_that_fails_is_not_silence(well: Meddled, mode: str) -> None:
    """Stock Rasa answers with an empty list when its actions fail; here the person gets services and numbers."""
    with checking("faults", f"action calls: {mode}") as check:
        persons = begin(well.url)
        well.to_app.set(mode)
        for person, turn in zip(persons, ask_all(well.url, persons), strict=True):
            check.trial(problem_of(person, turn), turn.seconds)
        well.well()
        for person in persons:
            check.trial(follow_up(well.url, person, persons))


@pytest.mark.parametrize("days", [400, -400])
def test_a_clock_that_jumps_loses_no_talk(well: Meddled, days: int) -> None:
    """The wall clock of app and bot jumps by more than a year; conversations go by a clock that cannot."""
    with checking("faults", f"clock jumps {days} days") as check:
        persons = begin(well.url)
        well.clock.write_text(str(days * 86_400.0))
        try:
            for person in persons:
                check.trial(follow_up(well.url, person, persons))
        finally:
            well.clock.write_text("0")
        for person in persons:
            check.trial(follow_up(well.url, person, persons))


def test_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    """Nothing can be written, the log neither, for the app from its start, for the bot from then on; the talk is as ever."""
    with checking("faults", "disk full") as check, Stack(tmp_path) as stack:
        stack.app(no_disk=True)
        bot = stack.bot()
        stack.wait_for_app()
        stack.wait_for_bot()
        resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (0, 0))
        persons = begin(stack.url)
        for person in persons:
            check.trial(follow_up(stack.url, person, persons))


def test_a_stop_finishes_the_turns_in_flight(tmp_path: Path) -> None:
    """SIGTERM to the guide while people wait: each gets the answer, and the status is 0."""
    with checking("faults", "guide stopped in a turn") as check, Stack(tmp_path) as stack:
        meddler = Meddler(free_port(), stack.bot_url, slow_seconds=0.5)
        stack.asked_bot_url = meddler.url
        app = stack.app()
        stack.bot()
        stack.wait_for_app()
        stack.wait_for_bot()
        for round in range(3):
            if round:
                app.start()
                stack.wait_for_app()
                wait_until_well(stack.url)
            begin(stack.url)
            persons = people()
            meddler.set("slow")
            threading.Timer(0.3, app.signal, [signal.SIGTERM]).start()
            for person, turn in zip(persons, ask_all(stack.url, persons), strict=True):
                check.trial(problem_of(person, turn), turn.seconds)
            meddler.set("through")
            assert app.process is not None
            check.trial(None if app.process.wait(20) == 0 else "the status is not 0")
        stack.parts.remove(app)
        meddler.close()


def test_the_guide_heals_itself(tmp_path: Path) -> None:
    """`veiviser run` starts a bot that hangs or dies anew; meanwhile people get help; at the end it leaves nothing behind."""
    with checking("faults", "one machine: bot hangs, dies, comes back") as check, Stack(tmp_path) as stack:
        app = stack.app(with_bot=True)
        stack.wait_for_app()
        stack.wait_for_bot()
        for blow in (signal.SIGSTOP, signal.SIGKILL):
            persons = begin(stack.url)
            for pid in _children(app):
                os.kill(pid, blow)
            for person, turn in zip(persons, ask_all(stack.url, persons), strict=True):
                check.trial(problem_of(person, turn), turn.seconds)
            wait_until_well(stack.url, 180)
            for person in persons:
                turn = say(stack.url, person.question, person.id)
                check.trial(problem_of(person, turn), turn.seconds)
        last = _children(app)
        app.stop()
        check.trial("a bot goes on alone" if any(map(_lives_on, last)) else None)


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")
def test_the_talk_survives_its_redis(tmp_path: Path) -> None:
    """Redis hangs or dies with all it knows: people are answered in time, and later the conversations go on."""
    hangs, dies = checking("faults", "Redis hangs"), checking("faults", "Redis killed")
    with hangs as hung, dies as killed, Stack(tmp_path, redis=True) as stack:
        stack.settings["VEIVISER_REDIS_URL"] = f"redis://127.0.0.1:{stack.redis_port}/0"
        redis = stack.redis()
        stack.app()
        stack.bot()
        stack.wait_for_app()
        stack.wait_for_bot()
        for blow, check in ((signal.SIGSTOP, hung), (signal.SIGKILL, killed)):
            persons = begin(stack.url)
            redis.signal(blow)
            for newcomers in (people(), people()):
                for person, turn in zip(newcomers, ask_all(stack.url, newcomers), strict=True):
                    check.trial(problem_of(person, turn), turn.seconds)
                for turn in ask_all(stack.url, persons, "hva koster det?"):
                    check.trial(problem_of_any(turn), turn.seconds)
            if blow == signal.SIGKILL:
                assert redis.process is not None
                redis.process.wait(10)
                redis.start()
            else:
                redis.signal(signal.SIGCONT)
            wait_until_well(stack.url)
            for person in persons:  # who went on talking without Redis began anew there; the talk goes on from that
                check.trial(follow_up(stack.url, person, persons, heard=True))


def _children(part: Part) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(part.pid)], capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split()]


def _lives_on(pid: int) -> bool:
    ends = time.monotonic() + 5
    while time.monotonic() < ends:
        if not Path(f"/proc/{pid}").exists():
            return False
        time.sleep(0.1)
    return True
