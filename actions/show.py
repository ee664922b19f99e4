"""Puts services on the screen: an acknowledgement that fits, the cards, and at most one question."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn
from knowledge.index import Index
from knowledge.questions import question_for
from knowledge.reasons import Ranked
from knowledge.text import fold

SHOWN = 3
#: When a fact comes after the need (16 years old, in Pakistan now), the words of the need count less against it.
FACTS_WEIGH = 0.6
#: What the natural next steps of a service count, the first most.
NEXT_STEP = 0.03
KEPT_CANDIDATES = 14
QUESTIONS_AT_MOST = 2


def show_services(
    index: Index, turn: Turn, base: dict[str, float], dispatcher: CollectingDispatcher, new: bool = False, noted: bool = False
) -> list[Any]:
    """The first services for a need, and a question when it helps. Gives the slot events.

    `new`: a need was just described, so it is acknowledged. `noted`: a fact was given, so the ranking may have changed.
    """
    if not base:
        dispatcher.utter_message(response="utter_tell_more")
        return []
    weighed = {id: p**FACTS_WEIGH for id, p in with_next_steps(index, base).items()} if noted else base
    ranked = index.rank(weighed, turn.profile, turn.urgency, without=frozenset(turn.listed("tried")))[:SHOWN]
    events = [keep_need(base)]
    if new and turn.urgency.level != "acute" and turn.profile.role != "professional":
        feeling = acknowledgement(turn)
        dispatcher.utter_message(response=feeling)
        events.append(SlotSet("feeling", feeling))
    if "suicidal-thoughts" in turn.urgency.rules and not turn.profile.abroad:
        dispatcher.utter_message(response="utter_urgent_suicide")
    if turn.slots.get("calm") == "alarm" and turn.urgency.level != "acute":  # nobody has said that the danger is over
        dispatcher.utter_message(response="utter_urgent_later_abroad" if turn.profile.abroad else "utter_urgent_later")
    same = [hit.id for hit in ranked] == turn.listed("shown")
    again = "utter_found_same" if same else "utter_found_updated"
    dispatcher.utter_message(response=again if noted else found_response(turn))
    events += show_ranked(ranked, turn, dispatcher)
    return events + _ask(index, turn, base, dispatcher)


def with_next_steps(index: Index, base: Mapping[str, float], of: Collection[str] = ()) -> dict[str, float]:
    """The need with the natural next steps of its two likeliest services, or of those in `of`: when these do not do."""
    steps = dict(base)
    for id in of or sorted(base, key=lambda id: -base[id])[:2]:
        for place, step in enumerate(index.library.services[id].related if id in index.library.services else ()):
            steps[step] = steps.get(step, 0.0) + NEXT_STEP / (place + 1)
    return steps


def show_ranked(ranked: Sequence[Ranked], turn: Turn, dispatcher: CollectingDispatcher) -> list[Any]:
    """Cards with the reasons of the ranking."""
    why = {hit.id: [w.in_language(turn.language) for w in dict.fromkeys(hit.why)] for hit in ranked}
    return _send([hit.id for hit in ranked], [round(hit.score, 4) for hit in ranked], why, turn, dispatcher)


def show_cards(ids: Sequence[str], turn: Turn, dispatcher: CollectingDispatcher) -> list[Any]:
    """Cards of given services, in this order."""
    return _send(list(ids), [1.0] * len(ids), {}, turn, dispatcher)


def keep_need(base: dict[str, float]) -> Any:
    """The need as ids with probabilities, for later turns; no text."""
    kept = sorted(base.items(), key=lambda item: -item[1])[:KEPT_CANDIDATES]
    return SlotSet("candidates", [[id, round(p, 5)] for id, p in kept])


def acknowledgement(turn: Turn) -> str:
    """Name of a short acknowledgement that fits what was said, another one than the last."""
    table = _feelings()
    folded = fold(turn.text)
    last = turn.slots.get("feeling")
    fitting = [name for name, pattern in table["fitting"] if pattern.search(folded)]
    neutral, turns = table["neutral"], int(turn.slots.get("turns") or 0)
    rotated = [neutral[(turns + step) % len(neutral)] for step in range(len(neutral))]
    return str(next(name for name in [*fitting, *rotated] if name != last))


def found_response(turn: Turn) -> str:
    """Name of the sentence before the services, by who asks."""
    if turn.profile.abroad:
        return "utter_found_abroad"
    by_role = {"professional": "utter_found_professional", "friend": "utter_found_friend", "parent": "utter_found_parent"}
    return by_role.get(turn.profile.role or "", "utter_found")


def _send(
    ids: list[str], scores: list[float], why: dict[str, list[str]], turn: Turn, dispatcher: CollectingDispatcher
) -> list[Any]:
    dispatcher.utter_message(json_message={"type": "services", "ids": ids, "scores": scores, "why": why})
    seen = sorted({*turn.listed("seen"), *ids})
    return [SlotSet("shown", ids), SlotSet("seen", seen), SlotSet("focus", None), SlotSet("talk", "service")]


def _ask(index: Index, turn: Turn, base: dict[str, float], dispatcher: CollectingDispatcher) -> list[Any]:
    """At most one question now, two in a conversation, never the same twice."""
    asked = turn.listed("asked")
    question = question_for(base, turn.profile, turn.urgency, index.library, asked) if len(asked) < QUESTIONS_AT_MOST else None
    if question is None:
        return [SlotSet("asking", None)]
    dispatcher.utter_message(response=f"utter_ask_{question.slot}")
    return [SlotSet("asked", [*asked, question.slot]), SlotSet("asking", question.slot)]


@lru_cache(maxsize=1)
def _feelings() -> dict[str, Any]:
    data = yaml.load(Path(__file__).with_name("feelings.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    fitting = [(name, re.compile(pattern)) for name, pattern in data["fitting"].items()]
    return {"fitting": fitting, "neutral": data["neutral"]}
