"""Log lines as JSON on stderr that say what happened and never what was said.

Only our own loggers' messages are written, and these are fixed sentences. Of other packages' lines only the logger, the
level, the place and the type of the exception survive, for their messages may quote what they failed on.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
import threading
from types import TracebackType
from typing import Any

_OWN = "veiviser"
#: Packages whose messages are about starting and stopping only.
_PLAIN = {"uvicorn.error"}
_FIELDS = ("kind", "status", "seconds", "count", "version", "attempt")


class Lines(logging.Formatter):
    """One JSON object a line, from fixed fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if record.name.split(".")[0] == _OWN or (record.name in _PLAIN and not record.exc_info):
            line["event"] = record.getMessage()
        else:
            line["event"] = f"{record.module}:{record.lineno}"
        line |= {name: value for name in _FIELDS if isinstance(value := getattr(record, name, None), str | int | float)}
        if record.exc_info and record.exc_info[0]:
            line["kind"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False)


def start_logs(level: str) -> None:
    """Sends all logging through `Lines`, and what nobody catches too."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(_OWN).setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        other = logging.getLogger(name)
        other.handlers.clear()
        other.propagate = name != "uvicorn.access"
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # a full disk under the log would else print the record with all that is in it
    sys.excepthook = _crash
    threading.excepthook = lambda args: _crash(args.exc_type, args.exc_value, args.exc_traceback)


def _crash(kind: type[BaseException], _: BaseException | None, trace: TracebackType | None) -> None:
    """An exception nobody caught: its type and where it came from, without its message."""
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""
    logging.getLogger(f"{_OWN}.crash").error("stopped by an error at %s", place, extra={"kind": kind.__name__})
