"""The widget: what it shows, what it does when things go wrong, and how it lives on other people's pages."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Seen, Site, World, log_text, wait_until_forgotten, write
from playwright.sync_api import Browser, Page, Route, expect

NEED = "jeg er 16 og de vil gifte meg bort i Pakistan i sommer"
DANGER = "han står utenfor døra med kniv og vil drepe meg nå"
STRICT = "default-src 'none'; script-src {site}; connect-src {site}; style-src 'self'; img-src 'self'"


def test_a_service_card_says_all_that_is_needed(page: Page) -> None:
    """Name, open or not, why, ways to make contact, what happens, traces, source and date."""
    page.goto("/")
    write(page, NEED)
    card = page.locator("veiviser-chat article").first
    expect(card.locator("h3")).to_be_visible()
    expect(card.locator(".open")).to_be_visible()
    expect(card.locator(".ways a").first).to_be_visible()
    for summary in card.locator("summary").all():
        summary.click()
    text = card.inner_text()
    for piece in ("Hva skjer når jeg tar kontakt?", "Pris, anonymitet og spor", "Kilde:", "kontrollert"):
        assert piece in text
    assert "undefined" not in text
    assert "null" not in text


def test_danger_is_announced_at_once_with_numbers_to_call(page: Page) -> None:
    """An alert with 112, and a way to say that it was not so."""
    page.goto("/")
    write(page, DANGER)
    alert = page.locator("veiviser-chat").get_by_role("alert")
    expect(alert).to_contain_text("112")
    expect(alert.locator("a").first).to_have_attribute("href", "tel:112")
    alert.get_by_role("button", name="Det er ikke fare nå").click()
    expect(page.locator("veiviser-chat .log")).to_contain_text("Godt å høre")


def test_choices_are_buttons_and_say_what_was_chosen(page: Page) -> None:
    """A press on a first choice is a turn like any other."""
    page.goto("/")
    page.get_by_role("button", name="Jeg er redd for en reise").click()
    expect(page.locator("veiviser-chat article").first).to_be_visible()
    assert "Jeg er redd for en reise" in page.locator("veiviser-chat .me").inner_text()


def test_when_the_network_drops_nothing_is_lost(page: Page, site: Site) -> None:
    """The numbers and a plain sentence; what was written stays, and can be sent again with one press."""
    page.goto("/")
    page.route("**/api/v1/chat", lambda route: route.abort())
    write(page, NEED)
    notice = page.locator("veiviser-chat").get_by_role("alert")
    expect(notice).to_contain_text("Jeg får ikke svar akkurat nå")
    expect(notice.locator("a[href='tel:112']")).to_be_visible()
    assert NEED in log_text(page)
    page.unroute("**/api/v1/chat")
    page.get_by_role("button", name="Prøv igjen").click()
    expect(page.locator("veiviser-chat article").first).to_be_visible()
    assert log_text(page).count(NEED) == 1
    assert site.bot.heard == [NEED]


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (500, "{}", "Jeg får ikke svar"), (503, "", "Jeg får ikke svar"), (429, "{}", "Mange skriver akkurat nå"),
        (422, "{}", "Dette gikk ikke å sende"), (413, "{}", "Dette gikk ikke å sende"), (200, "<html>", "Jeg får ikke svar"),
        (200, '{"messages": []}', "Jeg får ikke svar"), (200, '{"messages": [null, {"type": "new"}]}', "Jeg får ikke svar"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_met_calmly(page: Page, seen: Seen, status: int, body: str, says: str) -> None:
    """Whatever the server says, the person gets a sentence, keeps the text, and the page gets no error."""
    page.goto("/")
    page.route("**/api/v1/chat", lambda route: route.fulfill(status=status, body=body, content_type="application/json"))
    write(page, NEED)
    expect(page.locator("veiviser-chat .log")).to_contain_text(says)
    kept = page.locator("veiviser-chat textarea[placeholder]").input_value() + log_text(page)
    assert NEED in kept
    assert not [problem for problem in seen.problems if "Failed to load resource" not in problem]


def test_when_the_bot_is_away_the_search_answers(page: Page, site: Site) -> None:
    """The page does not notice much: services and numbers come all the same."""
    site.bot.fails = True
    page.goto("/")
    write(page, NEED)
    expect(page.locator("veiviser-chat article").first).to_be_visible()


def test_markup_in_an_answer_stays_text(page: Page, seen: Seen) -> None:
    """Nothing that comes from the server can run or load anything, and only web addresses become links."""
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    contact = {"kind": "web", "value": "javascript:alert(3)", "label": evil, "hours": None, "note": None, "free": None}
    service = {"id": "x", "name": evil, "description": evil, "why": [evil], "open": None, "contacts": [contact], "sources": []}
    answer = {"conversation_id": "x", "language": "nb", "messages": [{"type": "text", "text": evil}, {"type": "services", "services": [service]}]}  # fmt: skip  # noqa: E501
    page.goto("/")
    page.route("**/api/v1/chat", lambda route: route.fulfill(json=answer))
    write(page, "hei")
    expect(page.locator("veiviser-chat article")).to_contain_text("<img")
    assert page.locator("veiviser-chat img, veiviser-chat script").count() == 0
    assert page.locator("veiviser-chat a[href^='javascript']").count() == 0
    assert seen.problems == []


def test_messages_carry_their_own_language_and_direction(page: Page) -> None:
    """An English answer on a Norwegian page is marked as English; Arabic writing runs from the right."""
    page.goto("/")
    page.route("**/api/v1/chat", lambda route: route.fulfill(json={"conversation_id": "x", "language": "en", "messages": [{"type": "text", "text": "مرحبا, this is a test"}]}))  # fmt: skip  # noqa: E501
    write(page, "hello")
    bubble = page.locator("veiviser-chat .bot").last
    expect(bubble).to_have_attribute("lang", "en")
    expect(bubble).to_have_attribute("dir", "auto")


def test_a_long_answer_is_folded(page: Page) -> None:
    """The beginning is shown; the rest comes when one wants it."""
    page.goto("/")
    long = "Dette er en lang setning som går igjen. " * 40
    page.route("**/api/v1/chat", lambda route: route.fulfill(json={"conversation_id": "x", "language": "nb", "messages": [{"type": "text", "text": long}]}))  # fmt: skip  # noqa: E501
    write(page, "hei")
    bubble = page.locator("veiviser-chat .bot").last
    assert len(bubble.inner_text()) < 600
    bubble.locator("summary").click()
    assert len(bubble.inner_text()) > 1500


def test_text_size_and_language_can_be_changed_in_the_widget(page: Page) -> None:
    """On a page that is not ours the widget has its own switches."""
    page.goto("/ramme")
    size = "e => getComputedStyle(e).fontSize"
    before = page.locator("veiviser-chat .m").first.evaluate(size)
    page.get_by_role("button", name="Større tekst").click()
    assert page.locator("veiviser-chat .m").first.evaluate(size) > before
    page.get_by_role("combobox", name="Språk").select_option("en")
    expect(page.get_by_role("button", name="Leave this page")).to_be_visible()
    expect(page.locator("veiviser-chat section")).to_have_attribute("lang", "en")


def portal(world: World, site: Site, body: str, path: str = "/portal") -> str:
    """A page of another site under its own strict policy."""
    world.pages[path] = (f"<!doctype html><title>Portal</title><h1>Portal</h1>{body}", {"Content-Security-Policy": STRICT.format(site=site.url)})  # fmt: skip  # noqa: E501
    return world.url + path


def test_one_line_puts_it_on_a_portal_with_a_strict_policy(page: Page, site: Site, world: World, seen: Seen) -> None:
    """Another origin, no inline script or style allowed: the button, the panel, a real answer, and the exit."""
    page.goto(portal(world, site, f'<script src="{site.url}/widget.js" data-language="nn" async></script>'))
    page.get_by_role("button", name="Treng du hjelp?").click()
    write(page, "eg er redd for å bli gifta bort")
    expect(page.locator("veiviser-chat article").first).to_be_visible()
    assert seen.problems == []
    page.get_by_role("button", name="Gå ut av sida").click()
    page.wait_for_url(f"{world.url}/neutral")
    wait_until_forgotten(site)


def test_escape_closes_the_panel_and_gives_the_focus_back(page: Page) -> None:
    """The floating panel opens and closes by keyboard alone."""
    page.goto("/demo")
    launcher = page.get_by_role("button", name="Trenger du hjelp?")
    launcher.focus()
    page.keyboard.press("Enter")
    expect(page.locator("veiviser-chat textarea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(launcher).to_be_focused()


def test_several_on_a_page_and_the_script_twice(page: Page, site: Site, world: World, seen: Seen) -> None:
    """Two elements are two conversations; a second script adds nothing and breaks nothing."""
    script = f'<script src="{site.url}/widget.js"></script>'
    page.goto(
        portal(world, site, f"<veiviser-chat></veiviser-chat><veiviser-chat language=en></veiviser-chat>{script}{script}")
    )
    assert page.locator("veiviser-chat").count() == 2
    expect(page.get_by_role("button", name="There is danger now")).to_be_visible()
    assert seen.problems == []


@pytest.mark.parametrize(
    "options",
    [
        'data-language="klingon" data-mode="inline"', 'data-server="not a url" data-mode="inline"',
        'data-exit-url="javascript:alert(1)" data-mode="inline"',
        'data-mode="no-such-mode" data-open', 'data-text-send="" data-theme="x" data-heading="" data-mode="inline"',
    ],
)  # fmt: skip
def test_broken_options_fall_back(page: Page, site: Site, world: World, seen: Seen, options: str) -> None:
    """A web editor's typing error costs nobody the help."""
    page.goto(portal(world, site, f'<script src="{site.url}/widget.js" {options}></script>'))
    write(page, NEED)
    expect(page.locator("veiviser-chat article").first).to_be_visible()
    assert seen.problems == []
    page.get_by_role("button", name="Forlat siden").click()
    page.wait_for_url(f"{world.url}/neutral")


