"""GET /api/v1/services, /topics, /measures, /places."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from knowledge.library import Library


def services(client: TestClient, query: str = "") -> list[dict]:
    response = client.get(f"/api/v1/services{query}")
    assert response.status_code == 200, response.text
    found: list[dict] = response.json()["services"]
    return found


def test_everything_is_listed_and_found_by_id(client: TestClient, library: Library) -> None:
    """Each entry of a list has a page of its own, in every language."""
    for kind, count in (
        ("services", len(library.shown_services())), ("topics", len(library.topics)), ("measures", len(library.measures))
    ):  # fmt: skip
        listed = client.get(f"/api/v1/{kind}").json()[kind]
        assert len(listed) == count
        for language in ("nb", "nn", "en"):
            assert client.get(f"/api/v1/{kind}/{listed[0]['id']}?language={language}").json()["id"] == listed[0]["id"]


def test_filters_keep_what_fits(client: TestClient) -> None:
    """Each filter narrows; together they narrow more."""
    everything = {s["id"] for s in services(client)}
    young = {s["id"] for s in services(client, "?age=15&audience=youth")}
    assert "alarmtelefonen-116111" in young < everything
    assert "bo-og-stottetilbudet" not in young
    assert "ud-konsular" in {s["id"] for s in services(client, "?abroad=true")}
    assert {s["id"] for s in services(client, "?open_now=true")} >= {"politiet-112", "amk-113"}
    assert all("forced-marriage" in s["situations"] for s in services(client, "?situation=forced-marriage"))
    topic = {s["id"] for s in services(client, "?topic=tema-tvangsekteskap")}
    assert topic
    assert topic < everything


def test_who_has_it_already_gets_304(client: TestClient) -> None:
    """ETag and Last-Modified both save the transfer."""
    first = client.get("/api/v1/topics?language=en")
    for name, value in (("If-None-Match", first.headers["etag"]), ("If-Modified-Since", first.headers["last-modified"])):
        again = client.get("/api/v1/topics?language=en", headers={name: value})
        assert (again.status_code, again.content) == (304, b"")
    assert client.get("/api/v1/topics?language=nb", headers={"If-None-Match": first.headers["etag"]}).status_code == 200
    assert client.get("/api/v1/topics", headers={"If-Modified-Since": "nonsense"}).status_code == 200


def test_places_by_county(client: TestClient) -> None:
    """All counties, or one by name, Sámi name or number."""
    assert len(client.get("/api/v1/places").json()["counties"]) == 15
    for county in ("Troms", "troms", "Romsa", "55"):
        assert [c["number"] for c in client.get("/api/v1/places", params={"county": county}).json()["counties"]] == ["55"]
    assert client.get("/api/v1/places?county=Atlantis").status_code == 404


@pytest.mark.parametrize("address", ["services/nothing", "topics/nothing", "measures/nothing", "services/%2e%2e"])
def test_what_is_not_there_is_404(client: TestClient, address: str) -> None:
    """An unknown id is not found."""
    assert client.get(f"/api/v1/{address}").status_code == 404


@pytest.mark.parametrize("query", ["age=200", "age=x", "audience=king", "situation=x", "abroad=maybe", "language=klingon!"])
def test_a_wrong_filter_is_named(client: TestClient, query: str) -> None:
    """A filter that cannot be is a mistake, not an empty list."""
    response = client.get(f"/api/v1/services?{query}")
    assert response.status_code == 422
    assert query.split("=")[0] in response.text
