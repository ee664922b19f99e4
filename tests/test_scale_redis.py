"""Past one machine: two apps and two bots as real processes around a real Redis. Any of them can serve any turn."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fleet import Fleet, running_fleet

MINUTES = 0.4
FIRST = "jeg er 16 og redd for å bli sendt til Somalia"
FOLLOW_UP = "hva er nummeret til den første?"
MARKER = "Zorvexblinktrål"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """One fleet for all tests of this file; its conversations are kept for 24 seconds."""
    with running_fleet(tmp_path_factory.mktemp("fleet"), minutes=MINUTES) as fleet:
        for app in range(2):  # the first turn after a start is slower
            fleet.say(app, FIRST)
        yield fleet


@pytest.fixture
def fleet(running: Fleet) -> Fleet:
    """The fleet with every part alive."""
    running.heal()
    return running


def begin(fleet: Fleet, app: int = 0) -> tuple[str, str]:
    """A new conversation: its id and the name of the first service that was shown."""
    answer = well(fleet.say(app, FIRST))
    services = next(m["services"] for m in answer["messages"] if m["type"] == "services")
    return answer["conversation_id"], services[0]["name"]


def well(response: httpx.Response) -> dict:
    """The answer, given by a bot."""
    assert response.status_code == 200, response.text
    assert not response.json()["degraded"], "answered without the bot"
    return response.json()


def knows(fleet: Fleet, app: int, id: str, name: str) -> bool:
    """Does a follow-up question through an app still find what 'the first' was?"""
    return name in json.dumps(well(fleet.say(app, FOLLOW_UP, id))["messages"], ensure_ascii=False)


def retried(fleet: Fleet, app: int, text: str, id: str) -> dict:
    """A turn as a patient client takes it: again after an error or a 429. Fails when that goes on for long."""
    ends = time.monotonic() + 8
    while time.monotonic() < ends:
        try:
            response = fleet.say(app, text, id)
            if response.status_code == 200:
                return well(response)
            assert response.status_code == 429
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError("no answer in time")


def test_a_conversation_goes_on_over_all_apps_and_bots(fleet: Fleet) -> None:
    """Turn by turn through another app, with whichever bot has time; a new conversation knows nothing of it."""
    id, name = begin(fleet)
    assert all(knows(fleet, turn % 2, id, name) for turn in range(8))
    other = well(fleet.say(1, "hei"))["conversation_id"]
    assert not knows(fleet, 0, other, name)


def test_a_conversation_goes_on_when_a_bot_dies(fleet: Fleet) -> None:
    """One bot alone goes on with what either of them began."""
    talks = [begin(fleet, number % 2) for number in range(4)]
    fleet.bots[1].kill()
    assert all(knows(fleet, turn % 2, *talk) for talk in talks for turn in range(2))


def test_turns_that_were_at_the_bot_when_it_died_are_answered_by_the_other(fleet: Fleet) -> None:
    """Many people in the middle of a turn: each gets the bot's answer, and each talk is still known."""
    talks = [begin(fleet, number % 2) for number in range(6)]
    with ThreadPoolExecutor(6) as people:
        turns = [people.submit(knows, fleet, number % 2, *talk) for number, talk in enumerate(talks * 4)]
        time.sleep(0.15)
        fleet.bots[0].kill()
        assert all(turn.result() for turn in turns)


def test_a_conversation_goes_on_when_an_app_dies_in_the_middle_of_a_turn(fleet: Fleet) -> None:
    """The other app answers the same turn within seconds, and its actions serve both bots."""
    id, name = begin(fleet, app=0)
    lost = threading.Thread(target=lambda: _ignore_errors(fleet, id))
    lost.start()
    time.sleep(0.02)
    fleet.apps[0].kill()
    lost.join()
    assert name in json.dumps(retried(fleet, 1, FOLLOW_UP, id), ensure_ascii=False)
    assert all(knows(fleet, 1, id, name) for _ in range(4))


