"""The regression gate: own questions are answered as well as at the last release, within the noise."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.evaluate import Share, answer, figures, load_questions
from knowledge.index import Index

QUESTIONS = Path(__file__).parent / "questions"
#: Figures of the last release (benchmarks/questions.md), less the noise of resampling.
LEAST = {"first": 0.86, "first three": 0.955, "acute seen": 0.92, "in scope kept": 0.97, "out of scope declined": 0.83}
MOST = {"false alarms": 0.045}


@pytest.fixture(scope="module")
def measured(index: Index) -> dict[str, Share | float]:
    """Figures over all own questions, the text alone."""
    return figures(answer(index, load_questions([QUESTIONS])))


@pytest.mark.parametrize("name", LEAST)
def test_own_questions_are_answered_as_well_as_at_the_last_release(measured: dict[str, Share], name: str) -> None:
    """A change that makes the guide find less, see less danger or lose real questions does not get through."""
    assert measured[name].value >= LEAST[name]


@pytest.mark.parametrize("name", MOST)
def test_no_more_false_alarms_than_at_the_last_release(measured: dict[str, Share], name: str) -> None:
    """A change that cries wolf does not get through either."""
    assert measured[name].value <= MOST[name]
