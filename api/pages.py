"""The pages people see. Everything they say is in strings.yml or in the library; everything they look like is in pages/."""

from __future__ import annotations

import json
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api.editors import add_editors
from api.engine import Engine
from api.entries import add_entries
from api.failed import FailedPages
from api.lookup import add_lookup
from api.render import NO_STORE, Renderer
from api.settings import Settings
from knowledge.freshness import assured

STATIC = Path(__file__).with_name("pages") / "static"
WIDGET = Path(__file__).with_name("widget") / "widget.js"
#: The exit page that widget.js names; replaced by the setting when it is another.
DEFAULT_EXIT = '"https://www.yr.no/"'
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
#: Numbers that stand on every page, in this order, while the library has them.
NUMBERS = ("politiet-112", "amk-113", "alarmtelefonen-116111", "vo-linjen-116006", "ud-konsular")
#: Topics shown on the first page, while the library has them.
FIRST_TOPICS = (
    "tema-negativ-sosial-kontroll", "tema-tvangsekteskap", "tema-for-du-reiser", "tema-rettigheter",
    "tema-taushetsplikt", "tema-hva-skjer-nar-du-tar-kontakt",
)  # fmt: skip


def build_pages(engine: Engine, settings: Settings, failed: FailedPages | None = None) -> APIRouter:
    """All routes that give pages, and the files they need. Makes the pages of `failed` ready."""
    routes = APIRouter(include_in_schema=False)
    static = load_static(settings.exit_url)
    renderer = Renderer(settings, static)

    def numbers() -> list[tuple[str, str, bool]]:
        """(id, number, has it been checked lately) of the emergency numbers."""
        services, fresh = engine.library.services, engine.library.freshness
        phones = {id: [c for c in services[id].contacts if c.kind == "phone"] for id in NUMBERS if id in services}
        return [
            (id, found[0].value, not fresh.expired("contact", assured(found[0], services[id])))
            for id, found in phones.items() if found
        ]  # fmt: skip

    renderer.always(numbers=numbers)

    @routes.get("/", response_class=HTMLResponse)
    def home(request: Request) -> Response:
        """Chat and search side by side."""
        topics = [engine.library.topics[id] for id in FIRST_TOPICS if id in engine.library.topics]
        return renderer.page(request, "home.html", cache=NO_STORE, topics=topics)

    for name in ("personvern", "tilgjengelighet", "trygg"):
        _add_plain(routes, renderer, name)

    @routes.get("/demo", response_class=HTMLResponse)
    def demo(request: Request) -> Response:
        """A portal in another style that embeds the widget."""
        return renderer.page(request, "demo.html", cache=NO_STORE, host=str(request.base_url).rstrip("/"))

    @routes.get("/ramme", response_class=HTMLResponse)
    def frame(request: Request) -> Response:
        """The conversation alone, for a frame on another site."""
        return renderer.page(request, "ramme.html", cache=NO_STORE, framed=True)

    @routes.get("/widget.js")
    def widget() -> Response:
        """The widget, for any site; whether that site may chat is decided at the API's door."""
        headers = {
            "Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }  # fmt: skip
        return Response(static["widget.js"], media_type="text/javascript", headers=headers)

    @routes.get("/favicon.ico")
    def icon() -> Response:
        """A neutral icon."""
        return Response(static["icon.svg"], media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})

    @routes.get("/static/{name}")
    def file(request: Request, name: str) -> Response:
        """One of our own files; their addresses carry a version, so they may be kept."""
        if name not in static:
            return renderer.page(request, "failed.html", status=404, kind="missing")
        headers = {"Cache-Control": "public, max-age=604800, immutable"}
        return Response(static[name], media_type=_TYPES[Path(name).suffix], headers=headers)

    add_entries(routes, renderer, engine)
    add_lookup(routes, renderer, engine)
    add_editors(routes, renderer, engine)
    if failed:
        failed.prepare(renderer)
    return routes


def load_static(exit_url: str) -> dict[str, bytes]:
    """The files of pages/static and the widget, by name."""
    files = {path.name: path.read_bytes() for path in sorted(STATIC.iterdir()) if path.suffix in _TYPES}
    widget = WIDGET.read_text(encoding="utf-8")
    return {**files, "widget.js": widget.replace(DEFAULT_EXIT, json.dumps(exit_url)).encode()}


def _add_plain(routes: APIRouter, renderer: Renderer, name: str) -> None:
    def plain(request: Request) -> Response:
        return renderer.page(request, f"{name}.html")

    routes.add_api_route(f"/{name}", plain, methods=["GET"], response_class=HTMLResponse)
