"""Run by test_privacy.py in a network of its own: starts the guide, talks with it, and counts attempts to get out."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from trust.parts import Stack
from trust.turns import ask_all, people

QUIET_SECONDS = 30  # reports to others are often sent by a timer


def attempts() -> int:
    """Packets that had nowhere to go, since this network was made."""
    names, values = (line.split()[1:] for line in Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Ip:"))
    return int(dict(zip(names, values, strict=True))["OutNoRoutes"])


def main() -> None:
    """Prints the number of attempts."""
    with Stack(Path(sys.argv[1])) as stack:
        before = attempts()
        stack.app()
        stack.bot()
        stack.wait_for_app()
        stack.wait_for_bot()
        ask_all(stack.url, people())
        for address in ("/", "/finn", "/tjenester", "/metrics", "/openapi.json"):
            httpx.get(stack.url + address, trust_env=False, timeout=20)
        time.sleep(QUIET_SECONDS)
        print(f"attempts: {attempts() - before}")


if __name__ == "__main__":
    main()
