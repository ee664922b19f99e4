"""Leaving fast: at once, without a way back, and the server forgets."""

from __future__ import annotations

import pytest
from conftest import Site, World, log_text, wait_until_forgotten, write
from playwright.sync_api import Page, expect

SECRET = "jeg er redd for å bli giftet bort i sommer"
PRESSED_AND_COVERED = """() => {
  document.getElementById("forlat").click();
  const { x, y, width, height } = document.querySelector("[data-veiviser-cover]").getBoundingClientRect();
  return [x, y, width, height];
}"""


def talk(page: Page) -> None:
    """Opens the page and says something."""
    page.goto("/")
    write(page, SECRET)
    expect(page.locator("veiviser-chat article").first).to_be_visible()


@pytest.mark.parametrize("way", ["button", "shift"])
def test_leaving_goes_to_a_neutral_page_and_forgets(page: Page, site: Site, world: World, way: str) -> None:
    """The button, or Shift three times, opens an ordinary page, and the conversation is gone at the server."""
    talk(page)
    if way == "button":
        page.get_by_role("link", name="Forlat siden").click()
    else:
        for _ in range(3):
            page.keyboard.press("Shift")
    page.wait_for_url(f"{world.url}/neutral")
    wait_until_forgotten(site)
    assert ("/neutral", None) in world.asked, "the neutral page must not be told where one came from"


def test_the_page_is_covered_in_the_same_moment(page: Page) -> None:
    """Also on a slow network nothing can be read from the moment of the press."""
    talk(page)
    box = page.evaluate(PRESSED_AND_COVERED)
    assert box == [0, 0, 1280, 900]


def test_back_does_not_return_to_the_conversation(page: Page, world: World) -> None:
    """The neutral page has taken the place of the conversation in the history."""
    page.goto("/tema")
    talk(page)
    page.get_by_role("link", name="Forlat siden").click()
    page.wait_for_url(f"{world.url}/neutral")
    page.go_back()
    assert page.url.endswith("/tema")
    page.go_forward()
    assert page.url == f"{world.url}/neutral"


def test_a_page_come_back_to_is_as_new(page: Page, site: Site) -> None:
    """Whoever presses back after following a link finds no conversation, and the server has forgotten it."""
    talk(page)
    page.goto("/personvern")
    wait_until_forgotten(site)
    page.go_back()
    expect(page.locator("veiviser-chat .log")).to_be_visible()
    assert SECRET not in log_text(page)
    assert page.locator("veiviser-chat textarea[placeholder]").input_value() == ""


def test_results_of_a_form_do_not_come_back(page: Page) -> None:
    """Back to a search shows the empty form, not what was searched for."""
    page.goto("/finn")
    page.fill("#tekst", SECRET)
    page.get_by_role("button", name="Finn hjelp").click()
    expect(page.locator("article").first).to_be_visible()
    assert "?" not in page.url
    page.goto("/tema")
    page.go_back()
    page.wait_for_load_state()
    expect(page.locator("#tekst")).to_have_value("")
    assert SECRET not in page.content()


def test_shift_while_typing_capitals_does_not_leave(page: Page) -> None:
    """Three capitals are no exit, and neither are three presses with a pause."""
    page.goto("/")
    page.locator("veiviser-chat textarea[placeholder]").press_sequentially("A B C D E")
    for _ in range(4):
        page.keyboard.press("Shift+H")
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    page.wait_for_timeout(3200)
    page.keyboard.press("Shift")
    assert page.url.endswith("/")


def test_deleting_the_conversation_empties_it_here_and_there(page: Page, site: Site) -> None:
    """One press, and a line that says it is done."""
    talk(page)
    page.get_by_role("button", name="Slett samtalen").click()
    wait_until_forgotten(site)
    assert SECRET not in log_text(page)
    assert "Samtalen er slettet." in log_text(page)


def test_leaving_while_the_first_answer_is_on_its_way_also_forgets(page: Page, site: Site, world: World) -> None:
    """Someone comes into the room right after Send: the conversation is forgotten although no answer has come."""
    page.goto("/")
    write(page, SECRET)
    page.get_by_role("link", name="Forlat siden").click()
    page.wait_for_url(f"{world.url}/neutral")
    wait_until_forgotten(site)


def test_a_search_from_the_first_page_can_be_gone_back_from(page: Page) -> None:
    """Results come at /finn without words in the address; back is the first page again, empty."""
    page.goto("/")
    page.fill("#tekst", SECRET)
    page.get_by_role("button", name="Finn hjelp").click()
    expect(page.get_by_role("heading", name="Disse kan hjelpe")).to_be_visible()
    assert page.url.endswith("/finn")
    page.go_back()
    expect(page.locator("veiviser-chat .log")).to_be_visible()
    expect(page.locator("#tekst")).to_have_value("")
