"""Names that CPSV-AP-NO uses, and texts in three languages."""

from __future__ import annotations

from rdflib import RDFS, SKOS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, ORG

from knowledge.facts import LANGUAGES, Text

ADMS = Namespace("http://www.w3.org/ns/adms#")
CPSV = Namespace("http://purl.org/vocab/cpsv#")
CPSVNO = Namespace("https://data.norge.no/vocabulary/cpsvno#")
CV = Namespace("http://data.europa.eu/m8g/")
DCATNO = Namespace("https://data.norge.no/vocabulary/dcatno#")
ELI = Namespace("http://data.europa.eu/eli/ontology#")
SCHEMA = Namespace("https://schema.org/")
TIME = Namespace("http://www.w3.org/2006/time#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
#: Vocabularies of the Publications Office of the European Union.
EU = "http://publications.europa.eu/resource/authority/"
_PREFIXES = {
    "adms": ADMS, "cpsv": CPSV, "cpsvno": CPSVNO, "cv": CV, "dcat": DCAT, "dcatno": DCATNO, "dct": DCTERMS, "eli": ELI,
    "foaf": FOAF, "org": ORG, "rdfs": RDFS, "schema": SCHEMA, "skos": SKOS, "time": TIME, "vcard": VCARD, "xsd": XSD,
}  # fmt: skip


def bind_prefixes(graph: Graph) -> None:
    """Short names for reading."""
    for prefix, namespace in _PREFIXES.items():
        graph.bind(prefix, Namespace(str(namespace)))


def add_texts(graph: Graph, subject: URIRef, predicate: URIRef, text: Text) -> None:
    """The text in each language it is written in."""
    for language in LANGUAGES:
        said = getattr(text, language)
        if said:
            graph.add((subject, predicate, Literal(said, lang=language)))
