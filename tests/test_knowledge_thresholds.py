"""Thresholds stand beside the encoder they were measured for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge.thresholds import FILE, Thresholds, load_thresholds, save_thresholds


def test_an_encoder_never_measured_gets_the_defaults(tmp_path: Path) -> None:
    """A new model starts with careful numbers instead of another model's."""
    assert load_thresholds("new", tmp_path / "none.json") == Thresholds()
    save_thresholds("known", Thresholds(acute=0.7), tmp_path / "t.json")
    assert load_thresholds("new", tmp_path / "t.json") == Thresholds()


def test_what_is_saved_is_read_again_and_others_stay(tmp_path: Path) -> None:
    """Measuring one model does not lose another's numbers."""
    file = tmp_path / "t.json"
    save_thresholds("a", Thresholds(acute=0.61, scope=0.2), file)
    save_thresholds("b", Thresholds(acute=0.33), file)
    assert load_thresholds("a", file) == Thresholds(acute=0.61, scope=0.2)
    assert load_thresholds("b", file).acute == pytest.approx(0.33)


def test_a_threshold_nobody_knows_is_refused(tmp_path: Path) -> None:
    """A misspelt name would leave the default in force without a word."""
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"a": {"akute": 0.5}}), encoding="utf-8")
    with pytest.raises(TypeError, match="akute"):
        load_thresholds("a", file)


def test_the_committed_thresholds_are_probabilities() -> None:
    """Every number in use lies between nothing and certainty."""
    table = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    for name in [*table, "an encoder never measured"]:
        assert all(0 < value < 1 for value in vars(load_thresholds(name)).values()), name
