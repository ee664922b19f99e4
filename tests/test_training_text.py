"""The texts that the encoder is trained on: parallel segments, own phrases, slips and dialects."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from training.dialect import dialects, spoken
from training.noise import noisy, plain_letters, slip
from training.own_phrases import Phrase, family, first_of_each, in_fold, load_phrases
from training.segments import GLOSSARY, SegmentsError, draw_weights, load_segments

ROOT = Path(__file__).parents[1]


def write(path: Path, *rows: tuple[str, ...]) -> None:
    """A file of parallel text."""
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.writelines("\t".join(row) + "\n" for row in rows)


def test_segments_come_from_the_folder_and_the_glossary(tmp_path: Path) -> None:
    """Too long ones are left out; the file's name is the source."""
    write(tmp_path / "tatoeba_opus.tsv.gz", ("nb", "help", "hjelp"), ("nb", "x" * 151, "for lang"))
    found = load_segments(tmp_path)
    assert [(s.source, s.foreign) for s in found if s.source != "glossary"] == [("tatoeba_opus", "hjelp")]
    assert len(found) - 1 == len(GLOSSARY.read_text(encoding="utf-8").splitlines())


def test_a_wrong_folder_or_line_is_named(tmp_path: Path) -> None:
    """Who gives the wrong folder, or a file with a column missing, is told which."""
    with pytest.raises(SegmentsError, match="parallel text"):
        load_segments(tmp_path)
    write(tmp_path / "broken.tsv.gz", ("nb", "help", "hjelp"), ("nb", "help"))
    with pytest.raises(SegmentsError, match=r"broken\.tsv\.gz:2: 2 columns"):
        load_segments(tmp_path)


def test_nynorsk_is_drawn_oftener_than_swedish(tmp_path: Path) -> None:
    """What those who ask speak counts most, and the chances sum to 1."""
    write(tmp_path / "ntrex.tsv.gz", ("nn", "help", "hjelp"), ("sv", "help", "hjälp"))
    segments = load_segments(tmp_path)
    weights = draw_weights(segments)
    chance = {s.language: w for s, w in zip(segments, weights, strict=True) if s.source == "ntrex"}
    assert chance["nn"] > chance["sv"]
    assert weights.sum() == pytest.approx(1.0)


def test_slips_are_the_same_for_the_same_seed() -> None:
    """Training can be repeated; a slip changes one letter or two, never the number of words."""
    text = "foreldrene mine bestemmer hvem jeg får være sammen med"
    assert noisy(text, random.Random(3)) == noisy(text, random.Random(3))
    for seed in range(50):
        slipped = slip(text, random.Random(seed))
        assert len(slipped.split()) == len(text.split())
        assert abs(len(slipped) - len(text)) <= 1


def test_letters_that_a_foreign_keyboard_lacks_are_replaced() -> None:
    """Who has no å, ø and æ writes a, o and ae."""
    assert plain_letters("Være på Østlandet, å") == "Vaere pa Ostlandet, a"


def test_every_dialect_has_a_word_for_every_row() -> None:
    """A row with a hole would give an empty word."""
    assert all(word and other for table in dialects() for word, other in table.items())


def test_a_text_in_dialect_keeps_its_unknown_words_and_capitals() -> None:
    """Only what the table knows is changed."""
    said = spoken("Jeg vet ikke, Mangfoldsrådgiver", random.Random(1), share=1.0)
    assert said.endswith(", Mangfoldsrådgiver")
    assert said[0].isupper()


def test_each_phrase_of_the_project_has_its_id_and_kind() -> None:
    """Services compete with services, topics with topics, measures with measures."""
    phrases = load_phrases(ROOT / "knowledge/phrases")
    assert {family(p.id) for p in phrases} == {"service", "topic", "measure"}
    assert len({(p.id, p.text) for p in phrases}) == len(phrases)


def test_a_fold_and_the_rest_are_everything() -> None:
    """Nothing held out is trained on; each id loses a fifth."""
    phrases = [Phrase(id, "nb", f"{id} {n}") for id in ("a", "b") for n in range(10)]
    kept, held = in_fold(phrases, 0)
    assert not set(kept) & set(held)
    assert set(kept) | set(held) == set(phrases)
    assert [p.text for p in held] == ["a 0", "a 5", "b 0", "b 5"]
    assert len(first_of_each(phrases, 3)) == 6
    assert first_of_each(phrases, None) == phrases