def _ignore_errors(fleet: Fleet, id: str) -> None:
    try:
        fleet.say(0, FOLLOW_UP, id)
    except httpx.HTTPError:
        return


def test_deleting_through_any_app_forgets_everywhere(fleet: Fleet) -> None:
    """Afterwards neither Redis nor an app nor a bot knows it."""
    id, name = begin(fleet, app=0)
    assert knows(fleet, 1, id, name)
    assert fleet.keys(id)
    assert httpx.delete(f"{fleet.apps[1].url}/api/v1/chat/{id}", timeout=10).status_code == 204
    assert not fleet.keys(id)
    assert not any(knows(fleet, app, id, name) for app in (0, 1, 0, 1))


def test_two_turns_at_once_through_two_apps_are_one_after_the_other(fleet: Fleet) -> None:
    """Every answered turn is counted once by the apps and once by the bots, and the talk is whole."""
    id, name = begin(fleet)
    sent = 0
    with ThreadPoolExecutor(2) as people:
        for _ in range(8):
            for response in people.map(lambda app: fleet.say(app, FOLLOW_UP, id), (0, 1)):
                well(response)
                sent += 1
    assert knows(fleet, 0, id, name)
    by_apps = json.loads(fleet.ask_redis("get", f"veiviser:talk:{id}"))
    by_bots = json.loads(fleet.ask_redis("get", f"veiviser:tracker:{id}"))
    slots = {event["name"]: event["value"] for event in by_bots["events"] if event["event"] == "slot"}
    assert by_apps["turns"] == sent + 2
    assert slots["turns"] == sent + 2


def test_redis_holds_no_word_of_what_was_written_or_said(fleet: Fleet) -> None:
    """Looked at in the middle of the talk: ids, numbers and closed words, and an end for every key."""
    id, _ = begin(fleet)
    answer = well(fleet.say(1, f"jeg heter {MARKER} og pappa nekter meg å gå ut", id))
    said = [m["text"] for m in answer["messages"] if m.get("text")]
    keys = fleet.ask_redis("--scan").split()
    assert keys
    everything = "\n".join(fleet.ask_redis("get", key) for key in keys)
    assert id in everything
    assert not any(text in everything for text in (MARKER, "pappa", FIRST, *said))
    assert all(0 < int(fleet.ask_redis("ttl", key)) <= MINUTES * 60 for key in keys if fleet.ask_redis("exists", key) == "1")


def test_a_silent_conversation_is_deleted_by_redis_itself(fleet: Fleet) -> None:
    """After the minutes that were set Redis is empty, and the next message begins anew."""
    id, name = begin(fleet)
    assert fleet.keys(id)
    ends = time.monotonic() + MINUTES * 60 + 15
    while fleet.ask_redis("dbsize") != "0" and time.monotonic() < ends:
        time.sleep(0.5)
    assert fleet.ask_redis("dbsize") == "0"
    assert not knows(fleet, 1, id, name)


def test_without_redis_people_still_get_answers(fleet: Fleet) -> None:
    """Killed: answers go on, in time. Back again: conversations are shared again."""
    id, _ = begin(fleet)
    fleet.redis.kill()
    for turn in range(6):
        response = fleet.say(turn % 2, "pappa slår meg, jeg er 14", id)
        assert response.status_code == 200
        assert response.elapsed.total_seconds() < 4
    fleet.heal()
    time.sleep(2.5)
    id, name = begin(fleet)
    assert all(knows(fleet, turn % 2, id, name) for turn in range(4))


def test_nothing_that_the_parts_print_holds_what_was_written(fleet: Fleet) -> None:
    """Of all that this file has sent, also while parts were dying, nothing is in any output."""
    well(fleet.say(0, f"hei, jeg er {MARKER}"))
    for part in fleet.parts:
        assert MARKER not in part.log.read_text(errors="replace")
        assert "Somalia" not in part.log.read_text(errors="replace")
