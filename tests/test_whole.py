"""The whole guide as a person meets it: app and bot as real processes, over HTTP."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from running import ROOT, Running, running_guide

#: One question for each kind of service → the id that must come first.
QUESTIONS = {
    "bror min står utenfor døra med kniv og roper at han skal drepe meg": "politiet-112",
    "venninna mi har tatt en hel boks paracet og våkner ikke": "amk-113",
    "hvor ringer jeg når jeg har brukket håndleddet på en søndag?": "legevakt-116117",
    "jeg vil anmelde eksen og søke om besøksforbud": "politiet-02800",
    "jeg er 13 og mamma slår meg, jeg trenger en voksen å snakke med nå i kveld": "alarmtelefonen-116111",
    "Jeg er nabo og vil melde bekymring for en jente på 9 som blir slått": "barnevernet",
    "hvem kan jeg snakke anonymt med om press til å gifte meg?": "rode-kors-telefonen",
    "mannen min kontrollerer alt, jeg vil bare snakke med noen på telefon": "vo-linjen-116006",
    "jeg vil stille et anonymt spørsmål skriftlig, jeg er 15": "ung-no",
    "er det en mangfoldsrådgiver på skolen min? foreldrene mine bestemmer alt": "mangfoldsradgivere",
    "fagperson, vil drøfte en sak om æresrelatert vold": "kompetanseteamet",
    "jeg er i Pakistan og onkel har planlagt bryllup for meg": "spesialutsendinger",
    "skolen vår har ingen rådgiver, kan noen komme og kurse oss?": "imdi-fagteam",
    "jeg er 19 og har brutt med familien, trenger et trygt sted å bo i mange måneder": "bo-og-stottetilbudet",
    "jeg har ikke penger til flybilletten hjem til Norge": "refusjonsordningen",
    "mister jeg oppholdstillatelsen hvis jeg skiller meg?": "udi",
    "vil ut av menigheten, alle jeg kjenner er der": "hjelpekilden",
    "jeg må vekk fra mannen min i natt, hvor kan jeg sove med barna?": "krisesenter",
    "jeg er omskåret og har vondt når jeg tisser, hvilken lege?": "kjonnslemlestelse-helsehjelp",
    "I need a lawyer to annul my forced marriage": "fri-rettshjelp",
}


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Running:
    """One running guide for all tests of this file."""
    with running_guide(tmp_path_factory.mktemp("guide") / "out.log") as running:
        yield running


def cards(answer: dict) -> list[str]:
    """Ids of the services in a chat answer."""
    return [s["id"] for m in answer["messages"] if m["type"] == "services" for s in m["services"]]


@pytest.mark.parametrize("question", QUESTIONS, ids=list(QUESTIONS.values()))
def test_a_question_of_each_kind_gets_the_right_service_first_in_search_and_chat(guide: Running, question: str) -> None:
    """A person asks in their own words, and the right help stands first, in both places."""
    wanted = QUESTIONS[question]
    assert guide.search(question)["services"][0]["id"] == wanted
    answer = guide.chat(question)
    assert not answer["degraded"]
    assert cards(answer)[0] == wanted


def test_the_talk_remembers_and_a_later_fact_moves_the_help(guide: Running) -> None:
    """'Jeg er i Pakistan nå' after a talk at home brings the help that works abroad."""
    first = guide.chat("pappa vil gifte meg bort, jeg er 16 og går på videregående")
    assert "ud-konsular" not in cards(first)[:1]
    later = guide.chat("jeg er i Pakistan nå", first["conversation_id"])
    assert cards(later)[0] in ("spesialutsendinger", "ud-konsular")


def test_danger_is_first_in_any_turn_and_can_be_corrected(guide: Running) -> None:
    """The urgent message comes before everything else; after a correction the alarm is gone and the number stays."""
    id = guide.chat("hei")["conversation_id"]
    danger = guide.chat("de har låst meg inne og pappa sier han skal drepe meg", id)
    assert danger["messages"][0]["type"] == "urgent"
    assert "112" in [c["value"] for c in danger["messages"][0]["contacts"]]
    calm = guide.chat("nei, det var bare tull", id)
    assert all(m["type"] != "urgent" for m in calm["messages"])
    assert any("112" in m.get("text", "") for m in calm["messages"])


def test_deleting_forgets(guide: Running) -> None:
    """After 'slett samtalen' the next message starts a new conversation that knows nothing."""
    first = guide.chat("jeg er 16 og redd for å bli sendt til Somalia")
    deleted = guide.chat("slett samtalen", first["conversation_id"])
    assert deleted["conversation_id"] != first["conversation_id"]
    after = guide.chat("hva er nummeret til den første?", first["conversation_id"])
    assert not cards(after)


def test_nothing_of_what_was_written_is_in_the_output(guide: Running) -> None:
    """A marker through search, chat and wrong input is in nothing that the processes print."""
    marker = "Zorvexblinktrål"
    guide.search(f"{marker} redd hjemme")
    guide.chat(f"jeg heter {marker} og pappa slår meg")
    with pytest.raises(Exception, match="422"):
        guide.chat("x" * 2001 + marker)
    assert marker not in guide.log.read_text(errors="replace")


def test_own_conversations_hold_as_well_as_at_the_last_release(guide: Running) -> None:
    """The recorded conversations hold at least as often as when this was released (goal: 90 % of turns, 65 % whole)."""
    command = [sys.executable, "tests/conversations/run.py", "--url", guide.url, "--turns", "0.84", "--whole", "0.54"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout[-2500:]


def test_the_chat_answers_when_the_bot_is_killed_and_goes_on_when_it_is_back(guide: Running) -> None:
    """A dead bot means a search and the emergency numbers, never silence; it is restarted and /readyz says so meanwhile."""
    found = subprocess.run(["pgrep", "-P", str(guide.process.pid), "-f", "extensions.start"], capture_output=True, text=True)
    bots = [int(p) for p in found.stdout.split()]
    assert bots, "the bot is a child of the guide"
    for pid in bots:
        subprocess.run(["kill", "-9", str(pid)], check=True)
    started = time.monotonic()
    answer = guide.chat("pappa slår meg, jeg er 14")
    assert time.monotonic() - started < 6
    assert answer["degraded"]
    assert cards(answer)
    assert any(m["type"] == "urgent" for m in answer["messages"])
    assert guide.ready()["bot"] is False
    ends = time.monotonic() + 180
    while time.monotonic() < ends and not guide.ready()["bot"]:
        time.sleep(2)
    assert not guide.chat("hei")["degraded"]


@pytest.mark.skipif(
    shutil.which("unshare") is None or subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode != 0,
    reason="needs a kernel that gives network namespaces",
)
def test_search_and_chat_work_with_no_network_at_all(tmp_path: Path) -> None:
    """With no route to anywhere but loopback both the search and the talk work."""
    script = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from pathlib import Path\n"
        "from running import running_guide\n"
        f"with running_guide(Path({str(tmp_path / 'out.log')!r})) as g:\n"
        "    print(g.search('redd for tvangsekteskap')['services'][0]['id'], g.chat('hei')['degraded'])\n"
    )
    command = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$0" "$@"', sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=700)
    assert re.search(r"\S+ False", done.stdout), done.stdout + done.stderr[-2000:]
