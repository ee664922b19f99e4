"""No log line, warning or crash report of the bot holds what anyone wrote. Runs in the bot's environment."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("rasa")
BOT = Path(__file__).parents[1] / "bot"
sys.path.insert(0, str(BOT))

from extensions import quiet  # noqa: E402

MARKER = "sommerfuglnatt"


def line(name: str, level: int, message: object, *args: object, exc_info: object = None) -> str:
    """What a handler would write for a log call."""
    record = quiet.content_free_record(name, level, "file.py", 7, message, args, exc_info)
    return logging.Formatter("%(message)s").format(record)


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR])
@pytest.mark.parametrize(
    ("message", "args"),
    [
        (f"Received user message '{MARKER}'", ()),
        ("Received user message '%s'", (MARKER,)),
        (f'{{"user_text": "{MARKER}", "event": "processor.message.parse", "level": "debug"}}', ()),
        (f'{{"event": "{MARKER}"}}', ()),
        (f"{{not json {MARKER}", ()),
        (f"Starting Rasa server on http://x {MARKER}", ()),
    ],
)
def test_no_message_of_others_gets_through(level, message, args):
    """Whatever Rasa or a library puts into a line."""
    assert MARKER not in line("rasa.core.processor", level, message, *args)


def test_an_exception_is_told_by_its_type_alone():
    """Messages and locals of exceptions quote the text."""
    try:
        raise ValueError(MARKER)
    except ValueError:
        told = line("rasa.core", logging.ERROR, "failed", exc_info=sys.exc_info())
    assert told == "rasa.core:7 [ValueError]"


def test_event_names_and_start_up_lines_remain():
    """Someone who runs the bot can still see what happened, and where."""
    assert line("rasa", logging.INFO, "Rasa server is up and running.") == "Rasa server is up and running."
    assert line("rasa", logging.DEBUG, '{"event": "processor.slots.log", "slot_values": "x"}') == "processor.slots.log"
    assert line("rasa.core.agent", logging.INFO, "anything") == "rasa.core.agent:7"


def test_our_own_lines_are_left_alone():
    """They are written without content."""
    assert line("veiviser.bot", logging.ERROR, "a turn took more than %s seconds", 3.5) == "a turn took more than 3.5 seconds"


def test_a_full_port_is_still_explained():
    """The reason that the system gives is no content."""
    error = OSError(98, "Address already in use")
    assert "Address already in use" in line("sanic.error", logging.ERROR, "failed", exc_info=(OSError, error, None))


def test_warnings_and_crashes_show_places_and_no_content():
    """Also what goes past logging, in a process of its own."""
    code = (
        "import sys, warnings, threading; sys.path.insert(0, '.')\n"
        "from extensions import quiet; quiet.install()\n"
        f"warnings.warn('{MARKER}')\n"
        f"thread = threading.Thread(target=lambda: int('{MARKER}')); thread.start(); thread.join()\n"
        f"int('{MARKER}')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=BOT, capture_output=True, text=True)
    assert MARKER not in done.stdout + done.stderr
    assert done.stderr.count("ValueError at ") == 2
    assert "UserWarning at " in done.stderr
