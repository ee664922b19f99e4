"""The open evaluation: a page with every figure and every miss, and a table in the README that is never typed."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from api.figures import BEGIN, END, PAGE, as_page, cell, table, write_figures
from knowledge.evaluate import Share, report

ROOT = Path(__file__).parent.parent
DAY = dt.date(2026, 11, 20)


@pytest.fixture
def result() -> dict[str, Any]:
    """A report on nothing, with figures and misses put in."""
    empty = report([])
    figure = Share(0.886, 0.86, 0.91, 774)
    group = {key: figure if isinstance(value, Share) else value for key, value in empty["groups"]["all"].items()}
    misses = [
        {"id": "a-1", "text": "hjelp | nå <b>", "what": "urgency", "got": "none", "right": "acute", "rank": None},
        {"id": "a-2", "text": "hva er dette", "what": "service", "got": None, "right": "nav", "rank": 3},
    ]
    confusions = [{"right": "nav", "first": "udi", "times": 2}]
    return {"groups": {"all": group, "language nn": group}, "confusions": confusions, "misses": misses}


def test_a_share_has_its_interval_and_nothing_is_a_dash() -> None:
    """88.6 (86–91) means 88.6 per cent, and most likely between 86 and 91."""
    assert cell(Share(0.886, 0.86, 0.91, 774)) == "88.6 (86–91)"
    assert cell(Share(0.0, 0.0, 0.0, 0)) == "–"


def test_the_page_lists_every_miss_with_its_text_the_worst_first(result: dict[str, Any]) -> None:
    """Danger that was not seen stands before a service in the wrong place; a text cannot break the table."""
    page = as_page(result, 953, DAY)
    assert page.index("### Danger that was not seen (1)") < page.index("### Another service first (1)")
    assert "| a-1 | hjelp / nå ‹b> | acute | none |" in page
    assert "| a-2 | hva er dette | nav | none |" in page
    assert "Every known miss (2)" in page


def test_figures_name_day_machine_and_command(result: dict[str, Any], tmp_path: Path) -> None:
    """A figure that nobody can measure again is worth nothing."""
    [page] = write_figures(result, 953, tmp_path, DAY)
    assert page == tmp_path / PAGE
    text = page.read_text(encoding="utf-8")
    for words in ("2026-11-20", "cores", "`make evaluate-report`", "953 labelled questions"):
        assert words in text


def test_the_table_of_the_readme_is_written_and_the_rest_left_alone(result: dict[str, Any], tmp_path: Path) -> None:
    """Only what stands between the marks is changed, also the second time."""
    (tmp_path / "README.md").write_text(f"# A\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    for _ in range(2):
        assert len(write_figures(result, 953, tmp_path, DAY)) == 2
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert text.startswith(f"# A\n{BEGIN}\n")
    assert text.endswith(f"{END}\nafter\n")
    assert text.count(table(result)) == 1
    assert "old" not in text


def test_the_readme_and_the_page_have_the_same_table() -> None:
    """Both were written by one run."""
    row = re.compile(r"^\| (?:all|bokmål|nynorsk|English|professionals) \(\d+\).*$", re.M)
    tables = [row.findall((ROOT / name).read_text(encoding="utf-8")) for name in ("README.md", PAGE)]
    assert len(tables[0]) >= 5
    assert tables[0] == tables[1]
