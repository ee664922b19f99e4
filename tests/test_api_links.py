"""The check of addresses, against servers of our own: what it makes of answers, how polite it is, and how it goes on."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from api.links import check_links, report, urls_of
from knowledge.library import Library

#: What a path answers to HEAD and to GET.
ANSWERS = {
    "/ok": (200, 200), "/no-head": (405, 200), "/gone": (404, 404), "/closed": (403, 403), "/moved": (301, 301),
    "/for-now": (302, 302), "/busy": (503, 200), "/broken": (500, 500),
}  # fmt: skip


class Site(ThreadingHTTPServer):
    """A site that notes who asks for what, and when."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.now, self.most_at_once = 0, 0
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def _answer(self) -> None:
        site = self.server
        with site.lock:
            site.asked.append((self.command, self.path))
            site.now += 1
            site.most_at_once = max(site.most_at_once, site.now)
        if self.path == "/slow":
            time.sleep(1.5)
        time.sleep(0.02)
        with site.lock:
            site.now -= 1
        status = ANSWERS.get(self.path, (200, 200))[self.command == "GET"]
        self.send_response(status)
        if status in (301, 302):
            self.send_header("Location", "/ok")
        if status == 503:
            self.send_header("Retry-After", "0")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET = _answer

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on this machine."""
    server = Site()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def check(site: Site, *paths: str, state: Path, **options: object) -> dict[str, dict[str, object]]:
    """Path → what was found."""
    urls = {site.url + path: ["services/x.yml"] for path in paths}
    rows = check_links(urls, state, **{"delay": 0.0, "timeout": 0.7, "quiet": True, **options})  # type: ignore[arg-type]
    return {str(row["url"]).removeprefix(site.url): row for row in rows}


@pytest.mark.parametrize(
    ("path", "state", "status"),
    [
        ("/ok", "ok", 200), ("/no-head", "ok", 200), ("/gone", "gone", 404), ("/closed", "refused", 403),
        ("/moved", "moved", 200), ("/for-now", "ok", 200), ("/busy", "ok", 200), ("/broken", "refused", 500),
        ("/slow", "silent", None),
    ],
)  # fmt: skip
def test_what_a_server_answers_is_told_apart(site: Site, tmp_path: Path, path: str, state: str, status: int | None) -> None:
    """Gone is gone; refused may still open for a person; a server that does not understand HEAD is asked again with GET."""
    found = check(site, path, state=tmp_path / "links.json")[path]
    assert (found["state"], found["status"]) == (state, status)


def test_a_page_that_moved_for_good_tells_where(site: Site, tmp_path: Path) -> None:
    """The editor gets the new address."""
    assert check(site, "/moved", state=tmp_path / "links.json")["/moved"]["moved_to"] == f"{site.url}/ok"


def test_an_address_where_nobody_is_does_not_stop_the_rest(site: Site, tmp_path: Path) -> None:
    """A closed port, a name that is none and a form that is none are each a line of the report."""
    urls = {f"{site.url}/ok": ["a"], "http://127.0.0.1:1/": ["b"], "http://no-such-host.invalid/": ["c"], "http://[x/": ["d"]}
    rows = check_links(urls, tmp_path / "links.json", delay=0.0, timeout=2.0, quiet=True)
    assert [row["state"] for row in rows] == ["silent", "silent", "silent", "ok"]
    assert all(row["problem"] for row in rows[:3])


def test_one_host_is_asked_one_thing_at_a_time_with_a_pause(site: Site, tmp_path: Path) -> None:
    """Whoever runs a small site never notices us."""
    started = time.monotonic()
    check(site, *(f"/page-{number}" for number in range(5)), state=tmp_path / "links.json", delay=0.1)
    assert site.most_at_once == 1
    assert time.monotonic() - started >= 0.4
    assert {method for method, _ in site.asked} == {"HEAD"}


def test_a_run_goes_on_where_it_stopped(site: Site, tmp_path: Path) -> None:
    """What was opened lately is not opened again, unless it is asked for; a spoilt state file only costs time."""
    state = tmp_path / "deep" / "links.json"
    check(site, "/ok", state=state)
    site.asked.clear()
    assert set(check(site, "/ok", "/gone", state=state)) == {"/ok", "/gone"}
    assert {path for _, path in site.asked} == {"/gone"}
    site.asked.clear()
    check(site, "/ok", state=state, again=True)
    assert [path for _, path in site.asked] == ["/ok"]
    site.asked.clear()
    state.write_text('{"x": ', encoding="utf-8")
    check(site, "/ok", state=state)
    assert [path for _, path in site.asked] == ["/ok"]
    assert not list(state.parent.glob(".links-*"))


def test_what_was_found_long_ago_is_asked_again(site: Site, tmp_path: Path) -> None:
    """A page that opened last month may be gone."""
    state = tmp_path / "links.json"
    check(site, "/ok", state=state)
    old = json.loads(state.read_text(encoding="utf-8"))
    old[f"{site.url}/ok"]["checked"] = "2020-01-01T00:00:00+00:00"
    state.write_text(json.dumps(old), encoding="utf-8")
    site.asked.clear()
    check(site, "/ok", state=state)
    assert site.asked


def test_the_report_names_the_files_to_mend(site: Site, tmp_path: Path) -> None:
    """What opens is only counted; the rest is listed, the worst first."""
    urls = {site.url + path: [f"services{path}.yml"] for path in ("/ok", "/closed", "/gone")}
    rows = check_links(urls, tmp_path / "links.json", 0.0, 2.0, quiet=True)
    text = report(rows)
    assert text.index("services/gone.yml") < text.index("services/closed.yml")
    assert "services/ok.yml" not in text
    assert "3 addresses: 1 gone, 0 silent, 1 refused, 0 moved, 1 ok." in text


def test_no_network_is_told_as_such(tmp_path: Path) -> None:
    """Two hundred dead links at once are a dead cable."""
    rows = check_links({"http://127.0.0.1:1/": ["a"]}, tmp_path / "links.json", 0.0, 1.0, quiet=True)
    assert "is this machine on the network?" in report(rows)


def test_every_address_of_the_content_is_on_the_list(library: Library) -> None:
    """Sources, laws, web contacts and embassies, each once, with every file that uses it."""
    urls = urls_of(library)
    assert {s.url for t in library.topics.values() for s in t.sources if s.url} <= set(urls)
    assert {law.url for t in library.topics.values() for law in t.law} <= set(urls)
    assert {c.value for s in library.services.values() for c in s.contacts if c.kind == "web"} <= set(urls)
    assert all(files == list(dict.fromkeys(files)) for files in urls.values())
