"""The catalogue as CPSV-AP-NO 1.x, the Norwegian profile for describing public services, with rdflib.

Services of public bodies are cpsv:PublicService, all others cpsvno:Service. Texts are in bokmål, nynorsk and English.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from rdflib import RDF, RDFS, SKOS, XSD, Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, ORG

from knowledge.export.cpsv_channels import add_channel, add_contact_point
from knowledge.export.cpsv_names import ADMS, CPSV, CPSVNO, CV, DCATNO, ELI, EU, add_texts, bind_prefixes
from knowledge.export.identity import contact_keys, slug
from knowledge.export.vocabulary import load_terms, term
from knowledge.facts import Law, Text
from knowledge.freshness import Freshness
from knowledge.library import Library
from knowledge.models import Service, ServiceKind

#: Ending of the address → media type.
FORMATS = {"ttl": "text/turtle", "jsonld": "application/ld+json"}
#: With several owners, the kinds of help that the law lays on the public.
PUBLIC_DUTY: frozenset[ServiceKind] = frozenset({"emergency", "child-welfare", "shelter", "health", "legal", "authority"})
LANGUAGES = {
    "nb": "NOB", "nn": "NNO", "en": "ENG", "se": "SME", "sv": "SWE", "fi": "FIN", "is": "ISL", "da": "DAN", "pl": "POL",
    "ar": "ARA", "so": "SOM", "fa": "FAS", "ur": "URD", "tr": "TUR", "ku": "KUR", "ti": "TIR", "uk": "UKR", "ru": "RUS",
    "fr": "FRA", "es": "SPA", "de": "DEU",
}  # fmt: skip
_OWNERS = {
    "state": "NationalAuthority", "municipal": "LocalAuthority", "county": "RegionalAuthority",
    "foundation": "NonProfitOrganisation", "ngo": "NonGovernmentalOrganisation",
}  # fmt: skip
_NORDIC = ("DNK", "FIN", "ISL", "SWE")
PUBLISHER_TYPES = "http://purl.org/adms/publishertype/"


def catalogue_text(library: Library, base: str, today: dt.date, ending: str) -> str:
    """The catalogue as text: Turtle ("ttl") or JSON-LD ("jsonld")."""
    graph = catalogue_graph(library, base, today)
    if ending == "ttl":
        return graph.serialize(format="turtle")
    return json.dumps(_in_order(json.loads(graph.serialize(format="json-ld", auto_compact=True))), ensure_ascii=False, indent=1)


def catalogue_graph(library: Library, base: str, today: dt.date) -> Graph:
    """The catalogue of all services that may be shown. `base` is the address of the guide; `today` dates the hours."""
    graph = Graph(bind_namespaces="none")
    bind_prefixes(graph)
    services = library.shown_services()
    catalogue = URIRef(f"{base}/cpsv/catalogue")
    publisher = URIRef(f"{base}/cpsv/catalogue#utgiver")
    words = load_terms()["catalogue"]

    graph.add((catalogue, RDF.type, DCAT.Catalog))
    _identify(graph, catalogue)
    add_texts(graph, catalogue, DCTERMS.title, Text(**words["title"]))
    add_texts(graph, catalogue, DCTERMS.description, Text(**words["description"]))
    graph.add((catalogue, DCTERMS.publisher, publisher))
    graph.add((publisher, RDF.type, ORG.Organization))
    _identify(graph, publisher)
    add_texts(graph, publisher, SKOS.prefLabel, Text(**words["publisher"]))
    point = URIRef(f"{base}/cpsv/catalogue#kontakt")
    graph.add((catalogue, CV.contactPoint, point))
    graph.add((point, RDF.type, CV.ContactPoint))
    graph.add((point, CV.contactPage, URIRef(f"{base}/")))
    graph.add((catalogue, FOAF.homepage, URIRef(f"{base}/")))
    graph.add((catalogue, DCTERMS.license, URIRef(f"{EU}licence/CC_BY_4_0")))
    graph.add((catalogue, DCTERMS.spatial, _country(graph, "NOR")))
    for code in ("NOB", "NNO", "ENG"):
        graph.add((catalogue, DCTERMS.language, URIRef(f"{EU}language/{code}")))
    if services:
        newest = max(service.assured_date for service in services.values())
        graph.add((catalogue, DCTERMS.modified, Literal(newest, datatype=XSD.date)))
    graph.add((catalogue, DCAT.themeTaxonomy, _situations(graph, base)))
    for service in services.values():
        graph.add((catalogue, DCATNO.containsService, _add_service(graph, base, service, library, today)))
    for topic in library.topics.values():
        for law in topic.law:
            _add_law(graph, base, law, library.freshness, today)
    for event in _add_life_events(graph, base, services):
        graph.add((catalogue, DCATNO.containsEvent, event))
    return graph


def service_iri(base: str, id: str) -> URIRef:
    """The name of a service: an address that shows its page."""
    return URIRef(f"{base}/tjenester/{id}#tjeneste")


def is_public(service: Service) -> bool:
    """Is it a public body's service? With several owners: when the law lays that kind of help on the public."""
    kind = service.organization.kind
    return kind in ("state", "municipal", "county") or (kind == "mixed" and service.kind in PUBLIC_DUTY)


