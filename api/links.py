"""veiviser links: opens the address of every source, politely, and remembers what it found so that it can go on later.

One request to a host at a time, with a pause between; HEAD first, GET where HEAD is not understood, nothing downloaded.
This is the only command that uses the network, and only when somebody runs it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from tqdm import tqdm

from knowledge.library import Library

Json = dict[str, Any]
AGENT = "veiviser-links/1 (checks that the sources of a public directory still open)"
#: What was opened this lately is not opened again.
FRESH_DAYS = 7
HOSTS_AT_ONCE = 8
LONGEST_PAUSE = 60.0
#: The worst first.
STATES = ("gone", "silent", "refused", "moved", "ok")


def urls_of(library: Library) -> dict[str, list[str]]:
    """Every address in the content → the files it stands in."""
    found: dict[str, list[str]] = defaultdict(list)
    for folder in ("services", "topics", "measures"):
        for entry in getattr(library, folder).values():
            urls = [source.url for source in entry.sources] + [law.url for law in getattr(entry, "law", ())]
            urls += [c.value for c in getattr(entry, "contacts", ()) if c.kind in ("web", "chat")]
            for url in dict.fromkeys(url for url in urls if url):
                found[url].append(f"{folder}/{entry.id}.yml")
    for post in library.places.abroad.posts:
        if post.web:
            found[post.web].append("places/abroad.yml")
    return dict(found)


def check_links(
    urls: Mapping[str, Sequence[str]], state: Path, delay: float = 2.0, timeout: float = 20.0, again: bool = False,
    quiet: bool = False,
) -> list[Json]:  # fmt: skip
    """What each address answered, the worst first. What `state` has from the last days is not asked again.

    `delay` and `timeout` are seconds. The state is written after every answer, so a run that is stopped goes on later.
    """
    known = {} if again else _recent(_read(state))
    todo = [url for url in urls if url not in known]
    asyncio.run(_check_all(todo, known, state, delay, timeout, quiet))
    rows = [{**known[url], "url": url, "files": list(files)} for url, files in urls.items()]
    return sorted(rows, key=lambda row: (STATES.index(row["state"]), row["url"]))


def report(rows: Sequence[Json]) -> str:
    """The rows as text for a terminal: everything that does not simply open, and how many do."""
    lines = []
    for row in rows:
        if row["state"] != "ok":
            said = row["status"] or row["problem"]
            lines.append(f"{row['state']:8} {said!s:14} {row['url']}" + (f" → {row['moved_to']}" if row["moved_to"] else ""))
            lines.append(f"{'':23} {', '.join(row['files'])}")
    counts = ", ".join(f"{sum(row['state'] == state for row in rows)} {state}" for state in STATES)
    lines.append(f"{len(rows)} addresses: {counts}.")
    if rows and all(row["state"] == "silent" for row in rows):
        lines.append("Nothing answered at all: is this machine on the network?")
    return "\n".join(lines)


async def _check_all(todo: list[str], known: dict[str, Json], state: Path, delay: float, timeout: float, quiet: bool) -> None:
    by_host: dict[str, list[str]] = defaultdict(list)
    for url in todo:
        by_host[url.partition("://")[2].partition("/")[0]].append(url)
    some = asyncio.Semaphore(HOSTS_AT_ONCE)
    with tqdm(total=len(todo), unit="address", disable=quiet or None) as bar:

        async def host(urls: list[str]) -> None:
            async with some, _client(timeout) as client:
                for number, url in enumerate(urls):
                    if number:
                        await asyncio.sleep(delay)
                    known[url] = await check_link(client, url, delay)
                    _write(state, known)
                    bar.update()

        await asyncio.gather(*(host(urls) for urls in by_host.values()))


async def check_link(client: httpx.AsyncClient, url: str, delay: float) -> Json:
    """What one address answers. Never raises for what a server or a network may do."""
    problem, answer = "", None
    try:
        answer = await _ask(client, "HEAD", url)
        if answer.status_code in (429, 503):
            await asyncio.sleep(_pause(answer, delay))
        if answer.status_code >= 400:
            await asyncio.sleep(delay)
            answer = await _ask(client, "GET", url)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        problem = type(error).__name__
    moved = answer is not None and any(step.status_code in (301, 308) for step in answer.history)
    return {
        "state": _state(answer.status_code if answer and not problem else None, moved),
        "status": answer.status_code if answer and not problem else None,
        "moved_to": str(answer.url) if answer and moved and not problem else None,
        "problem": problem,
        "checked": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }


def _client(timeout: float) -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=timeout, follow_redirects=True, max_redirects=8, headers={"User-Agent": AGENT})


async def _ask(client: httpx.AsyncClient, method: str, url: str) -> httpx.Response:
    """The head of an answer; the body is left unread."""
    async with client.stream(method, url) as answer:
        return answer


def _pause(answer: httpx.Response, delay: float) -> float:
    """Seconds the server asks us to wait, within reason."""
    asked = answer.headers.get("retry-after", "")
    return min(float(asked), LONGEST_PAUSE) if asked.isdigit() else delay


def _state(status: int | None, moved: bool) -> str:
    if status is None:
        return "silent"
    if status in (404, 410):
        return "gone"
    if status >= 400:
        return "refused"
    return "moved" if moved else "ok"


def _recent(known: dict[str, Json]) -> dict[str, Json]:
    since = dt.datetime.now(dt.UTC) - dt.timedelta(days=FRESH_DAYS)
    return {url: row for url, row in known.items() if dt.datetime.fromisoformat(row["checked"]) >= since}


def _read(state: Path) -> dict[str, Json]:
    """What an earlier run found; a file that cannot be read counts as none."""
    try:
        known: dict[str, Json] = json.loads(state.read_text(encoding="utf-8"))
        return known if all(row["state"] in STATES and row["checked"] for row in known.values()) else {}
    except (OSError, ValueError, AttributeError, TypeError, KeyError):
        return {}


def _write(state: Path, known: dict[str, Json]) -> None:
    state.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=state.parent, prefix=".links-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(known, file, ensure_ascii=False, indent=1)
    os.replace(name, state)
