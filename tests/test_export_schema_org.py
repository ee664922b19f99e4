"""A service as schema.org JSON-LD, on the page about it and nowhere else."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from starlette.testclient import TestClient

from knowledge.export.schema_org import as_script, page_data
from knowledge.facts import Text
from knowledge.freshness import Freshness
from knowledge.library import Library

TODAY = dt.date(2026, 11, 20)
BASE = "https://veiviser.example"
SCRIPT = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def page(library: Library, id: str, language: str = "nb", today: dt.date = TODAY) -> dict:
    return page_data(library.services[id], language, BASE, Freshness(), today)


@pytest.mark.parametrize(
    ("id", "service", "provider"),
    [
        ("politiet-112", "GovernmentService", "EmergencyService"), ("nav", "GovernmentService", "GovernmentOrganization"),
        ("kirkens-sos", "Service", "NGO"), ("vo-linjen-116006", "Service", "Organization"),
    ],
)  # fmt: skip
def test_each_is_what_it_is(library: Library, id: str, service: str, provider: str) -> None:
    """Government service, help of an organisation, or emergency service."""
    data = page(library, id)["mainEntity"]
    assert (data["@type"], data["provider"]["@type"]) == (service, provider)


def test_hours_are_sure_and_dated(library: Library) -> None:
    """Public holidays are between the dates; day and night has none."""
    channel = next(c for c in page(library, "rode-kors-telefonen")["mainEntity"]["availableChannel"] if "servicePhone" in c)
    hours = channel["servicePhone"]["hoursAvailable"]
    assert {(h["opens"], h["closes"]) for h in hours} == {("09:00", "15:30")}
    assert not any(h["validFrom"] <= "2026-12-25" <= h["validThrough"] for h in hours)
    always = page(library, "politiet-112")["mainEntity"]["availableChannel"][0]["servicePhone"]["hoursAvailable"]
    assert len(always) == 1
    assert "validFrom" not in always[0]


def test_old_hours_are_left_out(library: Library) -> None:
    """The number stays, with the sentence that says to check it first."""
    data = page(library, "rode-kors-telefonen", today=TODAY + dt.timedelta(days=Freshness().contact_days + 1))
    channel = next(c for c in data["mainEntity"]["availableChannel"] if "servicePhone" in c)
    assert "hoursAvailable" not in channel["servicePhone"]
    assert "Sjekk først" in channel["description"]


def test_it_says_when_it_was_checked_and_where_it_is_from(library: Library) -> None:
    """Date, sources and licence are there for whoever quotes it; a visit has no address."""
    data = page(library, "krisesenter", "en")
    assert data["lastReviewed"] == library.services["krisesenter"].assured_date.isoformat()
    assert len(data["citation"]) == len(library.services["krisesenter"].sources)
    assert data["url"].endswith("?sprak=en")
    assert '"address"' not in json.dumps(data).lower()


def test_no_text_can_end_the_script(library: Library) -> None:
    """Whatever stands in a name stays a name."""
    evil = "</script><script>alert(1)</script><!--\u2028&"
    service = library.services["nav"].model_copy(update={"name": Text(nb=evil)})
    script = as_script(page_data(service, "nb", BASE, Freshness(), TODAY))
    assert not set("<>&\u2028") & set(script)
    assert json.loads(script)["mainEntity"]["name"] == evil


def test_only_the_pages_of_services_have_it(client: TestClient, library: Library) -> None:
    """And each of them has it once, readable, with the address it was asked at."""
    for id in ("krisesenter", "politiet-112"):
        (script,) = SCRIPT.findall(client.get(f"/tjenester/{id}?sprak=nn").text)
        data = json.loads(script)
        assert data["@id"] == f"http://testserver/tjenester/{id}"
        assert data["mainEntity"]["name"] == library.services[id].name.in_language("nn")
    for address in ("/", "/tjenester", "/tema", "/tema/tema-rettigheter", "/tjenester/finnes-ikke", "/finn", "/fagfolk"):
        assert not SCRIPT.findall(client.get(address).text)


def test_an_odd_host_never_reaches_the_page(client: TestClient) -> None:
    """A request may name any host; one that is no address is not repeated, on no page and in no catalogue."""
    for address in ("/tjenester/nav", "/cpsv/catalogue.ttl", "/hsds"):
        text = client.get(address, headers={"host": 'x"y<z>'}).text
        assert "http://testserver" in text
        assert 'x"y' not in text.replace("\\", "")


def test_every_service_can_be_told(library: Library) -> None:
    """In every language, with a name, a way of contact and a provider."""
    for service in library.shown_services().values():
        for language in ("nb", "nn", "en"):
            data = page_data(service, language, BASE, Freshness(), TODAY)["mainEntity"]
            assert data["name"]
            assert data["availableChannel"]