def _add_service(graph: Graph, base: str, service: Service, library: Library, today: dt.date) -> URIRef:
    iri, page = service_iri(base, service.id), f"{base}/tjenester/{service.id}"
    public = is_public(service)
    graph.add((iri, RDF.type, CPSV.PublicService if public else CPSVNO.Service))
    _identify(graph, iri)
    add_texts(graph, iri, DCTERMS.title, service.name)
    add_texts(graph, iri, DCTERMS.description, service.description)
    owner = _add_owner(graph, base, service, public)
    graph.add((iri, CV.ownedBy, owner))
    if public:
        graph.add((iri, CV.hasCompetentAuthority, owner))
    _add_output(graph, iri, page, service)
    fresh = library.freshness
    for key, contact in zip(contact_keys(service.contacts), service.contacts, strict=True):
        graph.add((iri, CV.hasChannel, add_channel(graph, page, key, contact, service, fresh, today)))
    for point in add_contact_point(graph, page, service, fresh, today):
        graph.add((iri, CV.contactPoint, point))
    for situation in service.situations:
        graph.add((iri, CV.thematicArea, _situation(base, situation)))
        add_texts(graph, iri, DCAT.keyword, term("terms", "situation", situation))
    for code in service.languages:
        if code in LANGUAGES:
            graph.add((iri, DCTERMS.language, URIRef(f"{EU}language/{LANGUAGES[code]}")))
    for law in service.law:
        graph.add((iri, CV.hasLegalResource, _add_law(graph, base, law, fresh, today)))
    for id in (*service.related, *service.coordinates):
        if id in library.shown_services():
            graph.add((iri, CV.relatedService, service_iri(base, id)))
    for country in _NORDIC if service.reach == "nordic" else () if service.reach == "abroad" else ("NOR",):
        graph.add((iri, DCTERMS.spatial, _country(graph, country)))
    if service.status == "active":
        graph.add((iri, ADMS.status, URIRef(f"{EU}distribution-status/COMPLETED")))
    graph.add((iri, FOAF.homepage, URIRef(page)))
    for source in service.sources:
        if source.url:
            graph.add((iri, DCTERMS.source, URIRef(source.url)))
    graph.add((iri, DCTERMS.modified, Literal(service.assured_date, datatype=XSD.date)))
    return iri


def _add_owner(graph: Graph, base: str, service: Service, public: bool) -> URIRef:
    owner = service.organization
    iri = URIRef(f"{base}/cpsv/catalogue#eier-{slug(owner.name.nb)}")
    graph.add((iri, RDF.type, CV.PublicOrganisation if public else ORG.Organization))
    _identify(graph, iri)
    add_texts(graph, iri, SKOS.prefLabel, owner.name)
    if public:
        graph.add((iri, DCTERMS.spatial, _country(graph, "NOR")))
    if owner.kind in _OWNERS:
        graph.add((iri, DCTERMS.type, URIRef(PUBLISHER_TYPES + _OWNERS[owner.kind])))
    return iri


