"""GET /api/v1/services, /topics, /measures, /places: everything the guide knows, in the language asked for.

Answers carry an ETag and the time they last changed here, so that a client that has them gets 304.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from email.utils import format_datetime, parsedate_to_datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from actions.current import entry_note
from actions.present import known_json, law_json, measure_json, open_now, service_json, topic_json
from api.engine import Engine
from api.errors import ApiError, error_docs
from api.schemas import LanguageTag, answer_language
from knowledge.facts import Text
from knowledge.freshness import Freshness
from knowledge.library import Library
from knowledge.models import Audience, Measure, Service, Situation, Topic
from knowledge.text import fold

Json = dict[str, Any]
MOST_REMEMBERED = 1000
LICENSE = "CC BY 4.0"


class Unchanged:
    """Says 304 to a client that has the answer already. Remembers hashes and times of answers, no clients."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, tuple[str, dt.datetime]] = OrderedDict()

    def respond(self, request: Request, body: Json, version: str) -> Response:
        """The body as JSON, or 304."""
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return self.send(request, text, version, "application/json")

    def send(
        self, request: Request, content: bytes, version: str, media_type: str, more: Mapping[str, str] | None = None
    ) -> Response:
        """The content with `more` headers, or 304."""
        tag = f'"{version}-{hashlib.sha256(content).hexdigest()[:16]}"'
        changed = self._changed_at(str(request.url.path) + "?" + str(request.url.query), tag)
        headers = {
            "ETag": tag, "Last-Modified": format_datetime(changed, usegmt=True),
            "Cache-Control": "public, max-age=0, must-revalidate", **(more or {}),
        }  # fmt: skip
        if _has_it(request, tag, changed):
            return Response(status_code=304, headers=headers)
        return Response(content, media_type=media_type, headers=headers)

    def _changed_at(self, address: str, tag: str) -> dt.datetime:
        known = self._seen.get(address)
        if known is None or known[0] != tag:
            known = self._seen[address] = (tag, dt.datetime.now(dt.UTC).replace(microsecond=0))
        self._seen.move_to_end(address)
        while len(self._seen) > MOST_REMEMBERED:
            self._seen.popitem(last=False)
        return known[1]


def _has_it(request: Request, tag: str, changed: dt.datetime) -> bool:
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return tags.strip() == "*" or tag in [t.strip().removeprefix("W/") for t in tags.split(",")]
    try:
        since = parsedate_to_datetime(request.headers["if-modified-since"])
        return since.replace(tzinfo=since.tzinfo or dt.UTC) >= changed
    except (KeyError, ValueError, TypeError, OverflowError):
        return False


def asked_language(language: Annotated[LanguageTag | None, Query(description="nb, nn or en; nb when left out.")] = None) -> str:
    """The language of the answer."""
    return answer_language(language or "nb")


Language = Annotated[str, Depends(asked_language)]


def build_catalogue(engine: Engine) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/v1", tags=["catalogue"])
    fresh = Unchanged()
    one, many = error_docs(404, 422, 429), error_docs(422, 429)

    @routes.get("/services", responses=many, summary="All services", response_class=JSONResponse)
    def services(
        request: Request, language: Language, audience: Audience | None = None,
        age: Annotated[int | None, Query(ge=0, le=120)] = None, topic: str | None = None, situation: Situation | None = None,
        abroad: bool | None = None, open_now: bool | None = None,
    ) -> Response:  # fmt: skip
        """Services that may be shown, filtered."""
        found = [
            s for s in engine.library.shown_services().values()
            if fits(s, engine.library, audience, age, topic, situation, abroad, open_now)
        ]  # fmt: skip
        body = {"license": LICENSE, "services": [full_service(s, language, engine.library.freshness) for s in found]}
        return fresh.respond(request, body, engine.version)

    @routes.get("/services/{id}", responses=one, summary="One service", response_class=JSONResponse)
    def service(request: Request, id: str, language: Language) -> Response:
        """Everything about a service, with its sources."""
        found = _get(engine.library.shown_services(), id)
        return fresh.respond(request, full_service(found, language, engine.library.freshness), engine.version)

    @routes.get("/topics", responses=many, summary="All topics", response_class=JSONResponse)
    def topics(request: Request, language: Language, situation: Situation | None = None) -> Response:
        """Information articles."""
        found = [t for t in engine.library.topics.values() if situation is None or situation in t.situations]
        body = {"license": LICENSE, "topics": [topic_json(t, language, engine.library.freshness) for t in found]}
        return fresh.respond(request, body, engine.version)

    @routes.get("/topics/{id}", responses=one, summary="One topic", response_class=JSONResponse)
    def topic_by_id(request: Request, id: str, language: Language) -> Response:
        """An information article."""
        topic: Topic = _get(engine.library.topics, id)
        return fresh.respond(request, topic_json(topic, language, engine.library.freshness), engine.version)

    @routes.get("/measures", responses=many, summary="All measures", response_class=JSONResponse)
    def measures(
        request: Request, language: Language, plan: str | None = None, topic: str | None = None, status: str | None = None
    ) -> Response:
        """Measures of the action plans."""
        found = [
            m for m in engine.library.measures.values()
            if plan in (None, m.plan) and (topic is None or topic in m.topics) and status in (None, m.status)
        ]  # fmt: skip
        body = {"license": LICENSE, "measures": [measure_json(m, language, engine.library.freshness) for m in found]}
        return fresh.respond(request, body, engine.version)

    @routes.get("/measures/{id}", responses=one, summary="One measure", response_class=JSONResponse)
    def measure_by_id(request: Request, id: str, language: Language) -> Response:
        """A measure of an action plan."""
        measure: Measure = _get(engine.library.measures, id)
        return fresh.respond(request, measure_json(measure, language, engine.library.freshness), engine.version)

    @routes.get("/places", responses=one, summary="Counties, municipalities and local offers", response_class=JSONResponse)
    def places(request: Request, language: Language, county: str | None = None) -> Response:
        """All counties, or one by name or number; 404 when there is none of that name."""
        body = places_json(engine, county, language)
        if county is not None and not body["counties"]:
            raise ApiError(404)
        return fresh.respond(request, body, engine.version)

    return routes


