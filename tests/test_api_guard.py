"""What every request passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from api.guard import ROTATE_SECONDS, PaceLimiter, security_headers

Make = Callable[..., TestClient]


@pytest.mark.parametrize("address", ["/api/v1/services/amk-113", "/healthz", "/", "/nothing", "/openapi.json"])
def test_every_answer_has_the_safe_headers(client: TestClient, address: str) -> None:
    """Nothing inline, nothing from elsewhere, no referrer, no guessing of types."""
    headers = client.get(address).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "geolocation=()" in headers["permissions-policy"]
    assert "set-cookie" not in headers


def test_dynamic_answers_are_not_kept(client: TestClient) -> None:
    """What a person asked stands in no cache."""
    assert client.post("/api/v1/search", json={"text": "hei"}).headers["cache-control"] == "no-store"
    assert client.post("/api/v1/chat", json={"text": "hei"}).headers["cache-control"] == "no-store"


def test_only_allowed_portals_may_show_it_in_a_frame() -> None:
    """frame-ancestors are ourselves and the origins that were set."""
    assert "frame-ancestors 'self'" in security_headers(())["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://a.example" in security_headers(("https://a.example",))["Content-Security-Policy"]


def test_only_allowed_portals_may_ask_from_a_browser(make_client: Make) -> None:
    """CORS by list: an unknown origin gets no permission."""
    client = make_client(allowed_origins="https://portal.example")
    for origin, allowed in (("https://portal.example", "https://portal.example"), ("https://evil.example", None)):
        headers = client.post("/api/v1/search", json={"text": "hei"}, headers={"origin": origin}).headers
        assert headers.get("access-control-allow-origin") == allowed
    asked = {"origin": "https://portal.example", "access-control-request-method": "DELETE"}
    assert client.options("/api/v1/chat/x", headers=asked).status_code == 200


def test_a_body_without_a_length_is_counted(client: TestClient) -> None:
    """Who sends in pieces is stopped at the same size."""

    def pieces() -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * 10_000

    assert client.post("/api/v1/search", content=pieces()).status_code == 413


def test_a_client_that_asks_too_much_waits(make_client: Make) -> None:
    """A minute's share at once, then 429 with the time to wait; health is never refused."""
    client = make_client(rate_limit_per_minute=5)
    statuses = [client.get("/api/v1/services/amk-113").status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    refused = client.get("/api/v1/services/amk-113")
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.json()["error"]["code"] == "too_many"
    assert client.get("/healthz").status_code == 200


def test_the_machine_itself_is_not_limited(make_client: Make) -> None:
    """A proxy in front passes on the address of the one who asks; without one it is this machine."""
    client = make_client(rate_limit_per_minute=2, address="127.0.0.1")
    assert {client.get("/api/v1/services/amk-113").status_code for _ in range(9)} == {200}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_clients_are_told_apart_and_the_share_comes_back() -> None:
    """One client's pace is not another's; a minute gives a new share."""
    clock = Clock()
    limiter = PaceLimiter(60, clock)
    assert [limiter.wait_seconds("192.0.2.1") for _ in range(60)] == [0.0] * 60
    assert limiter.wait_seconds("192.0.2.1") > 0
    assert limiter.wait_seconds("192.0.2.2") == 0
    clock.now += 1.5
    assert limiter.wait_seconds("192.0.2.1") == 0


def test_no_address_is_kept_and_the_hashes_go() -> None:
    """Clients are known by salted hashes only, and these go with the salt every ten minutes."""
    clock = Clock()
    limiter = PaceLimiter(5, clock)
    limiter.wait_seconds("192.0.2.1")
    salt = limiter._salt
    assert "192.0.2.1" not in repr(vars(limiter))
    clock.now += ROTATE_SECONDS + 1
    limiter.wait_seconds("192.0.2.2")
    assert limiter._salt != salt
    assert len(limiter._left) == 1
