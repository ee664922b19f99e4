"""From a need in the person's own words to services; facts that come later rank the same need again."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import written_answer
from actions.context import is_question
from actions.explain import tell_topic
from actions.follow import calm_down, follow_up
from actions.others import other_services
from actions.patterns import matches
from actions.plan import tell_measure
from actions.show import acknowledgement, keep_need, show_ranked, show_services
from actions.turn import Turn, service_named, takes_back
from knowledge.index import Index, SearchResult
from knowledge.profile import Profile
from knowledge.text import words

#: With a need already described, a message of fewer words than this adds to it instead of replacing it.
WORDS_OF_A_NEW_NEED = 5
#: Share of a new message in the need: a full story, a sentence, a sentence that also tells of the person.
STORY, SENTENCE, FACT = 0.75, 0.6, 0.3
WORDS_OF_A_STORY = 10
#: A message up to this long that tells age, place or role tells nothing else.
LONGEST_FACT = 10
#: Topics of a need that are kept: a later question is likely about them.
KEPT_TOPICS = 2
#: A topic, a service this likely for a question counts in favour of its answers, comes along with an answer.
LIKELY_TOPIC, LIKELY_SERVICE = 0.3, 0.3
#: Someone to talk to when the feelings are what hurts.
COMFORT = ("mental-helse-116123", "kirkens-sos")


class ActionFindServices(Action):  # type: ignore[misc]
    """Shows the services that fit, says why, and asks one question when its answer would change the first."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_find_services"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Follow-ups to what is on the screen first; then the search."""
        turn = Turn.from_tracker(tracker)
        if not turn.text:
            return show_services(self._index, turn, turn.base, dispatcher)
        followed = follow_up(self._index, turn, dispatcher)
        return followed if followed is not None else find(self._index, turn, dispatcher)


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
        if turn.slots.get("calm") == "alarm" and (turn.intent == "deny" or takes_back(turn.text)):
            return calm_down(self._index, turn, dispatcher)
        bare = turn.intent in ("affirm", "deny", "dont_know")
        telling = (
            len(words(turn.text)) >= WORDS_OF_A_NEW_NEED
            and turn.slots.get("asking") is None
            and not (turn.base and _tells_facts_only(self._index, turn))
        )
        if turn.text and not bare and (telling or is_question(turn.text)):
            followed = follow_up(self._index, turn, dispatcher)
            return followed if followed is not None else find(self._index, turn, dispatcher)
        if not turn.base:
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
        return other_services(self._index, turn, dispatcher) if turn.base else find(self._index, turn, dispatcher)


def _tells_facts_only(index: Index, turn: Turn) -> bool:
    """'nei, 18. jeg fylte i går', 'jeg jobber i barnevernet, ikke i skolen': facts for the known need, no new need."""
    short = len(words(turn.text)) <= LONGEST_FACT
    return short and turn.intent.startswith("tell_") and index.reader.read(turn.text) != Profile()


def find(index: Index, turn: Turn, dispatcher: CollectingDispatcher) -> list[Any]:
    """Searches with the message and what is known, and shows what is found. Gives the slot events."""
    if not turn.text:
        dispatcher.utter_message(response="utter_tell_more")
        return []
    result = index.search(turn.text, turn.profile, turn.language, limit=10)
    ours = result.scope == "in" or turn.urgency.level == "acute"
    if not ours and turn.base:
        return _carry_on(index, turn, result, dispatcher)
    if result.scope == "near" and not ours:
        dispatcher.utter_message(response="utter_general_helper")
        return [*show_ranked(result.services, turn, dispatcher), SlotSet("asking", None)]
    if not ours:
        dispatcher.utter_message(response="utter_scope")
        return [SlotSet("asking", None)]
    asks = is_question(turn.text) or turn.intent in ("ask_topic", "ask_is_this_normal")
    if result.kind == "measure" and result.measures and turn.urgency.level != "acute":
        return tell_measure(index, turn, result, dispatcher)
    likely = [topic.id for topic in result.topics[:KEPT_TOPICS] if topic.score >= LIKELY_TOPIC]
    fitting = [hit for hit in result.services[:2] if hit.score >= LIKELY_SERVICE]
    written = written_answer(index, turn, dispatcher, also=likely, with_cards=not fitting)
    if written is not None:
        kept = [keep_need(dict(result.base))] if not turn.base else []
        return [*kept, *show_ranked(fitting, turn, dispatcher), *written] if fitting else [*kept, *written]
    if result.kind == "topic" and result.topics and asks and turn.urgency.level == "none":
        return tell_topic(index, turn, result, dispatcher)
    shown = show_services(index, turn, _need(index, turn, result), dispatcher, new=True)
    return [SlotSet("topics", [topic.id for topic in result.topics[:KEPT_TOPICS]]), *shown]


def _carry_on(index: Index, turn: Turn, result: SearchResult, dispatcher: CollectingDispatcher) -> list[Any]:
    """Something that is no need of its own, in the middle of one: what was found stays; after an alarm so does the number."""
    written = written_answer(index, turn, dispatcher, bold=True)
    if written is not None:
        return written
    if turn.slots.get("calm") == "alarm" or index.reader.read(turn.text) != Profile():
        return show_services(index, turn, turn.base, dispatcher, noted=True)
    comfort = result.services[0] if result.scope == "near" and result.services else None
    if comfort and comfort.id in COMFORT:
        feeling = acknowledgement(turn)
        dispatcher.utter_message(response=feeling)
        first = [comfort, *index.rank(turn.base, turn.profile, turn.urgency, without=frozenset({comfort.id}))[:2]]
        return [SlotSet("feeling", feeling), *show_ranked(first, turn, dispatcher)]
    if result.scope == "near" or (turn.intent != "out_of_scope" and not is_question(turn.text)):
        feeling = acknowledgement(turn)
        dispatcher.utter_message(response=feeling)
        return [SlotSet("feeling", feeling), *show_services(index, turn, turn.base, dispatcher, noted=True)]
    dispatcher.utter_message(response="utter_scope")
    return [SlotSet("asking", None)]


def _said_to_lack(index: Index, turn: Turn) -> str | None:
    """'We have no adviser': the service that is not there."""
    return service_named(index, turn.text) if matches("lacking", turn.text) else None


def _need(index: Index, turn: Turn, result: SearchResult) -> dict[str, float]:
    """The need: this message's, joined with what was said before; the less a message says of a need, the less it counts."""
    before = {id: p for id, p in turn.base.items() if id != _said_to_lack(index, turn)}
    if not before:
        return dict(result.base)
    length = len(words(turn.text))
    share = STORY if length >= WORDS_OF_A_STORY else SENTENCE
    if length < WORDS_OF_A_STORY and any(value is not None for value in vars(index.reader.read(turn.text)).values()):
        share = FACT
    return {id: share * p + (1 - share) * before.get(id, 0.0) for id, p in result.base.items()}