def test_words_can_be_replaced(page: Page, site: Site, world: World) -> None:
    """Every sentence is an option."""
    page.goto(portal(world, site, f'<script src="{site.url}/widget.js" data-mode="inline" data-text-send="Spør" data-heading="Hjelp" data-text-hello="Hei du"></script>'))  # fmt: skip  # noqa: E501
    expect(page.get_by_role("button", name="Spør")).to_be_visible()
    assert "Hei du" in log_text(page)


def test_a_server_that_cannot_be_reached_still_gives_the_numbers(page: Page, site: Site, world: World) -> None:
    """The widget was loaded, then the server went away."""
    page.goto(portal(world, site, f'<script src="{site.url}/widget.js" data-mode="inline" data-server="http://127.0.0.1:9"></script>'))  # fmt: skip  # noqa: E501
    write(page, NEED)
    expect(page.locator("veiviser-chat").get_by_role("alert").locator("a[href='tel:112']")).to_be_visible()


def test_a_portal_that_is_not_allowed_cannot_chat(page: Page, site: Site, world: World, chromium: Browser) -> None:
    """The list of origins decides: elsewhere the widget shows the numbers only."""
    elsewhere = portal(world, site, f'<script src="{site.url}/widget.js" data-mode="inline"></script>', "/elsewhere")
    page.goto(elsewhere.replace("127.0.0.1", "localhost"))
    write(page, NEED)
    expect(page.locator("veiviser-chat").get_by_role("alert").locator("a[href='tel:112']")).to_be_visible()
    assert site.bot.heard == []


def test_dark_and_light_and_less_motion(chromium: Browser, site: Site) -> None:
    """The widget follows the person's settings; an option on the element wins."""
    colour = "e => getComputedStyle(e.shadowRoot.querySelector('.v')).backgroundColor"
    seen_colours: dict[str, Any] = {}
    for scheme in ("light", "dark"):
        context = chromium.new_context(base_url=site.url, color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page = context.new_page()
        page.goto("/ramme")
        chat = page.locator("veiviser-chat")
        seen_colours[scheme] = chat.evaluate(colour)
        chat.evaluate("e => e.setAttribute('theme', 'dark')")
        seen_colours[scheme + " forced"] = chat.evaluate(colour)
        page.route("**/api/v1/chat", lambda route: _slowly(route))
        write(page, "hei")
        assert page.locator("veiviser-chat .wait").evaluate("e => getComputedStyle(e, '::after').animationName") == "none"
        context.close()
    assert seen_colours["light"] != seen_colours["dark"]
    assert seen_colours["dark"] == seen_colours["light forced"] == seen_colours["dark forced"]


def _slowly(route: Route) -> None:
    """Lets the request wait for ever."""
