"""The real bot process with a stand-in for the app's actions: guarded, bounded, silent. Runs in the bot's environment.

Needs a trained model (tools/train_bot.py).
"""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

pytest.importorskip("rasa")
ROOT = Path(__file__).parents[1]
BOT = ROOT / "bot"
SECRET = "a-secret-of-this-test-only"
MARKER = "sommerfuglnatt"


class Actions(BaseHTTPRequestHandler):
    """Answers as the app does, with what the test has set in `mode`."""

    mode = "well"
    calls: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).calls.append({"call": call, "secret": self.headers.get("X-Veiviser-Secret")})
        reading = call["next_action"] == "action_validate_slot_mappings"
        if not reading and self.mode == "slow":
            time.sleep(4)
        if not reading and self.mode == "broken":
            return self._answer(500, {"error": MARKER})
        if not reading and self.mode == "nonsense":
            return self._answer(200, {"events": [{"event": MARKER}]})
        if reading:
            count = (call["tracker"]["slots"].get("turns") or 0) + 1
            values = {"language": "nn", "turns": count, "shown": [["ung-no", 0.5]], "country": f"{MARKER} er meir enn eitt ord"}
            events = [{"event": "slot", "timestamp": None, "name": k, "value": v} for k, v in values.items()]
            return self._answer(200, {"events": events, "responses": []})
        said = [{"response": "utter_service_contact", "name": "ung.no", "answer": "skriv"}, {"response": "utter_ask_age"}]
        return self._answer(200, {"events": [], "responses": [*said, {"custom": {"type": "services", "ids": ["ung-no"]}}]})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        sent = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_: Any) -> None:
        pass


class Bot:
    """The running bot, and what it has written."""

    def __init__(self, level: str, folder: Path) -> None:
        actions = ThreadingHTTPServer(("127.0.0.1", 0), Actions)
        threading.Thread(target=actions.serve_forever, daemon=True).start()
        self.port, self.log = _free_port(), folder / "bot.log"
        model = subprocess.run([sys.executable, ROOT / "tools/train_bot.py", "--path"], capture_output=True, text=True)
        assert model.returncode == 0, model.stderr
        env = {
            **os.environ,
            "RASA_TELEMETRY_ENABLED": "false",
            "LOG_LEVEL": level,
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "TICKET_LOCK_LIFETIME": "10",
            "VEIVISER_BOT_SECRET": SECRET,
            "VEIVISER_ACTION_URL": f"http://127.0.0.1:{actions.server_port}/webhook",
            "VEIVISER_BOT_ACTION_TIMEOUT_SECONDS": "1",
            "VEIVISER_BOT_CHANNEL_TIMEOUT_SECONDS": "3.5",
        }
        command = [
            sys.executable,
            "-m",
            "extensions.start",
            "run",
            "-m",
            model.stdout.strip(),
            "-i",
            "127.0.0.1",
            "-p",
            str(self.port),
        ]
        command += ["--credentials", "credentials.yml", "--endpoints", "endpoints.yml"]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, cwd=BOT, env=env, stdout=log, stderr=subprocess.STDOUT)
        self._wait()

    def _wait(self) -> None:
        for _ in range(240):
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            if self.ask("/webhooks/guarded/", method="GET")[0] == 200:
                return
            time.sleep(0.5)
        raise AssertionError("the bot did not start")

    def ask(self, path: str, body: Any = None, secret: "str | None" = SECRET, method: str = "POST") -> tuple[int, Any]:
        """Status and JSON of a request."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        headers = {"Content-Type": "application/json", **({"X-Veiviser-Secret": secret} if secret else {})}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                got = answer.read()
                return answer.status, json.loads(got) if got else None
        except urllib.error.HTTPError as error:
            got = error.read()
            try:
                return error.code, json.loads(got)
            except ValueError:
                return error.code, got
        except OSError:
            return 0, None

    def say(self, text: Any, sender: str = "b" * 32) -> tuple[int, Any]:
        """One turn of a conversation."""
        return self.ask("/webhooks/guarded/webhook", {"sender": sender, "message": text})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module", params=["INFO", "DEBUG"])
def bot(request, tmp_path_factory):
    """The bot at two log levels."""
    running = Bot(request.param, tmp_path_factory.mktemp(request.param))
    yield running
    running.process.terminate()
    running.process.wait(20)


@pytest.fixture(autouse=True)
def _well():
    Actions.mode = "well"
    Actions.calls.clear()


def test_an_answer_in_the_language_of_the_slot_with_buttons_that_parse(bot):
    """Sentences are filled with the action's values; payloads come out with single braces."""
    status, messages = bot.say(f"foreldrene mine vil gifte meg bort, {MARKER}")
    assert status == 200
    assert messages[0]["text"] == "Slik når du ung.no: skriv"
    assert messages[1]["text"].startswith("Kor gamal")
    assert messages[1]["buttons"][0]["payload"] == '/tell_age{"age": "under18"}'
    assert messages[2]["custom"] == {"type": "services", "ids": ["ung-no"]}


def test_a_payload_is_an_intent_with_its_entities(bot):
    """What a button sends is not guessed at."""
    bot.say('/tell_age{"age": "under18"}')
    message = Actions.calls[-1]["call"]["tracker"]["latest_message"]
    assert message["intent"]["name"] == "tell_age"
    assert [(e["entity"], e["value"]) for e in message["entities"]] == [("age", "under18")]
    assert Actions.calls[-1]["call"]["next_action"] == "action_take_answer"


