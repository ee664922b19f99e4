"""Services as the Human Services Data Specification (HSDS) 3.0 has them.

HSDS has one language in each answer, no exceptions in a schedule, no chat, and no place for sources. So: everything is
made in the language asked for; schedules are the dated rules of timetable.py; ways to make contact and sources stand as
attributes. A contact that nobody has checked for too long keeps its number with a warning and loses its schedules.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from knowledge.export import hsds_parts as parts
from knowledge.export.identity import uuid_of
from knowledge.export.vocabulary import term
from knowledge.facts import Text
from knowledge.library import Library
from knowledge.models import Service
from knowledge.places import LocalOffer
from knowledge.wording import checked_in_words, load_words

Json = dict[str, Any]


@dataclass(frozen=True)
class Directory:
    """All that may be shown of a library, as HSDS, in one language, on one day."""

    library: Library
    language: str
    today: dt.date

    @cached_property
    def services(self) -> dict[str, Service]:
        """UUID → service."""
        return {uuid_of("service", service.id): service for service in self.library.shown_services().values()}

    @cached_property
    def owners(self) -> dict[str, list[Service]]:
        """UUID of an organization → its services. Owners with the same Norwegian name are one."""
        found: dict[str, list[Service]] = {}
        for service in self.services.values():
            found.setdefault(organization_id(service), []).append(service)
        return found

    @cached_property
    def offers(self) -> dict[str, LocalOffer]:
        """UUID of a service at a location → where it is. A shelter is at no location."""
        shown = self.library.shown_services()
        return {
            uuid_of("service_at_location", offer.service, offer.name): offer
            for offer in self.library.places.offers.offers
            if offer.service in shown and shown[offer.service].kind != "shelter"
        }

    @cached_property
    def terms(self) -> dict[str, dict[str, str]]:
        """Id of a service in the library → UUIDs of its terms → UUIDs of their taxonomies."""
        return {
            service.id: {
                found["taxonomy_term_id"]: found["taxonomy_term"]["taxonomy_id"]
                for found in parts.attributes(service, self.language)
            }
            for service in self.services.values()
        }

    def basic_service(self, service: Service) -> Json:
        """A service with what there is one of, as a list shows it."""
        web = next((c.value for c in service.contacts if c.kind in ("web", "chat")), None)
        email = next((c.value for c in service.contacts if c.kind == "email"), None)
        steps = [self._said(service.what_happens), self._said(service.professional_referral)]
        fresh, day = self.library.freshness, service.assured_date
        ages_known = not fresh.expired("age", day, self.today)
        old = fresh.expired("description", day, self.today)
        alerts = [self._said(service.alert), checked_in_words("expired", day, self.language) if old else ""]
        return _known({
            "id": uuid_of("service", service.id),
            "organization_id": organization_id(service),
            "name": self._said(service.name),
            "alternate_name": "; ".join([*service.alternate_name, *service.former_name]),
            "description": self._said(service.description),
            "url": web,
            "email": email,
            "status": service.status,
            "interpretation_services": self._interpretation(service),
            "application_process": "\n".join(step for step in steps if step),
            "fees_description": self._said(service.fees_description),
            "eligibility_description": self._said(service.eligibility_description),
            "minimum_age": service.minimum_age if ages_known else None,
            "maximum_age": service.maximum_age if ages_known else None,
            "assured_date": service.assured_date.isoformat(),
            "alert": " ".join(alert for alert in alerts if alert),
            "last_modified": modified(service),
        })  # fmt: skip

    def listed_service(self, service: Service) -> Json:
        """A service as a list shows it, with its organization."""
        return {**self.basic_service(service), "organization": self.basic_organization(organization_id(service))}

    def full_service(self, service: Service) -> Json:
        """A service with everything inside it."""
        language, fresh = self.language, self.library.freshness
        at = [self._at_location(id, offer) for id, offer in self.offers.items() if offer.service == service.id]
        return {
            **self.listed_service(service),
            "phones": parts.phones(service, language, fresh, self.today),
            "schedules": parts.schedules(service, language, fresh, self.today),
            "service_areas": parts.service_areas(service, language),
            "service_at_locations": at,
            "languages": parts.languages(service, language),
            "contacts": parts.contacts(service, language, fresh, self.today),
            "attributes": parts.attributes(service, language),
            "metadata": parts.metadata(service),
        }

    def basic_organization(self, id: str) -> Json:
        """An organization with what there is one of. Raises KeyError when there is none."""
        owner = self.owners[id][0].organization
        kind = term("owners", owner.kind).in_language(self.language)
        ministry = owner.ministry and Text(**load_words()["ministries"][owner.ministry]).in_language(self.language)
        told = term("sentences", "ministry", ministry=ministry).in_language(self.language) if ministry else ""
        return {"id": id, "name": owner.name.in_language(self.language), "description": f"{kind} {told}".strip()}

    def full_organization(self, id: str, full_service: bool = False) -> Json:
        """An organization with its services, in short or in full. Raises KeyError when there is none."""
        own = self.owners[id]
        return {
            **self.basic_organization(id),
            "services": [self.full_service(s) if full_service else self.basic_service(s) for s in own],
        }

    def service_at_location(self, id: str, full: bool = True) -> Json:
        """A service at a location; in full with the whole service. Raises KeyError when there is none."""
        offer = self.offers[id]
        service = self.library.services[offer.service]
        inside = {"service": self.full_service(service)} if full else {}
        return {**self._at_location(id, offer), **inside}

    def _at_location(self, id: str, offer: LocalOffer) -> Json:
        service = self.library.services[offer.service]
        found = parts.location(offer, service, self.library.places, self.language)
        return {
            "id": id, "service_id": uuid_of("service", service.id), "location_id": found["id"],
            "description": found["description"], "location": found,
        }  # fmt: skip

    def _interpretation(self, service: Service) -> str:
        if service.interpreter != "yes":
            return ""
        return self._said(service.languages_note) or term("terms", "condition", "interpreter").in_language(self.language)

    def _said(self, text: Text | None) -> str:
        return text.in_language(self.language) if text else ""


def organization_id(service: Service) -> str:
    """The UUID of the organization that runs a service."""
    return uuid_of("organization", service.organization.name.nb)


def last_modified(service: Service) -> dt.datetime:
    """The last day that anything of it was checked, at midnight UTC: content has no finer time."""
    days = [service.assured_date, *(c.assured_date for c in service.contacts if c.assured_date)]
    return dt.datetime.combine(max(days), dt.time(), dt.UTC)


def modified(service: Service) -> str:
    """The same as HSDS writes it, to the millisecond."""
    return last_modified(service).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _known(record: Json) -> Json:
    """Without what is not known: HSDS has no null."""
    return {key: value for key, value in record.items() if value not in (None, "")}
