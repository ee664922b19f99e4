"""What a message means after what was just shown, before it is taken as a new need. The first that fits answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import written_answer
from actions.context import SURE_LIKENESS, answer_in_context, is_question, sentences
from actions.others import other_services
from actions.parts import OWN_FIELDS, part_in_words
from actions.patterns import matches
from actions.plan import LIKELY_MEASURE, answer_about_plan, show_measures
from actions.show import show_cards, show_services
from actions.tell import tell
from actions.turn import Turn, service_named, takes_back
from knowledge.index import Index
from knowledge.text import words

#: Longer messages are stories, not follow-ups.
LONGEST_FOLLOW_UP = 14
#: 'Who can I talk to?', 'where can I go?' ask for the need in talk; longer ones tell of a need ('… tonight with my kids?').
LONGEST_WHO, LONGEST_WHERE = 9, 6
#: Whom a professional can ask first when nothing was said of the case.
FOR_PROFESSIONALS = ("kompetanseteamet", "barnevernet", "mangfoldsradgivere")
AT_SCHOOL = ("mangfoldsradgivere", "helsesykepleier")


def follow_up(index: Index, turn: Turn, dispatcher: CollectingDispatcher) -> list[Any] | None:
    """The answer to a follow-up, or None when the message stands on its own. Danger is never a follow-up."""
    if turn.slots.get("calm") == "alarm" and takes_back(turn.text):
        return calm_down(index, turn, dispatcher)
    if matches("others_asked", turn.text):
        dispatcher.utter_message(response="utter_no_tracking")
        return []
    if turn.urgency.level == "acute":
        return None
    if matches("shelter_place", turn.text) and turn.profile.role != "professional":
        dispatcher.utter_message(response="utter_no_shelter_address")
        return []
    about_plan = answer_about_plan(index, turn, dispatcher)
    if about_plan is not None:
        return about_plan
    if matches("tried", turn.text) and turn.base:
        return other_services(index, turn, dispatcher)
    if matches("which_embassy", turn.text) and turn.profile.country and "spesialutsendinger" in index.library.services:
        return tell(index, replace(turn, slots={**turn.slots, "focus": "spesialutsendinger"}, text=""), "where", dispatcher)
    if matches("who_can", turn.text):
        found = _who_can(index, turn, dispatcher)
        if found is not None or _tells_a_need(turn):
            return found
    if matches("about_measures", turn.text) and is_question(turn.text):
        likely = index.likely_measure(turn.text, LIKELY_MEASURE)
        if likely:
            return show_measures(index, [likely], dispatcher)
    speaks_of_own_work = index.reader.read(turn.text).profession is not None
    named = None if speaks_of_own_work else service_named(index, turn.text)
    same = _same_part(turn) if named else None
    part = part_in_words(turn.text)
    if named and same and not part:
        return _about_named(index, turn, same, dispatcher)
    if part not in OWN_FIELDS:
        about_one = part is not None and turn.slots.get("talk") == "service" and bool(turn.listed("shown"))
        written = written_answer(index, turn, dispatcher, only_in_talk=about_one)
        if written is not None:
            return written
    if len(words(turn.text)) > LONGEST_FOLLOW_UP:
        return None
    if named and (part or is_question(turn.text)):
        return _about_named(index, turn, part or "about", dispatcher)
    if part and turn.slots.get("talk") == "service" and turn.listed("shown") and not speaks_of_own_work:
        return tell(index, turn, part, dispatcher)
    return answer_in_context(index, turn, dispatcher)


def calm_down(index: Index, turn: Turn, dispatcher: CollectingDispatcher) -> list[Any]:
    """After a correction: thanks, calm, the number stays in reach, and the need is shown again without the alarm."""
    dispatcher.utter_message(response="utter_calm_down_abroad" if turn.profile.abroad else "utter_calm_down")
    calm = {"calm": "yes", "urgency": "none", "danger_rules": []}
    quiet = replace(turn, slots={**turn.slots, **calm})
    events = [SlotSet(name, value) for name, value in calm.items()]
    return events + (show_services(index, quiet, quiet.base, dispatcher, noted=True) if quiet.base else [])


def _about_named(index: Index, turn: Turn, part: str, dispatcher: CollectingDispatcher) -> list[Any]:
    """A question that names a service: the part it asks for, or its card with the sentence that answers."""
    events = tell(index, turn, part, dispatcher)
    id = next((e["value"] for e in events if e.get("name") == "focus"), None)
    answer = sentences(index, turn, str(id), SURE_LIKENESS) if part == "about" and id else None
    if answer:
        dispatcher.utter_message(response="utter_topic_answer", answer=answer)
    return events


def _same_part(turn: Turn) -> str | None:
    """'and the advisers?' asks the same of another service."""
    return str(turn.slots["part"]) if turn.slots.get("part") and len(words(turn.text)) <= 4 else None


def _tells_a_need(turn: Turn) -> bool:
    return len(words(turn.text)) > (LONGEST_WHERE if matches("where_to", turn.text) else LONGEST_WHO)


def _who_can(index: Index, turn: Turn, dispatcher: CollectingDispatcher) -> list[Any] | None:
    """'Who can I talk to?': the services of the need in talk; at school, those at school."""
    if matches("school", turn.text) and turn.profile.role != "professional" and not turn.profile.abroad:
        return show_cards(AT_SCHOOL, turn, dispatcher)
    if turn.profile.role == "professional" and not turn.base:
        dispatcher.utter_message(response="utter_found_professional")
        return show_cards(FOR_PROFESSIONALS, turn, dispatcher)
    if not turn.base or _tells_a_need(turn):
        return None
    return show_services(index, turn, turn.base, dispatcher, noted=True)
