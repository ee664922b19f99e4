"""Drafts: services that a person has not finished. They are looked through with the rest, and shown to nobody.

A draft may lack needed keys. It becomes a service when everything needed is there, assured_date too, and its status is
another; a draft that lacks nothing is a service with the status draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

_NOT_WRITTEN = frozenset({"missing", "too_short"})


@dataclass(frozen=True)
class Draft:
    """A file that is not finished, and the keys that must be written before it can be shown."""

    id: str
    missing: tuple[str, ...]

    def __str__(self) -> str:
        return f"services/{self.id}.yml is a draft that nobody is shown. It lacks: {', '.join(self.missing)}."


def missing_in(data: Mapping[str, Any], error: ValidationError) -> tuple[str, ...] | None:
    """The keys a draft lacks; None when it is no draft, or something else is wrong with it."""
    problems = error.errors()
    if data.get("status") != "draft" or any(problem["type"] not in _NOT_WRITTEN for problem in problems):
        return None
    return tuple(".".join(str(part) for part in problem["loc"]) for problem in problems)
