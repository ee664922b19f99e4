"""Explains topics, and answers about the measures of the action plans and their figures."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn
from knowledge.index import Index, SearchResult
from knowledge.text import fold

_COUNTS = re.compile(
    r"\b(?:hvor mange|kor mange|ka mange|antall|how many)\b.{0,40}\b(?:tiltak|ferdig\w*|fullfør\w*|pågå\w*|pågåande|measures?|completed|finished|ongoing|done)\b"
    r"|\bstatus (?:på|for) (?:hele )?(?:handlings)?plan\w*|\bhvilke tiltak er (?:ferdig|pågå)\w*|\bwhich measures are (?:done|completed|finished|ongoing)"
)
_FINISHED = re.compile(r"ferdig|fullfør|avslutt|completed|finished|done")
_NEW_PLAN = re.compile(r"2025|2028|sjef i eget liv|ny(?:e)? (?:handlings)?plan|new (?:action )?plan|in charge of")
TOPICS_SURE_ENOUGH = 0.2


class ActionExplainTopic(Action):  # type: ignore[misc]
    """Shows the article that answers, with law and source."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_explain_topic"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """The best topic for the text; 'is this normal?' and homework get a sentence of their own first."""
        turn = Turn.from_tracker(tracker)
        if not turn.text:
            topic = turn.entities.get("topic")
            return show_topic(str(topic), turn, dispatcher) if topic in self._index.library.topics else []
        result = self._index.search(turn.text, turn.profile, turn.language, limit=10)
        if result.kind == "measure" and result.measures:
            return tell_measure(self._index, turn, result, dispatcher)
        if turn.intent == "ask_is_this_normal":
            dispatcher.utter_message(response="utter_is_this_normal")
        elif turn.intent == "ask_homework":
            dispatcher.utter_message(response="utter_homework")
        if not result.topics or (result.scope == "out" and turn.intent == "ask_topic"):
            dispatcher.utter_message(response="utter_topic_unknown")
            return _helplines(self._index, turn, dispatcher)
        return tell_topic(self._index, turn, result, dispatcher)


class ActionTellMeasure(Action):  # type: ignore[misc]
    """Status, responsible ministry, content and figures of a measure; counts over the plan."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_tell_measure"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """By number or by meaning; a question about the whole plan gets the counts and the article."""
        turn = Turn.from_tracker(tracker)
        folded = fold(turn.text)
        if _COUNTS.search(folded):
            return self._counts(turn, folded, dispatcher)
        result = self._index.search(turn.text, turn.profile, turn.language, limit=10)
        if result.measures:
            return tell_measure(self._index, turn, result, dispatcher)
        if turn.slots.get("measure") in self._index.library.measures and len(turn.text.split()) <= 8:
            return _show_measure(str(turn.slots["measure"]), turn, dispatcher)
        if _NEW_PLAN.search(folded) or turn.intent == "ask_plan":
            return show_topic("tema-handlingsplanen", turn, dispatcher)
        dispatcher.utter_message(response="utter_measure_unknown")
        return []

    def _counts(self, turn: Turn, folded: str, dispatcher: CollectingDispatcher) -> list[Any]:
        plan = "2025-2028" if _NEW_PLAN.search(folded) else "2021-2024"
        measures = [m for m in self._index.library.measures.values() if m.plan == plan]
        if plan == "2025-2028":
            return show_topic("tema-handlingsplanen", turn, dispatcher)
        # The plan's own table counts 9 and 10 as one measure each: finished when every part is.
        parts: dict[str, list[str]] = {}
        for m in measures:
            parts.setdefault(m.number.rstrip("ab"), []).append(m.status)
        status = Counter("completed" if all(s == "completed" for s in states) else "ongoing" for states in parts.values())
        finished = sorted((n for n, states in parts.items() if all(s == "completed" for s in states)), key=int)
        dates = {m.status_date.isoformat() for m in measures if m.status_date}
        dispatcher.utter_message(
            response="utter_plan_counts", total=len(parts), completed=status["completed"], ongoing=status["ongoing"],
            numbers=", ".join(finished), as_of=max(dates, default=""),
        )  # fmt: skip
        return [SlotSet("topic", "tema-handlingsplanen")]


def tell_topic(index: Index, turn: Turn, result: SearchResult, dispatcher: CollectingDispatcher) -> list[Any]:
    """The best topic of a search."""
    dispatcher.utter_message(response="utter_topic_found")
    return show_topic(result.topics[0].id, turn, dispatcher, index)


def show_topic(id: str, turn: Turn, dispatcher: CollectingDispatcher, index: Index | None = None) -> list[Any]:
    """The topic's card; its services are what 'they' means in the next question."""
    dispatcher.utter_message(json_message={"type": "topic", "id": id})
    events = [SlotSet("topic", id)]
    if index and not turn.listed("shown"):
        services = list(index.library.topics[id].services[:3])
        events += [SlotSet("shown", services), SlotSet("candidates", [[s, 1 / (n + 2)] for n, s in enumerate(services)])]
    return events


def tell_measure(index: Index, turn: Turn, result: SearchResult, dispatcher: CollectingDispatcher) -> list[Any]:
    """The best measure; both parts when the number names two."""
    best = [m.id for m in result.measures if m.score >= 0.99] or [result.measures[0].id]
    events: list[Any] = []
    for id in best[:2]:
        events = _show_measure(id, turn, dispatcher)
    return events


def _helplines(index: Index, turn: Turn, dispatcher: CollectingDispatcher) -> list[Any]:
    """People one can ask when the guide does not know."""
    ids = [id for id in ("rode-kors-telefonen", "ung-no") if id in index.library.services]
    dispatcher.utter_message(json_message={"type": "services", "ids": ids, "why": {}, "scores": [1.0] * len(ids)})
    return [SlotSet("shown", ids)]


def _show_measure(id: str, turn: Turn, dispatcher: CollectingDispatcher) -> list[Any]:
    dispatcher.utter_message(json_message={"type": "measure", "id": id})
    return [SlotSet("measure", id)]
