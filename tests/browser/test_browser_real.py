"""The real app and the real bot, two processes as in use, and a real browser. Needs both environments and Chromium."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import log_text, write
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).parents[2]
START_SECONDS = 240


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a guide started as `veiviser run` starts it."""
    if not list((ROOT / "bot" / "models").glob("*.tar.gz")) or not (ROOT / "bot" / ".venv").exists():
        pytest.skip("The bot is not built: make setup train")
    environment = {**os.environ, "VEIVISER_PORT": "0", "VEIVISER_RATE_LIMIT_PER_MINUTE": "0"}
    process = subprocess.Popen(
        [sys.executable, "-m", "api", "run"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )
    lines: list[str] = []
    assert process.stderr
    threading.Thread(target=lambda: lines.extend(iter(process.stderr.readline, "")), daemon=True).start()  # type: ignore[union-attr]
    try:
        yield _address_when_ready(process, lines)
    finally:
        process.terminate()
        process.wait(30)


def _address_when_ready(process: subprocess.Popen[str], lines: list[str]) -> str:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:\d+", " ".join(lines))
        if found:
            try:
                with urllib.request.urlopen(f"{found[0]}/readyz", timeout=5) as answer:
                    if json.load(answer)["bot"]:
                        return found[0]
            except OSError:
                pass
        time.sleep(1)
    raise AssertionError("the guide did not start:\n" + "".join(lines[-20:]))


@pytest.fixture
def visit(chromium: Browser, guide: str) -> Iterator[Page]:
    """A page of the real guide."""
    context = chromium.new_context(base_url=guide, viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def test_a_conversation_on_a_phone(visit: Page) -> None:
    """A need, an answer to the question, another language, and danger: each is met, and the first help can be called."""
    visit.goto("/")
    write(visit, "jeg er 16 og er redd foreldrene mine skal gifte meg bort i sommer")
    expect(visit.locator("veiviser-chat article").first).to_be_visible()
    expect(visit.locator("veiviser-chat article .ways a").first).to_be_visible()
    write(visit, "får foreldrene mine vite at jeg tar kontakt?")
    expect(visit.locator("veiviser-chat .bot:not(.wait)")).not_to_have_count(1)
    expect(visit.locator("veiviser-chat .wait")).to_have_count(0)
    write(visit, "han står utenfor døra med kniv og vil drepe meg nå")
    expect(visit.locator("veiviser-chat").get_by_role("alert").locator("a[href='tel:112']")).to_be_visible()
    assert "undefined" not in log_text(visit)


def test_the_first_buttons_do_what_they_say(visit: Page) -> None:
    """Danger gives the numbers, a human gives people to talk to, a checked phone gives quiet ways."""
    for name in ("Det er fare nå", "Jeg vil snakke med et menneske", "Noen sjekker telefonen min", "Jeg er redd for en reise"):
        visit.goto("/")
        visit.get_by_role("button", name=name).click()
        expect(visit.locator("veiviser-chat .wait")).to_have_count(0)
        expect(visit.locator("veiviser-chat .log a[href^='tel:'], veiviser-chat article").first).to_be_visible()
        assert "Jeg får ikke svar" not in log_text(visit)


@pytest.mark.parametrize(
    ("language", "text"), [("nn", "eg er redd for å bli gifta bort"), ("en", "I am afraid of being forced to marry")]
)
def test_other_languages(visit: Page, language: str, text: str) -> None:
    """Answers come in the language of the page."""
    visit.goto(f"/?sprak={language}")
    write(visit, text)
    card = visit.locator("veiviser-chat article").first
    expect(card).to_have_attribute("lang", language)
