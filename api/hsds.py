"""GET /hsds: the HSDS 3.0 API, as its OpenAPI file has it.

What is asked for is read as HSDS defines it: an unknown filter value finds nothing, a value that cannot be is a mistake.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from api.catalogue import Language
from api.errors import ApiError, error_docs
from api.made import MEDIA_TYPES, OPEN, Made, Pages
from api.render import base_of
from api.settings import Settings
from knowledge.export.hsds import Directory, last_modified, modified, organization_id
from knowledge.export.identity import uuid_of
from knowledge.export.vocabulary import taxonomies, taxonomy_terms
from knowledge.models import Service
from knowledge.text import fold

Json = dict[str, Any]
HSDS_VERSION = "3.0"
PROFILE = "https://docs.openreferral.org/"
Search = Annotated[str | None, Query(max_length=200, description="All of these words.")]


def add_hsds(routes: APIRouter, made: Made, settings: Settings) -> None:
    """Adds the routes."""
    one = error_docs(404, 422, 429)
    many = {**error_docs(422, 429), 200: {"content": {media_type: {} for media_type in MEDIA_TYPES.values()}}}

    def get(path: str, summary: str, docs: dict[int | str, dict[str, Any]]) -> Callable[[Any], Any]:
        return routes.get(f"/hsds{path}", summary=summary, responses=docs, response_class=JSONResponse, tags=["hsds"])

    @get("", "About this HSDS API", error_docs(429))
    def about(request: Request) -> Response:
        """Version, profile, and where the OpenAPI document is."""
        body = {"version": HSDS_VERSION, "profile": PROFILE, "openapi_url": f"{base_of(request, settings)}/openapi.json"}
        return made.answer(request, body)

    routes.add_api_route("/hsds/", about, include_in_schema=False)

    @get("/services", "Services", many)
    def services(
        request: Request, language: Language, paging: Pages, search: Search = None, taxonomy_term_id: str | None = None,
        taxonomy_id: str | None = None, organization_id: str | None = None, modified_after: dt.datetime | None = None,
        minimal: bool = False, full: bool = False,
    ) -> Response:  # fmt: skip
        """Services with what there is one of; `full` with everything, `minimal` with id and date only."""
        directory = made.directory(language)
        found = filtered(directory, search, taxonomy_term_id, taxonomy_id, organization_id, modified_after)
        show = _minimal if minimal else directory.full_service if full else directory.listed_service
        return made.page(request, found, paging, show)

    @get("/services/{id}", "One service, with everything in it", one)
    def service(request: Request, language: Language, id: str) -> Response:
        """A service."""
        directory = made.directory(language)
        return made.answer(request, directory.full_service(_found(directory.services, id)))

    @get("/organizations", "Organizations", many)
    def organizations(
        request: Request, language: Language, paging: Pages, search: Search = None, full: bool = False,
        full_service: bool = False,
    ) -> Response:  # fmt: skip
        """Those who run services; `full` with their services, `full_service` with everything in those."""
        directory = made.directory(language)
        found = [id for id, own in directory.owners.items() if _says(search, own[0].organization.name.model_dump().values())]
        nested = full or full_service
        return made.page(
            request, found, paging,
            lambda id: directory.full_organization(id, full_service) if nested else directory.basic_organization(id),
        )  # fmt: skip

    @get("/organizations/{id}", "One organization, with its services", one)
    def organization(request: Request, language: Language, id: str, full_service: bool = False) -> Response:
        """An organization."""
        directory = made.directory(language)
        _found(directory.owners, id)
        return made.answer(request, directory.full_organization(id, full_service))

    @get("/taxonomies", "Taxonomies", many)
    def all_taxonomies(request: Request, language: Language, paging: Pages, search: Search = None) -> Response:
        """What terms are grouped in."""
        found = [t for t in taxonomies(language) if _says(search, (t["name"], t["description"]))]
        return made.page(request, found, paging, _as_it_is)

    @get("/taxonomies/{id}", "One taxonomy", one)
    def taxonomy(request: Request, language: Language, id: str) -> Response:
        """A taxonomy."""
        return made.answer(request, _found({t["id"]: t for t in taxonomies(language)}, id))

    @get("/taxonomy_terms", "Taxonomy terms", many)
    def terms(
        request: Request, language: Language, paging: Pages, search: Search = None, taxonomy_id: str | None = None,
        top_only: bool = False, parent_id: str | None = None,
    ) -> Response:  # fmt: skip
        """What services are described by. No term has another under it: all are at the top, and none has a parent."""
        found = [
            t for t in taxonomy_terms(language)
            if taxonomy_id in (None, t["taxonomy_id"]) and parent_id is None and _says(search, (t["name"], t["code"]))
        ]  # fmt: skip
        return made.page(request, found, paging, _as_it_is)

    @get("/taxonomy_terms/{id}", "One taxonomy term", one)
    def term(request: Request, language: Language, id: str) -> Response:
        """A term."""
        return made.answer(request, _found({t["id"]: t for t in taxonomy_terms(language)}, id))

    @get("/service_at_locations", "Services at locations", many)
    def at_locations(
        request: Request, language: Language, paging: Pages, search: Search = None, taxonomy_term_id: str | None = None,
        taxonomy_id: str | None = None, organization_id: str | None = None, modified_after: dt.datetime | None = None,
        full: bool = False,
    ) -> Response:  # fmt: skip
        """Known places of services that have several. The list is not complete, and no shelter is in it."""
        directory = made.directory(language)
        kept = {
            service.id for service in filtered(directory, None, taxonomy_term_id, taxonomy_id, organization_id, modified_after)
        }  # fmt: skip
        found = [id for id, offer in directory.offers.items() if offer.service in kept and _says(search, (offer.name,))]
        return made.page(request, found, paging, lambda id: directory.service_at_location(id, full))

    @get("/service_at_locations/{id}", "One service at a location", one)
    def at_location(request: Request, language: Language, id: str) -> Response:
        """A service at a location, with the whole service."""
        directory = made.directory(language)
        _found(directory.offers, id)
        return made.answer(request, directory.service_at_location(id))


def filtered(
    directory: Directory, search: str | None, term_id: str | None, taxonomy_id: str | None, organization: str | None,
    after: dt.datetime | None,
) -> list[Service]:  # fmt: skip
    """The services that pass every filter; one that is None lets everything through. A time without zone is UTC."""
    if after is not None and after.tzinfo is None:
        after = after.replace(tzinfo=dt.UTC)

    def passes(service: Service) -> bool:
        terms = directory.terms[service.id]
        texts = (service.name, service.description, service.what_happens)
        said = [*service.alternate_name, *service.former_name, *(v for text in texts for v in text.model_dump().values() if v)]
        return (
            _says(search, said)
            and (term_id is None or term_id in terms)
            and (taxonomy_id is None or taxonomy_id in terms.values())
            and (organization is None or organization == organization_id(service))
            and (after is None or last_modified(service) >= after)
        )

    return [service for service in directory.services.values() if passes(service)]


def _says(search: str | None, texts: Iterable[str]) -> bool:
    """Do the texts hold every word?"""
    said = fold(" ".join(text for text in texts if text))
    return all(word in said for word in fold(search or "").split())


def _minimal(service: Service) -> Json:
    return {"id": uuid_of("service", service.id), "modified_date": modified(service)}


def _as_it_is(record: Json) -> Json:
    return record


def _found(known: Mapping[str, Any], id: str) -> Any:
    """What has this id. Raises ApiError 404."""
    if id not in known:
        raise ApiError(404, headers=OPEN)
    return known[id]