def _get(entries: Any, id: str) -> Any:
    """The entry. Raises ApiError 404."""
    if id not in entries:
        raise ApiError(404)
    return entries[id]


def fits(
    service: Service, library: Library, audience: str | None = None, age: int | None = None, topic: str | None = None,
    situation: str | None = None, abroad: bool | None = None, now: bool | None = None,
) -> bool:  # fmt: skip
    """Does a service pass all filters? A filter that is None lets everything through."""
    if audience is not None and audience not in service.audience:
        return False
    if age is not None and not (service.minimum_age or 0) <= age <= (
        120 if service.maximum_age is None else service.maximum_age
    ):
        return False
    explained = library.topics.get(topic or "")
    if topic is not None and topic not in service.topics and not (explained and service.id in explained.services):
        return False
    if situation is not None and situation not in service.situations:
        return False
    if abroad is not None and abroad != (service.from_abroad == "yes" or service.reach == "abroad"):
        return False
    return now is None or now == (open_now(service, library.freshness).now is True)


def full_service(service: Service, language: str, fresh: Freshness) -> Json:
    """Everything a portal may show of a service."""

    def said(text: Text | None) -> str | None:
        return text.in_language(language) if text else None

    texts = (
        "eligibility_description", "service_areas", "languages_note", "confidentiality", "fees_description",
        "professional_referral",
    )  # fmt: skip
    known = ("from_abroad", "interpreter", "anonymous", "free", "self_referral")
    lists = ("alternate_name", "former_name", "audience", "situations", "languages", "related", "topics", "coordinates")
    return {
        **service_json(service, language, fresh),
        "kind": service.kind,
        "status": service.status,
        "reach": service.reach,
        "organization": {"name": said(service.organization.name), "kind": service.organization.kind,
                         "ministry": service.organization.ministry},
        "minimum_age": service.minimum_age,
        "maximum_age": service.maximum_age,
        "age_check_note": entry_note(service, language, fresh, kind="age") if has_ages(service) else None,
        **{name: said(getattr(service, name)) for name in texts},
        **{name: known_json(getattr(service, name)) for name in known},
        **{name: list(getattr(service, name)) for name in lists},
        "not_offered": [said(text) for text in service.not_offered],
        "figures": [{"value": f.value, "meaning": said(f.meaning), "as_of": f.as_of} for f in service.figures],
        "law": [law_json(law, language, fresh) for law in service.law],
    }  # fmt: skip


def has_ages(service: Service) -> bool:
    """Is there an age limit?"""
    return service.minimum_age is not None or service.maximum_age is not None


def places_json(engine: Engine, county: str | None, language: str) -> Json:
    """Counties with their municipalities, local offers in them, and the embassies with a special envoy."""
    places = engine.library.places
    wanted = fold(county) if county else None
    counties = [
        c for c in places.counties.counties
        if wanted is None or wanted == c.number or wanted in (fold(name) for name in (c.name, *c.also))
    ]  # fmt: skip
    numbers = {m.number for c in counties for m in c.municipalities}
    offers = [
        offer for offer in places.offers.offers
        if offer.municipality in numbers or any(c.number in offer.counties for c in counties)
    ]  # fmt: skip
    return {
        "as_of": places.counties.as_of,
        "attribution": places.counties.attribution.in_language(language),
        "counties": [c.model_dump() for c in counties],
        "offers_note": places.offers.note.in_language(language),
        "offers": [
            {"service": o.service, "name": o.name, "municipality": o.municipality, "counties": list(o.counties),
             "email": o.email, "as_of": o.as_of}
            for o in offers
        ],
        "embassies_note": places.abroad.note.in_language(language),
        "embassies": [
            {"city": p.city, "country": p.country, "works_in": list(p.works_in), "guides": list(p.guides), "web": p.web}
            for p in places.abroad.posts
        ] if county is None else [],
    }  # fmt: skip
