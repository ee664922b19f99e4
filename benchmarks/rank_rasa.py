"""Rasa's own classifiers on given examples and questions; run by the bot's Python (3.10), started by compare.py.

    bot/.venv/bin/python benchmarks/rank_rasa.py GIVEN.json RANKED.json diet --epochs 20

Featurizers are those of `rasa init`; so are DIET's and ResponseSelector's settings, but for the epochs and a seed.
GIVEN and RANKED are described in contenders.py.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

#: One thread adds numbers in one order, so that two runs give the same; must be set before TensorFlow is imported.
os.environ.update(
    TF_INTRA_OP_PARALLELISM_THREADS="1", TF_INTER_OP_PARALLELISM_THREADS="1", TF_CPP_MIN_LOG_LEVEL="3",
    RASA_TELEMETRY_ENABLED="false", LOG_LEVEL="ERROR",
)  # fmt: skip
FEATURIZERS: list[dict[str, Any]] = [
    {"name": "WhitespaceTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
]
NEED = "need"
#: Rasa reads brackets and braces in examples as its own marks.
PLAIN = str.maketrans("[]{}", "()()")


def training_data(examples: list[tuple[str, str]], retrieval: bool) -> dict[str, Any]:
    """Rasa's NLU file: an intent an id, or with `retrieval` one retrieval intent with the ids as responses."""
    by_id: dict[str, list[str]] = defaultdict(list)
    for id, text in examples:
        by_id[id].append(" ".join(text.split()).translate(PLAIN))
    name = f"{NEED}/" if retrieval else ""
    nlu = [{"intent": name + id, "examples": "".join(f"- {text}\n" for text in texts)} for id, texts in by_id.items()]
    responses = {f"utter_{NEED}/{id}": [{"text": id}] for id in by_id} if retrieval else {}
    return {"version": "3.1", "nlu": nlu, "responses": responses}


def classifier(kind: str, epochs: int) -> dict[str, Any]:
    """The pipeline's last step."""
    if kind == "diet":
        return {"name": "DIETClassifier", "epochs": epochs, "random_seed": 1, "entity_recognition": False}
    return {"name": "ResponseSelector", "retrieval_intent": NEED, "epochs": epochs, "random_seed": 1}


def ranking(kind: str, parsed: dict[str, Any]) -> list[str]:
    """Ids, the likeliest first: ten at most, as Rasa gives them."""
    if kind == "diet":
        return [intent["name"] for intent in parsed["intent_ranking"]]
    return [one["intent_response_key"].split("/")[1] for one in parsed["response_selector"][NEED]["ranking"]]


async def ask(agent: Any, kind: str, questions: list[str]) -> tuple[list[list[str]], list[float]]:
    """The ranking of each question, and the processor time it took in milliseconds."""
    await agent.parse_message("hei")
    ranked, milliseconds = [], []
    for text in questions:
        began = time.process_time()
        ranked.append(ranking(kind, await agent.parse_message(text)))
        milliseconds.append(1000 * (time.process_time() - began))
    return ranked, milliseconds


def main() -> None:
    """Train, ask, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("given", type=Path)
    parser.add_argument("ranked", type=Path)
    parser.add_argument("kind", choices=["diet", "response-selector"])
    parser.add_argument("--epochs", type=int, required=True)
    asked = parser.parse_args()
    import yaml
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu

    given = json.loads(asked.given.read_text(encoding="utf-8"))
    target = asked.ranked.resolve()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        config = {"recipe": "default.v1", "language": "nb", "assistant_id": "compared", "policies": []}
        config["pipeline"] = [*FEATURIZERS, classifier(asked.kind, asked.epochs)]
        Path("config.yml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
        data = training_data(given["examples"], asked.kind == "response-selector")
        Path("nlu.yml").write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
        began = time.process_time()
        model = train_nlu("config.yml", "nlu.yml", "models", fixed_model_name="compared")
        trained = time.process_time() - began
        found, milliseconds = asyncio.run(ask(Agent.load(model), asked.kind, given["questions"]))
    target.write_text(json.dumps({"ranked": found, "train_seconds": trained, "milliseconds": milliseconds}), encoding="utf-8")


if __name__ == "__main__":
    main()
