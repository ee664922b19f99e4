"""/healthz, /readyz, /metrics."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient


def test_alive(client: TestClient) -> None:
    """It answers as long as it runs."""
    assert client.get("/healthz").json() == {"status": "alive"}


def test_ready_says_whether_the_bot_answers(make_client: Any, bot: Any) -> None:
    """The app is ready without the bot, and says that it is away."""
    assert make_client().get("/readyz").json()["bot"] is True
    bot.down = True
    answer = make_client().get("/readyz")
    assert answer.status_code == 200
    assert (answer.json()["bot"], answer.json()["index"]) == (False, True)


def test_metrics_count_without_content(client: TestClient, bot: Any) -> None:
    """Routes, statuses, turns; never a text, an id or an address."""
    id = client.post("/api/v1/chat", json={"text": "hjelp pappa slår meg nå Merkeord7"}).json()["conversation_id"]
    client.get("/api/v1/services/Merkeord7")
    client.get("/Merkeord7")
    client.delete(f"/api/v1/chat/{id}")
    text = client.get("/metrics").text
    assert "veiviser_turns_total 1.0" in text
    assert "veiviser_urgent_turns_total 1.0" in text
    assert 'route="/api/v1/chat/{conversation_id}",status="204"' in text
    assert "Merkeord7" not in text
    assert id not in text
    assert "203.0.113" not in text
