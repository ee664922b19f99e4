"""POST /api/v1/chat: with the bot, and when it is away, slow or wrong."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from api.schemas import ChatOut

ADDRESS = "/api/v1/chat"


def say(client: TestClient, text: str | None = None, **more: Any) -> dict[str, Any]:
    response = client.post(ADDRESS, json={"text": text, **more} if text is not None else more)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    ChatOut.model_validate(answer)
    return answer


def types(answer: dict[str, Any]) -> list[str]:
    return [message["type"] for message in answer["messages"]]


def text(words: str) -> dict[str, Any]:
    return {"recipient_id": "x", "text": words}


def custom(**content: Any) -> dict[str, Any]:
    return {"recipient_id": "x", "custom": content}


STATE = custom(type="state", language="nb", abroad=False, in_norway="yes", country=None, age=None, role=None, calm=False)


def test_what_the_bot_says_is_shown(client: TestClient, bot: Any) -> None:
    """A turn goes to the bot with the shared secret, and its words come back."""
    answer = say(client, "hei")
    assert answer["messages"] == [{"type": "text", "text": "Hei!"}]
    assert answer["degraded"] is False
    assert bot.secrets == {"a-secret-of-the-tests"}
    assert bot.heard == [{"sender": answer["conversation_id"], "message": "hei"}]


def test_ids_become_cards(client: TestClient, bot: Any) -> None:
    """The bot sends ids only; the app makes services, topics and measures of them, and buttons into choices."""
    bot.says = lambda _: [
        STATE,
        {"recipient_id": "x", "text": "Velg:", "buttons": [{"title": "Ja", "payload": "/affirm"}]},
        custom(type="services", ids=["krisesenter", "no-such"], scores=[0.7], why={"krisesenter": ["Fordi."]}),
        custom(type="topic", id="tema-rettigheter"),
        custom(type="measure", id="tiltak-24"),
        custom(type="choices", choices=[{"title": "Under 18", "payload": '/tell_age{"age":"under18"}'}]),
        custom(type="unheard-of"),
    ]
    answer = say(client, "hei")
    assert types(answer) == ["text", "choices", "services", "topic", "measure", "choices"]
    (card,) = answer["messages"][2]["services"]
    assert (card["id"], card["score"], card["why"]) == ("krisesenter", 0.7, ["Fordi."])
    assert answer["messages"][3]["topic"]["id"] == "tema-rettigheter"
    assert answer["messages"][4]["measure"]["id"] == "tiltak-24"


def test_danger_comes_first_whatever_the_bot_says(client: TestClient, bot: Any) -> None:
    """The app looks for danger itself; the number stands above everything else, and it can be corrected."""
    bot.says = lambda _: [STATE, text("Hei!")]
    answer = say(client, "hjelp pappa slår meg nå")
    assert types(answer)[0] == "urgent"
    assert answer["messages"][0]["contacts"][0]["value"] == "112"
    assert answer["messages"][0]["correct"]["payload"] == "/not_danger"


def test_danger_abroad_gives_the_number_that_works_there(client: TestClient, bot: Any) -> None:
    """What the bot knows of the place decides which number stands first."""
    bot.says = lambda _: [custom(type="state", language="nb", abroad=True, in_norway="no", country="PK"), text("Hei!")]
    assert say(client, "hjelp han slår meg nå")["messages"][0]["contacts"][0]["id"] == "ud-konsular"


def test_after_a_correction_there_is_no_alarm(client: TestClient, bot: Any) -> None:
    """'There is no danger now' is believed."""
    bot.says = lambda _: [custom(type="state", language="nb", calm=True), text("Takk for at du sier fra.")]
    assert "urgent" not in types(say(client, "det er ikke fare nå, men han slår meg"))


def test_the_danger_button_is_danger(client: TestClient, bot: Any) -> None:
    """A button that says danger needs no words."""
    assert types(say(client, payload="/danger"))[0] == "urgent"


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("jeg heter Kari, ring 41234567", "jeg heter Kari, ring [telefonnummer]"),
        ("  /restart", "restart"),
        ("/ /akutt{}", "akutt{}"),
        ("he\u200bi\u202e du\n\n der", "hei du der"),
        ("ring 116 111", "ring 116 111"),
    ],
)
def test_the_bot_hears_no_identifiers_and_no_commands(client: TestClient, bot: Any, written: str, heard: str) -> None:
    """Numbers of people are masked, commands are words, hidden characters are gone."""
    say(client, written)
    assert bot.messages == [heard]


@pytest.mark.parametrize("written", ["😭", "???", "/", "\u200b..."])
def test_a_text_without_words_never_reaches_the_bot(client: TestClient, bot: Any, written: str) -> None:
    """To the bot an emoji could mean yes; the person is asked for words."""
    answer = say(client, written)
    assert types(answer) == ["text"]
    assert bot.heard == []


@pytest.mark.parametrize(
    ("payload", "heard"),
    [
        ("/affirm", "/affirm"),
        ('/tell_age{"age":"under18"}', '/tell_age{"age": "under18"}'),
        ('/choose_service{"service":"krisesenter"}', '/choose_service{"service": "krisesenter"}'),
    ],
)
def test_a_button_of_ours_is_passed_on(client: TestClient, bot: Any, payload: str, heard: str) -> None:
    """Acts of talk with closed values go to the bot."""
    say(client, payload=payload)
    assert bot.messages == [heard]


@pytest.mark.parametrize(
    "payload",
    [
        "affirm", "/restart", "/session_start", "/affirm{", "/affirm[]", '/tell_age{"age":"x"}', '/tell_age{"age":{"a":1}}',
        '/affirm{"text":"free"}', "/affirm\n/restart", "/affirm extra", '/choose_service{"service":"no-such"}',
        '/tell_age{"age":true}', "/" + "a" * 600, "",
    ],
)  # fmt: skip
def test_any_other_payload_is_refused(client: TestClient, bot: Any, payload: str) -> None:
    """What no button of ours says never reaches the bot."""
    response = client.post(ADDRESS, json={"payload": payload})
    assert response.status_code == 422
    assert bot.heard == []


@pytest.mark.parametrize("body", [{}, {"text": "a", "payload": "/affirm"}, {"text": None, "payload": None}])
def test_a_turn_is_either_text_or_payload(client: TestClient, body: dict[str, Any]) -> None:
    """Both or neither is a mistake."""
    assert client.post(ADDRESS, json=body).status_code == 422


def test_ids_are_made_here(client: TestClient) -> None:
    """A conversation's id is random; an id that is not of our making is replaced, ours is kept."""
    first = say(client, "hei")["conversation_id"]
    assert len(first) == 22
    assert say(client, "hei", conversation_id=first)["conversation_id"] == first
    for foreign in ("default", "x" * 22 + "!", "../../etc/passwd", ""):
        assert say(client, "hei", conversation_id=foreign)["conversation_id"] not in (foreign, first)


