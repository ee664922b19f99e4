"""From a template and what it shows to a page: language, safe headers, and addresses that keep the language."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from babel.dates import format_date
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from api.settings import Settings
from api.strings import load_strings
from knowledge.facts import LANGUAGES, Language, Text

FOLDER = Path(__file__).with_name("pages")
NO_STORE = "no-store"
SHORT = "private, max-age=60"
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")


class Renderer:
    """Makes pages. One for the whole app."""

    def __init__(self, settings: Settings, static: dict[str, bytes]) -> None:
        self._settings = settings
        self._versions = {name: hashlib.sha256(content).hexdigest()[:10] for name, content in static.items()}
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True, auto_reload=False,
        )  # fmt: skip
        self._templates.filters.update(fill=fill, tel=telephone, splitlines=str.splitlines, brief=brief)

    def always(self, **shown: Any) -> None:
        """What every page may show besides."""
        self._templates.globals.update(shown)

    def base(self, request: Request) -> str:
        """The address of the guide, without a slash at its end."""
        return base_of(request, self._settings)

    def page(
        self, request: Request, template: str, *, status: int = 200, cache: str = SHORT, framed: bool = False, **shown: Any
    ) -> HTMLResponse:
        """The page as an answer. `framed` lets other sites show it in a frame."""
        language = language_of(request)
        text = self._templates.get_template(template).render(
            lang=language, t=load_strings(language), path=request.url.path, exit_url=self._settings.exit_url,
            minutes=int(self._settings.conversation_minutes), languages=LANGUAGES,
            say=lambda text: said(text, language), url=lambda path, **query: address(path, language, query),
            switch=lambda code: address(request.url.path, code, kept_query(request)),
            static=lambda name: f"/static/{name}?v={self._versions[name]}", day=lambda date: day_in_words(date, language),
            spoken=lambda codes: languages_in_words(codes, language), widget_version=self._versions["widget.js"], **shown,
        )  # fmt: skip
        headers = {
            "Cache-Control": cache, "Content-Language": language,
            "Content-Security-Policy": self._policy(framed), "Referrer-Policy": "no-referrer",
        }  # fmt: skip
        return HTMLResponse(text, status, headers)

    def _policy(self, framed: bool) -> str:
        """Only our own files; nothing inline; frames only where asked for."""
        frames = " ".join(["'self'", *self._settings.allowed_origins]) if framed else "'none'"
        return (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
            f"form-action 'self'; base-uri 'none'; frame-ancestors {frames}"
        )


def base_of(request: Request, settings: Settings) -> str:
    """The address of the guide as others reach it, without a slash at its end."""
    return settings.public_url or str(request.base_url).rstrip("/")


def language_of(request: Request) -> Language:
    """The language asked for by ?sprak=; bokmål when there is none of that name."""
    wanted = request.query_params.get("sprak")
    return next((language for language in LANGUAGES if language == wanted), "nb")


def kept_query(request: Request) -> dict[str, list[str]]:
    """What stands in the address besides the language."""
    return {key: request.query_params.getlist(key) for key in request.query_params if key != "sprak"}


def address(path: str, language: Language, query: dict[str, Any] | None = None) -> str:
    """A path of ours that keeps the language."""
    pairs = {**({"sprak": language} if language != "nb" else {}), **(query or {})}
    bare, _, anchor = path.partition("#")
    return bare + (f"?{urlencode(pairs, doseq=True)}" if pairs else "") + (f"#{anchor}" if anchor else "")


def said(text: Text | None, language: Language) -> str:
    """A text of the library in the page's language; nothing when there is none."""
    return text.in_language(language) if text else ""


def fill(sentence: str, **values: object) -> Markup:
    """A sentence with its {names} filled in; everything is escaped that is not markup already."""
    return escape(sentence).format(**values)


def brief(text: str, most: int = 180) -> str:
    """The first sentence, and as many more as there is room for."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    return text[: max((end for end in ends if end <= most), default=min(ends, default=len(text)))]


def telephone(number: str) -> str:
    """tel: for a number as people write it. Eight digits get +47, so that they also work abroad."""
    digits = "".join(c for c in number if c.isdigit() or c == "+")
    return "tel:" + ("+47" if len(digits) == 8 and digits.isdigit() else "") + digits


def day_in_words(date: dt.date | None, language: Language) -> str:
    """20. november 2026."""
    return format_date(date, "long", locale=Locale(language)) if date else ""


def languages_in_words(codes: Iterable[str], language: Language) -> str:
    """Names of languages from their codes; a code without a name is left out."""
    names = Locale(language).languages
    return ", ".join(names[code] for code in codes if code in names)
