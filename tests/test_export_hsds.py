"""Services as HSDS 3.0: the shape of the standard, ids that stay, sure facts only, and no shelter's whereabouts."""

from __future__ import annotations

import datetime as dt
import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from knowledge.export.hsds import Directory, last_modified, organization_id
from knowledge.export.identity import contact_keys, slug, uuid_of
from knowledge.export.vocabulary import load_terms, taxonomies, taxonomy_terms
from knowledge.facts import LANGUAGES, Contact, HoursClaim, Text
from knowledge.freshness import Freshness
from knowledge.library import Library
from knowledge.models import Audience, ServiceKind, Situation
from knowledge.places import LocalOffer

TODAY = dt.date(2026, 11, 20)
SCHEMAS = os.environ.get("VEIVISER_HSDS_SCHEMAS")


@pytest.fixture(scope="module", params=LANGUAGES)
def directory(library: Library, request: pytest.FixtureRequest) -> Directory:
    """The real content in each language."""
    return Directory(library, request.param, TODAY)


@pytest.fixture(scope="module")
def norwegian(library: Library) -> Directory:
    return Directory(library, "nb", TODAY)


def changed(directory: Directory, id: str, **fields: Any) -> Directory:
    """The directory with some fields of a service changed."""
    library = directory.library
    service = library.services[id].model_copy(update=fields)
    return replace(directory, library=replace(library, services={**library.services, id: service}))


def full(directory: Directory, id: str) -> dict[str, Any]:
    return directory.full_service(directory.library.services[id])


def inside(record: Any) -> Iterator[dict[str, Any]]:
    """Every object in a record."""
    if isinstance(record, dict):
        yield record
    for part in record.values() if isinstance(record, dict) else record if isinstance(record, list) else ():
        yield from inside(part)


def test_every_service_has_what_the_standard_needs(directory: Directory) -> None:
    """Names, ids that are UUIDs and lead to each other, dates, and no null anywhere."""
    assert len(directory.services) == len(directory.library.shown_services())
    for id, service in directory.services.items():
        record = directory.full_service(service)
        assert record["id"] == id
        assert record["status"] in ("active", "inactive", "defunct", "temporarily closed")
        assert record["organization"]["id"] == record["organization_id"]
        assert dt.date.fromisoformat(record["assured_date"]) <= TODAY
        assert record["last_modified"].endswith(".000Z")
        for part in inside(record):
            assert str(uuid.UUID(part["id"])) == part["id"]
            assert None not in part.values()
            assert part.get("service_id", id) == part.get("link_id", id) == part.get("resource_id", id) == id


def test_ids_are_unique(norwegian: Directory) -> None:
    """No two things of the whole directory share an id, but for what is told of more than once."""
    told_again = ("organization", "taxonomy_term", "location")
    ids = [
        part["id"]
        for service in norwegian.services.values()
        for key, parts in norwegian.full_service(service).items() if key not in told_again and isinstance(parts, list)
        for part in parts
    ]  # fmt: skip
    assert len(ids) == len(set(ids))


def test_ids_stay_the_same_over_time() -> None:
    """Whoever has harvested us finds the same things again: these never change."""
    assert uuid_of("service", "politiet-112") == "63c13cba-c9ed-55e0-93d9-5f7b3aa1a527"
    assert uuid_of("taxonomy_term", "situation", "forced-marriage") == "17127b79-b4e7-53ff-910f-2ef3d0945d74"


def test_a_contact_keeps_its_id_when_it_moves_in_the_file(library: Library) -> None:
    """The id comes from what the contact is, not from its place; the same twice gets two."""
    contacts = library.services["rode-kors-telefonen"].contacts
    assert sorted(contact_keys(contacts)) == sorted(contact_keys(contacts[::-1]))
    assert len(set(contact_keys([*contacts, *contacts]))) == 2 * len(contacts)
    assert slug("Ærlig § 3, på Øya!") == "aerlig-paragraf-3-pa-oya"


def test_hours_are_what_all_sources_agree_on(norwegian: Directory) -> None:
    """Three pages give three closing times: the earliest is exported, with the offset of the season."""
    schedules = full(norwegian, "rode-kors-telefonen")["schedules"]
    assert {s["byday"] for s in schedules} >= {"MO,TU,WE,TH,FR"}
    assert {(s["opens_at"], s["closes_at"], s["timezone"]) for s in schedules} == {
        ("09:00+01:00", "15:30+01:00", 1), ("09:00+02:00", "15:30+02:00", 2)
    }  # fmt: skip
    assert all(s["dtstart"] >= s["valid_from"] and s["until"] == s["valid_to"] for s in schedules)
    assert all("helligdager" in s["notes"] for s in schedules)


def test_day_and_night_needs_no_offset(norwegian: Directory) -> None:
    """Open all the time is one schedule in UTC, without an end."""
    (phone,) = [s for s in full(norwegian, "politiet-112")["schedules"] if "112" in s["description"]]
    assert (phone["opens_at"], phone["closes_at"], phone["timezone"]) == ("00:00Z", "23:59Z", 0)
    assert phone["byday"] == "MO,TU,WE,TH,FR,SA,SU"
    assert "valid_to" not in phone


def test_an_old_number_stays_with_a_warning_and_without_hours(norwegian: Directory) -> None:
    """Nothing is told as current when nobody has checked it for too long; ages and texts neither."""
    old = replace(norwegian, today=TODAY + dt.timedelta(days=Freshness().contact_days + 1))
    service = full(old, "vo-linjen-116006")
    assert service["schedules"] == []
    assert "Sjekk først" in service["phones"][0]["description"]
    assert "minimum_age" in service
    older = full(replace(norwegian, today=TODAY + dt.timedelta(days=Freshness().description_days + 1)), "vo-linjen-116006")
    assert "minimum_age" not in older
    assert "Sjekk først" in older["alert"]


