"""The evaluation and the choice of thresholds, on a handful of questions whose figures can be counted by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knowledge.calibrate import ALLOWED_ALARMS, WANTED_KEPT, calibrate
from knowledge.encoders import LettersOnly
from knowledge.evaluate import (
    Answered,
    Labelled,
    QuestionsError,
    Share,
    answer,
    as_json,
    as_table,
    figures,
    load_questions,
    report,
    share,
)
from knowledge.facts import Text
from knowledge.features import FeatureMaker
from knowledge.index import Found, Index, SearchResult
from knowledge.profile import Profile
from knowledge.reasons import Ranked
from knowledge.urgency import Level, Urgency

HERE = Path(__file__).parent


def question(number: int, **more: Any) -> Labelled:
    """A labelled question."""
    return Labelled.model_validate({"id": f"q-{number}", "text": "x", "lang": "nb", "who": "youth", **more})


def result(*services: str, topics: tuple[str, ...] = (), level: Level = "none", scope: str = "in") -> SearchResult:
    """A search that gave these."""
    return SearchResult(
        language="nb", urgency=Urgency(level, (), (Text(nb="x"),)), scope=scope,  # type: ignore[arg-type]
        services=tuple(Ranked(id, 0.5, ()) for id in services), topics=tuple(Found(id, 0.5) for id in topics), measures=(),
        kind="service", profile=Profile(), base={}, ask=None,
    )  # fmt: skip


ANSWERED = [
    Answered(question(1, best=["nav"], topic="tema-a"), result("nav", "udi", topics=("tema-a",))),
    Answered(question(2, best=["nav"], ok=["udi"], lang="nn"), result("udi", "nav", "seif")),
    Answered(question(3, best=["nav"], who="adult", topic="tema-a"), result("udi", "seif", topics=("tema-b", "tema-a"))),
    Answered(question(4, best=["amk-113"], urgency="acute", note="dialect: trøndersk"), result("amk-113", level="acute")),
    Answered(question(5, best=["amk-113"], urgency="acute"), result("nav")),
    Answered(question(6, best=["nav"], urgency="high"), result("nav", level="acute")),
    Answered(question(7, scope="out"), result(scope="out")),
    Answered(question(8, scope="out"), result("nav")),
    Answered(question(9, scope="near", best=["ung-no"]), result("ung-no", scope="near")),
]


def test_the_figures_can_be_counted_by_hand() -> None:
    """Of six questions with a right service three have it first, one second and two not at all."""
    found = figures(ANSWERED)
    assert found["first"].value == pytest.approx(3 / 6)
    assert found["first three"].value == pytest.approx(4 / 6)
    assert found["mrr"] == pytest.approx((1 + 0.5 + 0 + 1 + 0 + 1) / 6)
    assert found["fair in first three"] == pytest.approx((1 + 2 + 0 + 1 + 0 + 1) / 18)
    assert (found["topic first"].value, found["topic in three"].value) == (0.5, 1.0)
    assert found["acute seen"].value == 0.5
    assert found["false alarms"].value == pytest.approx(1 / 7)
    assert found["false alarms, nothing urgent"].value == 0.0
    assert found["out of scope declined"].value == 0.5
    assert found["in scope kept"].value == 1.0
    assert found["near: a general helper first"].value == 1.0


def test_figures_are_given_for_each_language_and_group() -> None:
    """An average hides the group it fails; the table does not."""
    groups = report(ANSWERED)["groups"]
    assert set(groups) == {"all", "language nb", "language nn", "dialect", "who youth", "who adult"}
    assert groups["language nn"]["first"] == share([False])
    assert groups["dialect"]["acute seen"].value == 1.0
    assert groups["who adult"]["first"].count == 1


def test_every_miss_is_listed_with_what_was_right() -> None:
    """Known misses are open: which question, what came, what was right."""
    misses = {miss["id"]: miss for miss in report(ANSWERED)["misses"]}
    assert {id: miss["what"] for id, miss in misses.items()} == {
        "q-2": "service", "q-3": "service", "q-5": "urgency", "q-6": "urgency", "q-8": "scope",
    }  # fmt: skip
    assert (misses["q-3"]["got"], misses["q-3"]["right"], misses["q-3"]["rank"]) == ("udi", "nav", None)


def test_confusions_are_counted_most_often_first() -> None:
    """What is taken for what tells an editor which two entries sound alike."""
    confusions = report(ANSWERED)["confusions"]
    assert confusions[0] == {"right": "nav", "first": "udi", "times": 2}


def test_an_interval_is_the_same_every_time() -> None:
    """The bootstrap has a fixed seed: two runs on the same answers print the same figures."""
    hits = [True] * 30 + [False] * 10
    assert share(hits) == share(hits)
    assert share(hits).low < 0.75 < share(hits).high
    assert (share([True] * 5).low, share([True] * 5).high) == (1.0, 1.0)


def test_a_share_of_nothing_says_so() -> None:
    """No questions, no figure."""
    assert share([]) == Share(0.0, 0.0, 0.0, 0)
    assert str(share([])) == "–"
    assert "of 2" in str(share([True, False]))


def test_the_table_and_the_json_hold_the_same_groups() -> None:
    """A person reads the one, a program the other."""
    made = report(ANSWERED)
    table = as_table(made)
    assert "language nn" in table
    assert "q-3: service: udi, right is nav" in table
    assert json.loads(as_json(made))["groups"]["all"]["first"]["count"] == 6


def test_an_empty_evaluation_is_no_error() -> None:
    """A file without questions gives a table without figures."""
    assert report([])["misses"] == []
    assert "all" in as_table(report([]))


def test_questions_are_read_from_files_and_folders(tmp_path: Path) -> None:
    """Blank lines are no questions; a folder means every JSONL in it, in order."""
    row = question(1).model_dump_json()
    (tmp_path / "b.jsonl").write_text(row.replace("q-1", "q-b") + "\n\n", encoding="utf-8")
    (tmp_path / "a.jsonl").write_text(row + "\n", encoding="utf-8")
    assert [q.id for q in load_questions([tmp_path])] == ["q-1", "q-b"]
    assert [q.id for q in load_questions([tmp_path / "b.jsonl"])] == ["q-b"]


@pytest.mark.parametrize("line", ["{", '{"id": "x"}', '{"id": "x", "text": "a", "lang": "nb", "who": "youth", "bset": []}'])
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    """File and line, so that it is found; a misspelt key is wrong too."""
    file = tmp_path / "q.jsonl"
    file.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(QuestionsError, match=r"q\.jsonl, line 2"):
        load_questions([file])


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    """No traceback for a missing file or a file in another encoding."""
    (tmp_path / "latin.jsonl").write_bytes("blåbær".encode("latin-1"))
    for name in ("none.jsonl", "latin.jsonl"):
        with pytest.raises(QuestionsError, match="cannot be read"):
            load_questions([tmp_path / name])


def test_the_projects_own_questions_are_labelled_right() -> None:
    """Every label points to something there is, and no question stands twice."""
    from knowledge.load import ROOT

    services = {path.stem for path in (ROOT / "services").glob("[!_]*.yml")}
    topics = {path.stem for path in (ROOT / "topics").glob("[!_]*.yml")}
    questions = load_questions([HERE / "questions"])
    assert len(questions) > 800
    assert len({q.id for q in questions}) == len(questions)
    assert len({q.text for q in questions}) == len(questions)
    for q in questions:
        assert {*q.best, *q.ok} <= services, q.id
        assert q.topic is None or q.topic in topics, q.id
        assert q.urgency in ("acute", "high", "none"), q.id
        assert q.scope in ("in", "near", "out"), q.id
        assert q.best or q.scope != "in" or q.topic, q.id


def test_a_question_is_searched_with_its_text_alone(letters_index: Index) -> None:
    """The figures are those of a first message, without anything known beforehand."""
    [answered] = answer(letters_index, [question(1, text="krisesenter", best=["krisesenter"])])
    assert answered.rank == 1
    assert answered.first == "krisesenter"


@dataclass
class Told:
    """A gate that says what it is told: the probability of its first class stands in the text itself."""

    classes: tuple[str, ...]

    def probabilities(self, features: Any) -> Any:
        """Rows with the told number first and the rest at the end."""
        out = np.zeros((len(features.folded), len(self.classes)))
        for row, text in enumerate(features.folded):
            out[row, 0] = float(text.split("#")[1])
            out[row, -1] = 1 - out[row, 0]
        return out


@dataclass
class Half:
    """As much of an index as the choice of thresholds needs."""

    levels: Told
    scopes: Told
    features: FeatureMaker
    encoder: Any


@pytest.fixture(scope="module")
def half() -> Any:
    """Levels and scopes are read from the questions' own texts."""
    maker = FeatureMaker.learn(["a b", "a c", "b c"], LettersOnly())
    return Half(Told(("acute", "high", "none")), Told(("in", "near", "out")), maker, LettersOnly())


