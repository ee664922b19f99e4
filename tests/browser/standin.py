"""The real app with a stand-in for the bot, so that the pages and the widget are tried against real answers and real cards."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from api.app import create_app
from api.settings import Settings
from knowledge.index import Index
from knowledge.library import Library
from knowledge.profile import Profile

Json = dict[str, Any]


class StandInBot:
    """Answers as the bot does, in ids. `fails` makes it go away."""

    def __init__(self) -> None:
        self.index: Index | None = None
        self.fails = False
        self.heard: list[str] = []
        self.forgotten: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """A request of the app to the bot."""
        if self.fails:
            raise httpx.ConnectError("gone")
        if request.method == "GET":
            return httpx.Response(200, json={"status": "ok"})
        sent = json.loads(request.content)
        if request.url.path.endswith("/forget"):
            self.forgotten.append(sent["sender"])
            return httpx.Response(200, json={})
        self.heard.append(sent["message"])
        return httpx.Response(200, json=self.answer(str(sent["message"])))

    def answer(self, message: str) -> list[Json]:
        """Messages of the seam."""
        if message.startswith("/change_language"):
            return [{"custom": {"type": "state", "language": json.loads(message[16:])["language"]}}]
        if message.startswith("/not_danger"):
            return [{"text": "Godt å høre."}, {"custom": {"type": "state", "calm": True}}]
        if message.startswith("/"):
            ids = ["alarmtelefonen-116111", "rode-kors-telefonen", "kirkens-sos"]
            return [{"text": "Disse svarer mennesker på."}, {"custom": {"type": "services", "ids": ids}}]
        assert self.index is not None
        found = self.index.search(message, Profile(), None, 5)
        if found.kind == "topic" and found.topics:
            return [{"text": "Dette er det vi vet."}, {"custom": {"type": "topic", "id": found.topics[0].id}}]
        if found.kind == "measure" and found.measures:
            return [{"custom": {"type": "measure", "id": found.measures[0].id}}]
        ids = [hit.id for hit in found.services]
        why = {hit.id: [w.in_language(found.language) for w in hit.why] for hit in found.services if hit.why}
        question = found.ask
        options = question.options if question else ()
        choices = [{"title": text.nb, "payload": f'/tell_age{{"age":"{value}"}}'} for value, text in options]
        return [
            {"text": "Takk for at du forteller det. Dette er ikke din skyld."},
            {"custom": {"type": "services", "ids": ids, "why": why}},
            *([{"text": question.question.nb}, {"custom": {"type": "choices", "choices": choices}}] if question else []),
        ]  # fmt: skip


def create_standin(library: Library, index: Index | None, bot: StandInBot | None = None, **settings: Any) -> FastAPI:
    """The app as it is, with the stand-in bot."""
    bot = bot or StandInBot()
    bot.index = index
    app = create_app(Settings(**settings), library=library, index=index, bot_transport=httpx.MockTransport(bot))
    if not any(getattr(route, "path", "") == "/finn" for route in app.routes):
        from api.pages import build_pages

        app.include_router(build_pages(app.state.engine, app.state.settings))
    return app


if __name__ == "__main__":  # for looking at the pages by hand
    import uvicorn

    from api.engine import load_index
    from knowledge.encoders import load_encoder
    from knowledge.load import load_library

    cache = Path(__file__).parents[2] / ".cache" / "tests"
    library = load_library()
    uvicorn.run(create_standin(library, load_index(library, load_encoder(), cache, say=print)), port=int(sys.argv[1]))
