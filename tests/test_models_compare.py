"""`make compare` and `make compare-encoders`: everyone gets the same texts, and the figures come out the same."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from extra_models import need_models, save_tiny_model

from knowledge.encoders import LettersOnly, load_encoder
from knowledge.evaluate import Labelled, load_questions
from knowledge.index import Index

need_models()

from benchmarks import compare, compare_encoders, compare_spelling, contenders, routing_report  # noqa: E402
from benchmarks.contenders import ContenderError, Ranked  # noqa: E402
from knowledge.features import FeatureMaker  # noqa: E402

QUESTIONS = Path(__file__).parent / "questions"
TOLD = [
    ("police", "han slår meg nå"), ("police", "noen slår meg hjemme nå"), ("police", "han har kniv"),
    ("nurse", "jeg trenger prevensjon"), ("nurse", "spørsmål om prevensjon og kropp"), ("nurse", "vondt i kroppen"),
    ("lawyer", "jeg vil skilles"), ("lawyer", "hvordan skilles vi"), ("lawyer", "hjelp av en advokat"),
]  # fmt: skip
ASKED = [Labelled(id=id, text=text, lang="nb", who="adult", best=(id,)) for id, text in TOLD[::3]]


@pytest.mark.parametrize("make", [contenders.bm25, contenders.n_grams], ids=["bm25", "n-grams"])
def test_a_contender_finds_what_it_was_told(make: object) -> None:
    """Each puts the id of a text it learned first, and names every id once."""
    ask = make(TOLD)  # type: ignore[operator]
    for id, text in TOLD:
        ranked = ask(text)
        assert ranked[0] == id
        assert sorted(ranked) == ["lawyer", "nurse", "police"]


def test_an_encoder_of_any_kind_can_be_a_contender(tmp_path: Path) -> None:
    """A logistic head over its vectors, trained and asked as every other."""
    encoder = load_encoder(str(save_tiny_model(tmp_path / "tiny")))
    found = contenders.timed(lambda: contenders.vectors(encoder, TOLD), [q.text for q in ASKED])
    assert [len(ids) for ids in found.ranked] == [3, 3, 3]
    assert len(found.milliseconds) == 3
    assert found.train_seconds > 0


def test_a_missing_environment_is_one_clear_sentence(tmp_path: Path) -> None:
    """Who starts the script before its environments are built is told how."""
    with pytest.raises(ContenderError, match="make compare"):
        contenders.elsewhere(contenders.ROOT / "bot/no-python", "rank_rasa.py", TOLD, [])


def test_who_was_asked_the_same_before_is_not_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stopped comparison goes on; other questions, or --fresh, ask anew."""
    monkeypatch.setattr(compare, "CACHE", tmp_path)
    asked: list[int] = []
    one = compare.Contender("one", lambda examples, questions: asked.append(1) or Ranked([["a"]], 1.0, [2.0]))  # type: ignore[func-returns-value]
    for questions, fresh in (["x"], False), (["x"], False), (["y"], False), (["x"], True):
        assert compare.kept(one, TOLD, questions, fresh).ranked == [["a"]]
    assert len(asked) == 3


def test_the_place_of_the_right_service_is_counted_from_one() -> None:
    """What is not among the ten counts as never."""
    found = Ranked([["police"], ["police", "nurse"], ["police"]], 0.0, [1.0] * 3)
    assert list(routing_report.places(found, ASKED)) == [1, 2, np.inf]


def test_the_report_and_the_plot_are_whole_and_the_same_twice(letters_index: Index, tmp_path: Path) -> None:
    """Every table is filled, everyone stands in the plot, and nothing changes when nothing has changed."""
    asked = compare.routed(load_questions([QUESTIONS]))[::20]
    found = {
        name: Ranked([[*([q.best[0]] if at % 2 else []), "nora"] for at, q in enumerate(asked)], 3.0, [1.0] * len(asked))
        for name in ("one contender", "another contender")
    }
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        routing_report.write(tmp_path / folder, found, asked, letters_index, "Here and now.")
    text = (tmp_path / "first/routing.md").read_text(encoding="utf-8")
    drawn = (tmp_path / "first/routing.svg").read_text(encoding="utf-8")
    assert "{{" not in text
    assert "| one contender |" in text
    assert "one contender" in drawn
    assert "another contender" in drawn
    assert ElementTree.fromstring(drawn).tag.endswith("svg")
    assert (text, drawn) == tuple((tmp_path / f"second/routing.{kind}").read_text(encoding="utf-8") for kind in ("md", "svg"))


def test_an_encoder_is_measured_alone_and_with_letters(tmp_path: Path) -> None:
    """Its width, its places by the vectors alone and by all votes, and its times stand in one line."""
    encoder = load_encoder(str(save_tiny_model(tmp_path / "tiny")))
    letters = FeatureMaker.learn([text for _, text in TOLD], LettersOnly()).letters
    measured = compare_encoders.measure(encoder, letters, TOLD, ASKED)
    assert list(measured.places) == [1, 1, 1]
    line = compare_encoders.row("tiny", measured, ASKED, vectors=True)
    assert line[:2] == ["tiny", "32"]


def test_an_encoder_that_cannot_be_loaded_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its sentence is printed, the others are measured, and the exit status says that something was wrong."""
    monkeypatch.setattr("sys.argv", ["compare_encoders", "letters", "/no/such/folder/at/all"])
    monkeypatch.setattr(compare_encoders, "service_examples", lambda library: TOLD)
    monkeypatch.setattr(compare_encoders, "load_questions", lambda paths: ASKED)
    assert compare_encoders.main() == 1
    said = capsys.readouterr()
    assert "| letters |" in said.out
    assert "VEIVISER_ENCODER" in said.err


def test_a_compound_is_told_from_a_simple_word() -> None:
    """Both parts must be known words; an s or e between them is allowed."""
    compounds = compare_spelling.Compounds(["skole rådgiver tvang ekteskap hjelp"] * 3)
    assert compounds.parts("skolerådgiver") == ("skole", "rådgiver")
    assert compounds.parts("tvangsekteskap") == ("tvangs", "ekteskap")
    assert compounds.parts("hjelp") is None
    assert compounds.apart("en skolerådgiver") == "en skole rådgiver"
