"""The catalogue as CPSV-AP-NO: who is a public body, what leads to what, three languages, hours with holidays."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, SKOS, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, ORG

from knowledge.export.cpsv import LANGUAGES, catalogue_graph, catalogue_text, is_public, service_iri
from knowledge.export.cpsv_names import CPSV, CPSVNO, CV, DCATNO, ELI, SCHEMA, TIME, VCARD
from knowledge.facts import Contact, HoursClaim, Text
from knowledge.freshness import Freshness
from knowledge.library import Library

TODAY = dt.date(2026, 11, 20)
BASE = "https://veiviser.example"
SHAPES = os.environ.get("VEIVISER_CPSV_SHAPES")


@pytest.fixture(scope="module")
def graph(library: Library) -> Graph:
    """The real catalogue."""
    return catalogue_graph(library, BASE, TODAY)


def channels(graph: Graph, id: str, kind: str) -> list[URIRef]:
    start = f"{BASE}/tjenester/{id}#kanal-{kind}"
    return [URIRef(str(c)) for c in graph.objects(service_iri(BASE, id), CV.hasChannel) if str(c).startswith(start)]


def hours_of(graph: Graph, channel: URIRef, day: str) -> list[tuple[str, str]]:
    return [
        (str(graph.value(span, SCHEMA.opens)), str(graph.value(span, SCHEMA.closes)))
        for span in graph.objects(channel, CV.openingHours) if (span, SCHEMA.dayOfWeek, SCHEMA[day]) in graph
    ]  # fmt: skip


def test_every_service_is_in_the_catalogue(graph: Graph, library: Library) -> None:
    """One catalogue with a publisher, a contact point, a licence and all services that may be shown."""
    (catalogue,) = graph.subjects(RDF.type, DCAT.Catalog)
    assert set(graph.objects(catalogue, DCATNO.containsService)) == {service_iri(BASE, id) for id in library.shown_services()}
    for needed in (DCTERMS.publisher, CV.contactPoint, DCTERMS.license, DCTERMS.identifier, DCAT.themeTaxonomy):
        assert graph.value(catalogue, needed) is not None


@pytest.mark.parametrize(
    ("id", "public"),
    [
        ("politiet-112", True), ("barnevernet", True), ("nav", True), ("krisesenter", True), ("kirkens-sos", False),
        ("vo-linjen-116006", False), ("nordiske-tjenester", False),
    ],
)  # fmt: skip
def test_public_bodies_have_public_services(graph: Graph, library: Library, id: str, public: bool) -> None:
    """A public service has a competent authority; all others are services that an organisation owns."""
    iri = service_iri(BASE, id)
    assert is_public(library.services[id]) == public
    assert graph.value(iri, RDF.type) == (CPSV.PublicService if public else CPSVNO.Service)
    owner = graph.value(iri, CV.ownedBy)
    assert graph.value(owner, RDF.type) == (CV.PublicOrganisation if public else ORG.Organization)
    assert graph.value(iri, CV.hasCompetentAuthority) == (owner if public else None)


def test_texts_are_in_three_languages(graph: Graph, library: Library) -> None:
    """Bokmål, nynorsk and English, each marked as what it is."""
    titles = set(graph.objects(service_iri(BASE, "krisesenter"), DCTERMS.title))
    name = library.services["krisesenter"].name
    assert titles == {Literal(getattr(name, language), lang=language) for language in ("nb", "nn", "en")}


def test_channels_lead_to_the_contacts(graph: Graph) -> None:
    """Numbers as tel:, addresses as mailto:, pages as links, each of its type."""
    (phone,) = channels(graph, "rode-kors-telefonen", "phone")
    assert graph.value(phone, VCARD.hasTelephone) == Literal("tel:+4781555201")
    assert str(graph.value(phone, DCTERMS.type)).endswith("service-channel-type#telephone")
    (mail,) = channels(graph, "rode-kors-telefonen", "email")
    assert graph.value(mail, VCARD.hasEmail) == URIRef("mailto:rodekorstelefonen@redcross.no")
    (police,) = channels(graph, "politiet-112", "phone-112")
    assert graph.value(police, VCARD.hasTelephone) == Literal("tel:112")


def test_hours_are_what_all_sources_agree_on(graph: Graph) -> None:
    """Weekday by weekday; what is not known of holidays is said, and not as closed."""
    (phone,) = channels(graph, "rode-kors-telefonen", "phone")
    assert hours_of(graph, phone, "Monday") == [("09:00:00", "15:30:00")]
    assert hours_of(graph, phone, "Sunday") == []
    holidays = graph.value(phone, CV.specialOpeningHoursSpecification)
    assert any("ikke kjent" in str(text) for text in graph.objects(holidays, DCTERMS.description))
    assert (holidays, RDF.type, SCHEMA.OpeningHoursSpecification) not in graph
    assert (None, TIME.dayOfWeek, SCHEMA.PublicHolidays) in graph
    (police,) = channels(graph, "politiet-112", "phone-112")
    assert hours_of(graph, police, "Sunday") == [("00:00:00", "23:59:00")]
    assert graph.value(police, CV.specialOpeningHoursSpecification) is None


def test_a_closed_holiday_is_said_as_closed(library: Library) -> None:
    """A day with no hours is a closed day, when a source says so."""
    service = library.services["seif"]
    phone = service.contacts[0].model_copy(update={"hours": (HoursClaim(value="Mo-Th 09:00-16:00; PH off", source="x"),)})
    changed = service.model_copy(update={"contacts": (phone,)})
    graph = catalogue_graph(replace(library, services={"seif": changed}), BASE, TODAY)
    holidays = graph.value(channels(graph, "seif", "phone")[0], CV.specialOpeningHoursSpecification)
    assert (holidays, RDF.type, SCHEMA.OpeningHoursSpecification) in graph
    assert graph.value(holidays, SCHEMA.opens) is None


def test_old_hours_are_left_out_and_the_number_warns(library: Library) -> None:
    """As everywhere in the guide: an expired contact is not told as current."""
    day = TODAY + dt.timedelta(days=Freshness().contact_days + 1)
    graph = catalogue_graph(library, BASE, day)
    assert list(graph.subject_objects(CV.openingHours)) == []
    (phone,) = channels(graph, "rode-kors-telefonen", "phone")
    assert any("Sjekk først" in str(text) for text in graph.objects(phone, DCTERMS.description))


def test_laws_that_the_content_names_are_there(graph: Graph, library: Library) -> None:
    """Each section once, with the address of its text; a service leads to those it stands on."""
    laws = set(graph.subjects(RDF.type, ELI.LegalResource))
    named = {(law.name, law.section) for kind in (library.services, library.topics) for e in kind.values() for law in e.law}
    assert len(laws) == len(named)
    own = [str(graph.value(law, RDFS.seeAlso)) for law in graph.objects(service_iri(BASE, "krisesenter"), CV.hasLegalResource)]
    assert "https://lovdata.no/lov/2009-06-19-44/§2" in own


def test_what_a_law_says_is_left_out_when_nobody_has_read_it_for_long(library: Library) -> None:
    """The name and the address stay: the law itself is always current."""
    graph = catalogue_graph(library, BASE, TODAY + dt.timedelta(days=Freshness().law_days))
    law = next(iter(graph.subjects(RDF.type, ELI.LegalResource)))
    assert graph.value(law, DCTERMS.title) is not None
    assert graph.value(law, DCTERMS.description) is None


def test_life_events_lead_to_services_and_back(graph: Graph) -> None:
    """What a person lives through may need these services."""
    event = URIRef(f"{BASE}/cpsv/catalogue#hendelse-forced-marriage")
    helpers = set(graph.objects(event, CPSVNO.mayTriggerNeedFor))
    assert service_iri(BASE, "kompetanseteamet") in helpers
    assert helpers == set(graph.subjects(CV.isGroupedBy, event))
    assert (event, RDF.type, CV.LifeEvent) in graph


def test_every_link_inside_leads_to_something(graph: Graph) -> None:
    """No address of the guide's own stands for nothing."""
    own = {o for o in graph.objects() if isinstance(o, URIRef) and o.startswith(BASE) and "#" in o}
    assert {o for o in own if (o, RDF.type, None) not in graph} == set()


