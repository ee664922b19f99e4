"""One shape for every error: {"error": {"code", "message", "detail"}}. Never a trace, never an echo of what was sent."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from api.failed import FailedPages

log = logging.getLogger("veiviser.errors")

_CODES = {
    400: ("malformed", "The request is not valid JSON in UTF-8."),
    403: ("forbidden", "The secret is missing or wrong."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take that method."),
    413: ("too_large", "The request is too large."),
    415: ("unsupported_media_type", "Send JSON."),
    422: ("invalid", "A field is missing or has a value that is not allowed."),
    429: ("too_many", "Too many requests. Wait a little and try again."),
    500: ("internal", "Something went wrong here. In danger now: call 112."),
    503: ("not_ready", "The search is being made ready. Try again in half a minute. In danger now: call 112."),
}


class ErrorDetail(BaseModel):
    """What went wrong."""

    code: str = Field(description="A word that stays the same.")
    message: str = Field(description="A sentence for a person.")
    detail: Any = Field(None, description="For an invalid request: which fields, and what is expected of each.")


class ErrorBody(BaseModel):
    """The body of every error."""

    error: ErrorDetail


class ApiError(Exception):
    """Raised when a request cannot be served; carries the status."""

    def __init__(self, status: int, detail: Any = None, headers: dict[str, str] | None = None) -> None:
        self.status, self.detail, self.headers = status, detail, headers
        super().__init__(str(status))


def error_response(status: int, detail: Any = None, headers: dict[str, str] | None = None) -> JSONResponse:
    """The error body for a status."""
    code, message = _CODES.get(status, _CODES[500] if status >= 500 else ("refused", "The request was refused."))
    return JSONResponse({"error": {"code": code, "message": message, "detail": detail}}, status, headers)


def error_docs(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route for the OpenAPI document."""
    return {status: {"model": ErrorBody, "description": _CODES[status][1]} for status in statuses}


def add_error_handlers(app: FastAPI, failed: FailedPages) -> None:
    """Every way a request can fail ends in the one shape, or in a page for one who asked for a page."""

    def answer(request: Request, status: int, detail: Any = None, headers: dict[str, str] | None = None) -> Response:
        return failed.answer(request, status, headers) or error_response(status, detail, headers)

    async def api_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, ApiError)
        return answer(request, error.status, error.detail, error.headers)

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        headers = {k: v for k, v in (error.headers or {}).items() if k.lower() in ("allow", "retry-after")}
        return answer(request, error.status_code, headers=headers or None)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        errors = error.errors()
        if any(e["type"] == "json_invalid" for e in errors):
            return answer(request, 400)
        return answer(request, 422, [_field(e) for e in errors])

    async def crash(request: Request, error: Exception) -> Response:
        log.error("a request failed", extra={"kind": type(error).__name__})
        return answer(request, 500)

    app.add_exception_handler(ApiError, api_error)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(UnicodeDecodeError, lambda request, _: answer(request, 400))
    app.add_exception_handler(Exception, crash)


def _field(error: dict[str, Any] | Any) -> dict[str, str]:
    """Which field and what is expected; an unknown key's name is what was sent, so it is left out."""
    place: Sequence[Any] = error["loc"]
    if error["type"] == "extra_forbidden":
        place = [*place[:-1], "?"]
    return {"field": ".".join(str(part) for part in place), "expected": str(error["msg"])}
