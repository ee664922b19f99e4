"""GET /endringer.atom: the published changes of the content, for those who follow it (Atom, RFC 4287)."""

from __future__ import annotations

import uuid
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, tostring

from api.render import address
from knowledge.changes import Change, Changes
from knowledge.facts import Language

ATOM = "http://www.w3.org/2005/Atom"
TYPE = "application/atom+xml"
PATH = "/endringer.atom"
MOST_ENTRIES = 200
#: Names of this feed's own; ids made from it stay the same on every machine and at every address.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:veiviser:changes")
PATHS = {"services": "/tjenester", "topics": "/tema", "measures": "/tiltak"}


def feed(published: list[Changes], host: str, language: Language, words: dict[str, str], empty_since: str) -> bytes:
    """The feed as bytes of XML: one entry for each changed file and day, the newest first.

    `host` is the address this guide is reached at, without a slash at the end; `empty_since` the time (RFC 3339) of a feed
    without entries.
    """
    top = Element("feed", {"xmlns": ATOM, "xml:lang": language})
    _text(top, "title", words["title"])
    _text(top, "subtitle", words["subtitle"])
    _text(top, "id", f"urn:uuid:{NAMESPACE}")
    _text(top, "updated", _moment(published[0]) if published else empty_since)
    _text(top, "rights", "CC BY 4.0")
    _text(SubElement(top, "author"), "name", words["author"])
    SubElement(top, "link", {"rel": "self", "type": TYPE, "href": host + address(PATH, language)})
    SubElement(top, "link", {"rel": "alternate", "type": "text/html", "href": host + address("/redaksjon", language)})
    for changes in published:
        for (id, name), group in groupby(changes.changes, key=lambda change: (change.entry, change.name)):
            if len(top.findall("entry")) < MOST_ENTRIES:
                title = name.in_language(language) if name else words["title"]
                _entry(top, changes, id, title, list(group), host, language)
    body: bytes = tostring(top, encoding="utf-8", xml_declaration=True)
    return body


def _entry(
    top: Element, changes: Changes, id: str | None, title: str, group: list[Change], host: str, language: Language
) -> None:
    entry = SubElement(top, "entry")
    _text(entry, "title", title)
    _text(entry, "id", f"urn:uuid:{uuid.uuid5(NAMESPACE, f'{changes.date} {id} {group[0].says.nb}')}")
    _text(entry, "updated", _moment(changes))
    folder, _, name = (id or "").partition("/")
    path = f"{PATHS[folder]}/{name}" if name else "/redaksjon"
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": host + address(path, language)})
    _text(entry, "content", "\n".join(change.says.in_language(language) for change in group), type="text")


def _moment(changes: Changes) -> str:
    return f"{changes.date.isoformat()}T00:00:00Z"


def _text(parent: Element, tag: str, text: str, **attributes: str) -> None:
    SubElement(parent, tag, attributes).text = text
