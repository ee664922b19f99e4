"""Channels and contact points of CPSV-AP-NO, with opening hours.

The shapes that CPSV-AP-NO is checked against have one name for three of their rules, so that every time:TemporalEntity and
every time:DateTimeDescription must itself have a time:inDateTime that is a time:DateTimeDescription. A description of a
moment therefore points to itself. When it opens stands as OWL-Time; when it opens and closes as schema.org has it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from rdflib import RDF, SKOS, XSD, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS

from knowledge.export.cpsv_names import CV, EU, SCHEMA, TIME, VCARD, add_texts
from knowledge.export.hsds_parts import about, international
from knowledge.export.identity import contact_keys
from knowledge.export.timetable import LAST_MINUTE, on_holidays, weekly_rules
from knowledge.export.vocabulary import term
from knowledge.facts import LANGUAGES, Contact, Text
from knowledge.freshness import Freshness, assured
from knowledge.hours import sure_hours
from knowledge.models import Service
from knowledge.wording import hours_in_words

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CHANNEL_TYPES = {
    "phone": "telephone", "chat": "online-service", "email": "e-mail", "web": "homepage", "visit": "service-bureau",
}  # fmt: skip
_CHANNEL_TYPE = "https://data.norge.no/vocabulary/service-channel-type#"


def add_channel(
    graph: Graph, page: str, key: str, contact: Contact, service: Service, fresh: Freshness, today: dt.date
) -> URIRef:
    """One way to make contact. A text message has no type of its own in the vocabulary. No address is kept of any place."""
    iri = URIRef(f"{page}#kanal-{key}")
    graph.add((iri, RDF.type, CV.Channel))
    graph.add((iri, DCTERMS.identifier, Literal(str(iri), datatype=XSD.anyURI)))
    add_texts(graph, iri, DCTERMS.description, _told(contact, service, fresh, today))
    if contact.kind in CHANNEL_TYPES:
        graph.add((iri, DCTERMS.type, URIRef(_CHANNEL_TYPE + CHANNEL_TYPES[contact.kind])))
    if contact.kind in ("phone", "sms"):
        graph.add((iri, VCARD.hasTelephone, Literal(_tel(contact.value))))
    if contact.kind == "email":
        graph.add((iri, VCARD.hasEmail, URIRef(f"mailto:{contact.value}")))
    if contact.kind in ("web", "chat"):
        graph.add((iri, VCARD.hasURL, URIRef(contact.value)))
    _add_hours(graph, iri, f"{page}#tid-{key}", contact, service, fresh, today)
    return iri


def add_contact_point(graph: Graph, page: str, service: Service, fresh: Freshness, today: dt.date) -> Iterator[URIRef]:
    """A contact point for each number, address or page; the guide's own page when there is none."""
    reached = False
    for key, contact in zip(contact_keys(service.contacts), service.contacts, strict=True):
        if contact.kind == "visit":
            continue
        reached = True
        iri = URIRef(f"{page}#kontakt-{key}")
        graph.add((iri, RDF.type, CV.ContactPoint))
        add_texts(graph, iri, VCARD.category, contact.label)
        if contact.kind in ("phone", "sms"):
            graph.add((iri, CV.telephone, Literal(_tel(contact.value))))
        elif contact.kind == "email":
            graph.add((iri, CV.email, Literal(contact.value)))
        else:
            graph.add((iri, CV.contactPage, URIRef(contact.value)))
        _add_hours(graph, iri, f"{page}#tid-{key}", contact, service, fresh, today)
        yield iri
    if not reached:
        iri = URIRef(f"{page}#kontakt")
        graph.add((iri, RDF.type, CV.ContactPoint))
        graph.add((iri, CV.contactPage, URIRef(page)))
        yield iri


def _add_hours(
    graph: Graph, subject: URIRef, name: str, contact: Contact, service: Service, fresh: Freshness, today: dt.date
) -> None:
    """Sure hours of an ordinary week, and what holds on public holidays; none when they are too old to be current."""
    hours = sure_hours(contact.hours)
    if hours is None or not hours.spans or fresh.expired("hours", assured(contact, service), today):
        return
    words = Text(**{language: hours_in_words(contact.hours, language) for language in LANGUAGES})
    if any(rule.always for rule in weekly_rules(contact.hours, today)):
        always = URIRef(f"{name}-alltid")
        graph.add((subject, CV.openingHours, always))
        _add_span(graph, always, words, "DAILY", None, dt.time(0), dt.time(0))
        return
    for day, opens, closes in hours.spans:
        span = URIRef(f"{name}-{DAYS[day].lower()}-{opens:%H%M}")
        graph.add((subject, CV.openingHours, span))
        _add_span(graph, span, words, "WEEKLY", DAYS[day], opens, closes)
    holidays, state = URIRef(f"{name}-helligdager"), on_holidays(contact.hours, today)
    graph.add((subject, CV.specialOpeningHoursSpecification, holidays))
    _add_time(graph, holidays, term("sentences", f"holidays_{state}"), SCHEMA.PublicHolidays, TIME.unitDay)
    if state == "closed":  # to schema.org a day without hours is a closed day
        graph.add((holidays, RDF.type, SCHEMA.OpeningHoursSpecification))
        graph.add((holidays, SCHEMA.dayOfWeek, SCHEMA.PublicHolidays))


def _add_span(
    graph: Graph, iri: URIRef, words: Text, frequency: str, day: str | None, opens: dt.time, closes: dt.time
) -> None:
    """From opens to closes on a weekday, or on every day."""
    moment = _add_time(graph, iri, words, TIME[day] if day else None, TIME.unitMinute)
    graph.add((moment, TIME.hour, Literal(opens.hour, datatype=XSD.nonNegativeInteger)))
    graph.add((moment, TIME.minute, Literal(opens.minute, datatype=XSD.nonNegativeInteger)))
    often = URIRef(f"{EU}frequency/{frequency}")
    graph.add((often, RDF.type, SKOS.Concept))
    graph.add((iri, CV.frequency, often))
    graph.add((iri, RDF.type, SCHEMA.OpeningHoursSpecification))
    for each in [day] if day else DAYS:
        graph.add((iri, SCHEMA.dayOfWeek, SCHEMA[each]))
    last = LAST_MINUTE if closes == dt.time(0) else closes
    graph.add((iri, SCHEMA.opens, Literal(opens.isoformat(), datatype=XSD.time)))
    graph.add((iri, SCHEMA.closes, Literal(last.isoformat(), datatype=XSD.time)))


def _add_time(graph: Graph, iri: URIRef, words: Text, day: URIRef | None, unit: URIRef) -> URIRef:
    """A time in words, with the moment it begins; gives the moment."""
    moment = URIRef(f"{iri}-begynner")
    graph.add((iri, RDF.type, TIME.TemporalEntity))
    add_texts(graph, iri, DCTERMS.description, words)
    graph.add((iri, TIME.inDateTime, moment))
    graph.add((moment, RDF.type, TIME.DateTimeDescription))
    graph.add((moment, TIME.inDateTime, moment))
    graph.add((moment, TIME.unitType, unit))
    graph.add((unit, RDF.type, TIME.TemporalUnit))
    if day:
        graph.add((moment, TIME.dayOfWeek, day))
    return moment


def _told(contact: Contact, service: Service, fresh: Freshness, today: dt.date) -> Text:
    return Text(**{language: about(contact, service, language, fresh, today) for language in LANGUAGES})


def _tel(value: str) -> str:
    """tel: as RFC 3966 has it."""
    return "tel:" + "".join(c for c in international(value) if c.isdigit() or c == "+")
