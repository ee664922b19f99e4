"""POST /webhook: the action protocol, with calls recorded from a live Rasa 3.6.21 server."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk.interfaces import ActionExecutionRejection
from starlette.testclient import TestClient

RECORDED = Path(__file__).parent / "recorded"
KEY = {"X-Veiviser-Secret": "a-secret-of-the-tests"}


def call(name: str) -> dict[str, Any]:
    recorded: dict[str, Any] = json.loads((RECORDED / f"action_call_{name}.json").read_text(encoding="utf-8"))
    return recorded


def test_a_recorded_call_is_answered(client: TestClient) -> None:
    """What a live server sent gets events and responses back."""
    answer = client.post("/webhook", json=call("text"), headers=KEY)
    assert answer.status_code == 200
    kinds = [r["custom"].get("type") for r in answer.json()["responses"]]
    assert "services" in kinds
    assert any(event["name"] == "shown" for event in answer.json()["events"])


def test_a_packed_call_is_answered(client: TestClient) -> None:
    """Rasa may pack its calls with deflate."""
    packed = zlib.compress(json.dumps(call("button")).encode())
    headers = {**KEY, "content-encoding": "deflate", "content-type": "application/json"}
    assert client.post("/webhook", content=packed, headers=headers).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"X-Veiviser-Secret": "wrong"}, {"X-Veiviser-Secret": ""}])
def test_without_the_secret_there_is_no_way_in(client: TestClient, headers: dict[str, str]) -> None:
    """Only the bot may call actions."""
    assert client.post("/webhook", json=call("text"), headers=headers).status_code == 403


def test_an_unknown_action_is_not_found(client: TestClient) -> None:
    """404, as rasa-sdk's own server says."""
    answer = client.post("/webhook", json={**call("text"), "next_action": "action_unheard_of"}, headers=KEY)
    assert answer.status_code == 404
    assert answer.json()["action_name"] == "action_unheard_of"


@pytest.mark.parametrize(
    ("error", "status"), [(ActionExecutionRejection("action_find_services", "Marker9"), 400), (ValueError("Marker9"), 500)]
)
def test_a_failed_action_says_nothing_of_what_it_failed_on(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    """A rejection is 400 for Rasa, anything else 500; neither holds the text."""

    async def broken(self: object, dispatcher: object, tracker: object, domain: object) -> None:
        raise error

    monkeypatch.setattr("actions.find.ActionFindServices.run", broken)
    answer = client.post("/webhook", json=call("text"), headers=KEY)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "action_name"}
    assert "Marker9" not in answer.text
    assert "foreldrene" not in answer.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"tracker": 1}', b"[" * 100_000])
def test_a_call_that_cannot_be_read_is_refused(client: TestClient, body: bytes) -> None:
    """422, because 400 means something else to Rasa."""
    assert client.post("/webhook", content=body, headers=KEY).status_code == 422


def test_a_call_that_unpacks_to_too_much_is_refused(client: TestClient) -> None:
    """A small body may hold a large one."""
    bomb = zlib.compress(b" " * 50_000_000)
    assert client.post("/webhook", content=bomb, headers={**KEY, "content-encoding": "deflate"}).status_code == 413
