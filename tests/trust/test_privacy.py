"""What a person writes is nowhere afterwards: searched for in everything that the real processes have written and show."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from trust.meddler import Meddler
from trust.parts import ROOT, SECRET, Stack, free_port
from trust.table import checking
from trust.turns import wait_until_well

#: No word of any language, and long enough to stand alone; each door gets its own.
MARKER = "Zqvxjubletrompet"
#: Folders of the project that no process of the guide may write a person's words to, and that are too large or not ours.
NOT_SEARCHED = {".git", ".venv", "node_modules", ".tools", ".hypothesis", ".mypy_cache", ".ruff_cache", ".pytest_cache"}

#: Settings with fixed content that Keras, Matplotlib and Rasa write into the home folder when they first start.
HARMLESS = (".keras/keras.json", "matplotlib", ".config/rasa", "fontlist")


@dataclass
class Told:
    """A running guide, the doors that were knocked on, and the ids of the conversations."""

    stack: Stack
    meddler: Meddler
    began: float
    doors: dict[str, str] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)

    def marker(self, door: str) -> str:
        """The marker of a door."""
        return self.doors.setdefault(door, f"{MARKER}{len(self.doors):02d}")


def knock(told: Told) -> None:
    """Sends a marker through every door: right, wrong, and while parts are broken."""
    with httpx.Client(base_url=told.stack.url, trust_env=False, timeout=30) as client:

        def chat(door: str, id: str | None = None, **body: object) -> str:
            sent = {"text": f"jeg heter {told.marker(door)} og pappa slår meg", "conversation_id": id, **body}
            answer = client.post("/api/v1/chat", json=sent)
            given = str(answer.json().get("conversation_id", "")) if answer.status_code == 200 else ""
            if given:
                told.ids.append(given)
            return given

        def json(door: str, address: str, body: Callable[[str], object]) -> None:
            client.post(address, json=body(told.marker(door)))

        id = chat("chat")
        chat("chat, later turn", id)
        chat("chat, urgent", id, text=f"hjelp {told.marker('chat, urgent')} slår meg nå med kniv")
        chat("chat, foreign id", told.marker("chat, foreign id"))
        json("search", "/api/v1/search", lambda m: {"text": f"{m} vil gifte meg bort"})
        json("search, place", "/api/v1/search", lambda m: {"text": "hei", "profile": {"municipality": m}})
        json("chat, payload", "/api/v1/chat", lambda m: {"payload": f'/tell_age{{"age": "{m}"}}'})
        json("chat, unknown key", "/api/v1/chat", lambda m: {"text": "hei", m: m})
        json("chat, wrong type", "/api/v1/chat", lambda m: {"text": [m]})
        json("chat, too long", "/api/v1/chat", lambda m: {"text": m * 200})
        json("search, too large", "/api/v1/search", lambda m: {"text": m * 9000})
        json("REST channel", "/webhooks/rest/webhook", lambda m: {"sender": m, "message": f"{m} er redd"})
        json("REST channel, command", "/webhooks/rest/webhook", lambda m: {"sender": "x", "message": f"/restart{m}"})
        client.post("/api/v1/search", content=f'{{"text": "{told.marker("broken JSON")}'.encode())
        client.post("/api/v1/chat", content=b'{"text": "\xff\xfe ' + told.marker("not UTF-8").encode() + b'"}')
        client.post("/api/v1/chat", content=b"[" * 20_000 + told.marker("deep JSON").encode())
        form = {"tekst": told.marker("page /finn"), "kommune": told.marker("page /finn, place"), "hvem": "self"}
        client.post("/finn", data=form, headers={"accept": "text/html"})
        client.post("/fagfolk", data={"tekst": told.marker("page /fagfolk")}, headers={"accept": "text/html"})
        client.post("/finn", content=told.marker("page, too large").encode() * 9000, headers={"accept": "text/html"})
        client.get(f"/tjenester/{told.marker('address')}?q={told.marker('query')}", headers={"accept": "text/html"})
        sent = {name: told.marker(f"header {name}") for name in ("cookie", "user-agent", "referer", "x-forwarded-for", "x-y")}
        client.get("/", headers=sent)
        client.delete(f"/api/v1/chat/{told.marker('delete')}")
        knock_as_bot(told, client)
        for mode in ("refuse", "garbage", "error"):
            told.meddler.set(mode)
            chat(f"without the bot: {mode}")
            told.meddler.set("through")
            wait_until_well(told.stack.url)
        told.ids.append(id)


def knock_as_bot(told: Told, client: httpx.Client) -> None:
    """Action calls as the bot makes them, right, wrong, and such that the action crashes on what it gets."""
    marker, headers = told.marker("action call"), {"X-Veiviser-Secret": SECRET}
    slots = {"shown": [[told.marker("action crash"), "no number"]], "age": {"x": marker}, "turns": marker}
    for action in ("action_find_services", "action_validate_slot_mappings", "action_tell_about_service", marker):
        tracker = {"sender_id": marker, "slots": slots, "latest_message": {"text": marker}, "events": [marker]}
        for given in (tracker, {}, marker):
            call = {"next_action": action, "sender_id": marker, "tracker": given, "domain": {"x": marker}}
            client.post("/webhook", json=call, headers=headers)
    client.post("/webhook", content=zlib.compress(marker.encode()), headers={**headers, "content-encoding": "deflate"})
    client.post("/webhook", json={"next_action": told.marker("action call, no secret")})
    for body in ({"sender": "m" * 22, "message": told.marker("bot's own door")}, {"sender": marker, "message": [marker]}):
        httpx.post(f"{told.stack.bot_url}/webhooks/guarded/webhook", json=body, headers=headers, trust_env=False)
    httpx.post(f"{told.stack.bot_url}/webhooks/guarded/{marker}", content=marker, headers=headers, trust_env=False)


@pytest.fixture(scope="module", params=["memory", "redis"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A guide, at the most talkative log level, that was told markers through every door."""
    if request.param == "redis" and shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    folder = tmp_path_factory.mktemp(request.param)
    began = time.time() - 1
    settings = {"VEIVISER_LOG_LEVEL": "debug", "VEIVISER_CONVERSATION_MINUTES": "0.25"}
    with Stack(folder, redis=request.param == "redis", **settings) as stack:
        meddler = Meddler(free_port(), stack.bot_url)
        stack.asked_bot_url = meddler.url
        if stack.with_redis:
            stack.redis()
            stack.settings["VEIVISER_REDIS_URL"] = f"redis://127.0.0.1:{stack.redis_port}/0"
        stack.app()
        stack.bot(LOG_LEVEL="DEBUG")
        stack.wait_for_app()
        stack.wait_for_bot()
        all = Told(stack, meddler, began)
        knock(all)
        yield all
        meddler.close()


