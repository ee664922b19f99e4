#!/usr/bin/env python3
"""Measure how well the bot tells acts of talk apart, on examples it has not seen, with `rasa test nlu`.

    bot/.venv/bin/python tools/report_nlu.py                prints the figures
    bot/.venv/bin/python tools/report_nlu.py --least 0.85   and fails when the held-out accuracy is lower
    bot/.venv/bin/python tools/report_nlu.py --write        and writes them into benchmarks/nlu.md

Runs in the bot's environment; trains first when needed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BOT = ROOT / "bot"
PAGE = ROOT / "benchmarks" / "nlu.md"
BEGIN, END = "<!-- figures: written by tools/report_nlu.py -->", "<!-- end of figures -->"
SETS = {"held_out": "written after the examples, which were not changed for it", "seen_once": "apart, misses looked at once"}
FALLBACK = 0.35  # the threshold of FallbackClassifier in bot/config.yml: below it the text goes to the search


def main() -> int:
    """Measure, print, write. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--least", type=float, default=0.0, help="least accuracy on the held-out set")
    parser.add_argument("--write", action="store_true", help="write benchmarks/nlu.md")
    asked = parser.parse_args()
    trained = subprocess.run([sys.executable, str(ROOT / "tools/train_bot.py"), "--path"], stdout=subprocess.PIPE, text=True)
    if trained.returncode:
        return trained.returncode
    measured = {name: measure(name, trained.stdout.strip()) for name in SETS}
    page = figures(measured)
    print(page)
    if asked.write:
        write(page)
    accuracy = measured["held_out"]["report"]["accuracy"]
    if accuracy < asked.least:
        print(f"nlu: {accuracy:.3f} right on the held-out set, at least {asked.least} is wanted.", file=sys.stderr)
        return 1
    return 0


def measure(name: str, model: str) -> dict[str, Any]:
    """The report and the misses of one set."""
    out = BOT / "results" / name
    command = [sys.executable, "-m", "extensions.start", "test", "nlu", "--nlu", f"tests/nlu/{name}.yml", "--model", model]
    command += ["--out", str(out), "--no-plot", "--successes"]
    env = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, cwd=BOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise SystemExit("\n".join(done.stdout.splitlines()[-20:]) + "\nnlu: `rasa test nlu` failed; see above.")
    return {
        "report": json.loads((out / "intent_report.json").read_text(encoding="utf-8")),
        "wrong": _read(out / "intent_errors.json"),
        "right": _read(out / "intent_successes.json"),
    }


def _read(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def figures(measured: dict[str, dict[str, Any]]) -> str:
    """The figures as Markdown."""
    lines = [
        f"Measured {dt.date.today().isoformat()} with `make bot-report` on {os.cpu_count()} cores "
        f"({platform.machine()}, Python {platform.python_version()}, Rasa 3.6.21).",
        "",
        "| set | examples | right | macro F1 | right when sure enough | sent to the search | wrong and sure |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, title in SETS.items():
        report, wrong, right = (measured[name][key] for key in ("report", "wrong", "right"))
        total = len(wrong) + len(right)
        sure = [x for x in (*wrong, *right) if _confidence(x) >= FALLBACK]
        sure_wrong = [x for x in wrong if _confidence(x) >= FALLBACK]
        lines.append(
            f"| `{name}` ({title}) | {total} | {report['accuracy']:.1%} | {report['macro avg']['f1-score']:.3f} "
            f"| {1 - len(sure_wrong) / max(len(sure), 1):.1%} | {(total - len(sure)) / total:.1%} "
            f"| {len(sure_wrong) / total:.1%} |"
        )
    wrong = measured["held_out"]["wrong"]
    lines += [
        "",
        "Every miss on the held-out set, the surest first:",
        "",
        "| meant | taken for | sure | text |",
        "|---|---|---|---|",
    ]
    for miss in sorted(wrong, key=_confidence, reverse=True):
        text = miss["text"].replace("|", "/")
        lines.append(f"| {miss['intent']} | {miss['intent_prediction']['name']} | {_confidence(miss):.2f} | {text} |")
    lines += [
        "",
        "By intent, those below 90 % F1 on the larger set (`seen_once`):",
        "",
        "| intent | precision | recall | taken for |",
    ]
    lines.append("|---|---|---|---|")
    for intent, row in sorted(measured["seen_once"]["report"].items()):
        if isinstance(row, dict) and "confused_with" in row and row["f1-score"] < 0.9:
            taken = ", ".join(f"{other} {count}" for other, count in row["confused_with"].items())
            lines.append(f"| {intent} | {row['precision']:.2f} | {row['recall']:.2f} | {taken} |")
    return "\n".join(lines)


def _confidence(example: dict[str, Any]) -> float:
    return float(example["intent_prediction"]["confidence"])


def write(page: str) -> None:
    """Put the figures between their marks in benchmarks/nlu.md."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else f"# Acts of talk\n\n{BEGIN}\n{END}\n"
    before, rest = text.split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{page}\n{END}{rest.split(END)[1]}", encoding="utf-8")
    print(f"\nnlu: written to {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