def _add_output(graph: Graph, iri: URIRef, page: str, service: Service) -> None:
    """What comes of it: what happens when a person makes contact."""
    output = URIRef(f"{page}#resultat")
    graph.add((iri, CPSVNO.hasPossibleOutput, output))
    graph.add((output, RDF.type, CPSVNO.PossibleOutput))
    _identify(graph, output)
    add_texts(graph, output, DCTERMS.title, term("terms", "kind", service.kind))
    add_texts(graph, output, DCTERMS.description, service.what_happens)


def _add_law(graph: Graph, base: str, law: Law, fresh: Freshness, today: dt.date) -> URIRef:
    """One for each section that is named; what it says is left out when nobody has read it for too long."""
    iri = URIRef(f"{base}/cpsv/catalogue#lov-{slug(f'{law.name} {law.section}')}")
    if (iri, RDF.type, ELI.LegalResource) in graph:
        return iri
    graph.add((iri, RDF.type, ELI.LegalResource))
    _identify(graph, iri)
    add_texts(graph, iri, DCTERMS.title, Text(nb=f"{law.name} {law.section}"))
    if not fresh.expired("law", law.read_as_of, today):
        add_texts(graph, iri, DCTERMS.description, law.says)
    graph.add((iri, RDFS.seeAlso, URIRef(law.url)))
    graph.add((iri, DCTERMS.type, URIRef("https://data.norge.no/vocabulary/legal-resource-type#act")))
    return iri


def _add_life_events(graph: Graph, base: str, services: dict[str, Service]) -> list[URIRef]:
    events = []
    for situation, title in load_terms()["life_events"].items():
        helpers = [service for service in services.values() if situation in service.situations]
        if not helpers:
            continue
        iri = URIRef(f"{base}/cpsv/catalogue#hendelse-{situation}")
        graph.add((iri, RDF.type, CV.LifeEvent))
        _identify(graph, iri)
        add_texts(graph, iri, DCTERMS.title, Text(**title))
        for service in helpers:
            graph.add((iri, CPSVNO.mayTriggerNeedFor, service_iri(base, service.id)))
            graph.add((service_iri(base, service.id), CV.isGroupedBy, iri))
        events.append(iri)
    return events


def _situations(graph: Graph, base: str) -> URIRef:
    """The situations as concepts of a scheme."""
    scheme = URIRef(f"{base}/cpsv/catalogue#situasjoner")
    graph.add((scheme, RDF.type, SKOS.ConceptScheme))
    add_texts(graph, scheme, SKOS.prefLabel, term("catalogue", "situations"))
    for situation in load_terms()["terms"]["situation"]:
        iri = _situation(base, situation)
        graph.add((iri, RDF.type, SKOS.Concept))
        graph.add((iri, SKOS.inScheme, scheme))
        add_texts(graph, iri, SKOS.prefLabel, term("terms", "situation", situation))
    return scheme


def _situation(base: str, situation: str) -> URIRef:
    return URIRef(f"{base}/cpsv/catalogue#situasjon-{situation}")


def _country(graph: Graph, code: str) -> URIRef:
    iri = URIRef(f"{EU}country/{code}")
    graph.add((iri, RDF.type, DCTERMS.Location))
    return iri


def _in_order(node: Any) -> Any:
    """JSON-LD with its lists sorted: RDF has no order, and rdflib gives another one in each process."""
    if isinstance(node, dict):
        return {key: _in_order(value) for key, value in node.items()}
    if isinstance(node, list):
        return sorted((_in_order(part) for part in node), key=lambda part: json.dumps(part, sort_keys=True))
    return node


def _identify(graph: Graph, iri: URIRef) -> None:
    graph.add((iri, DCTERMS.identifier, Literal(str(iri), datatype=XSD.anyURI)))
