"""Rasa's command line, started faster: `python -m extensions.start run …` for `python -m rasa run …`.

The package that reads the classifier (skops) looks some 800 types up in every module that is loaded when it is first
imported. Stock Rasa imports it last, after 1 500 modules; here it comes first. That saves a third of the start.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys


def main() -> None:
    """Run Rasa's command line."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # onnxruntime from 1.29 on; Rasa's own is refused by the channel
    no_dumps()
    import skops.io  # noqa: F401
    from rasa.__main__ import main as rasa

    sys.argv[0] = "rasa"
    rasa()


def no_dumps() -> None:
    """No core dump, and on Linux no look into the memory by other programs of the same user: words of people are in it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        pr_set_dumpable = 4
        ctypes.CDLL(None).prctl(pr_set_dumpable, 0)


if __name__ == "__main__":
    main()