def test_actions_are_called_with_the_secret_and_without_the_domain(bot):
    """First the reading of the message, then the action of the rule."""
    bot.say("har de chat")
    assert [call["call"]["next_action"] for call in Actions.calls] == [
        "action_validate_slot_mappings",
        "action_tell_about_service",
    ]
    assert {call["secret"] for call in Actions.calls} == {SECRET}
    assert all("responses" not in call["call"]["domain"] for call in Actions.calls)


@pytest.mark.parametrize("secret", [None, "", "wrong", "æøå"])
def test_no_turn_without_the_secret(bot, secret):
    """Not even from the same machine."""
    if secret == "æøå":
        secret = secret.encode().decode("latin-1")
    status, answer = bot.ask("/webhooks/guarded/webhook", {"sender": "b" * 32, "message": MARKER}, secret=secret)
    assert (status, answer["error"]["code"]) == (403, "forbidden")
    assert bot.ask("/webhooks/guarded/forget", {"sender": "b" * 32}, secret=secret)[0] == 403


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b'"hei"', b"\xff\xfe", {}, {"sender": "b" * 32}, {"sender": "b" * 32, "message": ""},
        {"sender": "b" * 32, "message": "   "}, {"sender": "b" * 32, "message": None}, {"sender": "b" * 32, "message": ["x"]},
        {"sender": "default", "message": MARKER}, {"sender": None, "message": MARKER},
        {"sender": "b" * 32, "message": "x" * 2101},
    ],
)  # fmt: skip
def test_bad_requests_are_refused_in_one_shape(bot, body):
    """Malformed, empty, too long, without an id."""
    status, answer = bot.ask("/webhooks/guarded/webhook", body)
    assert (status, answer["error"]["code"]) == (400, "bad_request")


def test_a_huge_request_is_refused(bot):
    """Before anything reads it."""
    status, _ = bot.ask("/webhooks/guarded/webhook", {"sender": "b" * 32, "message": MARKER * 9000})
    assert status in (0, 413)
    assert bot.say("hei")[0] == 200


@pytest.mark.parametrize("mode", ["slow", "broken", "nonsense"])
def test_a_failed_action_ends_in_time_and_the_talk_goes_on(bot, mode):
    """An empty list within the limits; the app turns it into help. The next turn is answered."""
    Actions.mode = mode
    started = time.monotonic()
    status, messages = bot.say(f"de har tatt passet mitt {MARKER}", "c" * 32)
    assert (status, messages) == (200, [])
    assert time.monotonic() - started < 3.5
    Actions.mode = "well"
    assert bot.say("har de chat", "c" * 32)[1]


def test_nothing_else_is_open(bot):
    """No API, no stock channels, loopback only."""
    for path in ("/version", "/status", "/domain", "/conversations/x/tracker", "/webhooks/rest/"):
        assert bot.ask(path, method="GET")[0] == 404
    assert bot.ask("/webhooks/rest/webhook", {"sender": "b" * 32, "message": MARKER})[0] in (404, 405)
    assert bot.ask("/model/parse", {"text": MARKER})[0] in (404, 405)


def test_forgetting_empties_the_slots(bot):
    """The next turn of the same id is a first turn."""
    sender = "d" * 32
    bot.say("hei igjen", sender)
    bot.say("har de chat", sender)
    assert Actions.calls[-1]["call"]["tracker"]["slots"]["turns"] == 2
    assert bot.ask("/webhooks/guarded/forget", {"sender": sender})[0] == 204
    assert bot.ask("/webhooks/guarded/forget", {"sender": sender})[0] == 204
    bot.say("har de chat", sender)
    assert Actions.calls[-1]["call"]["tracker"]["slots"]["turns"] == 1


def test_earlier_words_do_not_reach_later_calls(bot):
    """What is kept between turns has no text; a slot with free text is gone by the next turn."""
    sender = "e" * 32
    bot.say(f"pappa slår meg {MARKER}", sender)
    Actions.calls.clear()
    bot.say("har de chat", sender)
    first = json.dumps(Actions.calls[0]["call"], ensure_ascii=False)
    assert MARKER not in first
    assert '"shown": [["ung-no", 0.5]]' in first


def test_turn_60_calls_are_no_larger_than_turn_4_calls(bot):
    """The tracker is pruned, so cost stays flat."""
    sender = "f" * 32
    sizes = []
    for _ in range(60):
        Actions.calls.clear()
        bot.say("har de chat", sender)
        sizes.append(len(json.dumps(Actions.calls[-1]["call"])))
    assert sizes[-1] <= sizes[3] * 1.1


def test_no_log_line_holds_what_was_written(bot):
    """At INFO and at DEBUG, after all of the above and some odd texts more."""
    odd = (
        f"/{MARKER}",
        f'/tell_age{{"{MARKER}": 1}}',
        f"/tell_age{{{MARKER}",
        f"{MARKER} {{name}} [x](y)",
        f"{MARKER}\U0001f600",
    )
    for text in odd:
        bot.say(text)
    time.sleep(0.3)
    written = bot.log.read_text(errors="replace")
    assert MARKER not in written
    assert "b" * 32 not in written
    assert written.strip()
