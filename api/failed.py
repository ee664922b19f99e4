"""What a browser shows when a page cannot be given: an ordinary page with the numbers on it, made ready beforehand.

Made at the start, so that it does not depend on what has just failed. Whoever did not ask for a page gets JSON.
"""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from api.render import NO_STORE, Renderer, language_of
from knowledge.facts import LANGUAGES, Language

#: Addresses that machines ask: their errors are always JSON.
_FOR_MACHINES = ("/api/", "/webhook", "/healthz", "/readyz", "/metrics", "/openapi.json", "/hsds", "/cpsv")


class FailedPages:
    """One page for each kind of failure and language."""

    def __init__(self) -> None:
        self._ready: dict[tuple[str, Language], Response] = {}

    def prepare(self, renderer: Renderer) -> None:
        """Makes the pages."""
        for language in LANGUAGES:
            scope = {"type": "http", "method": "GET", "path": "/", "query_string": f"sprak={language}".encode(), "headers": []}
            for kind in ("missing", "refused", "busy", "broken"):
                page = renderer.page(Request(scope), "failed.html", cache=NO_STORE, kind=kind)
                self._ready[kind, language] = page

    def answer(self, request: Request, status: int, headers: dict[str, str] | None = None) -> Response | None:
        """The page for an error, or None for one who did not ask for a page."""
        if request.url.path.startswith(_FOR_MACHINES) or "text/html" not in request.headers.get("accept", ""):
            return None
        page = self._ready.get((_kind(status), language_of(request)))
        if page is None:
            return None
        kept = {k: v for k, v in page.headers.items() if k != "content-length"}
        return Response(page.body, status, {**kept, **(headers or {})})


def _kind(status: int) -> str:
    if status >= 500:
        return "broken"
    return {404: "missing", 405: "missing", 429: "busy"}.get(status, "refused")
