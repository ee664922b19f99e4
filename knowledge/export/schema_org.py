"""A service as schema.org JSON-LD, for the page about it: what search engines and assistants read."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from knowledge.export.cpsv import is_public
from knowledge.export.hsds_parts import about, international
from knowledge.export.timetable import WeeklyRule, weekly_rules
from knowledge.export.vocabulary import term
from knowledge.facts import Contact
from knowledge.freshness import Freshness, assured
from knowledge.models import Service

Json = dict[str, Any]
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: What would end the script element, or begin something in it.
_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def page_data(service: Service, language: str, base: str, fresh: Freshness, today: dt.date) -> Json:
    """The page about a service: what it tells of, when it was last checked, and its sources."""
    page = f"{base}/tjenester/{service.id}"
    return {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "@id": page,
        "url": page if language == "nb" else f"{page}?sprak={language}",
        "inLanguage": language,
        "lastReviewed": service.assured_date.isoformat(),
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "citation": [_known({"@type": "CreativeWork", "name": s.title, "url": s.url}) for s in service.sources],
        "mainEntity": service_data(service, language, page, fresh, today),
    }


def service_data(service: Service, language: str, page: str, fresh: Freshness, today: dt.date) -> Json:
    """The service. What is not known is left out; hours that are too old to be current too."""
    return _known({
        "@type": "GovernmentService" if is_public(service) else "Service",
        "@id": f"{page}#tjeneste",
        "name": service.name.in_language(language),
        "alternateName": [*service.alternate_name],
        "description": service.description.in_language(language),
        "serviceType": term("terms", "kind", service.kind).in_language(language),
        "provider": {"@type": _provider(service), "name": service.organization.name.in_language(language)},
        "areaServed": {"@type": "Country", "name": term("areas", "national").in_language(language)}
        if service.reach == "national" else None,
        "audience": [
            {"@type": "Audience", "audienceType": term("terms", "audience", who).in_language(language)}
            for who in service.audience
        ],
        "availableChannel": [
            _channel(contact, service, language, fresh, today) for contact in service.contacts if contact.kind != "visit"
        ],
        "offers": {"@type": "Offer", "price": 0, "priceCurrency": "NOK"} if service.free == "yes" else None,
    })  # fmt: skip


def as_script(data: Json) -> str:
    """JSON that may stand inside <script type="application/ld+json">: nothing in it can end the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for unsafe, escaped in _UNSAFE.items():
        text = text.replace(unsafe, escaped)
    return text


def _provider(service: Service) -> str:
    if service.kind == "emergency":
        return "EmergencyService"
    if service.organization.kind in ("ngo", "foundation"):
        return "NGO"
    return "GovernmentOrganization" if is_public(service) else "Organization"


def _channel(contact: Contact, service: Service, language: str, fresh: Freshness, today: dt.date) -> Json:
    expired = fresh.expired("hours", assured(contact, service), today)
    hours = [] if expired else [_hours(rule) for rule in weekly_rules(contact.hours, today)]
    point = _known({
        "@type": "ContactPoint",
        "contactType": contact.label.in_language(language),
        "telephone": international(contact.value) if contact.kind in ("phone", "sms") else None,
        "hoursAvailable": hours,
    })  # fmt: skip
    return _known({
        "@type": "ServiceChannel",
        "name": contact.label.in_language(language),
        "description": about(contact, service, language, fresh, today),
        "serviceUrl": f"mailto:{contact.value}" if contact.kind == "email" else contact.value if contact.kind in ("web", "chat")
        else None,
        "serviceSmsNumber": point if contact.kind == "sms" else None,
        "servicePhone": point if contact.kind == "phone" else None,
        "availableLanguage": [*service.languages],
    })  # fmt: skip


def _hours(rule: WeeklyRule) -> Json:
    """Times are those of the place, so the offset is not needed here."""
    return _known({
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": [f"https://schema.org/{DAYS[day]}" for day in rule.days],
        "opens": rule.opens.strftime("%H:%M"),
        "closes": rule.closes.strftime("%H:%M"),
        "validFrom": rule.first and rule.first.isoformat(),
        "validThrough": rule.last and rule.last.isoformat(),
    })  # fmt: skip


def _known(record: Json) -> Json:
    return {key: value for key, value in record.items() if value not in (None, "", [])}
