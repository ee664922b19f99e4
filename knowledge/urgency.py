"""Is someone in danger now? Deterministic and explainable; needs no model to say yes.

The rules stand in danger.yml. A trained classifier may raise the level further (see index.py), never lower it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml

from knowledge.facts import Text
from knowledge.text import fold

Level = Literal["acute", "high", "none"]
_ORDER: dict[Level, int] = {"none": 0, "high": 1, "acute": 2}
RULES = Path(__file__).with_name("danger.yml")
_GROUP = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Urgency:
    """The level, and what triggered it (ids of rules, and their sentences)."""

    level: Level = "none"
    rules: tuple[str, ...] = ()
    because: tuple[Text, ...] = ()

    def raised_to(self, level: Level, rule: str, because: Text) -> Urgency:
        """The same, at least at `level`; a rule or classifier can only raise."""
        if _ORDER[level] <= _ORDER[self.level]:
            return self
        return Urgency(level, (*self.rules, rule), (*self.because, because))


@dataclass(frozen=True)
class Rule:
    """One rule of danger.yml with its patterns compiled."""

    id: str
    level: Level
    needs: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]
    because: Text

    def fires(self, folded: str) -> bool:
        """Does it hold for a folded text?"""
        return all(p.search(folded) for p in self.needs) and not any(p.search(folded) for p in self.unless)


@lru_cache(maxsize=1)
def load_rules(path: Path = RULES) -> tuple[Rule, ...]:
    """The rules of danger.yml. Raises re.error, KeyError or yaml.YAMLError when the file is wrong."""
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506

    def compiled(patterns: Sequence[str]) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(rf"(?<!\w)(?:{_with_groups(p, data['groups'])})") for p in patterns)

    return tuple(
        Rule(row["id"], row["level"], compiled(row["all"]), compiled(row.get("unless", [])), Text(**row["because"]))
        for row in data["rules"]
    )


def find_urgency(text: str) -> Urgency:
    """How urgent a text is by the rules alone. Never raises for any text."""
    folded = fold(text)
    fired = [rule for rule in load_rules() if rule.fires(folded)]
    if not fired:
        return Urgency()
    level = max((rule.level for rule in fired), key=_ORDER.__getitem__)
    top = [rule for rule in fired if rule.level == level]
    return Urgency(level, tuple(rule.id for rule in top), tuple(dict.fromkeys(rule.because for rule in top)))


def _with_groups(pattern: str, groups: dict[str, str]) -> str:
    """The pattern with each {name} replaced by its group, also inside groups. Raises KeyError when there is no such group."""
    return _GROUP.sub(lambda name: _with_groups(groups[name.group(1)], groups), pattern)
