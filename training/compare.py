"""Which encoder finds the right help? Cross-validation on the phrases, and the project's unseen questions.

Every encoder gets the same head, a logistic regression over its vectors, once for services (what people are routed
to). Cross-validation: five folds over the phrases. Questions: the head learns from all phrases; right is any of the
question's ``best``. Questions are only ever read here, never trained on.

    python -m training.compare WORK_DIR PHRASES_DIR --questions tests/questions
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_union
from sklearn.svm import LinearSVC
from tqdm import tqdm

from training.export import WEIGHTS, OnnxEncoder
from training.own_phrases import Phrase, family, in_fold, load_phrases
from training.static_encoder import load_static
from training.student import encode, load_student, load_teacher, load_tokenizer

Encode = Callable[[list[str]], np.ndarray]


def encoders(work: Path, states: list[str], folders: list[Path]) -> dict[str, Encode]:
    """Each state in the work folder that is there ("teacher": raw MiniLM), int8 ``folders``, and the static encoder."""
    found: dict[str, Encode] = {}
    if "teacher" in states:
        teacher, theirs = load_teacher()
        found["raw MiniLM"] = lambda texts: encode(teacher, theirs, texts)
    for folder in folders:
        shipped = OnnxEncoder(folder / WEIGHTS, load_tokenizer(folder / "tokenizer.json"))
        found[f"{folder.name} (int8)"] = lambda texts, shipped=shipped: shipped.encode(texts)
    tokenizer = load_tokenizer(work / "tokenizer.json")
    for state in states:
        if (work / state).exists():
            model = load_student(work / state, tokenizer.get_vocab_size())
            found[state.removesuffix(".pt")] = lambda texts, model=model: encode(model, tokenizer, texts)
    if (work / "static.pt").exists():
        found["static"] = load_static(work).encode
    return found


def head_scores(vectors: np.ndarray, ids: list[str], asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(classes, log-chances of shape (asked, classes)) of a logistic head learnt from ``vectors``."""
    head = LogisticRegression(C=20.0, max_iter=500).fit(vectors, ids)
    return head.classes_, head.predict_log_proba(asked)


def svm_scores(texts: list[str], ids: list[str], asked: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """The same by word and character n-grams alone, no encoder."""
    features = make_union(
        TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)),
        TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(2, 5)),
    )
    svm = LinearSVC(C=0.5).fit(features.fit_transform(texts), ids)
    return svm.classes_, svm.decision_function(features.transform(asked))


def standard(scores: np.ndarray) -> np.ndarray:
    """``scores`` as z-scores within each row, so that two kinds can be added."""
    return (scores - scores.mean(1, keepdims=True)) / scores.std(1, keepdims=True)


def right(classes: np.ndarray, scores: np.ndarray, best: list[list[str]]) -> tuple[np.ndarray, np.ndarray]:
    """For each text: is the first right, is one of the first three."""
    order = classes[np.argsort(-scores, axis=1)[:, :3]]
    first = np.array([row[0] in good for row, good in zip(order, best, strict=True)])
    three = np.array([bool(set(row) & set(good)) for row, good in zip(order, best, strict=True)])
    return first, three


def questions_in(folder: Path, known: set[str]) -> list[dict]:
    """Questions with a right service that is among ``known``."""
    lines = (line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines())
    return [q for q in map(json.loads, lines) if q.get("scope", "in") != "out" and set(q.get("best") or []) & known]


def percent(pair: tuple[np.ndarray, np.ndarray], chosen: np.ndarray | None = None) -> str:
    """``top-1/top-3`` in per cent, of all or of the ``chosen``."""
    return "/".join(f"{100 * (one if chosen is None else one[chosen]).mean():.0f}" for one in pair)


