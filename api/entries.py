"""The pages about what is known: /tjenester, /tema and /tiltak, as lists and one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeVar, get_args

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from actions.current import entry_note, law_note
from actions.present import contact_json, open_now, when_open
from api.drawing import Bar, bars_of, counted
from api.engine import Engine
from api.render import Renderer, language_of
from api.strings import load_strings
from knowledge.export.schema_org import as_script, page_data
from knowledge.facts import Language
from knowledge.freshness import Freshness, assured
from knowledge.library import Library
from knowledge.models import Entry, Measure, Ministry, Service, ServiceKind, Topic
from knowledge.wording import date_in_words, load_words

E = TypeVar("E")
PLANS = ("2021-2024", "2025-2028")
STATUSES = ("ongoing", "completed", "unknown")


def add_entries(routes: APIRouter, renderer: Renderer, engine: Engine) -> None:
    """Adds the routes."""
    def fresh() -> Freshness:
        return engine.library.freshness

    renderer.always(
        opening=lambda service, language: opening(service, language, fresh()),
        contacts=lambda service, language: contacts(service, language, fresh()),
        entry_note=lambda entry, language, kind="description": entry_note(entry, language, fresh(), kind=kind),
        law_note=lambda law, language: law_note(law, language, fresh()), refs=refs, situations=load_words()["situations"],
        measure_numbers=lambda id: numbers_of(engine.library, id),
    )  # fmt: skip

    @routes.get("/tjenester", response_class=HTMLResponse)
    def services(request: Request) -> Response:
        """All services by kind of help."""
        shown = engine.library.shown_services()
        groups = [(kind, [s for s in shown.values() if s.kind == kind]) for kind in get_args(ServiceKind)]
        return renderer.page(request, "services.html", groups=[g for g in groups if g[1]], count=len(shown))

    @routes.get("/tjenester/{id}", response_class=HTMLResponse)
    def service(request: Request, id: str) -> Response:
        """Everything known of a service."""
        library = engine.library
        found = library.shown_services().get(id)
        if found is None:
            return missing(request, renderer)
        data = page_data(found, language_of(request), renderer.base(request), library.freshness, library.freshness.clock())
        return renderer.page(
            request, "service.html", service=found, structured=Markup(as_script(data)),  # noqa: S704  as_script escapes
            offers=[o for o in library.places.offers.offers if o.service == id],
            related=picked(library.shown_services(), found.related), topics=picked(library.topics, found.topics),
            coordinates=picked(library.shown_services(), found.coordinates),
            measures=[m for m in in_order(library.measures.values()) if id in m.services], places=library.places,
        )  # fmt: skip

    @routes.get("/tema", response_class=HTMLResponse)
    def topics(request: Request) -> Response:
        """All topics."""
        return renderer.page(request, "topics.html", topics=list(engine.library.topics.values()))

    @routes.get("/tema/{id}", response_class=HTMLResponse)
    def topic(request: Request, id: str) -> Response:
        """A topic."""
        found = engine.library.topics.get(id)
        if found is None:
            return missing(request, renderer)
        services = picked(engine.library.shown_services(), found.services)
        measures = [m for m in in_order(engine.library.measures.values()) if id in m.topics]
        return renderer.page(request, "topic.html", topic=found, services=services, measures=measures)

    @routes.get("/tiltak", response_class=HTMLResponse)
    def measures(
        request: Request, plan: str = PLANS[0], departement: Annotated[str, Query()] = "", status: Annotated[str, Query()] = ""
    ) -> Response:
        """The measures of a plan, with how many are done."""
        plan = plan if plan in PLANS else PLANS[0]
        inside = in_order(m for m in engine.library.measures.values() if m.plan == plan)
        chosen = [m for m in inside if departement in ("", *m.responsible) and status in ("", m.status)]
        language = language_of(request)
        return renderer.page(
            request, "measures.html", plan=plan, plans=PLANS, statuses=STATUSES, ministries=get_args(Ministry),
            departement=departement, status_wanted=status, measures=chosen, count=len({counted(m) for m in inside}),
            charts=charts(inside, language),
            as_of=max((m.status_date for m in inside if m.status_date), default=None),
        )  # fmt: skip

    @routes.get("/tiltak/{id}", response_class=HTMLResponse)
    def measure(request: Request, id: str) -> Response:
        """A measure."""
        found = engine.library.measures.get(id)
        if found is None:
            return missing(request, renderer)
        return renderer.page(
            request, "measure.html", measure=found, services=picked(engine.library.shown_services(), found.services),
            topics=picked(engine.library.topics, found.topics),
        )  # fmt: skip


def missing(request: Request, renderer: Renderer) -> Response:
    """There is no such page; help is still near."""
    return renderer.page(request, "failed.html", status=404, kind="missing", cache="no-store")


def picked(entries: Mapping[str, E], ids: Iterable[str]) -> list[E]:
    """The entries of these ids that may be shown."""
    return [entries[id] for id in ids if id in entries]


def in_order(measures: Iterable[Measure]) -> list[Measure]:
    """By plan and number: 9b comes before 10a."""
    return sorted(measures, key=lambda m: (m.plan, int("".join(c for c in m.number if c.isdigit()) or 0), m.number))


def numbers_of(library: Library, service: str) -> list[Measure]:
    """The measures that concern a service."""
    return [m for m in in_order(library.measures.values()) if service in m.services]


def charts(measures: list[Measure], language: Language) -> dict[str, list[Bar]]:
    """How many measures have which status, by area and by ministry."""
    strings = load_strings(language)

    def areas(measure: Measure) -> list[str]:
        return [measure.area.in_language(language)]

    def ministries(measure: Measure) -> list[str]:
        named = [strings["ministries"][code] for code in measure.responsible]
        return named or [strings["measure"]["no_ministry"]]

    return {"by_area": bars_of(measures, areas), "by_ministry": bars_of(measures, ministries)}


def opening(service: Service, language: Language, fresh: Freshness, at: dt.datetime | None = None) -> tuple[str, str]:
    """("yes" | "no" | "unknown", sentence): is it open?"""
    words, state = load_strings(language)["open"], open_now(service, fresh, at)
    moment = when_open(service, language, fresh, at)
    if state.now:
        return "yes", words["until"].format(moment=moment) if moment else words["yes"]
    if state.now is False:
        return "no", words["opens"].format(moment=moment) if moment else words["no"]
    if moment:
        return "unknown", words["maybe"].format(moment=moment)
    old = [day for c in service.contacts if c.hours and fresh.expired("hours", day := assured(c, service), at and at.date())]
    return "unknown", words["old"].format(date=date_in_words(max(old), language)) if old else words["unknown"]


def contacts(service: Service, language: Language, fresh: Freshness) -> list[dict[str, Any]]:
    """The contacts as the API gives them, those to talk through first, each with its sources' numbers."""
    given = [
        {**contact_json(c, service, language, fresh), "refs": _numbers(service, c.sources)} for c in service.contacts
    ]
    return sorted(given, key=lambda c: c["kind"] in ("web", "visit"))


def refs(entry: Entry, *fields: str) -> list[int]:
    """Numbers, from 1, of the sources that stand behind any of these fields."""
    return [
        number for number, source in enumerate(entry.sources, 1)
        if any(supported.split(".")[0] in fields for supported in source.supports)
    ]  # fmt: skip


def _numbers(entry: Service | Topic | Measure, keys: Iterable[str]) -> list[int]:
    order = {source.key: number for number, source in enumerate(entry.sources, 1)}
    return sorted(order[key] for key in keys if key in order)
