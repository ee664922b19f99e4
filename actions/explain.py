"""Explains topics with law and source, and answers about the action plans."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import written_answer
from actions.context import SURE_LIKENESS, answer_in_context, is_question, sentences
from actions.patterns import matches, patterns
from actions.plan import PLAN_TOPIC, answer_about_plan, show_measures, show_plan, tell_measure
from actions.show import keep_need, show_cards, show_services
from actions.turn import Turn, service_named
from knowledge.index import Found, Index, SearchResult
from knowledge.text import fold, words

#: How like a sentence of the article in talk must be for a new question to stay with it.
FIRM_LIKENESS = 0.5
#: A sentence of the article that answers is said before the article.
ANSWERING = 0.38
#: With a service this likely for the words, the article is followed by who can help.
LIKELY_SERVICE = 0.3
#: A topic this likely is shown even when the scope is unsure, because the talk is already an explanation.
LIKELY_TOPIC = 0.3
NORMAL_TOPIC = "tema-negativ-sosial-kontroll"
WHEN_UNKNOWN = ("rode-kors-telefonen", "ung-no")


class ActionExplainTopic(Action):  # type: ignore[misc]
    """Shows the article that answers, with law and source."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_explain_topic"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """The best topic for the text; 'is this normal?' and homework get a sentence of their own first."""
        index, turn = self._index, Turn.from_tracker(tracker)
        if not turn.text:
            topic = turn.entities.get("topic")
            return show_topic(index, str(topic), turn, dispatcher) if topic in index.library.topics else []
        about_plan = answer_about_plan(index, turn, dispatcher)
        if about_plan is None:
            about_plan = written_answer(index, turn, dispatcher)
        least = SURE_LIKENESS if matches("points_back", turn.text) else FIRM_LIKENESS
        answered = about_plan if about_plan is not None else answer_in_context(index, turn, dispatcher, least)
        if answered is not None:
            return answered
        if matches("who_can", turn.text) and turn.base:
            return show_services(index, turn, turn.base, dispatcher, noted=True)
        result = index.search(turn.text, turn.profile, turn.language, limit=10)
        if result.kind == "measure" and result.measures:
            return tell_measure(index, turn, result, dispatcher)
        if result.kind == "service" and result.scope == "in" and turn.intent == "ask_topic" and not is_question(turn.text):
            return show_services(index, turn, dict(result.base), dispatcher, new=True)
        topics = result.topics or index.likely_topics(turn.text, LIKELY_TOPIC)
        if turn.intent == "ask_is_this_normal":
            dispatcher.utter_message(response="utter_is_this_normal")
            topics = topics or (Found(NORMAL_TOPIC, 1.0),)
        elif turn.intent == "ask_homework":
            dispatcher.utter_message(response="utter_homework")
        if not topics:
            dispatcher.utter_message(response="utter_topic_unknown")
            return show_cards([id for id in WHEN_UNKNOWN if id in index.library.services], turn, dispatcher)
        return tell_topic(index, turn, result, dispatcher, topics[0].id)


class ActionTellMeasure(Action):  # type: ignore[misc]
    """Status, responsible ministry, content and figures of a measure; counts over the plan."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_tell_measure"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """By number or by meaning; a question about the whole plan gets the counts and the article."""
        index, turn = self._index, Turn.from_tracker(tracker)
        about_plan = answer_about_plan(index, turn, dispatcher)
        if about_plan is not None:
            return about_plan
        answered = written_answer(index, turn, dispatcher)
        if answered is None:
            answered = answer_in_context(index, turn, dispatcher)
        if answered is not None:
            return answered
        if turn.intent == "ask_plan":
            return show_plan(turn, dispatcher, new=False)
        result = index.search(turn.text, turn.profile, turn.language, limit=10)
        if result.measures:
            return tell_measure(index, turn, result, dispatcher)
        likely = index.likely_measure(turn.text)
        if likely:
            return show_measures(index, [likely], dispatcher)
        named = service_named(index, turn.text)
        if named:
            return [*show_cards([named], turn, dispatcher), SlotSet("focus", named)]
        dispatcher.utter_message(response="utter_measure_unknown")
        return []


def tell_topic(
    index: Index, turn: Turn, result: SearchResult, dispatcher: CollectingDispatcher, id: str | None = None
) -> list[Any]:
    """A topic: the sentence that answers, the article, and who can help when someone clearly fits."""
    topic = id or result.topics[0].id
    answer = sentences(index, turn, topic, ANSWERING) if is_question(turn.text) else None
    if answer:
        dispatcher.utter_message(response="utter_topic_answer", answer=answer)
    else:
        dispatcher.utter_message(response="utter_topic_found")
    events = show_topic(index, topic, turn, dispatcher)
    fitting = [hit.id for hit in result.services[:2] if hit.score >= LIKELY_SERVICE]
    if fitting and len(words(turn.text)) > 2:
        dispatcher.utter_message(response="utter_topic_services")
        cards = show_cards(fitting, turn, dispatcher)
        talk = [SlotSet("topic", topic), SlotSet("talk", "topic")]
        return [keep_need(dict(result.base)), *cards, *talk]
    return events


def show_topic(index: Index, id: str, turn: Turn, dispatcher: CollectingDispatcher) -> list[Any]:
    """The topic's card; its services are what 'they' means in the next question."""
    dispatcher.utter_message(json_message={"type": "topic", "id": id})
    events = [SlotSet("topic", id), SlotSet("talk", _talk(id, turn))]
    if not turn.listed("shown"):
        services = list(index.library.topics[id].services[:3])
        events += [SlotSet("shown", services), SlotSet("candidates", [[s, 1 / (n + 2)] for n, s in enumerate(services)])]
    return events


def _talk(id: str, turn: Turn) -> str:
    """What is in talk after a topic: the topic, or one of the two plans."""
    if id != PLAN_TOPIC:
        return "topic"
    return "plan-new" if patterns()["plan"]["new"].search(fold(turn.text)) else "plan"
