"""Every error has one shape and echoes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

SECRET = "Hemmeligord42"  # a word that must not come back


@pytest.mark.parametrize(
    ("method", "address", "content", "status"),
    [
        ("GET", "/api/v1/nothing", None, 404),
        ("GET", f"/api/v1/services/{SECRET}", None, 404),
        ("GET", f"/api/v1/services?audience={SECRET}", None, 422),
        ("GET", f"/api/v1/services?age={SECRET}", None, 422),
        ("PUT", "/api/v1/search", None, 405),
        ("DELETE", "/api/v1/search", None, 405),
        ("POST", "/api/v1/search", b'{"text": "' + SECRET.encode(), 400),
        ("POST", "/api/v1/search", b'\xff\xfe{"text": 1}', 400),
        ("POST", "/api/v1/search", b'{"text": ["' + SECRET.encode() + b'"]}', 422),
        ("POST", "/api/v1/search", b'{"' + SECRET.encode() + b'": 1, "text": "a"}', 422),
        ("POST", "/api/v1/search", b'{"text": "a", "language": "' + SECRET.encode() + b' x"}', 422),
        ("POST", "/api/v1/search", b"[" * 30_000, 400),
        ("POST", "/api/v1/search", b'{"text": "' + b"a" * 70_000 + b'"}', 413),
        ("POST", "/api/v1/chat", b'{"payload": "/' + SECRET.encode() + b'"}', 422),
        ("POST", "/webhooks/rest/webhook", b'{"message": {"a": "' + SECRET.encode() + b'"}}', 422),
        ("POST", "/webhook", b"{}", 403),
    ],
)
def test_an_error_is_a_code_a_sentence_and_a_detail(
    client: TestClient, method: str, address: str, content: bytes | None, status: int
) -> None:
    """Whatever is wrong, the body is {"error": {"code", "message", "detail"}}, and nothing of what was sent is in it."""
    response = client.request(method, address, content=content, headers={"content-type": "application/json"})
    assert response.status_code == status
    assert set(response.json()) == {"error"}
    assert set(response.json()["error"]) == {"code", "message", "detail"}
    assert SECRET not in response.text
    assert "Traceback" not in response.text


def test_a_crash_is_a_sentence(make_client: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch) -> None:
    """Something that breaks inside gives 500 in the same shape, with the number for danger, and nothing of the inside."""
    client = make_client()

    def broken(*_: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("api.search.search_json", broken)
    response = client.post("/api/v1/search", json={"text": SECRET})
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "internal"
    assert "112" in response.text
    assert SECRET not in response.text


def test_before_the_search_is_ready_it_says_so_and_the_chat_still_helps(client: TestClient) -> None:
    """503 for the search; numbers for the chat."""
    engine = client.app.state.engine  # type: ignore[attr-defined]
    index, engine.index = engine.index, None
    try:
        response = client.post("/api/v1/search", json={"text": "hei"})
        chat = client.post("/api/v1/chat", json={"text": "hjelp pappa slår meg nå"}).json()
        ready = client.get("/readyz")
    finally:
        engine.index = index
    assert (response.status_code, response.json()["error"]["code"]) == (503, "not_ready")
    assert chat["degraded"] is True
    assert chat["messages"][0]["type"] == "urgent"
    assert ready.status_code == 503
