"""POST /webhooks/rest/webhook: the format of Rasa's own REST channel, for clients that already speak it.

Cards come as `custom` (the messages of /api/v1/chat) with a plain text beside them, so that a client without cards
still shows names and numbers.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.conversations import new_id
from api.errors import ApiError, error_docs
from api.schemas import UserText
from api.sentences import sentence
from api.talk import Talk

Json = dict[str, Any]


class RestIn(BaseModel):
    """A message as Rasa's REST channel takes it; other keys are ignored."""

    model_config = ConfigDict(extra="ignore")

    sender: Annotated[str, StringConstraints(min_length=1, max_length=256)] | None = Field(
        None, description="The client's own name of the conversation. Without one each message is a conversation."
    )
    message: UserText = Field(description="Text, or the payload of a button.")


class RestOut(BaseModel):
    """A message as Rasa's REST channel gives it."""

    model_config = ConfigDict(extra="allow")

    recipient_id: str
    text: str | None = None
    buttons: list[dict[str, Any]] | None = None
    custom: dict[str, Any] | None = None


def build_rest(talk: Talk, secret: str) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["chat"])

    @routes.post(
        "/webhooks/rest/webhook", response_model=list[RestOut], responses=error_docs(400, 413, 422, 429),
        summary="Rasa's REST channel",
    )  # fmt: skip
    async def webhook(said: RestIn) -> JSONResponse:
        """One turn in Rasa's own format."""
        id = conversation_id(said.sender, secret) if said.sender else new_id()
        try:
            is_payload = said.message.startswith("/")
            answer = await talk.answer(id, None if is_payload else said.message, said.message if is_payload else None, None)
        except ApiError as error:
            if error.status != 422:
                raise
            answer = await talk.answer(id, said.message, None, None)
        sender = said.sender or id
        return JSONResponse(
            [{"recipient_id": sender, **part} for m in answer["messages"] if (part := as_rest(m, answer["language"]))]
        )

    return routes


def conversation_id(sender: str, secret: str) -> str:
    """An id of our form that nobody can work out from the sender without the secret; the same on every app that has it."""
    digest = hmac.new(secret.encode(), b"rest:" + sender.encode("utf-8", "replace"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def as_rest(message: Json, language: str) -> Json:
    """One of our messages in the keys of Rasa's channel."""
    kind = message["type"]
    if kind == "text":
        return {"text": message["text"]}
    if kind == "choices":
        return {"text": sentence("choose", language), "buttons": message["choices"]}
    if kind == "urgent":
        lines = [message["text"], *(f"{c['name']}: {_way(c)}" for c in message["contacts"])]
        return {"text": "\n".join(lines), "custom": message}
    if kind == "services":
        return {"text": "\n".join(_service_line(s) for s in message["services"]), "custom": message}
    if kind == "topic":
        topic = message["topic"]
        return {"text": "\n".join([topic["title"], *topic["summary"], *_note(topic)]), "custom": message}
    measure = message["measure"]
    return {"text": "\n".join([measure["title"], measure["summary"], *_note(measure)]), "custom": message}


def _service_line(service: Json) -> str:
    ways = [_way(c) for c in service["contacts"][:2]]
    return f"{service['name']}: {', '.join(ways)}"


def _way(contact: Json) -> str:
    """A number or an address, with what must be said beside one that is too old."""
    return " ".join([contact["value"], *(f"({note})" for note in _note(contact))])


def _note(shown: Json) -> list[str]:
    return [shown["check_note"]] if shown.get("check_note") else []
