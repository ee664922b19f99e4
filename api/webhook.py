"""POST /webhook: where the bot calls the actions. The only file that knows the action protocol.

Rasa 3.6 reads 400 with {"error", "action_name"} as a rejected action, and any other error as a failed one.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import zlib
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionMissingDomainException, ActionNotFoundException

from actions.registry import build_actions
from api.chat import SECRET_HEADER
from api.engine import Engine
from api.errors import ApiError
from api.search import Workers
from knowledge.index import Index

log = logging.getLogger("veiviser.webhook")
LARGEST_CALL = 4 * 1024 * 1024


class Actions:
    """The actions with the index they search; made anew when the index is replaced."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._made: tuple[Index, ActionExecutor] | None = None

    def run(self, call: dict[str, Any]) -> dict[str, Any]:
        """Runs one action call to its end. Raises what rasa-sdk raises, and ApiError 503 before the index is ready."""
        index = self._engine.index
        if index is None:
            raise ApiError(503)
        if self._made is None or self._made[0] is not index:
            executor = ActionExecutor()
            for action in build_actions(index):
                executor.register_action(action)
            self._made = (index, executor)
        result = asyncio.run(self._made[1].run(call))
        return dict(result.model_dump()) if result else {"events": [], "responses": []}


def build_webhook(actions: Actions, workers: Workers, secret: str) -> APIRouter:
    """The route. It is not part of the public interface and not in the OpenAPI document."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/webhook")
    async def webhook(request: Request) -> JSONResponse:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            raise ApiError(403)
        call = _read(await request.body(), request.headers.get("content-encoding", ""))
        action = str(call.get("next_action"))
        try:
            return JSONResponse(await workers.run(actions.run, call))
        except ActionExecutionRejection as rejection:
            return JSONResponse({"error": "The action was rejected.", "action_name": rejection.action_name}, 400)
        except ActionNotFoundException:
            return JSONResponse({"error": "There is no such action.", "action_name": action}, 404)
        except ActionMissingDomainException:
            return JSONResponse({"error": "The domain is missing.", "action_name": action}, 449)
        except ApiError:
            raise
        except Exception as error:  # noqa: BLE001  an action that fails must not stop the app, nor say what it failed on
            log.error("an action failed", extra={"kind": type(error).__name__})
            return JSONResponse({"error": "The action failed.", "action_name": action}, 500)

    return routes


def _read(body: bytes, encoding: str) -> dict[str, Any]:
    """The call. Raises ApiError 422, or 413 when it unpacks to too much."""
    try:
        if encoding == "deflate":
            unpacker = zlib.decompressobj()
            body = unpacker.decompress(body, LARGEST_CALL)
            if unpacker.unconsumed_tail:
                raise ApiError(413)
        call = json.loads(body)
    except (zlib.error, ValueError, RecursionError):
        raise ApiError(422) from None
    if not isinstance(call, dict) or not isinstance(call.get("tracker"), dict):
        raise ApiError(422)
    return call
