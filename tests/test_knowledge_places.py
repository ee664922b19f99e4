"""Counties, municipalities, embassies and local offers."""

from __future__ import annotations

import pytest

from knowledge.facts import Text
from knowledge.library import Library
from knowledge.places import Abroad, Counties, County, LocalOffer, LocalOffers, Municipality, Places, Post

PLACES = Places(
    counties=Counties(
        as_of="2024", source="x", attribution=Text(nb="x"),
        counties=(
            County(number="46", name="Vestland", municipalities=(
                Municipality(number="4601", name="Bergen"), Municipality(number="4621", name="Voss"))),
            County(number="03", name="Oslo", municipalities=(Municipality(number="0301", name="Oslo"),)),
        ),
    ),
    abroad=Abroad(
        as_of="2025", sources=("x",), note=Text(nb="x"), nordic=("SE",), aliases={},
        posts=(
            Post(city="Amman", country="JO", works_in=("JO",), guides=("IQ", "SY")),
            Post(city="Ankara", country="TR", works_in=("TR", "IQ")),
        ),
    ),
    offers=LocalOffers(
        note=Text(nb="x"),
        offers=(
            LocalOffer(service="seif", name="SEIF Bergen", municipality="4601", as_of="2025", source="x"),
            LocalOffer(service="rvts", name="RVTS Vest", counties=("46",), as_of="2025", source="x"),
        ),
    ),
)  # fmt: skip


def test_a_post_that_works_in_a_country_is_before_one_that_only_guides() -> None:
    """Two embassies may cover a country; the one that handles cases there is named."""
    found = PLACES.post_for("IQ")
    assert found is not None
    assert (found[0].city, found[1]) == ("Ankara", "works")
    guided = PLACES.post_for("SY")
    assert guided is not None
    assert (guided[0].city, guided[1]) == ("Amman", "guides")


@pytest.mark.parametrize("country", ["BR", None, ""])
def test_no_post_is_none(country: str | None) -> None:
    """Most countries have no special envoy; none is made up."""
    assert PLACES.post_for(country) is None


def test_an_offer_is_near_in_its_municipality_or_its_county() -> None:
    """A regional service is near everyone in its counties, a local one only where it is."""
    assert [o.name for o in PLACES.offers_near("seif", "4601")] == ["SEIF Bergen"]
    assert PLACES.offers_near("seif", "4621") == ()
    assert [o.name for o in PLACES.offers_near("rvts", "4621")] == ["RVTS Vest"]
    assert PLACES.offers_near("rvts", "0301") == ()


@pytest.mark.parametrize("municipality", [None, "", "9999"])
def test_without_a_known_place_nothing_is_near(municipality: str | None) -> None:
    """Where nobody said where they are, nothing is near."""
    assert PLACES.offers_near("seif", municipality) == ()


def test_the_fingerprint_follows_every_part() -> None:
    """A changed offer changes the version of the content."""
    without = Places(PLACES.counties, PLACES.abroad, LocalOffers(note=Text(nb="x"), offers=()))
    assert without.fingerprint() != PLACES.fingerprint()
    assert len(PLACES.fingerprint()) == 64


def test_every_municipality_knows_its_county(library: Library) -> None:
    """From a municipality the county follows, and the numbers agree."""
    for number, (municipality, county) in library.places.municipalities.items():
        assert municipality.number == number
        assert number.startswith(county.number)
