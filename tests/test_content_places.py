"""The places that ship with the project, and the schemas that editors use."""

from __future__ import annotations

import json

import pytest

from knowledge.library import Library
from knowledge.load import ROOT
from knowledge.places import Places
from knowledge.profile import country_names

CITIES = ["Ankara", "Amman", "Islamabad", "Nairobi"]


@pytest.fixture(scope="module")
def places(library: Library) -> Places:
    """All of places/."""
    return library.places


def test_every_county_and_municipality_is_there(places: Places) -> None:
    """15 counties and 357 municipalities, as of 2024."""
    assert len(places.counties.counties) == 15
    assert len(places.municipalities) == 357
    names = [municipality.name for municipality, _ in places.municipalities.values()]
    twice = {name for name in names if names.count(name) > 1}
    assert twice <= {"Herøy", "Våler"}


def test_the_source_gets_its_thanks(places: Places) -> None:
    """The licence asks for a sentence; it stands in three languages."""
    attribution = places.counties.attribution
    assert "Kartverket" in attribution.nb
    assert attribution.nn
    assert attribution.en


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("Karasjok", "5610"),
        ("Kautokeino", "5612"),
        ("Tana", "5628"),
        ("Porsanger", "5622"),
        ("Snåsa", "5041"),
        ("Tromsø", "5501"),
    ],
)
def test_sami_names_stand_beside_the_norwegian(places: Places, name: str, number: str) -> None:
    """In these municipalities the Sámi name is as official as the Norwegian."""
    municipality, _ = places.municipalities[number]
    assert municipality.name == name
    assert municipality.also


@pytest.mark.parametrize("city", CITIES)
def test_every_post_with_a_special_envoy_is_there(places: Places, city: str) -> None:
    """The four embassies where somebody works with these cases."""
    post = next(post for post in places.abroad.posts if post.city == city)
    assert post.country in post.works_in or post.country in post.guides
    assert post.web is None or post.web.startswith("https://")


def test_there_are_no_other_posts(places: Places) -> None:
    """A post that was closed must not be promised."""
    assert sorted(post.city for post in places.abroad.posts) == sorted(CITIES)


@pytest.mark.parametrize(
    ("country", "city"), [("TR", "Ankara"), ("JO", "Amman"), ("PK", "Islamabad"), ("KE", "Nairobi"), ("SO", "Nairobi")]
)
def test_the_nearest_post_is_found(places: Places, country: str, city: str) -> None:
    """From Somalia it is Nairobi."""
    found = places.post_for(country)
    assert found is not None
    assert found[0].city == city


def test_every_nickname_of_a_country_leads_to_a_country(places: Places) -> None:
    """'Mogadishu' and 'hjemlandet mitt Somalia' are places people write."""
    known = set(country_names().values())
    assert set(places.abroad.aliases.values()) <= known
    assert {"SE", "DK", "FI", "IS"} <= set(places.abroad.nordic)
    assert "NO" not in places.abroad.nordic


def test_every_local_offer_is_of_a_service_and_in_a_place(library: Library) -> None:
    """A local offer belongs to a service we show, lies where it says, and is dated; a shelter is never among them."""
    places = library.places
    counties = {county.number for county in places.counties.counties}
    for offer in places.offers.offers:
        assert offer.service in library.services, offer.name
        assert library.services[offer.service].kind != "shelter", offer.name
        assert offer.municipality is None or offer.municipality in places.municipalities, offer.name
        assert set(offer.counties) <= counties, offer.name
        assert offer.municipality or offer.counties, offer.name
        assert offer.as_of


def test_the_schemas_for_editors_are_those_of_the_models() -> None:
    """What an editor is told while typing is what the check will say; `veiviser schema` writes them anew."""
    from api.command import schema_texts

    made = schema_texts()
    assert {path.name for path in (ROOT / "schema").glob("*.json")} == set(made)
    for name, text in made.items():
        assert (ROOT / "schema" / name).read_text(encoding="utf-8") == text, name


def test_the_service_schema_explains_every_key_and_knows_no_id() -> None:
    """Each field is described; the id is the filename and is not written."""
    schema = json.loads((ROOT / "schema" / "service.json").read_text(encoding="utf-8"))
    assert "id" not in schema["properties"]
    assert schema["additionalProperties"] is False
    assert all("description" in field for field in schema["properties"].values())
