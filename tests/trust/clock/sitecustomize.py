"""Lets a test move the wall clock of a process: the file that TRUST_CLOCK names holds the seconds to add to it."""

import os
import time

if os.environ.get("TRUST_CLOCK"):
    _real = time.time

    def _moved() -> float:
        try:
            with open(os.environ["TRUST_CLOCK"]) as file:
                return _real() + float(file.read() or 0)
        except (OSError, ValueError):
            return _real()

    time.time = _moved
