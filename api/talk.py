"""One turn of the conversation: mask, look for danger, ask the bot, and never leave the person with silence."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from actions.present import urgent_message
from api.chat import BotChannel, BotError
from api.conversations import Conversation, Conversations, new_id, own_or_new_id
from api.engine import Engine
from api.errors import ApiError, error_docs
from api.mask import Masker
from api.messages import BotTurn, expanded, without_bot
from api.metrics import Metrics
from api.payloads import PayloadError, Payloads
from api.schemas import ChatIn, ChatOut, answer_language
from api.search import Workers
from api.sentences import sentence
from knowledge.text import clean, find_language, has_words
from knowledge.urgency import Urgency, find_urgency

log = logging.getLogger("veiviser.talk")
Json = dict[str, Any]
SERVICES_WITHOUT_BOT = 3


@dataclass(frozen=True)
class Said:
    """What a person said in a turn: masked text, or a payload with its intent; and what the bot is sent."""

    text: str
    message: str
    intent: str | None
    language: str | None


class Talk:
    """Answers turns. Handed everything it needs by app.py."""

    def __init__(
        self, engine: Engine, workers: Workers, channel: BotChannel, conversations: Conversations, metrics: Metrics
    ) -> None:
        self._engine, self._workers, self._channel = engine, workers, channel
        self._conversations, self._metrics = conversations, metrics
        self._readers = (engine.library, Payloads(engine.library), Masker(engine.library))

    async def answer(self, id: str | None, text: str | None, payload: str | None, language: str | None) -> Json:
        """The answer to one turn. Raises ApiError 422 and 429."""
        said = self._read(text, payload, language)
        id = own_or_new_id(id)
        async with self._conversations.turn(id) as conversation:
            conversation.turns += 1
            answer = await self._turn(id, conversation, said)
        if answer.pop("forget", False):
            await self.forget(id)
            answer["conversation_id"] = new_id()
        self._metrics.turn(answer)
        return answer

    async def forget(self, id: str) -> None:
        """Forgets a conversation here and at the bot; after the turn in hand, so that it cannot be kept again."""
        if own_or_new_id(id) != id:
            return
        try:
            async with self._conversations.turn(id):
                await self._channel.forget(id)
        except ApiError:
            await self._channel.forget(id)
        self._conversations.forget(id)

    def _read(self, text: str | None, payload: str | None, language: str | None) -> Said:
        if (text is None) == (payload is None):
            raise ApiError(422, [{"field": "body", "expected": "either text or payload"}])
        wanted = answer_language(language) if language else None
        if self._readers[0] is not self._engine.library:
            self._readers = (self._engine.library, Payloads(self._engine.library), Masker(self._engine.library))
        _, payloads, masker = self._readers
        if payload is not None:
            try:
                intent, message = payloads.read(payload)
            except PayloadError:
                raise ApiError(
                    422, [{"field": "body.payload", "expected": "a payload from a button, as it was given"}]
                ) from None
            return Said("", message, intent, wanted)
        masked = masker.mask(clean(text or "")).lstrip("/ ")
        return Said(masked, masked, None, wanted)

    async def _turn(self, id: str, conversation: Conversation, said: Said) -> Json:
        if said.intent is None and not has_words(said.text):
            language = said.language or conversation.language or "nb"
            return _answer(id, language, [{"type": "text", "text": sentence("not_understood", language)}])
        danger = asyncio.create_task(self._urgency(said))
        try:
            if self._engine.index is None:
                raise BotError("early")
            await self._pass_language_on(id, conversation, said)
            turn = BotTurn.from_messages(await self._channel.say(id, said.message))
            return await self._from_bot(id, conversation, said, turn, await danger)
        except BotError as error:
            log.warning("a turn without the bot", extra={"kind": error.way})
        except Exception as error:  # noqa: BLE001  the person must get an answer whatever is broken here
            log.error("a turn failed; answering without the bot", extra={"kind": type(error).__name__})
        return await self._without_bot(id, conversation, said, await danger)

    async def _from_bot(self, id: str, conversation: Conversation, said: Said, turn: BotTurn, urgency: Urgency) -> Json:
        """The bot's messages, the danger first. Raises BotError when nothing in them can be shown."""
        index = self._engine.index
        if index is None:
            raise BotError("early")
        language = answer_language(str(turn.state.get("language") or conversation.language or self._language(said)))
        profile = turn.profile() if turn.state else conversation.profile.updated(index.reader.read(said.text))
        messages = await self._workers.run(expanded, index, turn.shown, language)
        if not messages:
            raise BotError("empty")
        conversation.language, conversation.profile = language, profile
        if turn.says_danger and urgency.level != "acute":
            urgency = Urgency("acute", ("bot",))
        if urgency.level == "acute" and not turn.calm:
            messages.insert(0, urgent_message(self._engine.library, urgency, profile, language))
        return {**_answer(id, language, messages), "forget": turn.wants_forgetting}

    async def _without_bot(self, id: str, conversation: Conversation, said: Said, urgency: Urgency) -> Json:
        index, library = self._engine.index, self._engine.library
        language = said.language or conversation.language or self._language(said)
        profile, found = conversation.profile, None
        if index and said.text:
            try:
                profile = profile.updated(index.reader.read(said.text))
                found = await self._workers.run(index.search, said.text, profile, language, SERVICES_WITHOUT_BOT)
            except Exception as error:  # noqa: BLE001  then the numbers alone
                log.error("the search failed; giving the numbers alone", extra={"kind": type(error).__name__})
        conversation.profile, conversation.language = profile, language
        messages = without_bot(library, index, found, urgency, profile, language)
        answer = {**_answer(id, language, messages), "degraded": True}
        return {**answer, "forget": True} if said.intent == "delete_conversation" else answer

    async def _pass_language_on(self, id: str, conversation: Conversation, said: Said) -> None:
        """Tells the bot the page's language when a conversation begins or the page changed it."""
        before, conversation.asked_language = conversation.asked_language, said.language
        begins = conversation.turns == 1 and said.language != "nb"
        if said.language and said.intent != "change_language" and (begins or (before and before != said.language)):
            await self._channel.say(id, f"/change_language{json.dumps({'language': said.language})}")

    async def _urgency(self, said: Said) -> Urgency:
        """Danger, found here and not by the bot, so that it is never missed because the bot is away."""
        if said.intent is not None:
            return Urgency("acute", ("button",)) if said.intent == "danger" else Urgency()
        index = self._engine.index
        if index is None:
            return find_urgency(said.text)
        try:
            return await self._workers.run(lambda: index.urgency(said.text))
        except Exception as error:  # noqa: BLE001  a model that fails must not hide what the rules see
            log.error("the classifier of danger failed; the rules went on", extra={"kind": type(error).__name__})
            return find_urgency(said.text)

    def _language(self, said: Said) -> str:
        return said.language or answer_language(find_language(said.text) if said.text else "nb")


def build_talk(talk: Talk) -> APIRouter:
    """The routes of the conversation."""
    routes = APIRouter(tags=["chat"])

    @routes.post(
        "/api/v1/chat", response_model=ChatOut, responses=error_docs(400, 413, 422, 429), summary="One turn of the conversation"
    )
    async def chat(said: ChatIn) -> JSONResponse:
        """Never an empty answer: without the bot it is the search and the emergency numbers, with degraded true."""
        return JSONResponse(await talk.answer(said.conversation_id, said.text, said.payload, said.language))

    @routes.delete("/api/v1/chat/{conversation_id}", status_code=204, response_class=Response, summary="Forget a conversation")
    async def forget(conversation_id: str) -> Response:
        """Forgets it at once, everywhere; also when there is no such conversation."""
        await talk.forget(conversation_id)
        return Response(status_code=204)

    return routes


def _answer(id: str, language: str, messages: list[Json]) -> Json:
    return {"conversation_id": id, "language": language, "degraded": False, "messages": messages}