def graded() -> list[Labelled]:
    """Acute ones score high, calm ones low, with one of each in the other's place."""
    rows = [(0.9, "acute", "in")] * 49 + [(0.3, "acute", "in")] + [(0.1, "none", "in")] * 60 + [(0.5, "none", "in")]
    rows += [(0.05, "none", "out")] * 30 + [(0.2, "high", "in")] * 20
    return [question(n, text=f"x #{p}", urgency=u, scope=s) for n, (p, u, s) in enumerate(rows)]


def test_thresholds_are_chosen_by_their_rule(half: Any) -> None:
    """Danger is seen in at least 98 of 100 when false alarms stay within what is allowed; real questions are kept."""
    questions = graded()
    chosen = calibrate(half, questions)
    p = np.array([float(q.text.split("#")[1]) for q in questions])
    acute = np.array([q.urgency == "acute" for q in questions])
    real = np.array([q.scope == "in" for q in questions])
    assert (p[acute] >= chosen.acute).mean() >= 0.98
    assert (p[~acute] >= chosen.acute).mean() <= ALLOWED_ALARMS
    assert (p[real] >= chosen.scope).mean() >= WANTED_KEPT
    assert (p[~real] >= chosen.scope).mean() == 0


def test_choosing_twice_gives_the_same(half: Any) -> None:
    """The rule has no chance in it."""
    assert calibrate(half, graded()) == calibrate(half, graded())


def test_a_set_without_every_kind_cannot_choose(half: Any) -> None:
    """From calm questions alone nobody can tell where danger begins."""
    with pytest.raises(ValueError, match="every urgency and scope"):
        calibrate(half, [q for q in graded() if q.urgency != "acute"])
