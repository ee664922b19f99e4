"""The search pages: /finn for everyone, /fagfolk for professionals. What is written there is posted, so no address holds it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.drawing import BOX_WIDTH, LINE_HEIGHT, PADDING, draw_actors, lane_of
from api.engine import Engine
from api.entries import missing, picked
from api.finding import Asked, Findings, find
from api.render import NO_STORE, Renderer, language_of
from api.search import Workers
from knowledge.models import Topic
from knowledge.wording import load_words

#: Shown beside every result: the duties that hold in all these cases, the ones about the case itself after them.
DUTY_TOPICS = ("tema-avverge-og-meldeplikt", "tema-taushetsplikt")
#: Left out of the plain choices: they need words of their own, or are for professionals.
NOT_FOR_CHOOSING = {"training", "knowledge", "cross-border", "special-risk"}
MOST_COMPARED = 4


def add_lookup(routes: APIRouter, renderer: Renderer, engine: Engine) -> None:
    """Adds the routes."""
    workers = Workers()
    situations = list(load_words()["situations"])

    async def answer(request: Request, template: str) -> Response:
        """A page with the results of the posted form."""
        asked = Asked.from_form(await request.body())
        found = None
        if engine.index is not None and not asked.is_empty:
            found = await workers.run(find, engine.index, asked, language_of(request))
        return show(request, template, asked, found, posted=True)

    def show(request: Request, template: str, asked: Asked, found: Findings | None, posted: bool) -> Response:
        status = 503 if posted and engine.index is None else 200
        return renderer.page(
            request, template, status=status, cache=NO_STORE, asked=asked, found=found, posted=posted,
            ready=engine.index is not None, shared=[], duties=duties(engine, found),
            choices=[s for s in situations if s not in NOT_FOR_CHOOSING], all_choices=situations,
        )  # fmt: skip

    @routes.get("/finn", response_class=HTMLResponse)
    def finder(request: Request, vis: str = "") -> Response:
        """The empty form; or a list of services that someone chose to share."""
        shared = picked(engine.library.shown_services(), vis.split(",")[:20])
        return renderer.page(
            request, "find.html", cache=NO_STORE, asked=Asked(), found=None, posted=False, ready=True, shared=shared,
            choices=[s for s in situations if s not in NOT_FOR_CHOOSING],
        )  # fmt: skip

    @routes.post("/finn", response_class=HTMLResponse)
    async def found_for_everyone(request: Request) -> Response:
        """The form with its results."""
        return await answer(request, "find.html")

    @routes.get("/fagfolk", response_class=HTMLResponse)
    def professionals(request: Request) -> Response:
        """The empty lookup."""
        return show(request, "professionals.html", Asked(who="professional"), None, posted=False)

    @routes.post("/fagfolk", response_class=HTMLResponse)
    async def found_for_professionals(request: Request) -> Response:
        """The lookup with its results."""
        return await answer(request, "professionals.html")

    @routes.post("/fagfolk/treff", response_class=HTMLResponse)
    async def hits(request: Request) -> Response:
        """The results alone, for the page to put in while the person types."""
        return await answer(request, "hits.html")

    @routes.get("/fagfolk/sammenlign", response_class=HTMLResponse)
    def compare(request: Request, id: Annotated[list[str] | None, Query()] = None) -> Response:
        """Services side by side."""
        chosen = picked(engine.library.shown_services(), dict.fromkeys(id or []))[:MOST_COMPARED]
        return renderer.page(request, "compare.html", services=chosen)

    @routes.get("/fagfolk/ark/{id}", response_class=HTMLResponse)
    def sheet(request: Request, id: str) -> Response:
        """One page to print about a service; without any field for personal data."""
        service = engine.library.shown_services().get(id)
        if service is None:
            return missing(request, renderer)
        return renderer.page(request, "sheet.html", service=service, duties=duties(engine, None)[:1])

    @routes.get("/fagfolk/kart", response_class=HTMLResponse)
    def actors(request: Request) -> Response:
        """Who does what, drawn from the entries."""
        language, services = language_of(request), engine.library.shown_services()
        drawn = draw_actors(services, lambda s: short_name(s.name.in_language(language)))
        return renderer.page(
            request, "map.html", map=drawn, services=list(services.values()), library=engine.library, lane_of=lane_of,
            box_width=BOX_WIDTH, line_height=LINE_HEIGHT, padding=PADDING,
        )  # fmt: skip


def duties(engine: Engine, found: Findings | None) -> list[Topic]:
    """The topics whose law and duties stand beside a result."""
    always = picked(engine.library.topics, DUTY_TOPICS)
    return always + [t for t in (found.topics[:1] if found else []) if t not in always]


def short_name(name: str) -> str:
    """A name without what stands in brackets, and without an explanation after a dash; a number after it stays."""
    short = name.split(" (")[0]
    start, dash, rest = short.partition(" – ")
    return short if not dash or any(c.isdigit() for c in rest) else start
