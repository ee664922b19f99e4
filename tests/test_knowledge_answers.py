"""Written answers: each stands on a source, and is found by how people ask."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from conftest import LetterEncoder

from knowledge.answering import AnswerFinder
from knowledge.answers import Answers
from knowledge.facts import LANGUAGES
from knowledge.index import Index
from knowledge.library import Library
from knowledge.load import ROOT, read_yaml

IN_TALK = 0.3
SIMPLE = Answers.model_validate({
    "assured_date": "2026-11-20", "assured_by": "stored-copy",
    "answers": [
        {"id": "how-long", "asks": {"nb": ["hvor lenge varer et besøksforbud", "hvor lenge varer det"]},
         "says": {"nb": "Ett år."}, "law": ["straffeprosessloven § 222 a"]},
        {"id": "who-decides", "asks": {"nb": ["og hvem bestemmer det"]}, "says": {"nb": "Politiet."},
         "law": ["straffeprosessloven § 222 a"], "asks_alone": False},
        {"id": "duty", "asks": {"nb": ["må jeg melde fra"]}, "says": {"nb": "Ja, etter loven."}, "sources": ["page"],
         "audience": "professional"},
        {"id": "duty-others", "asks": {"nb": ["må jeg melde fra"]}, "says": {"nb": "Du kan velge."}, "sources": ["page"],
         "audience": "not-professional"},
    ],
})  # fmt: skip


@pytest.fixture(scope="module")
def finder() -> AnswerFinder:
    """Two entries with the same answers."""
    return AnswerFinder({"first": SIMPLE, "second": SIMPLE}, LetterEncoder())


@pytest.mark.parametrize("entry", ["first", "second"])
def test_what_is_in_talk_decides_what_a_short_question_means(finder: AnswerFinder, entry: str) -> None:
    """'How long does it last?' is about what we talk about."""
    best = finder.best("hvor lenge varer det", {entry: IN_TALK}, professional=False)[0]
    assert (best.entry, best.answer.id) == (entry, "how-long")
    assert best.score == pytest.approx(best.likeness + IN_TALK)


def test_some_questions_make_sense_only_in_talk(finder: AnswerFinder) -> None:
    """'And who decides that?' means nothing on its own."""
    alone = finder.best("og hvem bestemmer det", {}, professional=False, most=9)
    assert "who-decides" not in {found.answer.id for found in alone}
    assert finder.best("og hvem bestemmer det", {"first": IN_TALK}, professional=False)[0].answer.id == "who-decides"


@pytest.mark.parametrize(("professional", "id"), [(True, "duty"), (False, "duty-others")])
def test_a_professional_gets_the_professionals_answer(finder: AnswerFinder, professional: bool, id: str) -> None:
    """The same question has another answer for someone who asks at work."""
    assert finder.best("må jeg melde fra", {}, professional)[0].answer.id == id


def test_vectors_that_are_at_hand_are_not_made_again(finder: AnswerFinder) -> None:
    """A kept index starts at once, and finds the same."""
    again = AnswerFinder({"first": SIMPLE, "second": SIMPLE}, LetterEncoder(), finder.asked)
    asked = ("hvor lenge varer et besøksforbud", {}, False)
    assert [f.score for f in again.best(*asked)] == [f.score for f in finder.best(*asked)]


def test_without_answers_nothing_is_found() -> None:
    """A content without answers is no fault."""
    assert AnswerFinder({}, LetterEncoder()).best("hva er dette", {}, professional=False) == []


@pytest.mark.parametrize("file", sorted((ROOT / "answers").glob("*.yml")), ids=lambda file: file.stem)
def test_answers_are_whole(file: Path) -> None:
    """Every answer is written in all three languages, short, and asked for in several ways. The template is one of them."""
    for answer in Answers.model_validate(read_yaml(file)).answers:
        for language in LANGUAGES:
            assert getattr(answer.says, language), f"{answer.id} lacks {language}"
            assert len(answer.says.in_language(language).split()) <= 60, f"{answer.id} is long in {language}"
        assert len(answer.asks) >= 4 or not answer.asks_alone, f"{answer.id} is asked for in too few ways"
        assert "@" not in answer.says.nb, f"{answer.id} sends people to e-mail"


def test_the_known_ways_of_asking_lead_to_their_answer(index: Index, library: Library) -> None:
    """With its entry in talk a known way of asking finds its answer, or one that is asked for in the same words."""
    lost: Counter[str] = Counter()
    rng = np.random.default_rng(1)
    everything = [(entry, a, ask) for entry, file in library.answers.items() for a in file.answers for _, ask in a.asks.all()]
    for number in rng.choice(len(everything), 300, replace=False):
        entry, answer, ask = everything[int(number)]
        found = index.answers.best(ask, {entry: IN_TALK}, answer.audience == "professional")[0]
        same_words = found.likeness > 0.98
        lost[entry] += not (found.entry == entry and same_words)
    assert sum(lost.values()) <= 3, lost.most_common(5)
