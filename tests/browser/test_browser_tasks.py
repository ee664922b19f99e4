"""The tasks of three kinds of people, by keyboard alone, and without JavaScript."""

from __future__ import annotations

import re

import pytest
from conftest import Site, World
from playwright.sync_api import Browser, Page, expect

FOCUSED = "() => { let e = document.activeElement; while (e.shadowRoot && e.shadowRoot.activeElement) e = e.shadowRoot.activeElement; return (e.getAttribute('aria-label') || e.innerText || e.value || '').trim() }"  # noqa: E501

INSIDE = """e => {
  const a = e.getBoundingClientRect(), b = e.ownerSVGElement.getBoundingClientRect();
  return a.left >= b.left - 1 && a.right <= b.right + 1;
}"""


def tab_to(page: Page, name: str, most: int = 40) -> None:
    """Presses Tab until the thing with that name has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if name in page.evaluate(FOCUSED):
            return
    raise AssertionError(f"{name} cannot be reached with Tab")


def test_a_young_person_finds_someone_to_call_by_keyboard(page: Page) -> None:
    """Tab to the box, write, Enter, Tab to the first way of making contact."""
    page.goto("/")
    tab_to(page, "Skriv med dine egne ord")
    page.keyboard.type("jeg er 15 og broren min slår meg når jeg er ute med venner")
    page.keyboard.press("Enter")
    expect(page.locator("veiviser-chat article").first).to_be_visible()
    expect(page.locator("veiviser-chat textarea[placeholder]")).to_be_focused()
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if re.match(r"Ring|Chat|Skriv e", page.evaluate(FOCUSED)):
            return
    raise AssertionError("no way of making contact was reached")


def test_the_exit_is_among_the_first_things_reached(page: Page) -> None:
    """Three presses of Tab at most."""
    page.goto("/")
    tab_to(page, "Forlat siden", most=3)


def test_a_teacher_gets_number_and_duty_in_one_search(page: Page) -> None:
    """The slash key, a few words, and the results are there with law beside them; two are compared by keyboard."""
    page.goto("/fagfolk")
    page.keyboard.press("/")
    page.keyboard.type("elev 16 år redd for å bli sendt til Somalia")
    expect(page.locator(".hit").first).to_be_visible()
    expect(page.get_by_role("heading", name="Lov og plikt")).to_be_visible()
    boxes = page.locator(".hit input[type=checkbox]")
    for number in (0, 1):
        boxes.nth(number).focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Sammenlign valgte").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sammenlign tjenester")).to_be_visible()
    assert page.locator("thead a").count() == 2


def test_filters_change_what_is_found(page: Page) -> None:
    """A case abroad gives the services that work there."""
    page.goto("/fagfolk")
    page.fill("#tekst", "ungdom holdt tilbake uten pass")
    page.locator("summary", has_text="Filtre").click()
    page.select_option("#hvor", "abroad")
    page.fill("#land", "Pakistan")
    expect(page.locator(".hit", has_text="Spesialutsendinger").first).to_be_visible()


def test_the_map_can_be_zoomed_and_walked_by_keyboard(page: Page) -> None:
    """Larger and back again; every box is a link that Tab brings into view."""
    page.goto("/fagfolk/kart")
    whole = page.locator("#kart").get_attribute("viewBox")
    page.get_by_role("button", name="Større").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert page.locator("#kart").get_attribute("viewBox") != whole
    page.locator("#kart a").last.focus()
    assert page.locator("#kart a").last.evaluate(INSIDE)
    page.get_by_role("button", name="Hele kartet").click()
    assert page.locator("#kart").get_attribute("viewBox") == whole


def test_a_web_editor_copies_one_line(page: Page) -> None:
    """The line on /demo is the whole of it, and the page shows it working."""
    page.goto("/demo")
    line = page.locator("code").first.inner_text()
    assert line.count("<script") == 1
    expect(page.get_by_role("button", name="Trenger du hjelp?")).to_be_visible()
    expect(page.frame_locator("iframe").get_by_role("button", name="Send")).to_be_visible()


@pytest.fixture
def plain(chromium: Browser, site: Site) -> Page:
    """A browser without JavaScript."""
    return chromium.new_context(base_url=site.url, java_script_enabled=False, viewport={"width": 360, "height": 740}).new_page()


def test_without_javascript_there_are_numbers_search_and_exit(plain: Page, world: World) -> None:
    """The page gives the numbers and the form, the form gives services, the exit leaves."""
    plain.goto("/")
    expect(plain.locator("a[href='tel:112']").first).to_be_visible()
    box = plain.locator("veiviser-chat textarea")
    box.fill("jeg er redd for å bli giftet bort")
    plain.locator("veiviser-chat button").click()
    expect(plain.locator("article").first).to_be_visible()
    plain.goto("/fagfolk")
    plain.fill("#tekst", "mistanke om tvangsekteskap")
    plain.get_by_role("button", name="Søk", exact=True).click()
    expect(plain.locator(".hit").first).to_be_visible()
    plain.get_by_role("link", name="Forlat siden").click()
    plain.wait_for_url(f"{world.url}/neutral")


def test_a_sheet_prints_on_one_page(page: Page) -> None:
    """For every service, in the longest language."""
    for id in ("kompetanseteamet", "barnevernet", "krisesenter", "spesialutsendinger"):
        page.goto(f"/fagfolk/ark/{id}")
        paper = page.pdf(format="A4", margin=dict.fromkeys(("top", "bottom", "left", "right"), "12mm"))
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1, id
