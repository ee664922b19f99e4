"""Danger and its correction, the one who controls, a phone somebody checks, a human to talk to, and what is not our field."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import AllSlotsReset, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import written_answer
from actions.find import WORDS_OF_A_NEW_NEED, ActionFindServices
from actions.follow import AT_SCHOOL, calm_down, follow_up
from actions.patterns import matches
from actions.present import open_now
from actions.show import acknowledgement, keep_need, show_cards, show_services
from actions.turn import Turn
from knowledge.index import Index
from knowledge.text import fold, words

#: Below this a message without a word of watching or finding is not taken as the controller's.
SURE_OF_CONTROL = 0.85
#: People who answer when a person wants a human, the ones that are open first.
HUMANS_ADULT = ("rode-kors-telefonen", "vo-linjen-116006", "mental-helse-116123", "kirkens-sos")
HUMANS_MINOR = ("alarmtelefonen-116111", "rode-kors-telefonen", "kirkens-sos")
#: Help for the one who controls and wants to change, and for a family in conflict.
HELP_FOR_FAMILIES = ("familievernkontoret", "mental-helse-116123")
#: Ways that need no call from the person's own phone.
QUIET_SERVICES_MINOR = ("helsesykepleier", "mangfoldsradgivere", "ung-no")
#: After an alarm: someone to write to at once.
QUIET_AND_FAST = ("alarmtelefonen-116111", "rode-kors-telefonen")
QUIET_SERVICES_ADULT = ("helsesykepleier", "krisesenter", "dinutvei")


_SHELTER = re.compile(r"krisesenter|botilbud|adresse|shelter|safe ?house|address|hemmelig|dekkadresse|sperret|trygt sted")


class _WithIndex(Action):  # type: ignore[misc]
    def __init__(self, index: Index) -> None:
        self._index = index


class ActionMeetDanger(_WithIndex):
    """The app puts the urgent message first; this shows who else can help."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_meet_danger"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Finds services as for any need; the rules for danger put the emergency contact first."""
        turn = Turn.from_tracker(tracker)
        if turn.urgency.level == "none" and len(words(turn.text)) < WORDS_OF_A_NEW_NEED and turn.base:
            return show_services(self._index, turn, turn.base, dispatcher)
        return await ActionFindServices(self._index).run(dispatcher, tracker, domain)


class ActionCalmDown(_WithIndex):
    """After a correction: thanks, calm, and the number stays in reach."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_calm_down"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Calms down and shows the need again without the alarm."""
        return calm_down(self._index, Turn.from_tracker(tracker), dispatcher)


class ActionMeetController(_WithIndex):
    """No help to watch or find a person, no address, nothing about who asked; respectful help for the one who asks."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_meet_controller"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Says no in one sentence and shows help for families."""
        turn = Turn.from_tracker(tracker)
        if not matches("watching", turn.text) and turn.sure < SURE_OF_CONTROL:
            return await ActionFindServices(self._index).run(dispatcher, tracker, domain)
        about_shelter = _SHELTER.search(fold(turn.text))
        dispatcher.utter_message(response="utter_no_shelter_address" if about_shelter else "utter_no_tracking")
        ids = [id for id in HELP_FOR_FAMILIES if id in self._index.library.services]
        return show_cards(ids, turn, dispatcher)


class ActionQuietWays(_WithIndex):
    """For a phone that is checked or a person who cannot call."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_quiet_ways"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Ways that leave few traces, then people one can meet or write to."""
        turn = Turn.from_tracker(tracker)
        written = written_answer(self._index, turn, dispatcher, also=("tema-digital-kontroll",))
        if written is not None:
            return written
        dispatcher.utter_message(response="utter_quiet_ways")
        alarmed = turn.slots.get("calm") == "alarm"
        if alarmed:
            dispatcher.utter_message(response="utter_urgent_later_abroad" if turn.profile.abroad else "utter_urgent_later")
        if turn.profile.abroad:
            ids = ["ud-konsular"]
        else:
            calm = QUIET_SERVICES_ADULT if turn.profile.is_minor is False else QUIET_SERVICES_MINOR
            ids = list(QUIET_AND_FAST if alarmed else calm)
        return show_cards([id for id in ids if id in self._index.library.services], turn, dispatcher)


class ActionWhoIsOpen(_WithIndex):
    """A human to talk to: who is open now, first."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_who_is_open"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Cards of helplines, the open ones first."""
        turn = Turn.from_tracker(tracker)
        if turn.profile.role == "professional" and turn.base:
            return show_services(self._index, turn, turn.base, dispatcher, noted=True)
        if matches("school", turn.text) and not turn.profile.abroad:
            return show_cards(list(AT_SCHOOL), turn, dispatcher)
        if turn.profile.abroad:
            wanted: tuple[str, ...] = ("ud-konsular", "rode-kors-telefonen")
        else:
            wanted = HUMANS_ADULT if turn.profile.is_minor is False else HUMANS_MINOR
        services = [self._index.library.services[id] for id in wanted if id in self._index.library.services]
        states = {s.id: open_now(s, self._index.library.freshness).now for s in services}
        ordered = sorted(services, key=lambda s: {True: 0, None: 1, False: 2}[states[s.id]])
        opened = [s for s in ordered if states[s.id]]
        dispatcher.utter_message(response="utter_who_is_open" if opened else "utter_who_is_open_unsure")
        everyone = [id for id in dict.fromkeys((*HUMANS_MINOR, *HUMANS_ADULT)) if id in self._index.library.services]
        need = [] if turn.base else [keep_need({id: 1 / (place + 2) for place, id in enumerate(everyone)})]
        return [*show_cards([s.id for s in ordered[:3]], turn, dispatcher), *need]


class ActionChangeLanguage(_WithIndex):
    """Switches the language of the answers."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_change_language"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """The slot was set when the message was read; this says so, and shows the services again in it."""
        turn = Turn.from_tracker(tracker)
        dispatcher.utter_message(response="utter_language_changed")
        return show_cards(turn.listed("shown"), turn, dispatcher) if turn.listed("shown") else []


