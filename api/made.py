"""Open data that is made of the content: kept while it is the same, paged, and given to any site that asks."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from math import ceil
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request, Response

from api.catalogue import Unchanged
from api.engine import Engine
from knowledge.export.hsds import Directory
from knowledge.library import Library

Json = dict[str, Any]
MOST_PER_PAGE = 500
#: Any site may read this: it is public, and nothing in it is about who asks.
OPEN = {
    "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin",
    "Link": '<https://creativecommons.org/licenses/by/4.0/>; rel="license"',
}  # fmt: skip
MEDIA_TYPES = {"json": "application/json", "ndjson": "application/x-ndjson"}


class Paging:
    """Which page is asked for, and as what."""

    def __init__(
        self, page: Annotated[int, Query(ge=1, le=1_000_000)] = 1, per_page: Annotated[int, Query(ge=1, le=MOST_PER_PAGE)] = 50,
        format: Literal["json", "ndjson"] = "json",
    ) -> None:  # fmt: skip
        self.page, self.per_page, self.format = page, per_page, format


Pages = Annotated[Paging, Depends()]


class Made:
    """What has been made of the content, kept until the content or the day is another; and the answers."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._unchanged = engine, Unchanged()
        self._kept: dict[tuple[str, ...], tuple[Library, dt.date, Any]] = {}

    def directory(self, language: str) -> Directory:
        """The directory in a language."""
        found: Directory = self.kept(("hsds", language), lambda library, today: Directory(library, language, today))
        return found

    def kept(self, key: tuple[str, ...], make: Callable[[Library, dt.date], Any]) -> Any:
        """What `make` gives for the content and the day of now."""
        library = self._engine.library
        today = library.freshness.clock()
        known = self._kept.get(key)
        if known is None or known[0] is not library or known[1] != today:
            known = self._kept[key] = (library, today, make(library, today))
        return known[2]

    def answer(self, request: Request, body: Json | str, media_type: str = "application/json") -> Response:
        """The body, or 304 to one who has it."""
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return self._unchanged.send(request, text.encode(), self._engine.version, media_type, OPEN)

    def page(self, request: Request, records: list[Any], paging: Paging, show: Callable[[Any], Json]) -> Response:
        """One page of the records, or all of them as lines."""
        if paging.format == "ndjson":
            lines = "".join(json.dumps(show(record), ensure_ascii=False) + "\n" for record in records)
            return self.answer(request, lines, MEDIA_TYPES["ndjson"])
        start = (paging.page - 1) * paging.per_page
        inside, pages = records[start : start + paging.per_page], ceil(len(records) / paging.per_page)
        return self.answer(request, {
            "total_items": len(records), "total_pages": pages, "page_number": paging.page, "size": len(inside),
            "first_page": paging.page == 1, "last_page": paging.page >= pages, "empty": not inside,
            "contents": [show(record) for record in inside],
        })  # fmt: skip