class Comparison:
    """The phrases and questions, and the rows of the table."""

    def __init__(self, phrases: list[Phrase], questions: list[dict]) -> None:
        self.phrases, self.questions = phrases, questions
        self.texts, self.ids = [p.text for p in phrases], [p.id for p in phrases]
        self.asked = [q["text"] for q in questions]
        self.best = [q["best"] for q in questions]
        self.languages = np.array([q.get("lang", "?") for q in questions])
        self.on_questions: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self.rows: list[list[str]] = []

    def cross_validate(self, score: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]) -> str:
        """``top-1/top-3`` over five folds; ``score`` takes the numbers of the phrases learnt from and asked."""
        first, three = np.zeros(len(self.ids), bool), np.zeros(len(self.ids), bool)
        for learnt, asked in StratifiedKFold(5, shuffle=True, random_state=1).split(self.texts, self.ids):
            first[asked], three[asked] = right(*score(learnt, asked), [[self.ids[n]] for n in asked])
        return percent((first, three))

    def held_out(self, vectors: np.ndarray, fold: int) -> str:
        """``top-1/top-3`` on one fold that a student fine-tuned with ``--fold`` has not seen."""
        kept, held = in_fold(self.phrases, fold)
        number = {id(p): n for n, p in enumerate(self.phrases)}
        learnt, asked = ([number[id(p)] for p in part] for part in (kept, held))
        classes, scores = head_scores(vectors[learnt], [self.ids[n] for n in learnt], vectors[asked])
        return percent(right(classes, scores, [[self.ids[n]] for n in asked]))

    def add(self, name: str, classes: np.ndarray, scores: np.ndarray, cross: str, fold: str) -> None:
        """One row of the table, from scores on the questions."""
        row = [name, cross, fold]
        if self.asked:
            pair = right(classes, scores, self.best)
            row.append(percent(pair))
            row += [percent(pair, self.languages == language) for language in self.shown()]
            self.on_questions[name] = (classes, scores)
        self.rows.append(row)

    def shown(self) -> list[str]:
        """Languages with at least ten questions."""
        return sorted({str(x) for x in self.languages if (self.languages == x).sum() >= 10})

    def fuse(self, names: list[str]) -> None:
        """A row for the sum of the z-scores of ``names``."""
        classes = self.on_questions[names[0]][0]
        total = sum(standard(self.on_questions[name][1]) for name in names)
        self.add(" + ".join(names), classes, total, "", "")

    def table(self) -> str:
        """The rows as a Markdown table."""
        head = ["encoder", "5-fold CV", "fold 0"]
        if self.asked:
            counts: dict[str, int] = defaultdict(int)
            for language in self.languages:
                counts[str(language)] += 1
            head += [f"questions (n={len(self.asked)})", *(f"{x} ({counts[x]})" for x in self.shown())]
        lines = [head, ["---"] * len(head), *(row + [""] * (len(head) - len(row)) for row in self.rows)]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("phrases", type=Path)
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--states", nargs="*", default=["teacher", "start.pt", "distilled.pt", "finetuned.pt"])
    parser.add_argument("--folders", nargs="*", type=Path, default=[], help="exported folders, measured as they ship")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--fold", type=int, default=0)
    parser.add_argument("--fuse", action="append", nargs="+", default=[])
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    phrases = [p for p in load_phrases(arguments.phrases) if family(p.id) == "service"]
    asked = questions_in(arguments.questions, {p.id for p in phrases}) if arguments.questions else []
    comparison = Comparison(phrases, asked)
    texts, ids = comparison.texts, np.array(comparison.ids)
    for name, make in tqdm(encoders(arguments.work, arguments.states, arguments.folders).items(), desc="encoders"):
        vectors, questions = make(texts), make(comparison.asked) if asked else None
        cross = comparison.cross_validate(lambda a, b, v=vectors: head_scores(v[a], ids[a], v[b]))
        fold = comparison.held_out(vectors, arguments.fold)
        classes, scores = head_scores(vectors, ids, questions if asked else vectors[:1])
        comparison.add(name, classes, scores, cross, fold)
    many = np.array(texts)
    cross = comparison.cross_validate(lambda a, b: svm_scores(list(many[a]), ids[a], list(many[b])))
    if asked:
        comparison.add("n-gram SVM", *svm_scores(texts, comparison.ids, comparison.asked), cross, "")
        for names in arguments.fuse:
            comparison.fuse(names)
    print(comparison.table())


if __name__ == "__main__":
    main()
