"""The parts of an HSDS service: phones, schedules, languages, areas, locations, and attributes for the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import phonenumbers
from babel import Locale

from knowledge.export.identity import contact_keys, uuid_of
from knowledge.export.timetable import WeeklyRule, on_holidays, weekly_rules
from knowledge.export.vocabulary import taxonomy_term, term
from knowledge.facts import Contact
from knowledge.freshness import Freshness, assured
from knowledge.mistakes import SHORT_NUMBERS
from knowledge.models import Service
from knowledge.places import LocalOffer, Places
from knowledge.wording import checked_in_words, hours_in_words

Json = dict[str, Any]
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
CONDITIONS = ("free", "anonymous", "interpreter", "self_referral", "from_abroad")
_PHONE_TYPES = {"phone": "voice", "sms": "text"}


def phones(service: Service, language: str, fresh: Freshness, today: dt.date) -> list[Json]:
    """Numbers to call or to text. One that is not current says so."""
    return [
        {
            "id": uuid_of("phone", service.id, key), "service_id": uuid_of("service", service.id),
            "number": international(contact.value), "type": _PHONE_TYPES[contact.kind],
            "description": about(contact, service, language, fresh, today),
        }
        for key, contact in _keyed(service) if contact.kind in _PHONE_TYPES
    ]  # fmt: skip


def schedules(service: Service, language: str, fresh: Freshness, today: dt.date) -> list[Json]:
    """When each way of contact is surely open. A contact that is not checked for too long has none.

    HSDS links a schedule to the service and not to a phone: `description` names the contact, `attending_type` its kind.
    """
    found = []
    for key, contact in _keyed(service):
        if not contact.hours or fresh.expired("hours", assured(contact, service), today):
            continue
        rules = weekly_rules(contact.hours, today)
        holidays = term("sentences", f"holidays_{on_holidays(contact.hours, today)}").in_language(language)
        for rule in rules:
            days = ",".join(DAYS[day] for day in rule.days)
            found.append({
                "id": uuid_of("schedule", service.id, key, rule.first, days, rule.opens, rule.closes),
                "service_id": uuid_of("service", service.id),
                **_dates(rule),
                "timezone": rule.offset_hours, "wkst": "MO", "freq": "WEEKLY", "interval": 1, "byday": days,
                "opens_at": _clock(rule.opens, rule), "closes_at": _clock(rule.closes, rule),
                "description": about(contact, service, language, fresh, today),
                "attending_type": term("terms", "channel", contact.kind).in_language(language),
                **({} if rule.always else {"notes": holidays}),
            })  # fmt: skip
    return found


def languages(service: Service, language: str) -> list[Json]:
    """Languages that a source names."""
    names = Locale(language).languages
    return [
        {
            "id": uuid_of("language", service.id, code), "service_id": uuid_of("service", service.id),
            "name": names.get(code, code), "code": code,
        }
        for code in service.languages
    ]  # fmt: skip


def service_areas(service: Service, language: str) -> list[Json]:
    """Where it is found, in words."""
    said = service.service_areas.in_language(language) if service.service_areas else ""
    return [{
        "id": uuid_of("service_area", service.id, service.reach), "service_id": uuid_of("service", service.id),
        "name": term("areas", service.reach).in_language(language), **({"description": said} if said else {}),
    }]  # fmt: skip


def contacts(service: Service, language: str, fresh: Freshness, today: dt.date) -> list[Json]:
    """E-mail addresses, each with its own words; a service has only one e-mail field."""
    return [
        {
            "id": uuid_of("contact", service.id, key), "service_id": uuid_of("service", service.id),
            "name": about(contact, service, language, fresh, today), "email": contact.value,
        }
        for key, contact in _keyed(service) if contact.kind == "email"
    ]  # fmt: skip


def attributes(service: Service, language: str) -> list[Json]:
    """Situations, audience, kind, ways of contact with their value, conditions that are known, and sources."""

    def attribute(taxonomy: str, key: str, value: str = "", part: object = "") -> Json:
        about_it = taxonomy_term(taxonomy, key, language)
        return {
            "id": uuid_of("attribute", service.id, taxonomy, key, part), "link_id": uuid_of("service", service.id),
            "taxonomy_term_id": about_it["id"], "link_type": taxonomy, "link_entity": "service",
            **({"value": value} if value else {}), "taxonomy_term": about_it,
        }  # fmt: skip

    found = [attribute("situation", name) for name in service.situations]
    found += [attribute("audience", name) for name in service.audience]
    found.append(attribute("kind", service.kind))
    for key, contact in _keyed(service):
        # What a shelter's visit says of the place is nobody's business in a machine's hands.
        value = "" if contact.kind == "visit" and service.kind == "shelter" else contact.value
        found.append(attribute("channel", contact.kind, value, key))
    known = {name: getattr(service, name) for name in CONDITIONS}
    found += [attribute("condition", name, value) for name, value in known.items() if value != "unknown"]
    for source in service.sources:
        told = ", ".join(part for part in (source.title, source.url, source.seen) if part)
        found.append(attribute("evidence", "source", told, source.key))
    return found


def metadata(service: Service) -> list[Json]:
    """When the service was last checked, and how."""
    return [{
        "id": uuid_of("metadata", service.id, service.assured_date), "resource_id": uuid_of("service", service.id),
        "resource_type": "service", "last_action_date": service.assured_date.isoformat(), "last_action_type": "assured",
        "field_name": "assured_date", "previous_value": "", "replacement_value": service.assured_date.isoformat(),
        "updated_by": service.assured_by,
    }]  # fmt: skip


def location(offer: LocalOffer, service: Service, places: Places, language: str) -> Json:
    """A place where a service is found: its name and municipality. No address is kept of any place."""
    municipality = places.municipalities.get(offer.municipality or "")
    counties = [county.name for county in places.counties.counties if county.number in offer.counties]
    named = [municipality[0].name] if municipality else counties
    as_of = term("sentences", "as_of", when=offer.as_of).in_language(language)
    note = places.offers.note.in_language(language)
    return {
        "id": uuid_of("location", offer.service, offer.name), "location_type": "physical", "name": offer.name,
        "description": " ".join([*([", ".join(named) + "."] if named else []), as_of, note]),
        **({"external_identifier": offer.municipality, "external_identifier_type": "kommunenummer"} if municipality else {}),
    }  # fmt: skip


def about(contact: Contact, service: Service, language: str, fresh: Freshness, today: dt.date) -> str:
    """What a person needs to know of a contact: its label, note, hours in words, and whether to check it first."""
    day = assured(contact, service)
    expired = fresh.expired("contact", day, today)
    hours = hours_in_words(contact.hours, language, expired)
    parts = [contact.label.in_language(language)]
    if hours:
        parts[0] += f": {hours}"
    parts[0] += "."
    if contact.note:
        parts.append(contact.note.in_language(language))
    if expired:
        parts.append(checked_in_words("emergency" if service.kind == "emergency" else "expired", day, language))
    elif contact.check_first:
        parts.append(checked_in_words("weak", day, language))
    return " ".join(parts)


def international(value: str) -> str:
    """A number that can be dialled from anywhere; a short number as it is written."""
    digits = "".join(c for c in value if c.isdigit() or c == "+")
    if digits in SHORT_NUMBERS or len(digits) < 8:
        return value
    number = phonenumbers.parse(digits, "NO")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _keyed(service: Service) -> Iterator[tuple[str, Contact]]:
    return zip(contact_keys(service.contacts), service.contacts, strict=True)


def _dates(rule: WeeklyRule) -> Json:
    """The first day the rule holds for is its first event, as RFC 5545 wants."""
    if rule.first is None or rule.last is None:
        return {}
    begins = next(
        day for day in (rule.first + dt.timedelta(days=n) for n in range(7)) if day.weekday() in rule.days
    )  # fmt: skip
    last = rule.last.isoformat()
    return {"valid_from": rule.first.isoformat(), "valid_to": last, "dtstart": begins.isoformat(), "until": last}


def _clock(time: dt.time, rule: WeeklyRule) -> str:
    return time.strftime("%H:%M") + ("Z" if rule.always else f"{rule.offset_hours:+03d}:00")
