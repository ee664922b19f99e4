"""The figures of a bench as a page, and the bars they are held to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
#: The part of a core's time that is planned for; the rest is room for waiting not to grow.
PLANNED = 0.6
#: Turns a second that machines are counted for; the last is a national campaign.
LOADS = (5, 50, 500, 2000)
SIZING_BEGINS, SIZING_ENDS = "<!-- figures: written by `make bench` -->\n", "<!-- end of figures -->"


@dataclass(frozen=True)
class Bar:
    """One promise on two cores: what it is, what was measured, and whether it held."""

    what: str
    measured: str
    held: bool


def bars(figures: Json) -> list[Bar]:
    """All promises."""
    search, chat = figures["levels"]["search"], figures["levels"]["chat"]
    turns, most = figures["turns"]["guide"], [search[-1], chat[-1]]
    errors, worst = sum(row["error"] for row in most), max(row["worst_ms"] for row in most)
    last = turns["turns"]
    return [
        Bar("search, 1 client: p95 at most 25 ms", f"{search[0]['p95_ms']} ms", search[0]["p95_ms"] <= 25),
        Bar("chat, 1 client: p95 at most 150 ms", f"{chat[0]['p95_ms']} ms", chat[0]["p95_ms"] <= 150),
        Bar(f"turn {last} at most 1.3 times turn 2", f"{turns['ratio']} times", turns["ratio"] <= 1.3),
        Bar(f"{most[0]['clients']} clients: no error", f"{errors}", errors == 0),
        Bar(f"{most[0]['clients']} clients: nobody waits longer than 2 s", f"{worst / 1000:.2f} s", worst <= 2000),
    ]


def markdown(figures: Json) -> str:
    """The page."""
    about, turns = figures["about"], figures["turns"]
    parts = [
        "# Load",
        "Written by `make bench`; do not edit. How it is read for more than one machine: "
        "[docs/scaling.md](../docs/scaling.md).",
        f"Measured {about['date']} with `{about['command']}` on {about['machine']}, Python {about['python']}, Rasa "
        f"{about['rasa']}, in {about['seconds']} s. Load of the machine before: {about['load_before']}. App, bot and clients "
        "share the cores, over HTTP on loopback. Each client asks as soon as it is answered; after a 429 it waits as long as "
        "that says. Texts: every ninth of `tests/questions`, then five questions about what was shown.",
        "## Bars",
        _table(("on two cores", "measured", "held"), [(b.what, b.measured, "yes" if b.held else "no") for b in bars(figures)]),
        "## Search",
        _levels(figures["levels"]["search"]),
        "## Chat",
        "Degraded: answered in time with a search and the emergency numbers instead of the bot. Refused: 429 with the "
        "seconds to wait. Times are of full answers; `worst` is the longest that anybody waited for anything.",
        _levels(figures["levels"]["chat"]),
        "## A plain Rasa bot",
        "The project that `rasa init` makes, with its default pipeline and few epochs (how well it understands is not "
        "measured), the same version and the same run. It picks one of a few sentences; it searches nothing, calls no "
        "actions, masks nothing, and lets everybody wait.",
        _levels(figures["levels"]["plain bot"]),
        "## By number of the turn",
        "One client, middle of several talks, in ms; each five turns ask the same five things.",
        _turns(turns),
        "## Start and memory",
        _table(("ready after (index and models on disk)", "s"), [(k, f"{v:.1f}") for k, v in figures["start_seconds"].items()]),
        _table(
            ("resident memory", "MB"),
            [(f"{when}: {part}", f"{mb:.0f}") for when, each in figures["memory_mb"].items() for part, mb in each.items()],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def with_sizing(page: str, figures: Json) -> str:
    """docs/scaling.md with its figures made new. Raises ValueError when the page has no place for them."""
    before, rest = page.split(SIZING_BEGINS)
    return before + SIZING_BEGINS + sizing(figures) + SIZING_ENDS + rest.split(SIZING_ENDS)[1]


def sizing(figures: Json) -> str:
    """How many apps and bots a load needs, from the processor's time for one turn of one client."""
    about, search, turn = figures["about"], figures["levels"]["search"][0], figures["levels"]["chat"][0]
    app, bot = turn["cpu_ms"]["app"], turn["cpu_ms"]["bot"]
    memory = figures["memory_mb"]["guide, after the load"]
    each = {name: PLANNED * 1000 / ms for name, ms in (("app", app), ("bot", bot))}
    rows = []
    for load in LOADS:
        apps, bots = (max(2, math.ceil(load / each[name])) for name in ("app", "bot"))
        gigabytes = (apps * memory["app"] + bots * memory["bot"]) / 1024
        rows.append((load, load * 20, apps, bots, apps + bots, f"{gigabytes:.0f} GB"))
    return "\n\n".join([
        f"Source: [benchmarks/load.md](../benchmarks/load.md), {about['date']}, {about['machine']}, one client, column "
        f"\"CPU ms a request\": a turn takes {app} ms in the app and {bot} ms in the bot, a search "
        f"{search['cpu_ms']['app']} ms in the app. An app holds {memory['app']:.0f} MB, a bot {memory['bot']:.0f} MB.",
        f"    turns a second of one app = {PLANNED} × 1000 ms / {app} ms = {each['app']:.1f}\n"
        f"    turns a second of one bot = {PLANNED} × 1000 ms / {bot} ms = {each['bot']:.1f}",
        _table(("turns a second", "people writing at once", "apps", "bots", "cores", "memory"), rows),
        "Apps and bots are the turns a second divided by that, rounded up, and two of each at the least.",
    ]) + "\n\n"  # fmt: skip


def _levels(rows: list[Json]) -> str:
    head = ("clients", "full answers/s", "p50 ms", "p95 ms", "p99 ms", "worst ms", "full", "degraded", "refused", "errors")
    body = [
        (
            row["clients"], row["per_second"], row["p50_ms"], row["p95_ms"], row["p99_ms"], row["worst_ms"],
            row["bot"] + row["search"], row["degraded"], row["refused"], row["error"],
            ", ".join(f"{part} {ms}" for part, ms in row["cpu_ms"].items()),
        )
        for row in rows
    ]  # fmt: skip
    return _table((*head, "CPU ms a request"), body)


def _turns(turns: Json) -> str:
    numbers = [number for number in next(iter(turns.values()))["ms"] if number in ("1", "2") or int(number) % 40 == 0]
    last = numbers and next(iter(turns.values()))["turns"]
    rows = [
        (name, *(each["ms"][number] for number in numbers), each["early_ms"], each["late_ms"], each["ratio"], each["by_bot"])
        for name, each in turns.items()
    ]
    head = ("", *(f"turn {number}" for number in numbers), "turns 2–6", f"turns {last - 4}–{last}", "ratio", "by a bot")
    return _table(head, rows)


def _table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    lines = ["| " + " | ".join(str(cell) for cell in line) + " |" for line in (head, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])
