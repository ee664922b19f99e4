"""The one question worth asking: only when its answer changes the first service."""

from __future__ import annotations

from itertools import pairwise

import pytest

from knowledge.facts import Text
from knowledge.library import Library
from knowledge.profile import Profile
from knowledge.questions import Question, load_question, question_for
from knowledge.urgency import Urgency

CALM = Urgency()
ACUTE = Urgency("acute", ("weapon",), (Text(nb="a"),))
SLOTS = ("age", "in_norway", "role", "municipality")


def base_with(library: Library, **sure: float) -> dict[str, float]:
    """A little probability for every service, and more for some (id with _ for -)."""
    return dict.fromkeys(library.shown_services(), 0.0005) | {id.replace("_", "-"): p for id, p in sure.items()}


def slot(question: Question | None) -> str | None:
    """The slot asked for."""
    return question.slot if question else None


def test_age_is_asked_when_it_decides(library: Library) -> None:
    """A shelter for an adult, child welfare for a child: then it matters how old the person is."""
    base = base_with(library, krisesenter=0.5, barnevernet=0.4)
    assert slot(question_for(base, Profile(in_norway=True), CALM, library)) == "age"


@pytest.mark.parametrize("known", [Profile(age=16), Profile(minor=False, role="adult")])
def test_what_is_known_is_not_asked(library: Library, known: Profile) -> None:
    """Nobody says their age twice."""
    base = base_with(library, krisesenter=0.5, barnevernet=0.4)
    assert slot(question_for(base, known, CALM, library)) != "age"


def test_nothing_is_asked_when_no_answer_would_change_the_first(library: Library) -> None:
    """A question costs trust; without use it is not asked."""
    base = base_with(library, rode_kors_telefonen=0.97)
    assert question_for(base, Profile(role="youth", in_norway=True), CALM, library) is None


def test_where_is_asked_when_someone_may_be_abroad(library: Library) -> None:
    """'They will not let me leave' in Norway and in Somalia need different help."""
    base = base_with(library, spesialutsendinger=0.4, mangfoldsradgivere=0.45)
    assert slot(question_for(base, Profile(role="youth", age=16), CALM, library)) == "in_norway"


def test_where_is_not_asked_when_nothing_points_abroad(library: Library) -> None:
    """Most people are in Norway; they are not asked without a reason."""
    base = base_with(library, krisesenter=0.5, barnevernet=0.4)
    assert slot(question_for(base, Profile(), CALM, library)) != "in_norway"


def test_in_danger_nothing_is_asked(library: Library) -> None:
    """Who is in danger now gets a number, not a form."""
    base = base_with(library, krisesenter=0.5, barnevernet=0.4)
    assert question_for(base, Profile(), ACUTE, library) is None


def test_the_same_is_never_asked_twice(library: Library) -> None:
    """Who did not want to say is not asked again."""
    base = base_with(library, krisesenter=0.5, barnevernet=0.4)
    first = slot(question_for(base, Profile(in_norway=True), CALM, library))
    assert first is not None
    assert slot(question_for(base, Profile(in_norway=True), CALM, library, {first})) != first
    assert question_for(base, Profile(in_norway=True), CALM, library, set(SLOTS)) is None


def test_without_candidates_nothing_is_asked(library: Library) -> None:
    """No need yet, no question about it."""
    assert question_for({}, Profile(), CALM, library) is None


@pytest.mark.parametrize("name", SLOTS)
def test_every_question_may_be_left_unanswered(name: str) -> None:
    """Each question has a way out that costs nothing, in three languages, and no answer stands twice."""
    question = load_question(name)  # type: ignore[arg-type]
    values = [value for value, _ in question.options]
    assert values[-1] == "unknown"
    assert len(set(values)) == len(values)
    for text in (question.question, *(text for _, text in question.options)):
        assert all((text.nb, text.nn, text.en))
    assert question.question.nb.endswith("?")


def test_the_questions_come_by_weight(library: Library) -> None:
    """Where you are decides more than how old you are, and that more than your role."""
    base = base_with(library, spesialutsendinger=0.3, krisesenter=0.3, barnevernet=0.28)
    asked: list[str] = []
    while (found := question_for(base, Profile(), CALM, library, asked)) is not None:
        asked.append(found.slot)
    order = ["in_norway", "age", "role"]
    assert asked
    assert all(order.index(a) < order.index(b) for a, b in pairwise(asked))
