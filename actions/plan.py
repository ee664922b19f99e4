"""Questions about the action plans: counts, ministries, one measure by number or by meaning."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import written_answer
from actions.patterns import patterns
from actions.turn import Turn
from knowledge.facts import Text
from knowledge.index import Index, SearchResult
from knowledge.models import Measure
from knowledge.text import fold
from knowledge.wording import load_words

OLD, NEW = "2021-2024", "2025-2028"
PLAN_TOPIC = "tema-handlingsplanen"
#: 'And for nursing schools?', in a talk about measures, means the measure that is this likely for the words.
LIKELY_MEASURE = 0.3


def answer_about_plan(index: Index, turn: Turn, dispatcher: CollectingDispatcher) -> list[Any] | None:
    """Counts over a plan, a ministry's share, or a numbered measure; None when the message asks none of these."""
    folded, table = fold(turn.text), patterns()["plan"]
    in_plan = turn.slots.get("talk") in ("measure", "plan", "plan-new")
    new = bool(table["new"].search(folded)) or (turn.slots.get("talk") == "plan-new" and not table["old"].search(folded))
    numbered = table["numbered"].search(folded)
    if numbered and (in_plan or "tiltak" in folded or "measure" in folded):
        return _numbered(index, turn, numbered.group(1), numbered.group(2), NEW if new else OLD, dispatcher)
    if table["which"].search(folded) and (measure := _measure_in_talk(index, turn)):
        return show_measures(index, [measure], dispatcher)
    ministry = _ministry_named(folded)
    if ministry and (table["counts"].search(folded) or turn.slots.get("talk") == "plan"):
        return _of_ministry(index, ministry, turn, dispatcher)
    if table["counts"].search(folded) or (in_plan and table["counts_again"].search(folded)):
        if not new:
            return _counts(index, dispatcher)
        return written_answer(index, turn, dispatcher) or show_plan(turn, dispatcher, new=True)
    if in_plan and table["and_that"].search(folded) and (likely := index.likely_measure(turn.text, LIKELY_MEASURE)):
        return show_measures(index, [likely], dispatcher)
    return show_plan(turn, dispatcher, new=True) if in_plan and table["new"].search(folded) else None


def _measure_in_talk(index: Index, turn: Turn) -> str | None:
    """The measure in talk; else the first that concerns the service in talk."""
    if turn.slots.get("measure") in index.library.measures:
        return str(turn.slots["measure"])
    service = turn.focus(index)
    return next((m.id for m in index.library.measures.values() if m.plan == OLD and service in m.services), None)


def show_plan(turn: Turn, dispatcher: CollectingDispatcher, new: bool) -> list[Any]:
    """The article about the plans."""
    dispatcher.utter_message(json_message={"type": "topic", "id": PLAN_TOPIC})
    return [SlotSet("topic", PLAN_TOPIC), SlotSet("talk", "plan-new" if new else "plan")]


def tell_measure(index: Index, turn: Turn, result: SearchResult, dispatcher: CollectingDispatcher) -> list[Any]:
    """The best measure; both parts when the number names two."""
    best = [m.id for m in result.measures if m.score >= 0.99] or [result.measures[0].id]
    return show_measures(index, best[:2], dispatcher)


def show_measures(index: Index, ids: list[str], dispatcher: CollectingDispatcher) -> list[Any]:
    """Cards of measures; the last is the one in talk."""
    for id in ids:
        dispatcher.utter_message(json_message={"type": "measure", "id": id})
    return [SlotSet("measure", ids[-1]), SlotSet("talk", "measure")]


def _numbered(
    index: Index, turn: Turn, number: str, part: str | None, plan: str, dispatcher: CollectingDispatcher
) -> list[Any]:
    wanted = {f"{number}{part}"} if part else {number, f"{number}a", f"{number}b"}
    ids = [m.id for m in index.library.measures.values() if m.plan == plan and m.number in wanted]
    if ids:
        return show_measures(index, sorted(ids), dispatcher)
    dispatcher.utter_message(response="utter_measure_unread" if plan == NEW else "utter_measure_unknown")
    return []


def _counts(index: Index, dispatcher: CollectingDispatcher) -> list[Any]:
    """The plan's own table counts 9 and 10 as one measure each: finished when every part is."""
    parts = _by_number(index)
    finished = sorted((n for n, ms in parts.items() if all(m.status == "completed" for m in ms)), key=int)
    dispatcher.utter_message(
        response="utter_plan_counts", total=len(parts), completed=len(finished), ongoing=len(parts) - len(finished),
        numbers=", ".join(finished), as_of=_as_of(index),
    )  # fmt: skip
    return [SlotSet("topic", PLAN_TOPIC), SlotSet("talk", "plan")]


def _of_ministry(index: Index, ministry: str, turn: Turn, dispatcher: CollectingDispatcher) -> list[Any]:
    numbers = [n for n, ms in _by_number(index).items() if any(ministry in m.responsible for m in ms)]
    name = Text(**load_words()["ministries"][ministry]).in_language(turn.language)
    dispatcher.utter_message(
        response="utter_plan_ministry", ministry=name, count=len(numbers), numbers=", ".join(sorted(numbers, key=int)),
        as_of=_as_of(index),
    )  # fmt: skip
    return [SlotSet("topic", PLAN_TOPIC), SlotSet("talk", "plan")]


def _by_number(index: Index) -> dict[str, list[Measure]]:
    parts: dict[str, list[Measure]] = {}
    for measure in index.library.measures.values():
        if measure.plan == OLD:
            parts.setdefault(measure.number.rstrip("ab"), []).append(measure)
    return parts


def _as_of(index: Index) -> str:
    dates = [m.status_date.isoformat() for m in index.library.measures.values() if m.plan == OLD and m.status_date]
    return max(dates, default="")


def _ministry_named(folded: str) -> str | None:
    """AID, BFD … by abbreviation or by name in any language."""
    for code, names in load_words()["ministries"].items():
        known = [fold(name).split(" (")[0].removeprefix("the ") for name in names.values()]
        if re.search(rf"\b{code.lower()}\b", folded) or any(name in folded for name in known):
            return str(code)
    return None
