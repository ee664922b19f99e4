"""The open data that others harvest: /hsds (HSDS 3.0) and /cpsv (the catalogue as CPSV-AP-NO)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.engine import Engine
from api.errors import error_docs
from api.hsds import add_hsds
from api.made import OPEN, Made
from api.render import base_of
from api.settings import Settings
from knowledge.export.cpsv import FORMATS, catalogue_text

#: Stands for the guide's address while the catalogue is made: a request may name any host, and making it takes a second.
NOWHERE = "https://nowhere.invalid"


def build_standards(engine: Engine, settings: Settings) -> APIRouter:
    """The routes of both."""
    routes = APIRouter()
    made = Made(engine)
    add_hsds(routes, made, settings)
    _add_cpsv(routes, made, settings)
    return routes


def _add_cpsv(routes: APIRouter, made: Made, settings: Settings) -> None:
    def respond(request: Request, ending: str) -> Response:
        text: str = made.kept(("cpsv", ending), lambda library, today: catalogue_text(library, NOWHERE, today, ending))
        return made.answer(request, text.replace(NOWHERE, base_of(request, settings)), FORMATS[ending])

    @routes.get("/cpsv/catalogue", include_in_schema=False)
    def catalogue(request: Request) -> Response:
        """The name of the catalogue leads to the form that is asked for."""
        ending = "jsonld" if "json" in request.headers.get("accept", "") else "ttl"
        return RedirectResponse(f"/cpsv/catalogue.{ending}", 303, {**OPEN, "Vary": "Accept"})

    def get(ending: str, name: str) -> Callable[[Any], Any]:
        docs = {**error_docs(429), 200: {"content": {FORMATS[ending]: {}}}}
        summary = f"The catalogue as CPSV-AP-NO, in {name}"
        return routes.get(f"/cpsv/catalogue.{ending}", summary=summary, responses=docs, response_class=Response, tags=["cpsv"])

    @get("ttl", "Turtle")
    def turtle(request: Request) -> Response:
        """All services in bokmål, nynorsk and English."""
        return respond(request, "ttl")

    @get("jsonld", "JSON-LD")
    def json_ld(request: Request) -> Response:
        """All services in bokmål, nynorsk and English."""
        return respond(request, "jsonld")
