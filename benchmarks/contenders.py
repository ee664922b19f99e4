"""What a user would pick instead of Veiviser, each on the same phrases and questions.

A contender gets examples, (id, text), and questions, and gives for each question its ids, the best first, ten at most;
the processor seconds it learned; and the processor milliseconds of each question, asked alone. Contenders with an
environment of their own (Rasa, semantic-router) get this as GIVEN.json {"examples": [[id, text]], "questions": [text]}
and write RANKED.json {"ranked": [[id]], "train_seconds": s, "milliseconds": [ms]}.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge.encoders import Encoder
from knowledge.features import letters_and_words
from knowledge.library import Library
from knowledge.text import fold

ROOT = Path(__file__).resolve().parent.parent
BOT = ROOT / "bot/.venv/bin/python"
ROUTER = ROOT / "benchmarks/.venv/bin/python"
MOST = 10
Example = tuple[str, str]
Ask = Callable[[str], list[str]]


class ContenderError(Exception):
    """Raised when a contender cannot run; the message says what to do."""


@dataclass(frozen=True)
class Ranked:
    """What a contender found: `ranked` and `milliseconds` have one entry a question."""

    ranked: list[list[str]]
    train_seconds: float
    milliseconds: list[float]


def service_examples(library: Library) -> list[Example]:
    """What the search learns services from: phrases, and the services' own names and descriptions."""
    shown = library.shown_services()
    found = [(id, text) for id in sorted(shown) if id in library.phrases for _, text in library.phrases[id].all()]
    for id in sorted(shown):
        service = shown[id]
        written = [t for text in (service.name, service.description) for t in (text.nb, text.nn, text.en) if t]
        found += [(id, text) for text in (*written, *service.alternate_name, *service.former_name)]
    return found


def best(ids: Sequence[str], scores: np.ndarray) -> list[str]:
    """The ids with the highest scores, ten at most. Equal scores stay in the order of the ids."""
    return [ids[n] for n in np.argsort(-scores, kind="stable")[:MOST]]


def timed(learn: Callable[[], Ask], questions: Sequence[str]) -> Ranked:
    """Learn, ask once to warm up, then ask every question alone."""
    began = time.process_time()
    ask = learn()
    trained = time.process_time() - began
    ask("hei")
    ranked, milliseconds = [], []
    for text in questions:
        began = time.process_time()
        ranked.append(ask(text))
        milliseconds.append(1000 * (time.process_time() - began))
    return Ranked(ranked, trained, milliseconds)


def bm25(examples: Sequence[Example]) -> Ask:
    """rank-bm25 as it comes, over folded words; an id's score is the mean of its three best phrases."""
    from rank_bm25 import BM25Okapi

    index = BM25Okapi([re.findall(r"\w+", fold(text)) for _, text in examples])
    ids = sorted({id for id, _ in examples})
    rows = [np.array([n for n, (id, _) in enumerate(examples) if id == wanted]) for wanted in ids]

    def ask(text: str) -> list[str]:
        scores = index.get_scores(re.findall(r"\w+", fold(text)))
        return best(ids, np.array([np.sort(scores[own])[-3:].mean() for own in rows]))

    return ask


def n_grams(examples: Sequence[Example]) -> Ask:
    """A linear support vector machine over letter n-grams (2–5) and words with their pairs."""
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    model = make_pipeline(letters_and_words(), LinearSVC(C=0.5, class_weight="balanced", random_state=0))
    model.fit([fold(text) for _, text in examples], [id for id, _ in examples])
    ids = [str(id) for id in model.classes_]
    return lambda text: best(ids, model.decision_function([fold(text)])[0])


def vectors(encoder: Encoder, examples: Sequence[Example]) -> Ask:
    """A logistic regression over an encoder's vectors."""
    from sklearn.linear_model import LogisticRegression

    head = LogisticRegression(C=20.0, max_iter=400, class_weight="balanced")
    head.fit(encoder.encode([text for _, text in examples]), [id for id, _ in examples])
    ids = [str(id) for id in head.classes_]
    return lambda text: best(ids, head.decision_function(encoder.encode([text]))[0])


def elsewhere(python: Path, script: str, examples: Sequence[Example], questions: Sequence[str], *arguments: str) -> Ranked:
    """A contender with its own environment. Raises ContenderError when that is not there or the script fails."""
    if not python.exists():
        raise ContenderError(f"{python.relative_to(ROOT)} is not there; `make compare` builds it.")
    with tempfile.TemporaryDirectory() as folder:
        given, ranked = Path(folder) / "given.json", Path(folder) / "ranked.json"
        given.write_text(json.dumps({"examples": examples, "questions": questions}), encoding="utf-8")
        command = [str(python), "-W", "ignore", str(ROOT / "benchmarks" / script), str(given), str(ranked), *arguments]
        environment = os.environ | {"PYTHONHASHSEED": "0"}
        status = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode
        if status:
            raise ContenderError(f"{script} {' '.join(arguments)} failed with status {status}; see above.")
        return Ranked(**json.loads(ranked.read_text(encoding="utf-8")))
