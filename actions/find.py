"""From a need in the person's own words to services, with at most one question."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.explain import tell_measure, tell_topic
from actions.tell import is_about_shown, tell
from actions.turn import Turn
from knowledge.index import Index, SearchResult
from knowledge.questions import Question, load_question, question_for
from knowledge.reasons import Ranked
from knowledge.text import fold, words

SHOWN = 3
KEPT_CANDIDATES = 14
QUESTIONS_AT_MOST = 2
#: With a need already described, a message of fewer words than this adds to it instead of replacing it.
WORDS_OF_A_NEW_NEED = 5


_TRIED = re.compile(
    r"hjalp ikke|hjalp ikkje|hjelp itj|hjalp itj|prøvd|prøvde|ringt (?:dem|dei|dit)|har snakket med|har snakka med|ikke noe for meg"
    r"|tried|called them|didn.?t help|did not help|not helpful|no help"
)


def says_tried(text: str) -> bool:
    """Does the person say that what was shown was tried, or did not help?"""
    return bool(_TRIED.search(fold(text)))


class ActionFindServices(Action):  # type: ignore[misc]
    """Shows the services that fit, says why, and asks one question when its answer would change the first."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_find_services"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Finds, shows, asks."""
        turn = Turn.from_tracker(tracker)
        if not turn.text:
            return show_services(self._index, turn, turn.base, dispatcher)
        part = is_about_shown(turn, self._index) if turn.urgency.level != "acute" else None
        if part:
            return tell(self._index, turn, part, dispatcher)
        result = self._index.search(turn.text, turn.profile, turn.language, limit=10)
        if result.scope == "out" and turn.urgency.level == "none":
            return _decline(turn, dispatcher)
        if result.scope == "near":
            return _general_helper(result, turn, dispatcher)
        if result.kind == "measure" and result.measures:
            return tell_measure(self._index, turn, result, dispatcher)
        if result.kind == "topic" and result.topics and turn.intent in ("nlu_fallback", "ask_topic", "ask_is_this_normal"):
            return tell_topic(self._index, turn, result, dispatcher)
        return show_services(self._index, turn, self._need(turn, result), dispatcher, new=True)

    @staticmethod
    def _need(turn: Turn, result: SearchResult) -> dict[str, float]:
        """The need: this message's, joined with what was said before when the message is short."""
        before = turn.base
        if not before or len(words(turn.text)) >= WORDS_OF_A_NEW_NEED:
            return dict(result.base)
        return {id: (p + before.get(id, 0.0)) / 2 for id, p in result.base.items()}


class ActionTakeAnswer(Action):  # type: ignore[misc]
    """A fact or an answer to a question: rank the same need again with it."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_take_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Shows the services anew when there is a need; else asks what it is about."""
        turn = Turn.from_tracker(tracker)
        if not turn.base:
            if turn.text and len(words(turn.text)) >= WORDS_OF_A_NEW_NEED:
                return await ActionFindServices(self._index).run(dispatcher, tracker, domain)
            dispatcher.utter_message(response="utter_tell_more")
            return [SlotSet("asking", None)]
        return show_services(self._index, turn, turn.base, dispatcher, noted=True)


class ActionOtherServices(Action):  # type: ignore[misc]
    """Other services than those already shown or tried."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_other_services"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Shows the next ones; what was shown counts as tried or seen and does not come again."""
        turn = Turn.from_tracker(tracker)
        if not turn.base:
            if len(words(turn.text)) >= WORDS_OF_A_NEW_NEED:
                return await ActionFindServices(self._index).run(dispatcher, tracker, domain)
            dispatcher.utter_message(response="utter_tell_more")
            return []
        tried = sorted({*turn.listed("tried"), *(turn.listed("shown") if says_tried(turn.text) else [])})
        without = {*turn.listed("seen"), *turn.listed("shown"), *tried}
        ranked = self._index.rank(turn.base, turn.profile, turn.urgency, without=frozenset(without))[:SHOWN]
        if not ranked:
            dispatcher.utter_message(response="utter_no_more_others")
            return []
        dispatcher.utter_message(response="utter_others_after_trying" if says_tried(turn.text) else "utter_others")
        return [SlotSet("tried", tried), *_show(ranked, turn, dispatcher, seen=sorted(without))]


