"""Make the sentence encoder from nothing but the parallel text, the glossary and the phrases.

    python training/make_encoder.py PARALLEL_DIR WORK_DIR OUT_DIR

Runs the five steps in their order. Each skips or takes up again what already lies in WORK_DIR, so that a stopped run
goes on; empty WORK_DIR to begin anew. With --tiny every step does next to nothing, which shows in minutes that the whole
chain works here; what comes out is of no use. See training/README.md.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
TINY_STEPS, TINY_PHRASES = 3, 4


def run_step(module: str, *arguments: object) -> None:
    """Run ``training.<module>`` in its own process; raises CalledProcessError when it fails."""
    command = [sys.executable, "-m", f"training.{module}", *map(str, arguments)]
    print("$", " ".join(command[1:]), flush=True)
    subprocess.run(command, cwd=PROJECT, check=True)  # noqa: S603 - our own modules, no shell


def main() -> None:
    """All steps."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parallel", type=Path, help="folder with the parallel text, *.tsv.gz")
    parser.add_argument("work", type=Path, help="folder for what is made on the way, outside the project")
    parser.add_argument("out", type=Path, help="the sentence-transformers folder to write")
    parser.add_argument("--phrases", type=Path, default=PROJECT / "knowledge" / "phrases")
    parser.add_argument("--minutes", type=float, default=40.0, help="longest distillation")
    parser.add_argument("--steps", type=int, default=4000, help="most steps of distillation")
    parser.add_argument("--finetune-steps", type=int, default=400)
    parser.add_argument("--tiny", action="store_true", help="a few steps and phrases only, to try the chain")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.tiny:
        arguments.steps = arguments.finetune_steps = TINY_STEPS
    parallel, work, out, phrases = (
        path.resolve() for path in (arguments.parallel, arguments.work, arguments.out, arguments.phrases)
    )
    seed = ("--seed", arguments.seed)
    run_step("build_vocabulary", parallel, work)
    run_step("align_start", parallel, work)
    run_step("distil", parallel, work, "--minutes", arguments.minutes, "--steps", arguments.steps, *seed)
    few = ("--most", TINY_PHRASES) if arguments.tiny else ()
    run_step("finetune", parallel, work, phrases, "--steps", arguments.finetune_steps, *few, *seed)
    run_step("export", work, out)
    run_step("measure", work, out, phrases)


if __name__ == "__main__":
    main()
