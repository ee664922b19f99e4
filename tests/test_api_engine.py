"""The search is kept on disk, survives what can break, and is replaced all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from api import engine as module
from api.engine import Engine, load_index
from knowledge.encoders import EncoderError, LettersOnly, Vectors
from knowledge.index import Index
from knowledge.library import Library
from knowledge.mistakes import KnowledgeError, Mistake
from knowledge.phrases import VARIETIES, Phrases

TEXT = "foreldrene mine vil gifte meg bort"


class CountingEncoder:
    """Counts how often it learns."""

    name = "counting"

    def __init__(self) -> None:
        self.texts = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.texts += len(texts)
        return np.array([[len(t) % 7, len(t) % 5, 1.0] for t in texts], dtype=np.float32).reshape(len(texts), 3)


@pytest.fixture(scope="module")
def small(library: Library) -> Library:
    def first(phrases: Phrases, count: int) -> Phrases:
        return Phrases(**{variety: getattr(phrases, variety)[:count] for variety in VARIETIES})

    phrases = {id: first(p, 1) for id, p in library.phrases.items()}
    return replace(library, phrases=phrases, signals={name: first(p, 3) for name, p in library.signals.items()})


def silent(_: str) -> None:
    """Says nothing."""


def firsts(index: Index) -> list[str]:
    return [hit.id for hit in index.search(TEXT).services]


def test_a_second_start_learns_nothing(small: Library, tmp_path: Path) -> None:
    """The learned index is read from disk and answers as before."""
    encoder = CountingEncoder()
    learned = load_index(small, encoder, tmp_path, silent)
    texts = encoder.texts
    assert texts > 100
    kept = load_index(small, encoder, tmp_path, silent)
    assert encoder.texts == texts
    assert firsts(kept) == firsts(learned)


def test_other_content_or_another_encoder_learns_anew(small: Library, tmp_path: Path) -> None:
    """The key is the content and the encoder; old files go after a few."""
    load_index(small, CountingEncoder(), tmp_path, silent)
    load_index(small, LettersOnly(), tmp_path, silent)
    changed = replace(small, topics={id: t for id, t in small.topics.items() if id != "tema-skeiv"})
    load_index(changed, LettersOnly(), tmp_path, silent)
    assert len(list(tmp_path.glob("index-*.joblib"))) == 3
    assert not list(tmp_path.glob(".new-*"))


@pytest.mark.parametrize("rubbish", [b"", b"rubbish", b"\x80\x04."])
def test_a_broken_cache_is_made_anew(small: Library, tmp_path: Path, rubbish: bytes) -> None:
    """A half-written or foreign file is no reason not to start."""
    load_index(small, LettersOnly(), tmp_path, silent)
    (file,) = tmp_path.glob("index-*.joblib")
    file.write_bytes(rubbish)
    assert firsts(load_index(small, LettersOnly(), tmp_path, silent))
    assert file.stat().st_size > 1000


def test_a_disk_that_cannot_be_written_is_no_reason_not_to_start(small: Library, tmp_path: Path) -> None:
    """The index is then in memory only."""
    (tmp_path / "file").write_text("in the way")
    assert firsts(load_index(small, LettersOnly(), tmp_path / "file", silent))


def test_without_an_encoder_the_search_goes_by_letters_and_says_so(
    small: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A damaged model does not stop the guide."""

    def missing(_: str | None) -> None:
        raise EncoderError("The encoder cannot be loaded. Restore the folder.")

    monkeypatch.setattr(module, "load_encoder", missing)
    engine = Engine(small)
    engine.prepare(None, tmp_path, silent)
    assert engine.index is not None
    assert engine.index.encoder.name == "letters-only"
    assert "Restore" in str(engine.encoder_problem)
    assert firsts(engine.index)


def test_content_with_mistakes_never_replaces_good_content(
    small: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reloading is all or nothing."""

    def wrong(**_: object) -> None:
        raise KnowledgeError([Mistake("services/x.yml", "", "", "It is wrong", "Mend it")])

    engine = Engine(small, load_index(small, LettersOnly(), tmp_path, silent))
    before = engine.index
    monkeypatch.setattr(module, "load_library", wrong)
    with pytest.raises(KnowledgeError):
        engine.reload(None, tmp_path, silent)
    assert (engine.library, engine.index) == (small, before)
    changed = replace(small, topics={id: t for id, t in small.topics.items() if id != "tema-skeiv"})
    monkeypatch.setattr(module, "load_library", lambda **_: changed)
    engine.reload(None, tmp_path, silent)
    assert engine.version == changed.version
    assert engine.index is not before