def test_the_language_of_the_page_is_passed_on_when_a_talk_begins(client: TestClient, bot: Any) -> None:
    """A page in nynorsk gets a nynorsk answer to 'hei'; a later change of the page is passed on too."""
    id = say(client, "hei", language="nn")["conversation_id"]
    say(client, "hei", language="nn", conversation_id=id)
    say(client, "hei", language="en", conversation_id=id)
    change = '/change_language{{"language": "{}"}}'
    assert bot.messages == [change.format("nn"), "hei", "hei", change.format("en"), "hei"]


def down(bot: Any) -> None:
    bot.down = True


def silent(bot: Any) -> None:
    bot.says = lambda _: []


def only_state(bot: Any) -> None:
    bot.says = lambda _: [STATE]


def failing(bot: Any) -> None:
    bot.status = 500


def not_json(bot: Any) -> None:
    bot.raw = b"<html>"


def wrong_shape(bot: Any) -> None:
    bot.raw = b'{"messages": []}'


def wrong_cards(bot: Any) -> None:
    bot.says = lambda _: [custom(type="services", ids=7)]


def too_slow(bot: Any) -> None:
    bot.seconds = 5


FAILURES = [down, silent, only_state, failing, not_json, wrong_shape, wrong_cards, too_slow]


@pytest.mark.parametrize("failure", FAILURES)
def test_without_the_bot_the_search_answers(make_client: Any, bot: Any, failure: Callable[[Any], None]) -> None:
    """However the bot fails, the person gets an honest sentence, services and numbers, within two seconds."""
    client = make_client(bot_timeout_seconds=0.3)
    failure(bot)
    started = time.monotonic()
    answer = say(client, "foreldrene mine vil gifte meg bort mot min vilje")
    assert time.monotonic() - started < 2
    assert answer["degraded"] is True
    assert types(answer) == ["text", "services", "urgent"]
    assert [c["value"] for c in answer["messages"][2]["contacts"]][:2] == ["112", "113"]


@pytest.mark.parametrize("failure", FAILURES)
def test_danger_without_the_bot_is_still_danger(make_client: Any, bot: Any, failure: Callable[[Any], None]) -> None:
    """The urgent message needs no bot."""
    client = make_client(bot_timeout_seconds=0.3)
    failure(bot)
    answer = say(client, "hjelp pappa slår meg nå")
    assert types(answer)[0] == "urgent"
    assert answer["messages"][0]["contacts"][0]["value"] == "112"


