"""Something else than what was shown: 'not that one', 'I have called them, it did not help'."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.patterns import matches
from actions.show import SHOWN, show_ranked, with_next_steps
from actions.turn import Turn, service_named
from knowledge.index import Index

#: Who says no to one says no to the other.
SAME_HELP = {"politiet-112": ("politiet-02800",), "politiet-02800": ("politiet-112",)}


def other_services(index: Index, turn: Turn, dispatcher: CollectingDispatcher) -> list[Any]:
    """The next services for the need in talk. A service that is named is left out; else all on the screen are."""
    did_try, named = matches("tried", turn.text), service_named(index, turn.text)
    refused = [named, *SAME_HELP.get(named, ())] if named else turn.listed("shown") if did_try else []
    tried = sorted({*turn.listed("tried"), *refused})
    without = frozenset({*turn.listed("seen"), *turn.listed("shown"), *tried})
    base = with_next_steps(index, turn.base, (*refused, *turn.listed("shown")))
    ranked = index.rank(base, turn.profile, turn.urgency, without=without)[:SHOWN]
    if not ranked:
        dispatcher.utter_message(response="utter_no_more_others")
        return []
    dispatcher.utter_message(response="utter_others_after_trying" if did_try else "utter_others")
    return [SlotSet("tried", tried), *show_ranked(ranked, turn, dispatcher)]
