"""/hsds and /cpsv: open to all, paged and filtered as the standard says, and cheap to ask again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from rdflib import Graph
from starlette.testclient import TestClient

from knowledge.export.identity import uuid_of
from knowledge.freshness import Freshness
from knowledge.index import Index
from knowledge.library import Library

LISTS = ("services", "organizations", "taxonomies", "taxonomy_terms", "service_at_locations")


def page(client: TestClient, address: str) -> dict:
    response = client.get(f"/hsds/{address}")
    assert response.status_code == 200, response.text
    found: dict = response.json()
    return found


def names(client: TestClient, query: str) -> set[str]:
    return {service["name"] for service in page(client, f"services?per_page=500&{query}")["contents"]}


def test_the_root_says_what_it_is(client: TestClient) -> None:
    """Version, profile, and where the OpenAPI document really is."""
    for address in ("/hsds", "/hsds/"):
        root = client.get(address).json()
        assert root["version"] == "3.0"
        assert root["profile"].startswith("https://")
        assert "/hsds/services" in client.get(root["openapi_url"]).json()["paths"]


def test_the_address_is_the_public_one(make_client: Callable[..., TestClient]) -> None:
    """Behind a proxy the request does not know it; the setting does."""
    client = make_client(public_url="https://veiviser.example/")
    assert client.get("/hsds").json()["openapi_url"] == "https://veiviser.example/openapi.json"
    assert "https://veiviser.example/tjenester/nav#tjeneste" in client.get("/cpsv/catalogue.ttl").text


@pytest.mark.parametrize("kind", LISTS)
def test_pages_together_are_the_whole(client: TestClient, kind: str) -> None:
    """Each page says where it is; all pages together have everything once."""
    first = page(client, f"{kind}?per_page=4")
    ids = []
    for number in range(1, first["total_pages"] + 1):
        one = page(client, f"{kind}?per_page=4&page={number}")
        assert (one["page_number"], one["size"], one["empty"]) == (number, len(one["contents"]), False)
        assert (one["first_page"], one["last_page"]) == (number == 1, number == first["total_pages"])
        ids += [record["id"] for record in one["contents"]]
    assert len(ids) == len(set(ids)) == first["total_items"]
    beyond = page(client, f"{kind}?per_page=4&page={first['total_pages'] + 1}")
    assert (beyond["contents"], beyond["empty"], beyond["size"]) == ([], True, 0)


@pytest.mark.parametrize("kind", LISTS)
def test_each_record_has_an_address(client: TestClient, kind: str) -> None:
    """What a list names is found by its id, and nothing else is."""
    for record in page(client, f"{kind}?per_page=3")["contents"]:
        assert page(client, f"{kind}/{record['id']}")["id"] == record["id"]
    for unknown in ("nothing", uuid_of("service", "nothing"), "%2e%2e"):
        response = client.get(f"/hsds/{kind}/{unknown}")
        assert response.status_code == 404
        assert response.json()["error"]["code"] == "not_found"


def test_services_as_much_as_is_asked_for(client: TestClient) -> None:
    """A list has what there is one of; full has everything; minimal has id and date."""
    (short,) = page(client, "services?per_page=1")["contents"]
    assert "phones" not in short
    assert short["organization"]["name"]
    (whole,) = page(client, "services?per_page=1&full=true")["contents"]
    assert {"phones", "schedules", "attributes"} <= whole.keys()
    assert whole == page(client, f"services/{short['id']}")
    (least,) = page(client, "services?per_page=1&minimal=true")["contents"]
    assert least.keys() == {"id", "modified_date"}


def test_organizations_with_their_services(client: TestClient) -> None:
    """The list is short, an organization has its services, and those can be had whole."""
    imdi = page(client, "organizations?search=IMDi&full=true")["contents"][0]
    assert {s["name"] for s in imdi["services"]} >= {"Nora"}
    assert "services" not in page(client, "organizations")["contents"][0]
    assert "phones" in page(client, f"organizations/{imdi['id']}?full_service=true")["services"][0]


def test_filters_keep_what_fits(client: TestClient, library: Library) -> None:
    """By words in any language, by term, by taxonomy, by organization, by time; together they narrow."""
    everything = names(client, "")
    forced = uuid_of("taxonomy_term", "situation", "forced-marriage")
    fitting = {s.name.nb for s in library.shown_services().values() if "forced-marriage" in s.situations}
    assert names(client, f"taxonomy_term_id={forced}") == fitting < everything
    assert names(client, f"taxonomy_id={uuid_of('taxonomy', 'situation')}") == everything
    assert names(client, "search=crisis%20centre") >= {"Krisesenter"}
    nora = page(client, "services?search=Nora")["contents"][0]
    assert names(client, f"organization_id={nora['organization_id']}") >= {"Nora"}
    day = max(s.assured_date for s in library.shown_services().values())
    assert names(client, f"modified_after={day}T00:00:00Z")
    assert not names(client, f"modified_after={day + dt.timedelta(days=1)}")
    places = page(client, f"service_at_locations?taxonomy_term_id={uuid_of('taxonomy_term', 'kind', 'health')}")["contents"]
    assert {p["service_id"] for p in places} == {uuid_of("service", "kjonnslemlestelse-helsehjelp")}


def test_an_unknown_filter_value_finds_nothing(client: TestClient) -> None:
    """A harvester that asks for a term that is gone gets an empty page, not a mistake."""
    for filter in ("taxonomy_term_id", "taxonomy_id", "organization_id", "search"):
        found = page(client, f"services?{filter}=zzz")
        assert (found["total_items"], found["total_pages"], found["empty"]) == (0, 0, True)
    assert page(client, f"taxonomy_terms?taxonomy_id={uuid_of('taxonomy', 'audience')}")["total_items"] == 5
    assert page(client, "taxonomy_terms?parent_id=x")["empty"]


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=-1", "page=x", "per_page=0", "per_page=501", "per_page=", "format=xml", "full=maybe",
     "modified_after=soon", "language=klingon!", "search=" + "x" * 201],
)  # fmt: skip
def test_what_cannot_be_asked_is_a_mistake(client: TestClient, query: str) -> None:
    """In the shape of all errors, naming the field."""
    response = client.get(f"/hsds/services?{query}")
    assert response.status_code == 422
    assert query.split("=")[0] in response.json()["error"]["detail"][0]["field"]


def test_lines_are_the_whole_list(client: TestClient) -> None:
    """ndjson has no pages."""
    response = client.get("/hsds/services?format=ndjson&full=true&per_page=1")
    assert response.headers["content-type"].startswith("application/x-ndjson")
    records = [json.loads(line) for line in response.text.splitlines()]
    assert len(records) == page(client, "services")["total_items"]


def test_in_three_languages(client: TestClient, library: Library) -> None:
    """HSDS has one language in each answer; ids are the same in all."""
    id = uuid_of("service", "krisesenter")
    for language in ("nb", "nn", "en"):
        name = page(client, f"services/{id}?language={language}")["name"]
        assert name == library.services["krisesenter"].name.in_language(language)


@pytest.mark.parametrize(
    "address", ["/hsds", "/hsds/services", "/hsds/taxonomy_terms", "/cpsv/catalogue.ttl", "/cpsv/catalogue.jsonld"]
)
def test_open_to_every_site_and_cheap_to_ask_again(client: TestClient, address: str) -> None:
    """Any page may read it, the licence is named, and who has it already gets 304."""
    first = client.get(address, headers={"origin": "https://portal.example"})
    assert first.headers["access-control-allow-origin"] == "*"
    assert first.headers["cross-origin-resource-policy"] == "cross-origin"
    assert 'rel="license"' in first.headers["link"]
    for name, value in (("If-None-Match", first.headers["etag"]), ("If-Modified-Since", first.headers["last-modified"])):
        again = client.get(address, headers={name: value})
        assert (again.status_code, again.content) == (304, b"")


def test_the_catalogue_in_both_forms(client: TestClient) -> None:
    """Turtle and JSON-LD that can be read, at the addresses they name."""
    turtle, json_ld = client.get("/cpsv/catalogue.ttl"), client.get("/cpsv/catalogue.jsonld")
    assert turtle.headers["content-type"].startswith("text/turtle")
    assert json_ld.headers["content-type"].startswith("application/ld+json")
    assert len(Graph().parse(data=turtle.text, format="turtle")) == len(Graph().parse(data=json_ld.text, format="json-ld"))
    assert "http://testserver/tjenester/nav#tjeneste" in turtle.text
    assert "nowhere.invalid" not in turtle.text + json_ld.text


def test_the_name_of_the_catalogue_leads_to_it(client: TestClient) -> None:
    """In the form that is asked for."""
    for accept, ending in (("text/turtle", "ttl"), ("application/ld+json", "jsonld"), ("*/*", "ttl")):
        response = client.get("/cpsv/catalogue", headers={"accept": accept}, follow_redirects=False)
        assert response.status_code == 303
        assert response.headers["location"] == f"/cpsv/catalogue.{ending}"
    assert client.get("/cpsv/catalogue.xml").status_code == 404


def test_what_is_too_old_tomorrow_is_old_tomorrow(make_client: Callable[..., TestClient], letters_index: Index) -> None:
    """A guide that runs for months exports nothing as current that has expired meanwhile."""
    day = [dt.date(2026, 11, 20)]
    library = replace(letters_index.library, freshness=Freshness(clock=lambda: day[0]))
    index = Index.from_learned(library, letters_index.encoder, letters_index.learned)
    client = make_client(index=index)
    address = f"/hsds/services/{uuid_of('service', 'rode-kors-telefonen')}"
    assert client.get(address).json()["schedules"]
    day[0] += dt.timedelta(days=Freshness().contact_days + 1)
    assert client.get(address).json()["schedules"] == []
