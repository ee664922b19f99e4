"""The models: closed, frozen, and honest about what nobody has found out."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from knowledge.facts import Closed, Contact, HoursClaim, Text
from knowledge.models import Measure, Service, Topic
from knowledge.phrases import Phrases
from knowledge.places import Abroad, Counties, LocalOffers

SOURCE = {"key": "page", "title": "A page", "seen": "2025"}
SERVICE: dict[str, Any] = {
    "id": "a-line",
    "name": {"nb": "En linje"},
    "organization": {"name": {"nb": "Kommunen"}, "kind": "municipal"},
    "kind": "helpline",
    "status": "active",
    "description": {"nb": "En telefon."},
    "what_happens": {"nb": "En voksen svarer."},
    "audience": ["youth"],
    "situations": ["control"],
    "reach": "national",
    "contacts": [{"kind": "phone", "value": "22 00 00 00", "label": {"nb": "Ring"}, "sources": ["page"]}],
    "confidence": "high",
    "sources": [SOURCE],
    "assured_date": "2026-11-20",
    "assured_by": "stored-copy",
}


def every_model(root: type[BaseModel], seen: set[type[BaseModel]] | None = None) -> set[type[BaseModel]]:
    """The model and all models of its fields."""
    seen = seen if seen is not None else set()
    if root not in seen:
        seen.add(root)
        for name in root.model_fields:
            for part in _parts(root.model_fields[name].annotation):
                every_model(part, seen)
    return seen


def _parts(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [part for inner in getattr(annotation, "__args__", ()) for part in _parts(inner)]


MODELS = sorted(
    {m for root in (Service, Topic, Measure, Phrases, Counties, Abroad, LocalOffers) for m in every_model(root)},
    key=lambda m: m.__name__,
)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_every_model_is_closed_and_frozen(model: type[BaseModel]) -> None:
    """A misspelt key is refused, never ignored; and nothing read can be changed later by mistake."""
    assert issubclass(model, Closed)
    assert model.model_config["extra"] == "forbid"
    assert model.model_config["frozen"] is True


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_every_field_is_described_once(model: type[BaseModel]) -> None:
    """The description beside the field is what editors see in their editor."""
    undescribed = [name for name, field in model.model_fields.items() if not field.description]
    assert not undescribed


def test_a_whole_service_is_read() -> None:
    """The smallest service holds name, owner, contact, source and the day it was checked."""
    service = Service.model_validate(SERVICE)
    assert service.assured_date == dt.date(2026, 11, 20)
    assert service.contacts[0].value == "22 00 00 00"


def test_an_unknown_key_is_refused() -> None:
    """'descripton' is a mistake, not a new field."""
    with pytest.raises(ValidationError, match="descripton"):
        Service.model_validate({**SERVICE, "descripton": {"nb": "x"}})


def test_a_known_key_left_empty_is_not_written() -> None:
    """An editor may leave 'alert:' empty; that is no alert."""
    assert Service.model_validate({**SERVICE, "alert": None}).alert is None
    with pytest.raises(ValidationError, match="alrt"):
        Service.model_validate({**SERVICE, "alrt": None})


def test_a_record_cannot_be_changed() -> None:
    """What was loaded stays as it was loaded."""
    service = Service.model_validate(SERVICE)
    with pytest.raises(ValidationError):
        service.status = "draft"  # type: ignore[misc]


def test_what_nobody_has_found_out_is_unknown() -> None:
    """No trace is guessed: free, anonymous, on the bill, told to parents are unknown until a source says."""
    contact = Contact(kind="phone", value="112", label=Text(nb="Ring"), sources=("page",))
    assert {contact.free, contact.anonymous, contact.on_bill, contact.needs_bankid, contact.parents_told} == {"unknown"}
    with pytest.raises(ValidationError):
        Contact.model_validate({**contact.model_dump(), "free": "probably"})


def test_a_contact_needs_a_source() -> None:
    """A number without a source is never shown."""
    with pytest.raises(ValidationError, match="sources"):
        Contact(kind="phone", value="112", label=Text(nb="Ring"), sources=())


def test_a_fact_must_point_to_a_source_of_the_same_file() -> None:
    """A key that no source has is a fact without evidence."""
    contact = {**SERVICE["contacts"][0], "sources": ["nowhere"]}
    with pytest.raises(ValidationError, match="no source has the key nowhere"):
        Service.model_validate({**SERVICE, "contacts": [contact]})
    hours = {**SERVICE["contacts"][0], "hours": [{"value": "24/7", "source": "elsewhere"}]}
    with pytest.raises(ValidationError, match="no source has the key elsewhere"):
        Service.model_validate({**SERVICE, "contacts": [hours]})


def test_two_sources_cannot_share_a_key() -> None:
    """Otherwise nobody knows which of them is meant."""
    with pytest.raises(ValidationError, match="page is used twice"):
        Service.model_validate({**SERVICE, "sources": [SOURCE, SOURCE]})


def test_a_source_supports_fields_that_exist() -> None:
    """'supports: [openning]' supports nothing."""
    with pytest.raises(ValidationError, match="openning"):
        Service.model_validate({**SERVICE, "sources": [{**SOURCE, "supports": ["openning"]}]})


def test_ages_stand_in_order() -> None:
    """Nobody is both over 20 and under 13."""
    with pytest.raises(ValidationError, match="higher than maximum_age"):
        Service.model_validate({**SERVICE, "minimum_age": 20, "maximum_age": 13})


@pytest.mark.parametrize("id", ["Stor-Bokstav", "med mellomrom", "æøå", "-start", "to--streker", ""])
def test_an_id_is_small_letters_digits_and_single_hyphens(id: str) -> None:
    """Ids stand in addresses and button payloads; they must survive both."""
    with pytest.raises(ValidationError):
        Service.model_validate({**SERVICE, "id": id})


def test_a_text_falls_back_to_bokmal() -> None:
    """What is not written in a language is shown in bokmål, never machine-made and never empty."""
    text = Text(nb="Hei", en="Hello")
    assert (text.in_language("en"), text.in_language("nn"), text.in_language("so")) == ("Hello", "Hei", "Hei")
    with pytest.raises(ValidationError):
        Text(nb="   ")


def test_a_conflict_needs_two_values() -> None:
    """One value is no conflict."""
    conflict = {"field": "contacts.0.hours", "values": [{"value": "9–15", "source": "a"}], "shown": "x", "why": "y"}
    with pytest.raises(ValidationError, match="conflicts"):
        Service.model_validate({**SERVICE, "conflicts": [conflict]})


def test_an_hours_claim_says_who_claims_it() -> None:
    """Hours are never a fact of the file, always something a source says."""
    with pytest.raises(ValidationError, match="source"):
        HoursClaim.model_validate({"value": "24/7"})