def test_no_word_is_in_anything_that_was_written(told: Told) -> None:
    """Output, every file that is new or changed, open files, Redis, metrics, command lines and environments: nothing."""
    kept = "Redis" if told.stack.with_redis else "memory"
    places = dict(written(told))
    with checking("privacy", f"marker through {len(told.doors)} doors, {kept}: in nothing written or shown") as check:
        for door, marker in told.doors.items():
            found = [place for place, content in places.items() if marker.encode() in content]
            check.trial(f"the marker of «{door}» is in {found}" if found else None)
    with checking("privacy", f"conversation ids, {kept}: in no output, file or metric") as check:
        for id in told.ids:
            found = [place for place, content in places.items() if id.encode() in content and not place.startswith("redis")]
            check.trial(f"an id is in {found}" if found else None)


def written(told: Told) -> Iterator[tuple[str, bytes]]:
    """Everything that the processes have written or show, by a name of the place."""
    stack = told.stack
    yield "metrics", httpx.get(f"{stack.url}/metrics", trust_env=False).content
    for top in {stack.folder, ROOT}:
        for folder, names, files in os.walk(top):
            names[:] = [n for n in names if n not in NOT_SEARCHED]
            for name in files:
                path = Path(folder, name)
                if path.is_file() and path.stat().st_mtime >= told.began and path.suffix != ".joblib":
                    yield str(path), path.read_bytes()
    for part in stack.parts:
        process = Path(f"/proc/{part.pid}")
        for shown in ("cmdline", "environ"):
            yield f"{part.name} {shown}", (process / shown).read_bytes()
        for open_file in (process / "fd").iterdir():
            target = os.readlink(open_file)
            if target.startswith("/") and not target.startswith(("/dev", "/proc", "/sys", "/memfd")):
                yield f"{part.name} holds {target}", open_file.read_bytes()
    if stack.with_redis:
        import redis

        client = redis.Redis(port=stack.redis_port)
        for key in client.scan_iter("*"):
            value = client.dump(key) or b""
            yield f"redis {key!r}", key + b" " + value + (client.get(key) or b"" if client.type(key) == b"string" else b"")


