"""What each measure against slips, dialect and compounds is worth: services found, right first in per cent.

    .venv/bin/python -m benchmarks.compare_spelling

The own questions as they were written, and spoiled: every question with slips, without the Norwegian letters, in a dialect
(those in bokmål), and with its compounds written apart. Everything is drawn with the seed 1. The figures and what follows
from them stand in training/RESULTS.md.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from benchmarks.contenders import ROOT, service_examples
from benchmarks.routing_report import table
from knowledge.encoders import load_encoder
from knowledge.evaluate import load_questions
from knowledge.features import WORD, letters_and_words
from knowledge.load import load_library
from knowledge.text import fold
from training.dialect import spoken
from training.noise import plain_letters, slip

LEAST_PART, LEAST_SEEN = 4, 3
Change = Callable[[str], str]


class Compounds:
    """Finds words that are two known words put together ('skolerådgiver'), with or without s or e between them."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = Counter(word for text in texts for word in re.findall(WORD, fold(text)))
        self.known = {word for word, seen in counts.items() if seen >= LEAST_SEEN and len(word) >= LEAST_PART}

    def parts(self, word: str) -> tuple[str, str] | None:
        """Both parts, the second as long as can be; None when it is no compound."""
        for at in range(LEAST_PART, len(word) - LEAST_PART + 1):
            first, second = word[:at], word[at:]
            if second in self.known and (first in self.known or (first[-1] in "se" and first[:-1] in self.known)):
                return first, second
        return None

    def apart(self, text: str) -> str:
        """The text with its compounds written as two words."""
        return re.sub(WORD, lambda found: " ".join(self.parts(found.group()) or [found.group()]), fold(text))

    def added(self, text: str) -> str:
        """The text followed by the parts of its compounds."""
        found = [part for word in re.findall(WORD, fold(text)) for part in self.parts(word) or ()]
        return " ".join([text, *found])


def standard(scores: np.ndarray) -> np.ndarray:
    """z-scores along each row."""
    return (scores - scores.mean(1, keepdims=True)) / scores.std(1, keepdims=True)


def by_words(texts: Sequence[str], ids: Sequence[str], change: Change = fold, letters: bool = True) -> Callable:
    """Scores of a linear SVM over words and, unless told otherwise, letters, each text `change`d first."""
    features = letters_and_words() if letters else TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=WORD)
    learned: csr_matrix = features.fit_transform([change(text) for text in texts])
    model = LinearSVC(C=0.5, class_weight="balanced", random_state=0).fit(learned, ids)
    return lambda asked: model.decision_function(features.transform([change(text) for text in asked]))


def by_vectors(texts: Sequence[str], ids: Sequence[str]) -> Callable:
    """Scores of a logistic head over the shipped encoder's vectors."""
    encoder = load_encoder()
    head = LogisticRegression(C=20.0, max_iter=400, class_weight="balanced").fit(encoder.encode(texts), ids)
    return lambda asked: head.decision_function(np.concatenate([encoder.encode([text]) for text in asked]))


def main() -> int:
    """Print the table."""
    threadpool_limits(1)
    rng = random.Random(1)  # noqa: S311 - drawn again the same
    examples = service_examples(load_library())
    ids, texts = [id for id, _ in examples], [text for _, text in examples]
    questions = [q for q in load_questions([ROOT / "tests/questions"]) if q.scope == "in" and q.best]
    classes = sorted(set(ids))
    compounds = Compounds(texts)
    slips = lambda text: slip(slip(text, rng), rng)  # noqa: E731
    spoiled: dict[str, list[str | None]] = {
        "as written": [q.text for q in questions],
        "two slips": [slips(q.text) for q in questions],
        "no å ø æ": [plain_letters(q.text) if q.lang != "en" else None for q in questions],
        "in dialect": [spoken(q.text, rng, 1.0) if q.lang == "nb" else None for q in questions],
        "compounds apart": [compounds.apart(q.text) if q.lang != "en" else None for q in questions],
    }
    noisy = [text for text in texts for text in (text, spoken(slip(text, rng), rng))]
    measures: dict[str, Callable[[], Callable]] = {
        "words alone": lambda: by_words(texts, ids, letters=False),
        "words and letters (ships)": lambda: by_words(texts, ids),
        "… without folding": lambda: by_words(texts, ids, lambda text: text),
        "… å ø æ read as a o ae": lambda: by_words(texts, ids, lambda text: plain_letters(fold(text))),
        "… and the parts of compounds": lambda: by_words(texts, ids, lambda text: fold(compounds.added(text))),
        "… each phrase once more, slipped and in dialect": lambda: by_words(noisy, [id for id in ids for _ in range(2)]),
        "vectors (ships)": lambda: by_vectors(texts, ids),
    }
    rows, kept = [], {}
    for name, learn in tqdm(measures.items()):
        score = learn()
        kept[name] = {way: score([text or "" for text in asked]) for way, asked in spoiled.items()}
    both = [kept[name] for name in ("words and letters (ships)", "vectors (ships)")]
    kept["vectors with words and letters (ships)"] = {way: sum(standard(one[way]) for one in both) for way in spoiled}
    for name, scores in kept.items():
        shares = []
        for way, asked in spoiled.items():
            rows_asked = zip(scores[way].argmax(axis=1), questions, asked, strict=True)
            shares.append(np.mean([classes[n] in q.best for n, q, text in rows_asked if text is not None]))
        rows.append([name, *(f"{100 * value:.1f}" for value in shares)])
    counts = [f"{way} ({sum(text is not None for text in asked)})" for way, asked in spoiled.items()]
    print(table(["right service first, %", *counts], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
