"""Nothing stays in the browser, nothing is fetched from elsewhere, nothing is refused by the strict policy."""

from __future__ import annotations

from conftest import Seen, Site, World, write
from playwright.sync_api import BrowserContext, Page, expect

STORED = """async () => ({
  cookies: document.cookie, local: localStorage.length, session: sessionStorage.length,
  databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""
NOTHING = {"cookies": "", "local": 0, "session": 0, "databases": 0, "caches": 0, "workers": 0}
SECRET = "pappa har tatt passet mitt kråkebolle"


def test_a_whole_visit_leaves_nothing_in_the_browser(page: Page, context: BrowserContext, site: Site, seen: Seen) -> None:
    """Chat, search, reading and the lookup: no cookie, no storage, no request to anyone but the site itself."""
    page.goto("/")
    write(page, SECRET)
    expect(page.locator("veiviser-chat article").first).to_be_visible()
    page.goto("/finn")
    page.fill("#tekst", SECRET)
    page.get_by_role("button", name="Finn hjelp").click()
    expect(page.locator("article").first).to_be_visible()
    page.goto("/fagfolk")
    page.fill("#tekst", SECRET)
    expect(page.locator(".hit").first).to_be_visible()
    for path in (
        "/tjenester/krisesenter",
        "/tema/tema-tvangsekteskap",
        "/tiltak",
        "/fagfolk/kart",
        "/trygg",
        "/demo",
        "/ramme",
    ):
        page.goto(path)
        assert page.evaluate(STORED) == NOTHING
    assert context.cookies() == []
    assert {url.split("/")[2] for url in seen.requests} == {site.url.split("/")[2]}
    assert not [url for url in seen.requests if "kr%C3%A5kebolle" in url or "kråkebolle" in url]
    assert seen.problems == []


def test_the_history_holds_no_words_and_only_neutral_titles(page: Page) -> None:
    """After a talk and a search the address and the title say nothing."""
    page.goto("/")
    before = page.evaluate("history.length")
    write(page, SECRET)
    expect(page.locator("veiviser-chat article").first).to_be_visible()
    assert page.evaluate("history.length") == before
    assert page.title() == "Veiviser"
    page.goto("/finn")
    page.fill("#tekst", SECRET)
    page.get_by_role("button", name="Finn hjelp").click()
    expect(page.locator("article").first).to_be_visible()
    assert page.url.endswith("/finn")
    assert page.title() == "Søk – Veiviser"


def test_other_sites_are_not_told_where_one_came_from(page: Page, context: BrowserContext, world: World) -> None:
    """A link out carries no referrer, and the new page has no hold on this one."""
    world.pages["/out"] = ("<p>ut</p>", {})
    page.goto("/tjenester/nora")
    page.evaluate("(url) => { document.querySelector('main a[target=_blank]').href = url }", f"{world.url}/out")
    with context.expect_page() as opened:
        page.locator("main a[target=_blank]").first.click()
    opened.value.wait_for_load_state()
    assert ("/out", None) in world.asked
    assert opened.value.evaluate("window.opener") is None


def test_the_first_useful_view_comes_within_a_second(page: Page) -> None:
    """On this machine: the first paint with content, and all that was loaded for it weighs at most 100 kB."""
    page.goto("/")
    page.goto("/")
    expect(page.locator("veiviser-chat .log")).to_be_visible()
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")  # it is noted after it is seen
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert paint < 1000
    page.goto("/trygg")
    for path in ("/", "/finn", "/fagfolk", "/fagfolk/kart", "/tjenester", "/tiltak"):
        page.goto(path)
        weight = page.evaluate("performance.getEntries().reduce((sum, e) => sum + (e.decodedBodySize || 0), 0)")
        assert weight <= 100_000, path
