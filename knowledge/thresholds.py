"""Thresholds, which stand beside the encoder they were measured for (thresholds.json)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = Path(__file__).with_name("thresholds.json")


@dataclass(frozen=True)
class Thresholds:
    """Probabilities from which something counts. `calibrate` chooses acute, high and scope; the rest are for show.

    `acute_scope` is how far a text must be in the field for the classifier, not a rule, to see danger in it: a sore throat
    sounds acute too. Of the own acute questions that no rule sees, none is below .25 (2026-11-20).
    """

    acute: float = 0.5
    high: float = 0.5
    acute_scope: float = 0.2
    scope: float = 0.35
    topic: float = 0.05
    measure: float = 0.05
    measure_kind: float = 0.3


def load_thresholds(encoder: str, path: Path = FILE) -> Thresholds:
    """The thresholds measured for this encoder; the defaults when it was never measured."""
    table = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return Thresholds(**table.get(encoder, {}))


def save_thresholds(encoder: str, thresholds: Thresholds, path: Path = FILE) -> None:
    """Write them beside those of other encoders."""
    table = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    table[encoder] = {key: round(value, 4) for key, value in asdict(thresholds).items()}
    path.write_text(json.dumps(table, indent=2, sort_keys=True) + "\n", encoding="utf-8")