def test_after_the_bot_is_back_the_talk_goes_on(make_client: Any, bot: Any) -> None:
    """A second or two after it is well again the turns go to it, in the same conversation."""
    client = make_client(bot_timeout_seconds=0.3)
    id = say(client, "hei")["conversation_id"]
    bot.down = True
    assert say(client, "hei igjen", conversation_id=id)["degraded"]
    bot.down = False
    ends = time.monotonic() + 10
    while (answer := say(client, "hei igjen", conversation_id=id))["degraded"] and time.monotonic() < ends:
        time.sleep(0.1)
    assert (answer["degraded"], answer["conversation_id"]) == (False, id)


def test_nobody_waits_twice_for_a_bot_that_hangs(make_client: Any, bot: Any) -> None:
    """After a timeout the bot is asked how it is; while it does not say that it is well, turns are answered at once."""
    client = make_client(bot_timeout_seconds=2)
    bot.seconds = 5
    say(client, "jeg er redd for familien min")
    bot.down = True
    started = time.monotonic()
    assert say(client, "jeg er redd for familien min")["degraded"]
    assert time.monotonic() - started < 1.5


def test_delete_forgets_everywhere_and_is_always_204(client: TestClient, bot: Any) -> None:
    """DELETE reaches the bot; an id nobody knows is forgotten already."""
    id = say(client, "hei")["conversation_id"]
    assert client.delete(f"{ADDRESS}/{id}").status_code == 204
    assert bot.forgotten == [id]
    assert client.delete(f"{ADDRESS}/nobody").status_code == 204
    assert client.delete(f"{ADDRESS}/{id}").status_code == 204


def test_asking_the_bot_to_delete_really_deletes(client: TestClient, bot: Any) -> None:
    """The bot's 'deleted' is true: the conversation is gone, and the next turn begins a new one."""
    id = say(client, "hei")["conversation_id"]
    bot.says = lambda _: [text("Samtalen er slettet."), custom(type="delete")]
    answer = say(client, "slett samtalen", conversation_id=id)
    assert answer["conversation_id"] != id
    assert bot.forgotten == [id]


def test_deleting_while_the_bot_is_away_is_done_when_it_is_back() -> None:
    """A deletion is kept in memory and tried again until the bot has done it."""
    from api import chat
    from api.chat import BotChannel

    answers = iter([httpx.ConnectError("down"), httpx.Response(204)])
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content)["sender"])
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def scenario() -> None:
        channel = BotChannel("http://bot", "s", 1.0, httpx.MockTransport(handle))
        await channel.forget("a-conversation")
        again = asyncio.create_task(channel.keep_forgetting(minutes=1))
        await asyncio.sleep(0.1)
        again.cancel()

    before, chat.PROBE_SECONDS = chat.PROBE_SECONDS, 0.01
    try:
        asyncio.run(scenario())
    finally:
        chat.PROBE_SECONDS = before
    assert asked == ["a-conversation", "a-conversation"]


def test_nobody_gets_anothers_answer(client: TestClient, bot: Any) -> None:
    """Many at once: each is answered with its own words."""
    bot.seconds = 0.01
    bot.says = lambda message: [text(f"du sa {message}")]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: (n, say(client, f"tall {n}")), range(64)))
    assert all(answer["messages"][0]["text"] == f"du sa tall {n}" for n, answer in answers)
    assert len({answer["conversation_id"] for _, answer in answers}) == 64


def test_turns_of_one_conversation_never_overlap(client: TestClient, bot: Any) -> None:
    """One at a time; who sends many at once is told to wait."""
    id = say(client, "hei")["conversation_id"]
    bot.seconds = 0.3
    with ThreadPoolExecutor(8) as pool:
        turns = [pool.submit(client.post, ADDRESS, json={"text": "hei", "conversation_id": id}) for _ in range(8)]
        statuses = sorted(turn.result().status_code for turn in turns)
    assert set(statuses) == {200, 429}
    assert statuses.count(200) <= 4


def test_who_waits_in_vain_for_the_turn_before_gets_the_search(make_client: Any, bot: Any) -> None:
    """A turn behind a slow one is answered too: services and numbers instead of 'try again'."""
    client = make_client(bot_timeout_seconds=5)
    id = say(client, "hei")["conversation_id"]
    bot.seconds = 3
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(say, client, "hei igjen", conversation_id=id)
        time.sleep(0.3)
        answer = say(client, "foreldrene mine vil gifte meg bort mot min vilje", conversation_id=id)
    assert answer["degraded"] is True
    assert types(answer) == ["text", "services", "urgent"]
    assert slow.result()["degraded"] is False