def show_services(
    index: Index, turn: Turn, base: dict[str, float], dispatcher: CollectingDispatcher, new: bool = False, noted: bool = False
) -> list[Any]:
    """The first services for a need, and a question when it helps. Gives the slot events.

    `new`: a need was just described, so it is acknowledged. `noted`: a fact was given, so the ranking may have changed.
    """
    if not base:
        dispatcher.utter_message(response="utter_tell_more")
        return []
    without = frozenset(turn.listed("tried"))
    ranked = index.rank(base, turn.profile, turn.urgency, without=without)[:SHOWN]
    kept = sorted(base.items(), key=lambda item: -item[1])[:KEPT_CANDIDATES]
    events = [SlotSet("candidates", [[id, round(p, 5)] for id, p in kept])]
    if new and turn.urgency.level != "acute" and turn.profile.role != "professional":
        feeling = acknowledgement(turn)
        dispatcher.utter_message(response=feeling)
        events.append(SlotSet("feeling", feeling))
    same = [hit.id for hit in ranked] == turn.listed("shown")
    dispatcher.utter_message(response=("utter_found_same" if same else "utter_found_updated") if noted else found_response(turn))
    events += _show(ranked, turn, dispatcher, seen=turn.listed("seen"))
    return events + ask(index, turn, base, dispatcher)


def ask(index: Index, turn: Turn, base: dict[str, float], dispatcher: CollectingDispatcher) -> list[Any]:
    """At most one question now, two in a conversation, never the same twice."""
    asked = turn.listed("asked")
    question = question_for(base, turn.profile, turn.urgency, index.library, asked) if len(asked) < QUESTIONS_AT_MOST else None
    if question is None:
        return [SlotSet("asking", None)]
    send_question(question, turn.language, dispatcher)
    return [SlotSet("asked", [*asked, question.slot]), SlotSet("asking", question.slot)]


def send_question(question: Question, language: str, dispatcher: CollectingDispatcher) -> None:
    """The question with its answers as buttons."""
    intent = {"age": "tell_age", "in_norway": "tell_place", "role": "tell_role", "municipality": "tell_place"}[question.slot]
    choices = [
        {
            "title": text.in_language(language),
            "payload": "/dont_know" if value == "unknown" else f'/{intent}{{"{question.slot}":"{value}"}}',
        }
        for value, text in question.options
    ]
    dispatcher.utter_message(response=f"utter_ask_{question.slot}")
    dispatcher.utter_message(json_message={"type": "choices", "choices": choices})


def acknowledgement(turn: Turn) -> str:
    """Name of a short acknowledgement that fits what was said, another one than the last."""
    table = _feelings()
    folded = fold(turn.text)
    last = turn.slots.get("feeling")
    fitting = [name for name, pattern in table["fitting"] if pattern.search(folded)]
    neutral = table["neutral"]
    turns = int(turn.slots.get("turns") or 0)
    rotated = [neutral[(turns + step) % len(neutral)] for step in range(len(neutral))]
    return str(next(name for name in [*fitting, *rotated] if name != last))


def found_response(turn: Turn) -> str:
    """Name of the sentence before the services, by who asks."""
    if turn.profile.abroad:
        return "utter_found_abroad"
    by_role = {"professional": "utter_found_professional", "friend": "utter_found_friend", "parent": "utter_found_parent"}
    return by_role.get(turn.profile.role or "", "utter_found")


@lru_cache(maxsize=1)
def _feelings() -> dict[str, Any]:
    data = yaml.load(Path(__file__).with_name("feelings.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    fitting = [(name, re.compile(pattern)) for name, pattern in data["fitting"].items()]
    return {"fitting": fitting, "neutral": data["neutral"]}


def _show(ranked: list[Ranked], turn: Turn, dispatcher: CollectingDispatcher, seen: list[str]) -> list[Any]:
    ids = [hit.id for hit in ranked]
    dispatcher.utter_message(
        json_message={
            "type": "services", "ids": ids, "scores": [round(h.score, 4) for h in ranked],
            "why": {h.id: [w.in_language(turn.language) for w in dict.fromkeys(h.why)] for h in ranked},
        }
    )  # fmt: skip
    return [SlotSet("shown", ids), SlotSet("seen", sorted({*seen, *ids})), SlotSet("focus", None), SlotSet("topic", None)]


def _decline(turn: Turn, dispatcher: CollectingDispatcher) -> list[Any]:
    dispatcher.utter_message(response="utter_scope")
    return [SlotSet("asking", None)]


def _general_helper(result: SearchResult, turn: Turn, dispatcher: CollectingDispatcher) -> list[Any]:
    dispatcher.utter_message(response="utter_general_helper")
    return [*_show(list(result.services), turn, dispatcher, seen=turn.listed("seen")), SlotSet("asking", None)]


__all__ = ["ActionFindServices", "ActionOtherServices", "ActionTakeAnswer", "load_question", "show_services"]
