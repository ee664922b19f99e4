"""Chooses the thresholds of an index on labelled questions: by a rule, not by hand.

acute: the highest threshold that sees the wanted share of acute questions (recall first), or as many as can be seen
without more than the allowed share of false alarms. scope: the highest threshold that keeps the wanted share of real
questions. high: where high-or-acute is told from calm with the best balanced accuracy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from knowledge.evaluate import Labelled
from knowledge.features import join
from knowledge.index import Index
from knowledge.thresholds import Thresholds
from knowledge.urgency import find_urgency

GRID = np.round(np.arange(0.02, 0.98, 0.01), 3)
WANTED_RECALL, ALLOWED_ALARMS, WANTED_KEPT = 0.98, 0.04, 0.985


def calibrate(index: Index, questions: Sequence[Labelled]) -> Thresholds:
    """Thresholds for this index. `questions` need acute, high, none, in and out among them (ValueError otherwise)."""
    texts = [q.text for q in questions]
    seen = join([index.features.make([text]) for text in texts])  # one by one, as people ask: a batch changes vectors a little
    levels = index.levels.probabilities(seen)
    by_rule = np.array([find_urgency(text).level == "acute" for text in texts])
    acute = np.array([q.urgency == "acute" for q in questions])
    calm = np.array([q.urgency == "none" for q in questions])
    real = np.array([q.scope == "in" for q in questions])
    if not (acute.any() and calm.any() and real.any() and (~real).any()):
        raise ValueError("questions of every urgency and scope are needed to choose thresholds")
    scopes = index.scopes.probabilities(seen)[:, 0]
    heard = levels[:, 0] * (scopes >= Thresholds().acute_scope)
    return replace(
        Thresholds(),
        acute=_acute(heard, by_rule, acute),
        high=_balanced(levels[:, 0] + levels[:, 1], ~calm),
        scope=_scope(scopes, real),
    )


def _acute(score: npt.NDArray[np.float64], by_rule: npt.NDArray[np.bool_], acute: npt.NDArray[np.bool_]) -> float:
    best, most = 0.5, 0.0
    for threshold in GRID[::-1]:
        said = by_rule | (score >= threshold)
        if said[~acute].mean() > ALLOWED_ALARMS:
            return best
        recall = float(said[acute].mean())
        if recall > most:
            best, most = float(threshold), recall
        if recall >= WANTED_RECALL:
            return best
    return best


def _scope(score: npt.NDArray[np.float64], real: npt.NDArray[np.bool_]) -> float:
    fitting = [float(t) for t in GRID if (score[real] >= t).mean() >= WANTED_KEPT]
    return max(fitting, default=float(GRID[0]))


def _balanced(score: npt.NDArray[np.float64], positive: npt.NDArray[np.bool_]) -> float:
    balance = [((score[positive] >= t).mean() + (score[~positive] < t).mean()) / 2 for t in GRID]
    return float(GRID[int(np.argmax(balance))])
