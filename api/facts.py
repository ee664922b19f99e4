"""What an editor must look at, as rows for JSON and as a table for a terminal. `/redaksjon` shows the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from knowledge.freshness import Freshness, Judged, all_facts, judge, problems_of
from knowledge.library import Library

Json = dict[str, Any]
#: Days ahead that an editor is told of.
SOON_DAYS = 30
WIDTHS = (22, 44, 12, 38)


def overview(library: Library, on: dt.date | None = None) -> Json:
    """How many facts there are, and how many need an editor now or soon."""
    judged = [judge(fact, library.freshness, on) for fact in all_facts(library)]
    return {
        "date": (on or library.freshness.clock()).isoformat(),
        "facts": len(judged),
        "with_problems": sum(bool(one.problems) for one in judged),
        "expire_soon": sum(-SOON_DAYS <= one.days_over <= 0 and one.fact.conflict is None for one in judged),
        "days": {"contact": library.freshness.contact_days, "law": library.freshness.law_days,
                 "description": library.freshness.description_days},
    }  # fmt: skip


def row(judged: Judged, fresh: Freshness) -> Json:
    """A fact with all that stands behind it."""
    fact = judged.fact
    conflict = fact.conflict.model_dump() if fact.conflict else None
    return {
        "file": fact.file,
        "field": fact.field,
        "kind": fact.kind,
        "value": fact.value,
        "problems": list(judged.problems),
        "assured_date": fact.assured_date.isoformat(),
        "assured_by": fact.assured_by,
        "expires": (fact.assured_date + dt.timedelta(days=fresh.days(fact.kind))).isoformat(),
        "emergency": fact.emergency,
        "sources": [{"title": s.title, "url": s.url, "seen": s.seen} for s in fact.sources],
        "conflict": conflict,
    }


def as_json(library: Library, judged: Sequence[Judged], on: dt.date | None = None) -> Json:
    """The overview and the rows."""
    return {**overview(library, on), "rows": [row(one, library.freshness) for one in judged]}


def as_table(library: Library, judged: Sequence[Judged], on: dt.date | None = None) -> str:
    """The rows under each other, the worst first, with a summary below."""
    lines = [_line("problem", "where", "assured", "value")]
    for one in judged:
        fact = one.fact
        emergency = "EMERGENCY " if fact.emergency and "expired" in one.problems else ""
        lines.append(_line(
            emergency + ", ".join(one.problems), f"{fact.id}: {fact.field}", fact.assured_date.isoformat(), _value(one),
        ))  # fmt: skip
    total = overview(library, on)
    lines.append(
        f"{len(judged)} of {total['facts']} facts listed on {total['date']}; "
        f"{total['expire_soon']} expire within {SOON_DAYS} days."
    )
    return "\n".join(lines)


def chosen(library: Library, stale: bool = False, on: dt.date | None = None) -> list[Judged]:
    """What needs an editor, the worst first; `stale`: only what has expired."""
    return [one for one in problems_of(library, on) if not stale or "expired" in one.problems]


def expired_emergencies(library: Library, on: dt.date | None = None) -> list[str]:
    """A sentence for each emergency contact that nobody has checked in time."""
    return [
        f"{one.fact.file}, {one.fact.field}: The emergency contact must have been checked within "
        f"{library.freshness.contact_days} days. Found {one.fact.value}, checked {one.fact.assured_date.isoformat()}. "
        "Check it against its sources and set assured_date."
        for one in problems_of(library, on) if one.fact.emergency and "expired" in one.problems
    ]  # fmt: skip


def _value(judged: Judged) -> str:
    conflict = judged.fact.conflict
    if conflict:
        return f"{conflict.field}: " + " | ".join(claim.value for claim in conflict.values)
    return judged.fact.value


def _line(*cells: str) -> str:
    cut = [cell if len(cell) <= width else cell[: width - 1] + "…" for cell, width in zip(cells, WIDTHS, strict=True)]
    return "  ".join(cell.ljust(width) for cell, width in zip(cut, WIDTHS, strict=True)).rstrip()
