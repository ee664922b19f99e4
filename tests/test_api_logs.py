"""Log lines say what happened and never what was said."""

from __future__ import annotations

import io
import json
import logging

from api.logs import Lines


def line(name: str, message: str, *arguments: object, error: Exception | None = None, **fields: object) -> dict[str, object]:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Lines())
    logger = logging.getLogger(name)
    logger.handlers, logger.propagate = [handler], False
    logger.warning(message, *arguments, exc_info=error, extra=fields)
    written: dict[str, object] = json.loads(out.getvalue())
    return written


def test_our_own_lines_are_fixed_sentences_with_fixed_fields() -> None:
    """Only known fields are written, so that nobody logs a text by mistake."""
    written = line("veiviser.test", "a turn without the bot", kind="down", text="Hemmelig")
    assert (written["event"], written["kind"]) == ("a turn without the bot", "down")
    assert "Hemmelig" not in json.dumps(written)


def test_other_packages_lines_lose_their_message() -> None:
    """Their messages may quote what they failed on; the place and the type of the error stay."""
    written = line("httpx", "could not send %s", "Hemmelig", error=ValueError("Hemmelig"))
    assert "Hemmelig" not in json.dumps(written)
    assert written["kind"] == "ValueError"
    assert "test_api_logs" in str(written["event"])
