"""The sentences of one entry that answer a follow-up: found, never made."""

from __future__ import annotations

import pytest

from knowledge.index import Index
from knowledge.library import Library
from knowledge.passages import SHORTEST, Passages, sentences_of


@pytest.fixture(scope="module")
def passages(letters_index: Index) -> Passages:
    """Over the real entries, with the small index's features."""
    return Passages(letters_index.library, letters_index.features)


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize("entry", ["krisesenter", "tema-taushetsplikt", "tiltak-24"])
def test_every_answer_is_a_sentence_of_the_entry(passages: Passages, library: Library, entry: str, language: str) -> None:
    """Nothing is generated: what is said stands in the file, in the language asked for."""
    sentences = sentences_of(library, entry, language)
    assert len(sentences) > 3
    for asked in sentences[:3]:
        found = passages.best(asked, entry, language)
        assert found[0].text == asked
        assert {passage.text for passage in found} <= set(sentences)


def test_the_most_like_comes_first_and_only_near_ones_follow(passages: Passages) -> None:
    """One good sentence is better than three half ones."""
    found = passages.best("Er det gratis å bo på krisesenter?", "krisesenter", "nb", most=3)
    assert [p.likeness for p in found] == sorted((p.likeness for p in found), reverse=True)
    assert len(found) <= 3
    assert "ratis" in found[0].text


@pytest.mark.parametrize("question", ["xyzzy qwrtp zzgh", "🙂"])
def test_when_nothing_is_like_nothing_is_said(passages: Passages, question: str) -> None:
    """'I do not know' is an answer; a wrong sentence is none."""
    assert passages.best(question, "krisesenter", "nb") == []


def test_an_unknown_entry_has_no_sentences(passages: Passages, library: Library) -> None:
    """An id that is gone is no error in the middle of a conversation."""
    assert sentences_of(library, "no-such-entry", "nb") == []
    assert passages.best("hva koster det", "no-such-entry", "nb") == []


def test_advice_without_a_source_is_never_said(library: Library) -> None:
    """What is withheld until a professional has approved it, stays withheld."""
    withheld = [(topic.id, advice) for topic in library.topics.values() for advice in topic.withheld]
    assert withheld
    for id, advice in withheld:
        assert advice not in " ".join(sentences_of(library, id, "nb"))


def test_gaps_and_conflicts_are_for_editors(library: Library) -> None:
    """What nobody found out is not told as if it were an answer."""
    for id, service in library.services.items():
        said = set(sentences_of(library, id, "nb"))
        assert not said & {*service.gaps, *(conflict.why for conflict in service.conflicts)}


def test_labels_are_no_answers(library: Library) -> None:
    """A sentence is long enough to say something."""
    for id, measure in library.measures.items():
        for sentence in sentences_of(library, id, "nb"):
            assert len(sentence) >= SHORTEST or any(figure.value in sentence for figure in measure.figures)
