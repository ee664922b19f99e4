"""A real Chromium, the real app, a stand-in bot, and a little world outside: a neutral page and a portal on another origin."""

from __future__ import annotations

import shutil
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import uvicorn
from standin import StandInBot, create_standin

from knowledge.index import Index
from knowledge.library import Library

if find_spec("playwright") is None:  # it comes with requirements-dev.lock
    collect_ignore_glob = ["test_*.py"]
else:
    from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WIDTHS = {"phone": (320, 640), "desktop": (1280, 900)}


@dataclass
class World:
    """What is outside: pages of other sites, and what they were asked."""

    url: str = ""
    pages: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)


@dataclass
class Site:
    """The app under test."""

    url: str
    bot: StandInBot


@dataclass
class Seen:
    """What a browser context was seen to do."""

    requests: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """Another origin on this machine."""
    world = World(pages={"/neutral": ("<title>Været</title><h1>Været i morgen</h1>", {})})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page, headers = world.pages.get(self.path, ("", {}))
            world.asked.append((self.path, self.headers.get("referer")))
            self.send_response(200 if self.path in world.pages else 204 if self.path == "/favicon.ico" else 404)
            for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    world.url = f"http://127.0.0.1:{server.server_port}"
    yield world
    server.shutdown()


@pytest.fixture(scope="session")
def site(library: Library, index: Index, world: World) -> Iterator[Site]:
    """The app on a port of its own."""
    bot = StandInBot()
    app = create_standin(
        library, index, bot, exit_url=f"{world.url}/neutral", allowed_origins=world.url, rate_limit_per_minute=0
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield Site(f"http://127.0.0.1:{port}", bot)
    server.should_exit = True
    thread.join(10)


@pytest.fixture(autouse=True)
def _fresh(site: Site) -> None:
    """Every test begins with a bot that answers and has heard nothing."""
    site.bot.fails = False
    site.bot.heard.clear()
    site.bot.forgotten.clear()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    if CHROMIUM is None:
        pytest.skip("The browser tests need Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def seen() -> Seen:
    """Filled while the test runs."""
    return Seen()


@pytest.fixture
def context(chromium: Browser, site: Site, seen: Seen) -> Iterator[BrowserContext]:
    """A new, empty browser profile on a desktop; everything it does is noted."""
    context = chromium.new_context(base_url=site.url, viewport={"width": 1280, "height": 900}, locale="nb-NO")
    watch(context, seen)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page in it."""
    page = context.new_page()
    page.set_default_timeout(10_000)
    return page


def watch(context: BrowserContext, seen: Seen) -> None:
    """Notes requests, errors and refusals by the security policy."""

    def requested(request: Request) -> None:
        seen.requests.append(request.url)

    context.on("request", requested)
    context.on("console", lambda m: seen.problems.append(m.text) if m.type == "error" else None)
    context.on("weberror", lambda e: seen.problems.append(str(e.error)))


def write(page: Page, text: str) -> None:
    """Writes in the conversation and sends with Enter."""
    box = page.locator("veiviser-chat textarea[placeholder]").first
    box.fill(text)
    box.press("Enter")


def log_text(page: Page) -> str:
    """Everything the conversation shows."""
    return page.locator("veiviser-chat .log").first.inner_text()


def wait_until_forgotten(site: Site, count: int = 1) -> None:
    """The bot was told to forget."""
    for _ in range(60):
        if len(site.bot.forgotten) >= count:
            return
        time.sleep(0.05)
    raise AssertionError("nobody told the bot to forget")
