"""Takes the pictures of docs/pictures from a running guide: python tests/browser/take_pictures.py http://127.0.0.1:8000"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
NEED = "jeg er 16 og redd foreldrene mine skal gifte meg bort i sommer"
DANGER = "han står utenfor døra med kniv og vil drepe meg nå"
PHONE, DESKTOP = (390, 844), (1280, 900)


def talk(text: str) -> Callable[[Page], None]:
    """Says something and waits for the answer."""

    def act(page: Page) -> None:
        box = page.locator("veiviser-chat textarea[placeholder]").first
        box.fill(text)
        box.press("Enter")
        page.locator("veiviser-chat article").first.wait_for()
        page.locator("veiviser-chat .wait").wait_for(state="detached")
        page.evaluate("scrollTo(0, innerWidth < 500 ? document.querySelector('veiviser-chat').offsetTop - 72 : 0)")

    return act


def search(page: Page) -> None:
    """Searches with own words."""
    page.fill("#tekst", NEED)
    page.get_by_role("button", name="Finn hjelp").click()
    page.locator("main article").first.wait_for()


def look_up(page: Page) -> None:
    """A professional's search."""
    page.keyboard.press("/")
    page.keyboard.type("elev 16 år redd for å bli sendt til Somalia i sommer")
    page.locator(".hit").first.wait_for()


def open_panel(page: Page) -> None:
    """Opens the panel on the portal and asks."""
    page.get_by_role("button", name="Do you need help?").click()
    talk("my parents took my passport and we are in Somalia")(page)


PICTURES: dict[str, tuple[str, tuple[int, int], str, Callable[[Page], None] | None]] = {
    "first-page": ("/", DESKTOP, "light", None),
    "chat": ("/", DESKTOP, "light", talk(NEED)),
    "chat-phone": ("/", PHONE, "light", talk(NEED)),
    "danger-phone-dark": ("/", PHONE, "dark", talk(DANGER)),
    "search": ("/finn", DESKTOP, "light", search),
    "professionals": ("/fagfolk", DESKTOP, "light", look_up),
    "actors": ("/fagfolk/kart", (1280, 1400), "light", None),
    "measures": ("/tiltak", DESKTOP, "light", None),
    "service-phone-dark": ("/tjenester/alarmtelefonen-116111", PHONE, "dark", None),
    "sheet": ("/fagfolk/ark/kompetanseteamet", (1000, 1200), "light", None),
    "editors-page": ("/redaksjon", DESKTOP, "light", None),
    "editors-entry": ("/tjenester/rode-kors-telefonen", DESKTOP, "light", None),
    "portal": ("/demo?sprak=en", DESKTOP, "light", open_panel),
}


def main(address: str) -> None:
    """All pictures anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, (path, (width, height), scheme, act) in PICTURES.items():
            dark = scheme == "dark"
            context = browser.new_context(
                base_url=address, viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
            )
            page = context.new_page()
            page.goto(path)
            if act:
                act(page)
            page.wait_for_timeout(300)
            page.screenshot(path=FOLDER / f"{name}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