def test_a_weak_number_says_check_first(norwegian: Directory) -> None:
    """As everywhere in the guide."""
    phone = next(p for p in full(norwegian, "kompetanseteamet")["phones"] if p["number"] == "+47 47 80 90 50")
    assert "Sjekk" in phone["description"]


def test_a_draft_and_a_closed_service_are_not_exported(norwegian: Directory) -> None:
    """What people are not shown, machines are not either."""
    for status in ("draft", "defunct", "inactive"):
        without = changed(norwegian, "nav", status=status)
        assert uuid_of("service", "nav") not in without.services
        assert "nav" not in {offer.service for offer in without.offers.values()}


def test_no_shelter_has_a_place(norwegian: Directory) -> None:
    """Not even when somebody writes one in the list of offers, or an address in a visit."""
    library = norwegian.library
    offer = LocalOffer(service="krisesenter", name="Hemmelig hus", municipality="0301", as_of="2026", source="x")
    places = replace(library.places, offers=library.places.offers.model_copy(update={"offers": (offer,)}))
    visit = Contact(kind="visit", value="Hemmelig gate 1", label=Text(nb="Kom"), sources=("plan-2025",))
    shelter = library.services["krisesenter"].model_copy(update={"contacts": (visit,)})
    leaky = replace(norwegian, library=replace(library, places=places, services={**library.services, "krisesenter": shelter}))
    told = json.dumps([leaky.full_service(s) for s in leaky.services.values()], ensure_ascii=False)
    assert not leaky.offers
    assert "Hemmelig" not in told


def test_places_have_no_address(directory: Directory) -> None:
    """A place is a name and a municipality."""
    assert directory.offers
    for id in directory.offers:
        location = directory.service_at_location(id, full=False)["location"]
        assert "addresses" not in location
        assert location["name"]
        assert {"latitude", "longitude"}.isdisjoint(location)


def test_sources_and_conditions_are_attributes(norwegian: Directory) -> None:
    """Each source with title, address and date; only what is known of the conditions."""
    service = norwegian.library.services["krisesenter"]
    attributes = full(norwegian, "krisesenter")["attributes"]
    sources = [a["value"] for a in attributes if a["taxonomy_term"]["code"] == "source"]
    assert len(sources) == len(service.sources)
    assert str(service.sources[0].url) in sources[0]
    conditions = {a["taxonomy_term"]["code"]: a["value"] for a in attributes if a["link_type"] == "condition"}
    assert conditions["free"] == "yes"
    assert "anonymous" not in conditions


def test_every_word_of_the_models_is_a_term() -> None:
    """A situation, an audience or a kind without a term would break the export."""
    terms = load_terms()["terms"]
    for name, words in (("situation", Situation), ("audience", Audience), ("kind", ServiceKind)):
        assert set(terms[name]) == set(get_args(words))
    assert {t["taxonomy_id"] for t in taxonomy_terms("nb")} == {t["id"] for t in taxonomies("nb")}


def test_owners_with_the_same_name_are_one(norwegian: Directory) -> None:
    """IMDi runs more than one service and is one organization."""
    own = norwegian.owners[organization_id(norwegian.library.services["nora"])]
    assert {service.id for service in own} >= {"nora", "imdi-fagteam"}
    record = norwegian.full_organization(organization_id(own[0]))
    assert len(record["services"]) == len(own)
    assert record["description"]


def test_the_last_check_of_any_contact_counts_as_modified(library: Library) -> None:
    """Harvesters who ask for what is new get a service whose number was checked anew."""
    service = library.services["nav"]
    contact = service.contacts[0].model_copy(update={"assured_date": dt.date(2027, 1, 2)})
    assert last_modified(service.model_copy(update={"contacts": (contact,)})).date() == dt.date(2027, 1, 2)


def test_hours_on_holidays_of_their_own_are_told(norwegian: Directory) -> None:
    """When a source says what holds on holidays, those days are in the schedule with their own hours."""
    claim = HoursClaim(value="Mo-Fr 08:00-16:00; PH 10:00-12:00", source="plan-2025")
    phone = norwegian.library.services["vo-linjen-116006"].contacts[0].model_copy(update={"hours": (claim,)})
    schedules = full(changed(norwegian, "vo-linjen-116006", contacts=(phone,)), "vo-linjen-116006")["schedules"]
    christmas = [s for s in schedules if s["valid_from"] <= "2026-12-25" <= s["valid_to"] and "FR" in s["byday"]]
    assert [(s["opens_at"], s["closes_at"]) for s in christmas] == [("10:00+01:00", "12:00+01:00")]


@pytest.mark.skipif(not SCHEMAS, reason="VEIVISER_HSDS_SCHEMAS does not name the folder with the standard's schemas")
def test_everything_is_valid_against_the_standard(directory: Directory) -> None:
    """Each object, alone and in lists, in each language."""
    from jsonschema import Draft202012Validator, FormatChecker

    assert SCHEMAS
    names = ("service", "service_list", "organization", "service_at_location")
    texts = {name: (Path(SCHEMAS) / f"{name}.json").read_text("utf-8") for name in names}
    schemas = {name: Draft202012Validator(json.loads(text), format_checker=FormatChecker()) for name, text in texts.items()}
    both = (True, False)
    records = [("service", directory.full_service(s)) for s in directory.services.values()]
    records += [("service_list", directory.listed_service(s)) for s in directory.services.values()]
    records += [("organization", directory.full_organization(id, full)) for id in directory.owners for full in both]
    records += [("service_at_location", directory.service_at_location(id, full)) for id in directory.offers for full in both]
    problems = [error.message for name, record in records for error in schemas[name].iter_errors(record)]
    assert problems == []