class ActionDecline(_WithIndex):
    """Not our field, or an insult: one friendly sentence. A text that is our field after all is searched."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_decline"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Searches first: the NLU may be wrong, and danger is never declined."""
        turn = Turn.from_tracker(tracker)
        if turn.text:
            answered = follow_up(self._index, turn, dispatcher) if turn.intent == "out_of_scope" else None
            if answered is not None:
                return answered
            result = self._index.search(turn.text, turn.profile, turn.language)
            sure_in = result.scope == "in" and (turn.urgency.level != "none" or turn.sure < 0.6)
            if (
                turn.slots.get("calm") == "alarm"
                or (turn.intent == "out_of_scope" and sure_in)
                or turn.urgency.level == "acute"
                or result.scope == "near"
            ):
                return await ActionFindServices(self._index).run(dispatcher, tracker, domain)
        if turn.intent == "out_of_scope" and turn.base:
            written = written_answer(self._index, turn, dispatcher, bold=True)
            if written is not None:
                return written
        dispatcher.utter_message(response="utter_insult" if turn.intent == "insult" else "utter_scope")
        return []


class ActionAcknowledge(_WithIndex):
    """A feeling without facts is met with one short sentence; with facts in it, it is a need."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_acknowledge"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Acknowledges, then asks gently or keeps what is on the screen."""
        turn = Turn.from_tracker(tracker)
        if turn.urgency.level != "none" or len(words(turn.text)) > 7:
            return await ActionFindServices(self._index).run(dispatcher, tracker, domain)
        feeling = acknowledgement(turn)
        dispatcher.utter_message(response=feeling)
        dispatcher.utter_message(response="utter_anything_else" if turn.base else "utter_feeling_invite")
        return [SlotSet("feeling", feeling)]


class ActionDeleteConversation(_WithIndex):
    """Forgets everything: slots here, the conversation in the app and the bot."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_delete_conversation"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        """Says so; the app sees the message and deletes the conversation. Asking whether to delete things is no wish to."""
        turn = Turn.from_tracker(tracker)
        if turn.text and matches("asks_advice", turn.text):
            return await ActionFindServices(self._index).run(dispatcher, tracker, domain)
        dispatcher.utter_message(response="utter_deleted")
        dispatcher.utter_message(json_message={"type": "delete"})
        return [AllSlotsReset()]