def test_no_place_and_no_address(graph: Graph, library: Library) -> None:
    """Where a shelter is can be read nowhere, not even in a name, also when somebody has written it."""
    visit = Contact(kind="visit", value="Hemmelig gate 1", label=Text(nb="Kom"), sources=("plan-2025",))
    shelter = library.services["krisesenter"].model_copy(update={"contacts": (visit,)})
    assert "emmelig" not in catalogue_text(replace(library, services={"krisesenter": shelter}), BASE, TODAY, "ttl")
    assert list(graph.subject_objects(VCARD.hasAddress)) == []
    assert not any("locn#" in str(predicate) for predicate in graph.predicates())


def test_every_language_of_the_content_has_a_code(library: Library) -> None:
    """A language without a code of the European Union would be left out without a word."""
    assert {code for service in library.services.values() for code in service.languages} <= set(LANGUAGES)


def test_both_forms_say_the_same(library: Library) -> None:
    """Turtle and JSON-LD are one graph."""
    few = replace(library, services={id: library.services[id] for id in ("politiet-112", "rode-kors-telefonen")}, topics={})
    turtle = Graph().parse(data=catalogue_text(few, BASE, TODAY, "ttl"), format="turtle")
    json_ld = Graph().parse(data=catalogue_text(few, BASE, TODAY, "jsonld"), format="json-ld")
    assert isomorphic(turtle, json_ld)
    assert (None, SKOS.prefLabel, None) in turtle


def test_the_text_is_the_same_in_every_process(library: Library) -> None:
    """Else a harvester would get everything anew after each restart."""
    code = (
        "import datetime as dt, hashlib\n"
        "from knowledge.export.cpsv import catalogue_text\n"
        "from knowledge.load import load_library\n"
        "l = load_library(); print([hashlib.sha256(catalogue_text(l, 'https://x.example', dt.date(2026, 11, 20), e).encode())"
        ".hexdigest() for e in ('ttl', 'jsonld')])"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(said) == 1


@pytest.mark.skipif(not SHAPES, reason="VEIVISER_CPSV_SHAPES does not name the folder with the shapes of CPSV-AP-NO")
@pytest.mark.parametrize("with_ontology", [False, True])
def test_nothing_is_wrong_by_the_shapes(graph: Graph, with_ontology: bool) -> None:
    """No violation and no warning, alone and together with the Norwegian vocabulary."""
    from pyshacl import validate

    assert SHAPES
    shapes = Graph().parse(Path(SHAPES) / "shacl_shapes_v1.ttl")
    ontology = Graph().parse(Path(SHAPES) / "cpsvno.ttl") if with_ontology else None
    conforms, _, text = validate(graph, shacl_graph=shapes, ont_graph=ontology, inference="none")
    assert conforms, text
