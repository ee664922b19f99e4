"""The page for editors and the feed of changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.engine import Engine
from api.feed import ATOM, feed
from api.pages import build_pages
from api.settings import Settings
from knowledge.changes import Change, Changes
from knowledge.facts import Text
from knowledge.freshness import Freshness, problems_of
from knowledge.library import Library

DAY = dt.date(2026, 11, 20)
WORDS = {"title": "Endringer", "subtitle": "Hva som er nytt", "author": "Veiviser"}
NAV = Text(nb="NAV & co", en="NAV")
CHANGES = [
    Changes(date=DAY + dt.timedelta(days=1), changes=(
        Change(entry="services/nav", name=NAV, says=Text(nb="Telefon: endret.", en="Phone: changed.")),
        Change(entry="services/nav", name=NAV, says=Text(nb="Ny pris.", en="New price.")),
        Change(entry="topics/tema-skeiv", name=Text(nb="Skeiv"), says=Text(nb="Ny artikkel <b>.")),
    )),
    Changes(date=DAY, changes=(Change(says=Text(nb="Utgitt for første gang.")),)),
]  # fmt: skip


@pytest.fixture(scope="module")
def open_pages() -> Callable[[Library], TestClient]:
    """Makes a client of the pages of a library."""

    def opened(library: Library) -> TestClient:
        app = FastAPI()
        app.include_router(build_pages(Engine(library, None), Settings()))
        return TestClient(app)

    return opened


@pytest.fixture
def late(library: Library) -> Library:
    """The content as it is 400 days after it was checked."""
    last = max(service.assured_date for service in library.services.values())
    return replace(library, freshness=Freshness(clock=lambda: last + dt.timedelta(days=400)))


def elements(body: bytes, path: str) -> Iterator[ElementTree.Element]:
    """Elements of an Atom document."""
    return ElementTree.fromstring(body).iterfind(path, {"a": ATOM})


def test_the_page_shows_the_worst_first_with_sources(open_pages: Callable[[Library], TestClient], late: Library) -> None:
    """An emergency number out of date is on top, with its day and links to where it was read."""
    page = open_pages(late).get("/redaksjon")
    worst = problems_of(late)[0].fact
    assert page.status_code == 200
    first_row = page.text[page.text.index("<tbody>") : page.text.index("</tr>", page.text.index("<tbody>"))]
    assert f'href="/tjenester/{worst.id}"' in first_row
    assert "for gammel" in first_row
    assert any(source.url and source.url.replace("&", "&amp;") in first_row for source in worst.sources)


def test_the_page_is_read_only_and_no_search_engine_keeps_it(
    open_pages: Callable[[Library], TestClient], library: Library
) -> None:
    """No form, no script of its own, noindex; nobody changes content through the web."""
    answer = open_pages(library).get("/redaksjon")
    assert "<form" not in answer.text
    assert 'content="noindex"' in answer.text
    assert answer.headers["x-robots-tag"] == "noindex"
    assert open_pages(library).post("/redaksjon").status_code == 405


def test_every_problem_is_on_some_page_of_the_list(open_pages: Callable[[Library], TestClient], library: Library) -> None:
    """The pages together hold as many rows as there are problems; a filter holds its own."""
    client, rows, number = open_pages(library), 0, 1
    while (text := client.get("/redaksjon", params={"side": number}).text).count('scope="row"'):
        rows, number = rows + text.count('scope="row"'), number + 1
    assert rows == len(problems_of(library)) > 100
    conflicts = client.get("/redaksjon", params={"feil": "conflict"}).text
    assert "kilder er uenige" in conflicts
    assert "Vises nå:" in conflicts
    assert client.get("/redaksjon", params={"feil": "<script>", "side": "0"}).status_code in (200, 422)


def test_old_facts_are_shown_with_their_date_on_every_page(
    open_pages: Callable[[Library], TestClient], late: Library
) -> None:
    """400 days on, contacts and laws say when they were checked, and the strip of numbers claims no hours."""
    client = open_pages(late)
    for path in ("/tjenester/rode-kors-telefonen", "/tema/tema-tvangsekteskap", "/fagfolk/ark/nav"):
        assert "Sjekk først" in client.get(path).text, path
    assert "hele døgnet</i>" not in client.get("/").text
    assert "Åpningstiden ble sist kontrollert" in client.get("/tjenester/vo-linjen-116006").text
    assert "åpner" not in client.get("/tjenester/rode-kors-telefonen").text


def test_the_feed_is_atom(library: Library) -> None:
    """Each feed and each entry has what RFC 4287 requires: id, title, updated, author, and a link to itself."""
    body = feed(CHANGES, "https://guide.example", "nb", WORDS, "2026-01-01T00:00:00Z")
    root = ElementTree.fromstring(body)
    assert root.tag == f"{{{ATOM}}}feed"
    for path in ("a:id", "a:title", "a:updated", "a:author/a:name"):
        assert len(list(elements(body, path))) == 1, path
    entries = list(elements(body, "a:entry"))
    for entry in entries:
        for tag in ("id", "title", "updated", "content", "link"):
            assert len(entry.findall(f"{{{ATOM}}}{tag}")) == 1, tag
        moment = entry.findtext(f"{{{ATOM}}}updated") or ""
        assert dt.datetime.fromisoformat(moment).tzinfo
    assert root.findtext(f"{{{ATOM}}}updated") == "2026-11-21T00:00:00Z"
    links = {link.get("rel"): link.get("href") for link in elements(body, "a:link")}
    assert links["self"] == "https://guide.example/endringer.atom"


def test_the_feed_has_one_entry_for_each_file_and_day() -> None:
    """Two changes of one service are one entry; ids are the same in every language and on every machine."""
    nb = feed(CHANGES, "https://a.example", "nb", WORDS, "")
    en = feed(CHANGES, "https://b.example", "en", WORDS, "")
    titles = [element.text for element in elements(nb, "a:entry/a:title")]
    assert titles == ["NAV & co", "Skeiv", "Endringer"]
    assert [e.text for e in elements(nb, "a:entry/a:content")][:2] == ["Telefon: endret.\nNy pris.", "Ny artikkel <b>."]
    ids = [[element.text for element in elements(body, "a:entry/a:id")] for body in (nb, en)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 3
    assert "Phone: changed." in en.decode()


def test_a_feed_without_changes_is_a_feed() -> None:
    """A new copy of the guide has nothing to tell yet."""
    body = feed([], "https://a.example", "nb", WORDS, "2026-01-01T00:00:00Z")
    assert [e.text for e in elements(body, "a:updated")] == ["2026-01-01T00:00:00Z"]
    assert not list(elements(body, "a:entry"))


def test_the_guide_serves_the_changes_of_its_content(open_pages: Callable[[Library], TestClient], library: Library) -> None:
    """What is committed under knowledge/changes is what subscribers get, the newest first."""
    client = open_pages(replace(library, changes={"b": CHANGES[1], "a": CHANGES[0]}))
    answer = client.get("/endringer.atom", params={"sprak": "en"})
    assert answer.headers["content-type"].startswith("application/atom+xml")
    days = [(element.text or "")[:10] for element in elements(answer.content, "a:entry/a:updated")]
    assert days == ["2026-11-21", "2026-11-21", "2026-11-20"]
    assert "/endringer.atom" in client.get("/redaksjon").text
