"""POST /webhooks/rest/webhook: Rasa's own format."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from api.rest import as_rest, conversation_id

ADDRESS = "/webhooks/rest/webhook"


def test_an_existing_client_gets_what_it_knows(client: TestClient, bot: Any) -> None:
    """A list of messages with recipient_id, text, buttons and custom; cards have a plain text beside them."""
    bot.says = lambda _: [
        {"recipient_id": "x", "text": "Hei"},
        {"recipient_id": "x", "text": "Velg", "buttons": [{"title": "Ja", "payload": "/affirm"}]},
        {"recipient_id": "x", "custom": {"type": "services", "ids": ["krisesenter"], "scores": [0.5], "why": {}}},
    ]
    answer = client.post(ADDRESS, json={"sender": "kari", "message": "hei", "input_channel": "x"}).json()
    assert {m["recipient_id"] for m in answer} == {"kari"}
    assert answer[0] == {"recipient_id": "kari", "text": "Hei"}
    assert answer[2]["buttons"] == [{"title": "Ja", "payload": "/affirm"}]
    assert answer[3]["custom"]["services"][0]["id"] == "krisesenter"
    assert answer[3]["text"]


def test_a_sender_is_a_conversation_that_nobody_can_guess(client: TestClient, bot: Any) -> None:
    """The same sender goes on with the same talk, under an id that the sender's name does not give away."""
    for sender in ("kari", "kari", "ola"):
        client.post(ADDRESS, json={"sender": sender, "message": "hei"})
    first, second, third = (turn["sender"] for turn in bot.heard)
    assert first == second != third
    assert first == conversation_id("kari", "a-secret-of-the-tests")
    assert conversation_id("kari", "another-secret-here") != first


def test_without_a_sender_nobody_shares_a_conversation(client: TestClient, bot: Any) -> None:
    """Rasa would call them all 'default'."""
    for _ in range(2):
        client.post(ADDRESS, json={"message": "hei"})
    assert bot.heard[0]["sender"] != bot.heard[1]["sender"]


def test_a_payload_of_ours_is_one_and_any_other_is_words(client: TestClient, bot: Any) -> None:
    """Clients of Rasa send buttons as messages; commands of Rasa are only words here."""
    for message in ('/tell_age{"age":"under18"}', "/restart"):
        client.post(ADDRESS, json={"sender": "kari", "message": message})
    assert bot.messages == ['/tell_age{"age": "under18"}', "restart"]


def test_the_answer_is_never_empty(client: TestClient, bot: Any) -> None:
    """Rasa's own channel gives [] when its action server is down; this gives help."""
    bot.says = lambda _: []
    answer = client.post(ADDRESS, json={"sender": "kari", "message": "de vil gifte meg bort"}).json()
    assert any("112" in m.get("text", "") for m in answer)


def test_a_client_that_shows_only_text_is_told_what_is_old() -> None:
    """A number that nobody has checked in time has its date beside it, also where no cards are drawn."""
    old = {"name": "En linje", "value": "22 00 00 00", "check_note": "Sist kontrollert 1. mai 2026. Sjekk først."}
    plain = {**old, "check_note": None}
    urgent = as_rest({"type": "urgent", "text": "Ring.", "contacts": [old, plain]}, "nb")["text"].splitlines()
    assert urgent[1:] == ["En linje: 22 00 00 00 (Sist kontrollert 1. mai 2026. Sjekk først.)", "En linje: 22 00 00 00"]
    card = as_rest({"type": "services", "services": [{"name": "En linje", "contacts": [old]}]}, "nb")["text"]
    assert "Sjekk først" in card
    topic = {"title": "Tema", "summary": ["En setning."], "check_note": old["check_note"]}
    assert "Sjekk først" in as_rest({"type": "topic", "topic": topic}, "nb")["text"]
