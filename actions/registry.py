"""The only list of what the bot can do."""

from __future__ import annotations

from rasa_sdk import Action

from actions.explain import ActionExplainTopic, ActionTellMeasure
from actions.find import ActionFindServices, ActionOtherServices, ActionTakeAnswer
from actions.read import ActionReadMessage
from actions.safety import (
    ActionAcknowledge,
    ActionCalmDown,
    ActionChangeLanguage,
    ActionDecline,
    ActionDeleteConversation,
    ActionMeetController,
    ActionMeetDanger,
    ActionQuietWays,
    ActionWhoIsOpen,
)
from actions.tell import ActionTellAboutService
from knowledge.index import Index

_ACTIONS = (
    ActionReadMessage, ActionFindServices, ActionTakeAnswer, ActionOtherServices, ActionExplainTopic,
    ActionTellMeasure, ActionMeetDanger, ActionCalmDown, ActionMeetController, ActionQuietWays, ActionWhoIsOpen,
    ActionChangeLanguage, ActionDecline, ActionAcknowledge, ActionDeleteConversation,
)  # fmt: skip


def build_actions(index: Index) -> list[Action]:
    """One instance of every action, with the index it searches."""
    return [*(action(index) for action in _ACTIONS), ActionTellAboutService(index, ActionFindServices(index))]
