"""The page for editors, /redaksjon, which shows what needs a look and changes nothing; and the feed of changes."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.engine import Engine
from api.facts import overview
from api.feed import PATH, PATHS, TYPE, feed
from api.render import Renderer, language_of
from api.strings import load_strings
from knowledge.changes import Changes
from knowledge.compare import name_of
from knowledge.freshness import Fact, Problem, problems_of
from knowledge.library import Library

#: Rows on one page, and changes shown above them.
ROWS, LATEST = 40, 12


def add_editors(routes: APIRouter, renderer: Renderer, engine: Engine) -> None:
    """Adds the routes."""
    renderer.always(
        link_of=lambda fact: f"{PATHS[folder_of(engine.library, fact)]}/{fact.id}",
        title_of=lambda fact: name_of(getattr(engine.library, folder_of(engine.library, fact))[fact.id]),
    )

    @routes.get("/redaksjon", response_class=HTMLResponse)
    def editors(
        request: Request, feil: Annotated[str, Query()] = "", side: Annotated[int, Query(ge=1, le=10_000)] = 1
    ) -> Response:
        """What is too old, weak, without source or in conflict, the worst first."""
        library = engine.library
        everything = problems_of(library)
        problem = feil if feil in get_args(Problem) else ""
        rows = [one for one in everything if problem in ("", *one.problems)]
        answer = renderer.page(
            request, "editors.html", total=overview(library), problem=problem, rows=rows[(side - 1) * ROWS : side * ROWS],
            counts={name: sum(name in one.problems for one in everything) for name in get_args(Problem)}, count=len(rows),
            side=side, sides=max(1, -(-len(rows) // ROWS)), latest=latest(engine.library),
        )  # fmt: skip
        answer.headers["X-Robots-Tag"] = "noindex"
        return answer

    @routes.get(PATH)
    def changes(request: Request) -> Response:
        """The published changes as Atom."""
        language = language_of(request)
        newest = max((s.assured_date for s in engine.library.services.values()), default=dt.date(2026, 1, 1))
        host, words = str(request.base_url).rstrip("/"), load_strings(language)["feed"]
        body = feed(published(engine.library), host, language, words, f"{newest.isoformat()}T00:00:00Z")
        return Response(body, media_type=TYPE, headers={"Cache-Control": "public, max-age=3600"})


def published(library: Library) -> list[Changes]:
    """The published changes, the newest first."""
    files = sorted(library.changes.items(), key=lambda file: (file[1].date, file[0]), reverse=True)
    return [changes for _, changes in files]


def latest(library: Library) -> list[tuple[dt.date, Any]]:
    """(day, change) of the newest changes."""
    return [(changes.date, change) for changes in published(library) for change in changes.changes][:LATEST]


def folder_of(library: Library, fact: Fact) -> str:
    """Where the entry of a fact stands; an answer belongs to the entry of its id."""
    return next(folder for folder in PATHS if fact.id in getattr(library, folder))
