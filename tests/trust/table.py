"""What the suites have tried, for the one table at the end."""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Check:
    """One claim, tried so many times."""

    suite: str
    name: str
    trials: int = 0
    passed: int = 0
    worst_seconds: float | None = None
    wrong: list[str] = field(default_factory=list)

    def trial(self, problem: str | None = None, seconds: float | None = None) -> None:
        """Notes one trial; `problem` says what was wrong with it."""
        self.trials += 1
        self.passed += problem is None
        if problem is not None:
            self.wrong.append(problem)
        if seconds is not None:
            self.worst_seconds = max(self.worst_seconds or 0.0, seconds)

    def many(self, trials: int) -> None:
        """Notes trials that all passed, counted elsewhere."""
        self.trials += trials
        self.passed += trials


CHECKS: list[Check] = []


@contextmanager
def checking(suite: str, name: str) -> Iterator[Check]:
    """A check of the table. Raises AssertionError at the end when a trial of it did not pass, or there was none."""
    check = Check(suite, name)
    CHECKS.append(check)
    try:
        yield check
    except BaseException as error:
        check.trial(f"stopped by {type(error).__name__}")
        raise
    assert not check.wrong, f"{len(check.wrong)} of {check.trials} trials: " + "; ".join(check.wrong[:8])
    assert check.trials, "nothing was tried"


def as_markdown() -> str:
    """The table."""
    rows = ["| suite | check | trials | passed | worst time |", "|---|---|---|---|---|"]
    for c in CHECKS:
        worst = "–" if c.worst_seconds is None else f"{c.worst_seconds:.2f} s"
        rows.append(f"| {c.suite} | {c.name} | {c.trials} | {c.passed} | {worst} |")
    trials, passed = sum(c.trials for c in CHECKS), sum(c.passed for c in CHECKS)
    worst_of_all = max((c.worst_seconds for c in CHECKS if c.worst_seconds is not None), default=0.0)
    return "\n".join([*rows, f"| **all** | | **{trials}** | **{passed}** | {worst_of_all:.2f} s |"])


def machine() -> str:
    """Where and when."""
    here = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{here}, load {os.getloadavg()[1]:.1f}, {dt.datetime.now(dt.UTC).date()}"
