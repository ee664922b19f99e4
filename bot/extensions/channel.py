"""The only way into the bot: a REST channel with a shared secret, limits of size and time, and no text in any log.

POST /webhooks/guarded/webhook  {"sender": id, "message": text} → the messages, as in Rasa's own REST channel
POST /webhooks/guarded/forget   {"sender": id} → 204; the conversation is gone
GET  /webhooks/guarded/         → 200 when the model is loaded, 503 before
Errors: {"error": {"code", "message"}}; 504 and 500 also carry the "messages" that were ready.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from extensions import patches, quiet, stores

patches.apply()
quiet.install()

log = logging.getLogger("veiviser.bot")
SECRET_HEADER = "X-Veiviser-Secret"
MOST_CHARACTERS = 2100  # the app allows 2000; button payloads are a little longer
MOST_BYTES = 16_000
_SENDER = re.compile(r"^[A-Za-z0-9_-]{16,64}$")
_MESSAGES = {
    "forbidden": "The secret is missing or wrong.",
    "bad_request": "Send an object with sender (16 to 64 letters and digits) and message (1 to 2100 characters).",
    "too_large": "The request is too large.",
    "timeout": "The turn took too long and was cancelled; nothing of it was kept.",
    "failure": "The turn failed; nothing of it was kept.",
    "not_ready": "The model is not loaded, or the tracker store is not one that keeps no text.",
}


class MissingSettingError(RasaException):
    """Raised when the bot would start without what keeps it closed and silent."""


class GuardedChannel(InputChannel):
    """See the module."""

    def __init__(self, secret: str, timeout_seconds: float) -> None:
        self.secret, self.timeout_seconds = secret, timeout_seconds

    @classmethod
    def name(cls) -> str:
        """The channel's part of the address."""
        return "guarded"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> GuardedChannel:
        """The channel as the environment sets it. Raises MissingSettingError when the bot would be open or talkative."""
        secret = os.environ.get("VEIVISER_BOT_SECRET", "")
        if len(secret) < 16:
            raise MissingSettingError("VEIVISER_BOT_SECRET is missing or shorter than 16 characters; set it and start again.")
        if os.environ.get("RASA_TELEMETRY_ENABLED", "").lower() != "false":
            raise MissingSettingError("RASA_TELEMETRY_ENABLED is not false; set it to false and start again.")
        return cls(secret, float(os.environ.get("VEIVISER_BOT_CHANNEL_TIMEOUT_SECONDS") or 1.3))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes of the channel."""
        routes = Blueprint("guarded", "guarded")

        @routes.listener("before_server_start")
        async def limit_size(app: Any, _loop: Any) -> None:
            app.config.REQUEST_MAX_SIZE = MOST_BYTES

        @routes.listener("after_server_start")
        async def warm_up(app: Any, _loop: Any) -> None:
            """The first text costs several times the next one; so no person sends it."""
            agent = getattr(app.ctx, "agent", None)
            if agent and agent.is_ready():
                with suppress(Exception):
                    await agent.parse_message("hei, jeg trenger hjelp")

        @routes.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"}) if _ready(request) else _refuse("not_ready", 503)

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            refusal = self._refusal(request)
            if refusal:
                return refusal
            body = _body(request)
            sender, message = body.get("sender"), body.get("message")
            if not _is_sender(sender) or not _is_message(message):
                return _refuse("bad_request", 400)
            for _ in range(10):  # while we hung the asker may have gone; the loop notices it here, and cancels this turn
                await asyncio.sleep(0)
            out = CollectingOutputChannel()
            turn = UserMessage(message, out, sender, input_channel=self.name())
            try:  # a cancelled turn saves nothing and frees its place in the queue, so that trying again is clean
                await asyncio.wait_for(on_new_message(turn), self.timeout_seconds)
            except asyncio.TimeoutError:
                log.error("a turn took more than %s seconds", self.timeout_seconds)
                return _refuse("timeout", 504, out)
            except Exception as error:
                log.error("a turn failed with %s", type(error).__name__)
                return _refuse("failure", 500, out)
            return response.json(out.messages)

        @routes.route("/forget", methods=["POST"])
        async def forget(request: Request) -> HTTPResponse:
            refusal = self._refusal(request)
            if refusal:
                return refusal
            sender = _body(request).get("sender")
            if not _is_sender(sender):
                return _refuse("bad_request", 400)
            agent = request.app.ctx.agent
            try:
                async with agent.lock_store.lock(sender):  # after the turn in hand, so that it cannot save again
                    await _store(request).forget(sender)
            except Exception as error:
                log.error("forgetting failed with %s", type(error).__name__)
                return _refuse("failure", 500)
            return response.empty()

        return routes

    def _refusal(self, request: Request) -> HTTPResponse | None:
        """Why this request is not served, or None."""
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self.secret.encode()):
            return _refuse("forbidden", 403)
        if len(request.body) > MOST_BYTES:
            return _refuse("too_large", 413)
        return None if _ready(request) else _refuse("not_ready", 503)


def _refuse(code: str, status: int, out: CollectingOutputChannel | None = None) -> HTTPResponse:
    ready = {} if out is None else {"messages": out.messages}
    return response.json({"error": {"code": code, "message": _MESSAGES[code]}, **ready}, status)


def _body(request: Request) -> dict[str, Any]:
    try:
        body = request.json
    except Exception:  # Sanic's own error would quote the body
        return {}
    return body if isinstance(body, dict) else {}


def _is_sender(sender: Any) -> bool:
    return isinstance(sender, str) and bool(_SENDER.match(sender))


def _is_message(message: Any) -> bool:
    return isinstance(message, str) and len(message.strip()) > 0 and len(message) <= MOST_CHARACTERS


def _store(request: Request) -> Any:
    """The tracker store behind Rasa's wrapper."""
    store = getattr(getattr(request.app.ctx, "agent", None), "tracker_store", None)
    return getattr(store, "_tracker_store", store)


def _ready(request: Request) -> bool:
    """Is a model loaded, and is the store one of ours? Rasa takes one that keeps every word when it cannot load ours."""
    agent = getattr(request.app.ctx, "agent", None)
    return bool(agent and agent.is_ready() and isinstance(_store(request), stores.ForgetfulStore))
