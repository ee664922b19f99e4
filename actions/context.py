"""A short question is first about what was just shown: a measure, an article or a service. Answers stand in the entry."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.current import entry_note
from actions.patterns import matches, patterns
from actions.show import show_cards
from actions.turn import Turn, service_named
from knowledge.facts import Text
from knowledge.index import Index
from knowledge.library import Library
from knowledge.models import Entry, Measure
from knowledge.text import fold, words
from knowledge.wording import load_words

LONGEST_QUESTION = 14
#: How like a sentence must be when the words alone send the question to what was shown.
SURE_LIKENESS = 0.42
#: After a question about a plan nearly any short question is about it.
PLAN_LIKENESS = 0.34
MOST_LAWS = 8


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
        if matches("which_law", turn.text) and (laws := _laws(index, str(turn.slots["topic"]))):
            return _said(dispatcher, "utter_topic_answer", answer=laws)
        answer = sentences(index, turn, str(turn.slots["topic"]), least)
        return _said(dispatcher, "utter_topic_answer", answer=answer) if answer else None
    focus = turn.focus(index)
    answer = sentences(index, turn, focus, least) if focus else None
    if not focus or not answer:
        return None
    name = index.library.services[focus].name.in_language(turn.language)
    other = service_named(index, answer)
    if other and other not in turn.listed("shown"):
        dispatcher.utter_message(response="utter_service", name=name, answer=answer)
        return [*show_cards([other], turn, dispatcher), SlotSet("focus", other)]
    return [*_said(dispatcher, "utter_service", name=name, answer=answer), SlotSet("focus", focus)]


def sentences(index: Index, turn: Turn, entry: str, least: float) -> str | None:
    """The sentences of an entry that answer the turn's question, joined; None when none is like enough."""
    found = [p.text for p in index.passages.best(turn.text, entry, turn.language) if p.likeness >= least]
    owner = _entry(index.library, entry)
    note = entry_note(owner, turn.language, index.library.freshness) if owner and found else None
    return " ".join([*found, note] if note else found) or None


def _laws(index: Index, topic: str) -> str:
    """The rules that an article names, by name and section."""
    return "; ".join(f"{law.name} {law.section}" for law in index.library.topics[topic].law[:MOST_LAWS])


def _entry(library: Library, id: str) -> Entry | None:
    return library.services.get(id) or library.topics.get(id) or library.measures.get(id)


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
