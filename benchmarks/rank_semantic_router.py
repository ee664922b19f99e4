"""aurelio's semantic-router on given examples and questions, with the guide's own encoder; started by compare.py.

    benchmarks/.venv/bin/python benchmarks/rank_semantic_router.py GIVEN.json RANKED.json --top-k 5 --aggregation mean

It has an environment of its own (requirements.in beside this file), for it asks for some eighty packages that nothing
else here needs. GIVEN and RANKED are described in contenders.py.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from semantic_router import Route
from semantic_router.encoders import DenseEncoder
from semantic_router.routers import IndexedRouter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from knowledge.encoders import DEFAULT_ENCODER, OnnxEncoder

MOST = 10
#: Routes with no phrase among the nearest score nothing; without this they would follow in the order of their names.
LEAST = 1e-6


class OwnEncoder(DenseEncoder):
    """The guide's encoder as semantic-router wants it."""

    name: str = "veiviser"
    encoder: Any = None

    def __call__(self, docs: list[str]) -> list[list[float]]:
        """A vector a text."""
        vectors: list[list[float]] = self.encoder.encode(docs).tolist()
        return vectors


def main() -> None:
    """Learn, ask, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("given", type=Path)
    parser.add_argument("ranked", type=Path)
    parser.add_argument("--top-k", type=int, default=5)
    parser.add_argument("--aggregation", choices=["mean", "max", "sum"], default="mean")
    asked = parser.parse_args()
    given = json.loads(asked.given.read_text(encoding="utf-8"))
    by_id: dict[str, list[str]] = defaultdict(list)
    for id, text in given["examples"]:
        by_id[id].append(text)
    began = time.process_time()
    encoder = OwnEncoder(encoder=OnnxEncoder(DEFAULT_ENCODER))
    routes = [Route(name=id, utterances=texts) for id, texts in by_id.items()]
    router = IndexedRouter(encoder, routes, top_k=asked.top_k, aggregation=asked.aggregation)
    trained = time.process_time() - began
    router("hei", limit=MOST)
    ranked, milliseconds = [], []
    for text in given["questions"]:
        began = time.process_time()
        ranked.append([choice.name for choice in router(text, limit=MOST, threshold=LEAST)])
        milliseconds.append(1000 * (time.process_time() - began))
    found = {"ranked": ranked, "train_seconds": trained, "milliseconds": milliseconds}
    asked.ranked.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
