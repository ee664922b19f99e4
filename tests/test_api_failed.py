"""What a browser shows when a page cannot be given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

BROWSER = {"accept": "text/html,application/xhtml+xml"}


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_a_page_that_is_not_there_has_the_numbers(client: TestClient, language: str) -> None:
    """A wrong address is a page in the reader's language, with 112 on it and a way on."""
    answer = client.get(f"/ingenting?sprak={language}", headers=BROWSER)
    assert answer.status_code == 404
    assert f'<html lang="{language}"' in answer.text
    assert 'href="tel:112"' in answer.text
    assert 'href="/finn' in answer.text


def test_a_crash_is_a_page_with_the_numbers(make_client: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch) -> None:
    """The page was made beforehand, so it comes even when pages can no longer be made."""
    from api import render

    client = make_client()

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("Hemmeligord")

    monkeypatch.setattr(render.Renderer, "page", broken)
    answer = client.get("/finn", headers=BROWSER)
    assert answer.status_code == 500
    assert 'href="tel:112"' in answer.text
    assert "Hemmeligord" not in answer.text


def test_programs_get_json(client: TestClient) -> None:
    """Who does not ask for a page, or asks the API, gets the one shape of errors."""
    assert set(client.get("/ingenting").json()) == {"error"}
    assert set(client.get("/api/v1/ingenting", headers=BROWSER).json()) == {"error"}


def test_too_many_and_too_much_are_pages_too(make_client: Callable[..., TestClient]) -> None:
    """What the guard refuses is refused with the numbers, and with the time to wait."""
    client = make_client(rate_limit_per_minute=2)
    assert client.post("/finn", content=b"a" * 90_000, headers=BROWSER).status_code == 413
    client.get("/finn", headers=BROWSER)
    refused = client.get("/finn", headers=BROWSER)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert 'href="tel:112"' in refused.text
