"""A question that has a written answer: said word for word, with the entry it stands in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.context import is_question
from actions.current import entry_note
from actions.parts import part_asked
from actions.patterns import matches, patterns
from actions.show import show_cards
from actions.turn import Turn, service_named
from knowledge.answering import FoundAnswer
from knowledge.index import Index
from knowledge.models import Service, Topic
from knowledge.text import fold, words

EMERGENCY = ("politiet-112", "amk-113", "legevakt-116117")
PLAN_TOPIC = "tema-handlingsplanen"
#: What an entry counts in an answer's favour: the one named or asked about, the others on the screen, their neighbours.
IN_TALK, ON_SCREEN, NEARBY = 0.3, 0.15, 0.08
#: How like a known way of asking a question must be: while the entry is in talk, near what is in talk, and without.
#: Of questions left out of the known ones, 3 in 4 with .75 or more find their answer within the entry; 8 in 10 with .8
#: and the margin find their entry among all (2026-11-20).
LEAST_IN_TALK, LEAST_NEARBY, LEAST_ALONE = 0.68, 0.75, 0.8
#: An article or measure in talk is asked about more freely than a service; and an answer is better than no help at all.
LEAST_OF_ARTICLE, LEAST_OF_ALL = 0.64, 0.7
#: Two articles with this many services in common are near each other.
SHARED_SERVICES = 2
#: Without talk, the best must stand this far above the best of any other entry: many entries are asked alike.
MARGIN = 0.05
#: Longer messages tell a story; the question may be their last sentence.
LONGEST_QUESTION = 22
_SENTENCE = re.compile(r"[.!?]+\s+|\n+")


def written_answer(
    index: Index, turn: Turn, dispatcher: CollectingDispatcher, only_in_talk: bool = False, also: Sequence[str] = (),
    bold: bool = False, with_cards: bool = True,
) -> list[Any] | None:
    """Says the written answer to the turn's question. None when it is no question or nothing written fits. Danger first.

    `only_in_talk`: questions that any service is asked (what does it cost?) are about the one in talk or none.
    `also`: entries that the search finds likely, as good as on the screen. `bold`: there is nothing else to say.
    `with_cards`: false when the services of the search follow.
    """
    asked = questions_in(turn.text)
    if turn.urgency.level == "acute" or not asked:
        return None
    near = {**dict.fromkeys(also, ON_SCREEN), **in_talk(index, turn)}
    professional = turn.profile.role == "professional"
    found = sorted((f for q in asked for f in index.answers.best(q, near, professional, most=12)), key=lambda f: -f.score)
    if matches("about_measures", turn.text):
        found = [f for f in found if f.entry in index.library.measures or f.entry == PLAN_TOPIC]
    if turn.profile.abroad or (turn.profile.country and turn.profile.in_norway is None):
        found = [f for f in found if f.entry not in EMERGENCY]  # 112 answers in Norway
    if only_in_talk:
        found = [f for f in found if near.get(f.entry, 0.0) >= IN_TALK]
    best = found[0] if found else None
    fits = best and (_fits(index, best, found, near) or (bold and best.likeness >= LEAST_OF_ALL))
    return _say(index, turn, best, dispatcher, with_cards) if best and fits else None


def _fits(index: Index, best: FoundAnswer, found: list[FoundAnswer], near: Mapping[str, float]) -> bool:
    bonus = near.get(best.entry, 0.0)
    if bonus >= IN_TALK:
        return best.likeness >= (LEAST_IN_TALK if best.entry in index.library.services else LEAST_OF_ARTICLE)
    if bonus:
        return best.likeness >= LEAST_NEARBY
    other = next((f.score for f in found if f.entry != best.entry), 0.0)
    return best.likeness >= LEAST_ALONE and best.score - other >= MARGIN


def questions_in(text: str) -> list[str]:
    """The question in a message, as it may stand: the whole when it is short, its last sentence, its last clause."""
    if not text.strip():
        return []
    sentence = [part for part in _SENTENCE.split(text) if part.strip()][-1]
    clause = sentence.rpartition(", ")[2]
    whole = [text] if len(words(text)) <= LONGEST_QUESTION else []
    return [part for part in dict.fromkeys((*whole, sentence, clause)) if is_question(part)]


def in_talk(index: Index, turn: Turn) -> dict[str, float]:
    """Entries with what they count for: the topic, measure or service in talk, those on the screen, and their neighbours."""
    library, talk = index.library, turn.slots.get("talk")
    near: dict[str, float] = {}

    def count(entry: Any, worth: float) -> None:
        if entry:
            near[str(entry)] = max(near.get(str(entry), 0.0), worth)

    shown, focus = turn.listed("shown"), turn.focus(index)
    for id in shown:
        count(id, ON_SCREEN)
    own_work = index.reader.read(turn.text).profession is not None
    named = None if own_work else service_named(index, turn.text)
    count(named or (focus if talk == "service" and not own_work else None), IN_TALK)
    if talk in ("measure", "plan", "plan-new"):
        count(PLAN_TOPIC, IN_TALK if talk != "measure" else ON_SCREEN)
        count(turn.slots.get("measure"), IN_TALK if talk == "measure" else NEARBY)
    count(turn.slots.get("topic"), IN_TALK if talk == "topic" else ON_SCREEN)
    for topic in turn.listed("topics"):
        count(topic, ON_SCREEN)
    for id in shown[:2]:
        for topic in library.services[id].topics[:2] if id in library.services else ():
            count(topic, NEARBY)
    if turn.slots.get("topic") in library.topics:
        services = library.topics[str(turn.slots["topic"])].services
        for id in services[:4]:
            count(id, NEARBY)
        for other in library.topics.values():
            if len({*other.services} & {*services}) >= SHARED_SERVICES:
                count(other.id, NEARBY)
    return near


def _say(index: Index, turn: Turn, found: FoundAnswer, dispatcher: CollectingDispatcher, with_cards: bool) -> list[Any]:
    """The answer, the entry's card where it is not on the screen, and the services that come with it."""
    entry, library, slots = found.entry, index.library, turn.slots
    owner = library.services.get(entry) or library.topics.get(entry) or library.measures[entry]
    note = entry_note(owner, turn.language, library.freshness)
    answer = " ".join(text for text in (found.answer.says.in_language(turn.language), note) if text)
    cards = [id for id in found.answer.shows if id not in turn.listed("shown")]
    if isinstance(owner, Service):
        dispatcher.utter_message(response="utter_service", name=owner.name.in_language(turn.language), answer=answer)
        cards = [id for id in dict.fromkeys((*cards, entry)) if id not in turn.listed("shown")]
        events = [SlotSet("focus", entry), SlotSet("part", part_asked(turn)), SlotSet("talk", "service")]
    elif isinstance(owner, Topic):
        dispatcher.utter_message(response="utter_topic_answer", answer=answer)
        if slots.get("topic") != entry or slots.get("talk") not in ("topic", "plan", "plan-new"):
            dispatcher.utter_message(json_message={"type": "topic", "id": entry})
        newer = slots.get("talk") == "plan-new" or patterns()["plan"]["new"].search(fold(turn.text))
        talk = ("plan-new" if newer else "plan") if entry == PLAN_TOPIC else "topic"
        events = [SlotSet("topic", entry), SlotSet("talk", talk)]
    else:
        dispatcher.utter_message(response="utter_topic_answer", answer=answer)
        if slots.get("measure") != entry or slots.get("talk") != "measure":
            dispatcher.utter_message(json_message={"type": "measure", "id": entry})
        events = [SlotSet("measure", entry), SlotSet("talk", "measure")]
    named = service_named(index, answer)
    if named and named != entry and named not in (*cards, *turn.listed("shown")):
        cards = [*cards, named]
    shown = show_cards(cards, turn, dispatcher) if cards and with_cards else []
    said = {event["name"] for event in events}
    return [*(event for event in shown if event["name"] not in said), *events]
