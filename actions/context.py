"""A short question is first about what was just shown: a measure, an article or a service. Answers stand in the entry."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.patterns import patterns
from actions.turn import Turn
from knowledge.facts import Text
from knowledge.index import Index
from knowledge.models import Measure
from knowledge.text import fold, words
from knowledge.wording import load_words

LONGEST_QUESTION = 14
#: How like a sentence must be when the words alone send the question to what was shown.
SURE_LIKENESS = 0.42
#: After a question about a plan nearly any short question is about it.
PLAN_LIKENESS = 0.34


def is_question(text: str) -> bool:
    """A short question, by its first word or its mark?"""
    return len(words(text)) <= LONGEST_QUESTION and bool(patterns()["question"].search(fold(text)))


def answer_in_context(
    index: Index, turn: Turn, dispatcher: CollectingDispatcher, least: float = SURE_LIKENESS
) -> list[Any] | None:
    """Answers from the entry in talk; None when this is no question about it."""
    if not is_question(turn.text):
        return None
    talk = turn.slots.get("talk")
    if talk in ("plan", "plan-new"):
        answer = sentences(index, turn, "tema-handlingsplanen", PLAN_LIKENESS)
        return _said(dispatcher, "utter_topic_answer", answer=answer) if answer else None
    if talk == "measure" and turn.slots.get("measure") in index.library.measures:
        return _about_measure(index, turn, index.library.measures[str(turn.slots["measure"])], dispatcher, least)
    if talk == "topic" and turn.slots.get("topic") in index.library.topics:
        answer = sentences(index, turn, str(turn.slots["topic"]), least)
        return _said(dispatcher, "utter_topic_answer", answer=answer) if answer else None
    focus = turn.focus(index)
    answer = sentences(index, turn, focus, least) if focus else None
    if not focus or not answer:
        return None
    name = index.library.services[focus].name.in_language(turn.language)
    return [*_said(dispatcher, "utter_service", name=name, answer=answer), SlotSet("focus", focus)]


def sentences(index: Index, turn: Turn, entry: str, least: float) -> str | None:
    """The sentences of an entry that answer the turn's question, joined; None when none is like enough."""
    found = [p.text for p in index.passages.best(turn.text, entry, turn.language) if p.likeness >= least]
    return " ".join(found) or None


def _about_measure(
    index: Index, turn: Turn, measure: Measure, dispatcher: CollectingDispatcher, least: float
) -> list[Any] | None:
    language, folded = turn.language, fold(turn.text)
    title, number = measure.title.in_language(language), measure.number
    as_of = measure.status_date.isoformat() if measure.status_date else ""
    table = patterns()["measure"]
    if table["ministry"].search(folded):
        names = load_words()["ministries"]
        ministries = ", ".join(Text(**names[m]).in_language(language) for m in (*measure.responsible, *measure.cooperating))
        return _said(dispatcher, "utter_measure_ministry", ministry=ministries, number=number, name=title)
    if table["later"].search(folded) and measure.later:
        latest = measure.later[-1]
        return _said(dispatcher, "utter_measure_later", as_of=latest.as_of, answer=latest.what.in_language(language))
    if table["figures"].search(folded) and measure.figures:
        listed = "; ".join(f"{f.meaning.in_language(language).rstrip('.')}: {f.value} ({f.as_of})" for f in measure.figures)
        return _said(dispatcher, "utter_measure_figures", number=number, answer=listed)
    if table["status"].search(folded):
        status = Text(**load_words()["statuses"][measure.status]).in_language(language)
        return _said(dispatcher, "utter_measure_status", number=number, name=title, status=status, as_of=as_of)
    answer = sentences(index, turn, measure.id, min(least, PLAN_LIKENESS))
    return _said(dispatcher, "utter_topic_answer", answer=answer) if answer else None


def _said(dispatcher: CollectingDispatcher, response: str, **values: str) -> list[Any]:
    dispatcher.utter_message(response=response, **values)
    return []
