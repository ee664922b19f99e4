"""/healthz (alive), /readyz (search ready; does the bot answer?), /metrics."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from api.bots import Bots
from api.engine import Engine, index_key
from api.metrics import Metrics


def build_health(engine: Engine, channel: Bots, metrics: Metrics) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["health"])

    @routes.get("/healthz", summary="Alive?")
    async def alive() -> dict[str, str]:
        """Answers as long as the process does."""
        return {"status": "alive"}

    @routes.get("/readyz", summary="Ready?", responses={503: {"description": "The search is not ready."}})
    async def ready() -> JSONResponse:
        """200 when the search is ready; the bot may be away, for the chat then answers without it, and this says so."""
        index = engine.index
        body = {
            "status": "ready" if index else "starting",
            "index": index is not None,
            "encoder": {"name": index.encoder.name if index else None, "problem": engine.encoder_problem},
            "bot": await channel.answers(),
            "content_version": engine.version,
            "reloads": engine.reloads,
            "reload_problem": engine.reload_problem,
        }
        return JSONResponse(body, 200 if index else 503)

    @routes.get("/metrics", summary="Counts for Prometheus", response_class=Response)
    async def counts() -> Response:
        """No content, no ids."""
        index = engine.index
        made = (index_key(index.library, index.encoder), index.encoder.name) if index else None
        return Response(metrics.text(engine.version, made), media_type=CONTENT_TYPE_LATEST)

    return routes
