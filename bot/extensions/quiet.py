"""Log lines that say what happened and where, never what anyone wrote.

Rasa quotes messages, slots and trackers in its log lines, in its debug lines above all, and exceptions carry them too.
So every record is rewritten when it is made, before any handler sees it: what is kept is the event's name, or the place
in the code, and the type of the exception.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
import warnings
from types import TracebackType
from typing import Any

OWN = "veiviser"
_EVENT = re.compile(r"^[a-z0-9_]+(?:\.[a-z0-9_]+)+$")
_HARMLESS = re.compile(r"^(?:Rasa server is up and running\.|Starting Rasa server on https?://[\w.:\[\]-]+)$")
_stock_factory = logging.getLogRecordFactory()


def install() -> None:
    """Make every log record, warning and crash report of this process free of content. Safe to call twice."""
    logging.setLogRecordFactory(content_free_record)
    warnings.showwarning = _show_warning
    sys.excepthook = _crashed
    threading.excepthook = lambda args: _crashed(args.exc_type, args.exc_value, args.exc_traceback)


def content_free_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    """A log record that holds no message of anybody's, whatever was passed to the logger."""
    record = _stock_factory(*args, **kwargs)
    if record.name.split(".")[0] == OWN:  # our own lines are written without content
        return record
    said = _event(record) or f"{record.name}:{record.lineno}"
    raised = _name_of_exception(record.exc_info)
    record.msg, record.args = f"{said} [{raised}]" if raised else said, ()
    record.exc_info = record.exc_text = record.stack_info = None
    return record


def _event(record: logging.LogRecord) -> str | None:
    """The event name of a structlog line, or one of the few known harmless messages; None for all else."""
    text = record.msg if isinstance(record.msg, str) else ""
    if text.startswith("{"):
        try:
            told = json.loads(text)
        except ValueError:
            return None
        event = str(told.get("event", ""))
        return event if _EVENT.match(event) else None
    return text if not record.args and _HARMLESS.match(text) else None


def _name_of_exception(exc_info: Any) -> str | None:
    if exc_info is True:
        exc_info = sys.exc_info()
    if isinstance(exc_info, BaseException):
        exc_info = (type(exc_info), exc_info, exc_info.__traceback__)
    if not exc_info or not exc_info[0]:
        return None
    reason = getattr(exc_info[1], "strerror", None) if isinstance(exc_info[1], OSError) else None
    return f"{exc_info[0].__name__}: {reason}" if reason else exc_info[0].__name__


def _show_warning(message: Any, category: type[Warning], filename: str, lineno: int, *_: Any, **__: Any) -> None:
    sys.stderr.write(f"{category.__name__} at {_short(filename)}:{lineno}\n")


def _crashed(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    frames = [f"{_short(frame.filename)}:{frame.lineno}" for frame in traceback.extract_tb(trace)[-8:]]
    info: tuple[Any, ...] = (kind, error, trace)
    sys.stderr.write(f"{_name_of_exception(info)} at {' > '.join(frames)}\n")


def _short(filename: str) -> str:
    return "/".join(filename.replace("\\", "/").split("/")[-2:])