def test_only_expected_files_are_written(told: Told) -> None:
    """Besides the settings some libraries write at their start, nothing lies in the folders that the processes were given."""
    with checking("privacy", "files left in home, temp and working folder") as check:
        left = [str(p) for name in ("home", "app") for p in (told.stack.folder / name).rglob("*") if p.is_file()]
        left = [p for p in left if not any(harmless in p for harmless in HARMLESS)]
        check.trial(f"left: {left}" if left else None)


def test_nothing_is_dumped_when_a_process_crashes(told: Told) -> None:
    """No core dump of app or bot, whatever the machine's limit is."""
    with checking("privacy", "no core dumps") as check:
        for part in told.stack.parts:
            if part.name == "redis":
                continue
            limits = Path(f"/proc/{part.pid}/limits").read_text()
            core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
            check.trial(None if core.split()[4:6] == ["0", "0"] else f"{part.name}: {core}")


@pytest.mark.parametrize("way", ["DELETE", "said", "expiry"])
def test_what_a_conversation_knew_is_forgotten(told: Told, way: str) -> None:
    """After DELETE, after 'delete the conversation', and after the minutes of silence, the bot knows nothing of before."""
    url, minutes = told.stack.url, 0.25
    wait_until_well(url)
    with checking("privacy", f"forgotten after {way}, {'Redis' if told.stack.with_redis else 'memory'}") as check:
        for _ in range(2):
            with httpx.Client(base_url=url, trust_env=False, timeout=20) as client:
                said = client.post("/api/v1/chat", json={"text": "pappa vil gifte meg bort, jeg er 16"}).json()
                id = said["conversation_id"]
                names = [s["name"] for m in said["messages"] if m["type"] == "services" for s in m["services"]]
                asked = {"text": "hva er nummeret til den første?", "conversation_id": id}
                known = client.post("/api/v1/chat", json=asked).json()
                assert any(name in str(known) for name in names), "it was not remembered to begin with"
                if way == "DELETE":
                    assert client.delete(f"/api/v1/chat/{id}").status_code == 204
                elif way == "said":
                    client.post("/api/v1/chat", json={"payload": "/delete_conversation", "conversation_id": id})
                else:
                    time.sleep(minutes * 60 + 3)
                after = client.post("/api/v1/chat", json=asked).json()
                check.trial("it is still known" if any(name in str(after) for name in names) else None)


@pytest.mark.skipif(
    shutil.which("unshare") is None or subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode != 0,
    reason="needs a kernel that gives network namespaces",
)
def test_nobody_else_is_even_looked_for(tmp_path: Path) -> None:
    """In a network with no way out the kernel counts each attempt to leave it, also to ask for a name: there is none."""
    script = Path(__file__).with_name("alone.py")
    command = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$0" "$@"', sys.executable, str(script), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500)
    with checking("privacy", "attempts of an outgoing connection: start, turns, searches, half a minute") as check:
        check.trial(None if done.stdout.strip().endswith("attempts: 0") else f"{done.stdout[-300:]} {done.stderr[-1500:]}")
