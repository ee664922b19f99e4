"""Small changes to Rasa 3.6.21, applied when the channel is imported. Each says what it mends.

They touch private parts of Rasa, which is why the version is fixed in requirements.lock and each has a test.
"""

from __future__ import annotations

import asyncio
import copy
import functools
import os
import random
from typing import Any

import aiohttp
import rasa.core.actions.action as rasa_action
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from extensions import stores

_stock_run = RemoteAction.run
_stock_call = RemoteAction._action_call_format
_stock_request = EndpointConfig.request
#: An app that is full or still reading its index.
BUSY = (429, 503)
SMALL_DOMAIN = {"version": "3.1"}


def apply() -> None:
    """Apply every patch. Safe to call twice."""
    rasa_action.DEFAULT_REQUEST_TIMEOUT = float(os.environ.get("VEIVISER_BOT_ACTION_TIMEOUT_SECONDS") or 1)
    RemoteAction._validate_action_result = check_answer
    RemoteAction.run = run_in_time
    RemoteAction._action_call_format = call_without_domain
    EndpointConfig.request = request_any
    FailSafeTrackerStore.fallback_tracker_store = property(forgetful_fallback)


@functools.lru_cache(maxsize=1)
def _answer_validator() -> Any:
    spec = RemoteAction.action_response_format_spec()
    checker = validator_for(spec)
    checker.check_schema(spec)
    return checker(spec)


def check_answer(self: RemoteAction, result: dict[str, Any]) -> bool:
    """Check an action's answer. Stock Rasa compiles a large schema anew for each, some 20 ms, and quotes the answer."""
    if not isinstance(result, dict) or next(_answer_validator().iter_errors(result), None) is not None:
        raise RasaException("an action's answer does not fit the schema")
    return True


async def run_in_time(self: RemoteAction, *args: Any, **kwargs: Any) -> list[Event]:
    """Run a remote action. Stock Rasa lets a late one break the whole turn; here it is a failed action like any other."""
    try:
        return await _stock_run(self, *args, **kwargs)
    except asyncio.TimeoutError:
        raise RasaException(f"the action {self.name()} did not answer in time") from None


def call_without_domain(self: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
    """The call to an action server without the domain: with three languages it is far larger than the rest."""
    return {**_stock_call(self, tracker, Domain.empty()), "domain": SMALL_DOMAIN}


async def request_any(self: EndpointConfig, *args: Any, **kwargs: Any) -> Any:
    """Ask one of the addresses in VEIVISER_ACTION_URL (commas between), and the next one while it is down or full.

    An action keeps nothing, so asking elsewhere what was asked before does no harm.
    """
    addresses = (self.url or "").replace(",", " ").split()
    for left, address in reversed(list(enumerate(random.sample(addresses, len(addresses))))):
        one = copy.copy(self)
        one.url = address
        try:
            return await _stock_request(one, *args, **kwargs)
        except aiohttp.ClientConnectionError:
            if not left:
                raise
        except ClientResponseError as error:
            if error.status not in BUSY or not left:
                raise
    raise RasaException("there is no address for actions; set VEIVISER_ACTION_URL")


def forgetful_fallback(self: FailSafeTrackerStore) -> stores.MemoryTrackerStore:
    """The store used when the first one fails. Stock Rasa takes one that keeps every word, for ever."""
    if not isinstance(self._fallback_tracker_store, stores.MemoryTrackerStore):
        self._fallback_tracker_store = stores.MemoryTrackerStore(self._tracker_store.domain)
    return self._fallback_tracker_store
