"""The small changes to Rasa 3.6.21 do what they say. Runs in the bot's environment."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

pytest.importorskip("rasa")
sys.path.insert(0, str(Path(__file__).parents[1] / "bot"))

import aiohttp
import rasa.core.actions.action as rasa_action
from extensions import channel, patches, stores
from rasa.core.actions.action import RemoteAction
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

DOMAIN = Domain.from_yaml('version: "3.1"\nintents: [greet]\nresponses:\n  utter_greet: [{text: "Hei"}]\n')


def test_the_patched_version_is_the_locked_one():
    """The patches touch private parts: another version needs another look."""
    assert rasa_action.rasa.__version__ == "3.6.21"


def test_a_good_answer_of_an_action_passes():
    """Events and responses as rasa-sdk sends them."""
    answer = {"events": [{"event": "slot", "timestamp": None, "name": "age", "value": 16}], "responses": [{"text": "Hei"}]}
    assert patches.check_answer(RemoteAction("action_x", None), answer)


@pytest.mark.parametrize("answer", [None, [], "hei", {"events": [{"event": "no such event"}]}, {"responses": "hei"}])
def test_a_bad_answer_is_refused_without_quoting_it(answer):
    """The error says that it is wrong, not what it was."""
    with pytest.raises(RasaException) as refused:
        patches.check_answer(RemoteAction("action_x", None), answer)
    assert "hei" not in str(refused.value)


def test_an_action_that_is_too_slow_is_a_failed_action(monkeypatch):
    """Not a broken turn: what the turn had said before stays said."""

    async def never(*_: object, **__: object) -> None:
        raise asyncio.TimeoutError  # noqa: UP041 (not the same in Python 3.10)

    monkeypatch.setattr(patches, "_stock_run", never)
    with pytest.raises(RasaException, match="did not answer in time"):
        asyncio.run(patches.run_in_time(RemoteAction("action_x", None)))


def test_the_time_for_an_action_is_the_setting(monkeypatch):
    """Stock Rasa waits for five minutes."""
    monkeypatch.setenv("VEIVISER_BOT_ACTION_TIMEOUT_SECONDS", "1.5")
    patches.apply()
    assert rasa_action.DEFAULT_REQUEST_TIMEOUT == 1.5
    monkeypatch.delenv("VEIVISER_BOT_ACTION_TIMEOUT_SECONDS")
    patches.apply()
    assert rasa_action.DEFAULT_REQUEST_TIMEOUT == 1


def test_the_call_to_an_action_carries_the_tracker_and_not_the_sentences():
    """Three languages of sentences in every call would be most of it."""
    tracker = DialogueStateTracker.from_events("a" * 32, [UserUttered("hei", {"name": "greet"})], DOMAIN.slots)
    call = RemoteAction("action_x", EndpointConfig("http://127.0.0.1:1"))._action_call_format(tracker, DOMAIN)
    assert call["tracker"]["latest_message"]["text"] == "hei"
    assert call["next_action"] == "action_x"
    assert call["domain"] == patches.SMALL_DOMAIN
    assert "utter_greet" not in json.dumps(call)


def test_when_a_store_fails_the_next_one_forgets_too():
    """Stock Rasa would go on with a store that keeps every word."""
    safe = FailSafeTrackerStore(InMemoryTrackerStore(DOMAIN))
    assert isinstance(safe.fallback_tracker_store, stores.MemoryTrackerStore)


@pytest.mark.parametrize(("secret", "telemetry"), [("", "false"), ("short", "false"), ("x" * 32, ""), ("x" * 32, "true")])
def test_the_bot_does_not_start_open_or_talkative(monkeypatch, secret, telemetry):
    """No secret, or telemetry on, is a sentence that says what to set."""
    monkeypatch.setenv("VEIVISER_BOT_SECRET", secret)
    monkeypatch.setenv("RASA_TELEMETRY_ENABLED", telemetry)
    with pytest.raises(channel.MissingSettingError, match="set it"):
        channel.GuardedChannel.from_credentials(None)


def test_the_bot_starts_with_a_secret_and_telemetry_off(monkeypatch):
    """And takes its time limit from the setting."""
    monkeypatch.setenv("VEIVISER_BOT_SECRET", "x" * 32)
    monkeypatch.setenv("RASA_TELEMETRY_ENABLED", "false")
    monkeypatch.setenv("VEIVISER_BOT_CHANNEL_TIMEOUT_SECONDS", "2.5")
    assert channel.GuardedChannel.from_credentials(None).timeout_seconds == 2.5


@pytest.mark.parametrize("sender", ["", "default", "../../etc", "a b", "x" * 65, 7, None])
def test_only_long_random_ids_are_senders(sender):
    """Everyone without an id would share one conversation."""
    assert not channel._is_sender(sender)


@pytest.mark.parametrize("message", ["", "   ", "x" * 2101, None, 3, ["hei"], {"a": 1}])
def test_only_texts_of_a_fair_length_are_messages(message):
    """Empty text would be understood as a yes, and very long text holds up everyone."""
    assert not channel._is_message(message)


class Addresses:
    """Stands in for apps that serve actions: what each address does."""

    def __init__(self, **does: object) -> None:
        self.does, self.asked = does, []

    async def request(self, endpoint: EndpointConfig, *_: object, **__: object) -> object:
        self.asked.append(endpoint.url)
        done = self.does[endpoint.url]
        if isinstance(done, Exception):
            raise done
        return done


def test_an_action_goes_to_the_next_app_when_one_is_down_or_full(monkeypatch):
    """Any app can serve any action, so a dead one costs a moment and no turn."""
    apps = Addresses(
        down=aiohttp.ClientConnectionError(), full=ClientResponseError(429, "", b""), well={"events": [], "responses": []}
    )
    monkeypatch.setattr(patches, "_stock_request", apps.request)
    for _ in range(12):
        apps.asked.clear()
        answer = asyncio.run(patches.request_any(EndpointConfig("down, full,well")))
        assert answer == apps.does["well"]
        assert len(set(apps.asked)) == len(apps.asked)


@pytest.mark.parametrize("error", [aiohttp.ClientConnectionError(), ClientResponseError(500, "", b"")])
def test_when_no_app_answers_the_action_fails_as_it_would_with_one(monkeypatch, error):
    """And a broken action is not tried elsewhere: it would break there too."""
    apps = Addresses(one=error, other=error)
    monkeypatch.setattr(patches, "_stock_request", apps.request)
    with pytest.raises(type(error)):
        asyncio.run(patches.request_any(EndpointConfig("one,other")))
    assert len(apps.asked) == (2 if isinstance(error, aiohttp.ClientConnectionError) else 1)
