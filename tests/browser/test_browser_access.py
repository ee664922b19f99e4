"""axe-core finds nothing on any page or state of the widget: WCAG 2.2 AA, light and dark, small and large."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from conftest import WIDTHS, Site, write
from playwright.sync_api import Browser, Page, expect

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PAGES = (
    "/", "/finn", "/finn?vis=nora,ung-no", "/fagfolk", "/fagfolk/kart", "/fagfolk/sammenlign?id=nora&id=krisesenter",
    "/fagfolk/ark/kompetanseteamet", "/tjenester", "/tjenester/alarmtelefonen-116111", "/tjenester/finnes-ikke", "/tema",
    "/tema/tema-tvangsekteskap", "/tiltak", "/tiltak/tiltak-9a", "/personvern", "/tilgjengelighet", "/trygg", "/demo", "/ramme",
    "/redaksjon",
)  # fmt: skip


@pytest.fixture(params=[(scheme, width) for scheme in ("light", "dark") for width in WIDTHS], ids="-".join)
def looks(request: pytest.FixtureRequest, chromium: Browser, site: Site) -> Iterator[Page]:
    """A page in light or dark, on a small phone or a desktop."""
    scheme, width = request.param
    wide, high = WIDTHS[width]
    context = chromium.new_context(
        base_url=site.url, color_scheme=scheme, viewport={"width": wide, "height": high}, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def check(page: Page, where: str) -> None:
    """axe finds nothing, and nothing sticks out to the side."""
    page.evaluate("scrollTo(0, 0)")
    found = axe.Axe().run(page, options=RULES)
    lines = [f"{v['id']}: {[n['target'] for n in v['nodes']][:3]}" for v in found.response["violations"]]
    assert not lines, f"{where}: {lines}"
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), f"{where} is too wide"


def test_every_page(looks: Page) -> None:
    """All pages, all looks."""
    for path in PAGES:
        looks.goto(path)
        check(looks, path)


def test_results(looks: Page) -> None:
    """Search results, danger, the open choices, and the professionals' results."""
    looks.goto("/finn")
    looks.locator("main summary").first.click()
    check(looks, "choices")
    looks.fill("#tekst", "han står utenfor døra med kniv og vil drepe meg nå")
    looks.get_by_role("button", name="Finn hjelp").click()
    expect(looks.locator(".urgent")).to_be_visible()
    check(looks, "danger")
    looks.goto("/fagfolk")
    looks.fill("#tekst", "elev redd for å bli sendt til Somalia")
    expect(looks.locator(".hit").first).to_be_visible()
    check(looks, "hits")


def _need(page: Page) -> None:
    write(page, "jeg er 16 og de vil gifte meg bort i Pakistan i sommer")
    expect(page.locator("veiviser-chat article").first).to_be_visible()
    for summary in page.locator("veiviser-chat article").first.locator("summary").all():
        summary.click()


def _danger(page: Page) -> None:
    write(page, "han står utenfor døra med kniv og vil drepe meg nå")
    expect(page.locator("veiviser-chat .urgent").first).to_be_visible()


def _topic(page: Page) -> None:
    write(page, "hva er tvangsekteskap")
    expect(page.locator("veiviser-chat article").first).to_be_visible()


def _measure(page: Page) -> None:
    write(page, "hva er status for tiltak 24 i handlingsplanen")
    expect(page.locator("veiviser-chat article").first).to_be_visible()


def _down(page: Page) -> None:
    page.route("**/api/v1/chat", lambda route: route.abort())
    write(page, "hei")
    expect(page.locator("veiviser-chat .unsent")).to_be_visible()


@pytest.mark.parametrize("state", [_need, _danger, _topic, _measure, _down])
@pytest.mark.parametrize("where", ["/", "/ramme"])
def test_every_state_of_the_widget(looks: Page, where: str, state: Callable[[Page], None]) -> None:
    """Cards with everything unfolded, danger, an article, a measure, no network: in the page and in a frame."""
    looks.goto(where)
    state(looks)
    check(looks, f"{where} {state.__name__}")


def test_the_floating_panel(looks: Page) -> None:
    """The button and the open panel on a portal's page."""
    looks.goto("/demo")
    looks.get_by_role("button", name="Trenger du hjelp?").click()
    check(looks, "floating")


@pytest.mark.parametrize("language", ["nn", "en"])
def test_nothing_sticks_out_in_other_languages(chromium: Browser, site: Site, language: str) -> None:
    """Longer words still fit a small phone, and the language of the page is right."""
    page = chromium.new_context(base_url=site.url, viewport={"width": 320, "height": 640}).new_page()
    for path in PAGES:
        page.goto(f"{path}{'&' if '?' in path else '?'}sprak={language}")
        assert page.locator("html").get_attribute("lang") == language
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
    page.context.close()
