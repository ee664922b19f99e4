#!/usr/bin/env python3
"""Measures the guide under load, beside a plain Rasa bot of the same version. Writes load.md, load.json, docs/scaling.md.

    make bench                          about five minutes
    python benchmarks/bench.py --quick  about ninety seconds; prints, and writes nothing

Everything runs on loopback of this machine and ends with it. The figures mean something on a machine that has nothing
else to do; the share of the processor (`CPU`) is steady also on a busy one.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clients import Ask, Level, chatting, chatting_plainly, one_long_talk, percentile, press, searching
from processes import ROOT, BenchError, Started, learn_index, machine, rasa_version, running_guide, running_plain_bot
from report import bars, markdown, with_sizing

CLIENTS = (1, 4, 16, 64)
HERE = Path(__file__).parent
#: Turns whose middle is compared: the first five after the opening one, and the last five (each asks the same five things).
WINDOW = 5


@dataclass(frozen=True)
class Plan:
    """How long to measure: seconds a level, turns of the long talks, and how many of them."""

    seconds: float
    turns: int
    talks: int


@dataclass
class Figures:
    """Everything that was measured; goes into load.json as it is."""

    about: dict[str, Any]
    levels: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    turns: dict[str, dict[str, Any]] = field(default_factory=dict)
    start_seconds: dict[str, float] = field(default_factory=dict)
    memory_mb: dict[str, dict[str, float]] = field(default_factory=dict)


def main() -> int:
    """Measures, prints, writes. 1 when a part could not be started."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a short look: fewer seconds, nothing written")
    quick = parser.parse_args().quick
    plan = Plan(3, 60, 1) if quick else Plan(12, 200, 3)
    figures = Figures(_about("python benchmarks/bench.py --quick" if quick else "make bench"))
    try:
        with tempfile.TemporaryDirectory(prefix="veiviser-bench-") as folder:
            measure(figures, plan, Path(folder))
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    figures.about["seconds"] = round(time.time() - figures.about.pop("began"))
    text = markdown(vars(figures))
    print(text)
    if not quick:
        (HERE / "load.md").write_text(text, encoding="utf-8")
        scaling = ROOT / "docs/scaling.md"
        scaling.write_text(with_sizing(scaling.read_text(encoding="utf-8"), vars(figures)), encoding="utf-8")
        (HERE / "load.json").write_text(json.dumps(vars(figures), indent=1) + "\n", encoding="utf-8")
    missed = [bar.what for bar in bars(vars(figures)) if not bar.held]
    print(f"Bars missed: {'; '.join(missed) or 'none'}.")
    return 0


def measure(figures: Figures, plan: Plan, folder: Path) -> None:
    """All figures, one system after the other. Raises BenchError."""
    texts = _texts()
    say("learning the index, if it is not on disk")
    learn_index(folder)
    say("starting the guide")
    with running_guide(folder) as guide:
        figures.start_seconds["guide"] = guide.seconds
        asyncio.run(press(guide.url, 2, 2, chatting(texts)))  # what is read in at the first use
        figures.memory_mb["guide, ready"] = guide.memory_mb()
        figures.turns["guide"] = _turns(guide, plan, texts)
        figures.levels["search"] = _levels("search", guide, plan, searching(texts))
        figures.levels["chat"] = _levels("chat", guide, plan, chatting(texts))
        figures.memory_mb["guide, after the load"] = guide.memory_mb()
    say("starting a plain bot (training it first, if that was not done before)")
    with running_plain_bot(folder, ROOT / ".cache/bench") as plain:
        figures.start_seconds["plain bot"] = plain.seconds
        figures.memory_mb["plain bot, ready"] = plain.memory_mb()
        figures.turns["plain bot"] = _turns(plain, plan, [])
        figures.levels["plain bot"] = _levels("plain bot", plain, plan, chatting_plainly("load"))
        figures.memory_mb["plain bot, after the load"] = plain.memory_mb()


def _levels(name: str, system: Started, plan: Plan, make: Callable[[int], Ask]) -> list[dict[str, Any]]:
    return [_level(name, system, clients, plan.seconds, make) for clients in CLIENTS]


def _level(name: str, system: Started, clients: int, seconds: float, make: Callable[[int], Ask]) -> dict[str, Any]:
    say(f"{name}: {clients} clients")
    before = system.cpu_seconds()
    level = asyncio.run(press(system.url, clients, seconds, make))
    used = {part: after - before[part] for part, after in system.cpu_seconds().items()}
    return _row(level, used)


def _row(level: Level, used: dict[str, float]) -> dict[str, Any]:
    times, requests = level.answered(), max(1, sum(level.counts.values()))
    return {
        "clients": level.clients,
        "per_second": round(len(times) / level.seconds, 1),
        **{f"p{share}_ms": round(percentile(times, share / 100) * 1000, 1) for share in (50, 95, 99)},
        "worst_ms": round(level.worst * 1000),
        **{how: level.counts[how] for how in ("bot", "search", "degraded", "refused", "error")},
        "cpu_ms": {part: round(seconds * 1000 / requests, 1) for part, seconds in used.items()},
    }


def _turns(system: Started, plan: Plan, texts: list[str]) -> dict[str, Any]:
    """Middle time by number of the turn over some long talks, and the share of turns that a bot answered."""
    say(f"{plan.talks} talks of {plan.turns} turns")
    needs = texts[: plan.talks] or [None] * plan.talks
    talks = [asyncio.run(one_long_talk(system.url, plan.turns, need)) for need in needs]
    middle = [statistics.median(talk[turn][0] for talk in talks) * 1000 for turn in range(plan.turns)]
    early = statistics.median(middle[1 : 1 + WINDOW])
    late = statistics.median(middle[-WINDOW:])
    return {
        "turns": plan.turns,
        "early_ms": round(early, 1),
        "late_ms": round(late, 1),
        "ratio": round(late / early, 2),
        "by_bot": round(sum(how == "bot" for talk in talks for _, how in talk) / (plan.talks * plan.turns), 3),
        "ms": {str(turn + 1): round(middle[turn], 1) for turn in range(plan.turns) if turn < 2 or (turn + 1) % 10 == 0},
    }


def _about(command: str) -> dict[str, Any]:
    return {
        "machine": machine(),
        "load_before": round(os.getloadavg()[0], 2),
        "date": dt.date.today().isoformat(),
        "command": command,
        "python": sys.version.split()[0],
        "rasa": rasa_version(),
        "began": time.time(),
    }


def _texts() -> list[str]:
    """Every ninth of the project's labelled questions: each kind of person and language is among them."""
    files = sorted((ROOT / "tests/questions").glob("*.jsonl"))
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [json.loads(line)["text"] for line in lines][::9]


def say(what: str) -> None:
    """Progress for the person at the terminal."""
    print(f"bench: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
