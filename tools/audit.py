#!/usr/bin/env python3
"""Looks the locked packages up among known vulnerabilities; `make audit` runs it.

Exit status: 0 nothing but what docs/security.md explains; 1 something else; 3 the advisory database cannot be reached, so
that nothing is known. A package whose flaws are known to everybody is looked up first: an index that knows none of them
has no advisories, and its "nothing found" would mean nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-models.lock", "requirements-dev.lock", "bot/requirements.lock")
EXPLAINED = ROOT / "docs" / "security.md"
KNOWN_TO_BE_FLAWED = "urllib3==1.24.1\n"
UNREACHABLE = 3


def look_up(requirements: Path) -> list[dict[str, Any]]:
    """The packages of a requirements file with their vulnerabilities. Raises OSError when there is no usable answer."""
    command = [
        sys.executable, "-m", "pip_audit", "--requirement", str(requirements), "--no-deps", "--disable-pip",
        "--format", "json", "--progress-spinner", "off",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    try:
        return list(json.loads(done.stdout)["dependencies"])
    except (ValueError, KeyError):
        raise OSError(done.stderr.strip()[-300:]) from None


def names_of(flaw: dict[str, Any]) -> set[str]:
    """All ids of a vulnerability."""
    return {flaw["id"], *flaw.get("aliases", [])}


def main() -> int:
    """Prints what is open; see the module for the status."""
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / "trial.txt"
        trial.write_text(KNOWN_TO_BE_FLAWED)
        try:
            reachable = any(package.get("vulns") for package in look_up(trial))
        except (OSError, subprocess.TimeoutExpired):
            reachable = False
    if not reachable:
        print("The advisory database cannot be reached from here, so nothing is known. Run `make audit` where it can.")
        return UNREACHABLE
    explained, unexplained, skipped = EXPLAINED.read_text(encoding="utf-8"), 0, 0
    for lock in LOCKS:
        for package in look_up(ROOT / lock):
            skipped += "skip_reason" in package
            for flaw in package.get("vulns", []):
                known = any(name in explained for name in names_of(flaw))
                unexplained += not known
                fixed = ", ".join(flaw.get("fix_versions") or ["no version"])
                where = "explained in docs/security.md" if known else f"NOT explained; fixed in {fixed}"
                print(f"{lock}: {package['name']} {package['version']}: {' '.join(sorted(names_of(flaw)))}: {where}")
    print(f"{unexplained} vulnerabilities that docs/security.md does not explain; {skipped} packages could not be looked up.")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
