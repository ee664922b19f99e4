"""The bench's arithmetic, and that the pages say what was measured."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

from clients import Level, percentile  # noqa: E402
from report import SIZING_BEGINS, SIZING_ENDS, bars, markdown, sizing, with_sizing  # noqa: E402


def level(clients: int, **other: Any) -> dict[str, Any]:
    """One row of figures."""
    times = {"p50_ms": 10.0, "p95_ms": 20.0, "p99_ms": 30.0, "worst_ms": 40}
    counts = {"bot": 9, "search": 0, "degraded": 0, "refused": 0, "error": 0}
    return {"clients": clients, "per_second": 50.0, **times, **counts, "cpu_ms": {"app": 30.0, "bot": 20.0}, **other}


def figures() -> dict[str, Any]:
    """Figures of a run in which all went well."""
    ms = {"1": 40.0, "2": 30.0, "200": 33.0}
    turn = {"turns": 200, "early_ms": 30.0, "late_ms": 33.0, "ratio": 1.1, "by_bot": 1.0, "ms": ms}
    about = {"machine": "2 cores", "load_before": 0.1, "date": "2026-11-20", "command": "make bench", "python": "3.11"}
    return {
        "about": {**about, "rasa": "3.6.21", "seconds": 300},
        "levels": {name: [level(1), level(64)] for name in ("search", "chat", "plain bot")},
        "turns": {"guide": turn, "plain bot": turn},
        "start_seconds": {"guide": 20.0},
        "memory_mb": {"guide, after the load": {"app": 800.0, "bot": 700.0}},
    }


def test_a_percentile_is_the_time_that_so_many_do_not_exceed() -> None:
    """Of a hundred times the 95th percentile is one of the last five."""
    assert percentile([float(n) for n in range(100)], 0.95) == 95.0
    assert percentile([7.0], 0.99) == 7.0
    assert percentile([], 0.5) == 0.0


def test_the_worst_time_is_of_anything_that_anybody_waited_for() -> None:
    """Also of what was refused or failed; the answered ones are the full ones."""
    one = Level(4)
    for how, seconds in (("bot", 0.1), ("degraded", 1.4), ("refused", 0.7), ("bot", 0.05)):
        one.note(how, seconds)
    assert one.worst == 1.4
    assert one.answered() == [0.05, 0.1]


def test_all_bars_hold_when_all_went_well() -> None:
    """Five promises."""
    assert [bar.held for bar in bars(figures())] == [True] * 5


@pytest.mark.parametrize(
    ("name", "row", "change", "number"),
    [
        ("search", 0, {"p95_ms": 25.1}, 0),
        ("chat", 0, {"p95_ms": 150.1}, 1),
        ("chat", 1, {"error": 1}, 3),
        ("search", 1, {"worst_ms": 2001}, 4),
    ],
)
def test_a_bar_that_is_missed_is_said(name: str, row: int, change: dict[str, Any], number: int) -> None:
    """By itself and on the page."""
    made = figures()
    made["levels"][name][row] |= change
    assert [place for place, bar in enumerate(bars(made)) if not bar.held] == [number]
    assert markdown(made).count("| no |") == 1


def test_sizing_is_the_planned_share_of_a_core_for_each_turn() -> None:
    """At 60 %, 30 ms make 20 turns a second of an app, and 20 ms make 30 of a bot."""
    text = sizing(figures())
    assert "0.6 × 1000 ms / 30.0 ms = 20.0" in text
    assert "0.6 × 1000 ms / 20.0 ms = 30.0" in text
    assert "| 2000 | 40000 | 100 | 67 | 167 | 124 GB |" in text
    assert "| 5 | 100 | 2 | 2 | 4 | 3 GB |" in text


def test_new_figures_take_the_place_of_the_old() -> None:
    """And of nothing else."""
    page = f"before\n{SIZING_BEGINS}stale\n{SIZING_ENDS}\nafter"
    once = with_sizing(page, figures())
    assert "stale" not in once
    assert once.startswith("before\n")
    assert once.endswith("\nafter")
    assert with_sizing(once, figures()) == once


def test_the_pages_are_those_of_the_last_run() -> None:
    """load.md and the sizing come from load.json; nobody has edited one of them."""
    last = json.loads((ROOT / "benchmarks/load.json").read_text(encoding="utf-8"))
    assert (ROOT / "benchmarks/load.md").read_text(encoding="utf-8") == markdown(last)
    assert sizing(last) in (ROOT / "docs/scaling.md").read_text(encoding="utf-8")
