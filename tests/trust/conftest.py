"""Prints the one table when the suites are done, and writes it to docs/trust.md when asked to."""

from __future__ import annotations

from pathlib import Path

import pytest
from trust import table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "trust.md"
BEGINS, ENDS = "<!-- table begins -->\n", "<!-- table ends -->\n"


def pytest_addoption(parser: pytest.Parser) -> None:
    """--write-table puts the table into docs/trust.md."""
    parser.addoption("--write-table", action="store_true", help="write the table into docs/trust.md")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The table."""
    if not table.CHECKS:
        return
    terminalreporter.write_line(f"\n{table.machine()}\n{table.as_markdown()}")
    for check in table.CHECKS:
        for problem in check.wrong[:5]:
            terminalreporter.write_line(f"  not passed: {check.suite}, {check.name}: {problem}")
    if config.getoption("--write-table"):
        page = PAGE.read_text(encoding="utf-8")
        before, _, rest = page.partition(BEGINS)
        after = rest.partition(ENDS)[2]
        measured = f"Measured with `make trust` on {table.machine()}.\n\n{table.as_markdown()}\n"
        PAGE.write_text(f"{before}{BEGINS}{measured}{ENDS}{after}", encoding="utf-8")
