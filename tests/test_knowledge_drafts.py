"""Drafts: looked through with the rest, shown to nobody, and told what they lack."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import LetterEncoder, first_phrases

from knowledge.export.hsds import Directory
from knowledge.index import Index
from knowledge.library import Library
from knowledge.load import ROOT, load_library
from knowledge.mistakes import KnowledgeError

DRAFT = """
name: {nb: "Et nytt tilbud"}
status: draft
contacts:
  - {kind: phone, value: "22 22 22 22", label: {nb: "Ring"}, sources: [page]}
sources:
  - {key: page, title: "En side", seen: "2026"}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The real content, to add a draft to."""
    for name in ("services", "topics", "measures", "places", "phrases", "signals"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def with_draft(root: Path, text: str, id: str = "nytt-tilbud") -> Library:
    (root / "services" / f"{id}.yml").write_text(text, encoding="utf-8")
    return load_library(root)


def test_an_unfinished_draft_is_no_mistake_and_no_service(root: Path) -> None:
    """It lies beside the content and says what it lacks."""
    library = with_draft(root, DRAFT)
    assert "nytt-tilbud" not in library.services
    draft = library.drafts["nytt-tilbud"]
    assert {"assured_date", "assured_by", "audience", "situations", "organization"} <= set(draft.missing)
    assert "assured_date" in str(draft)
    assert library.version == load_library(root).version


def test_nobody_is_shown_it_anywhere(root: Path) -> None:
    """Not in the search, though phrases for it are there, and in no export."""
    (root / "phrases" / "nytt-tilbud.yml").write_text('nb: ["jeg vil til det nye tilbudet"]\n', encoding="utf-8")
    library = with_draft(root, DRAFT)
    few = {id: first_phrases(phrases, 2) for id, phrases in library.phrases.items()}
    signals = {name: first_phrases(phrases, 6) for name, phrases in library.signals.items()}
    index = Index.from_library(replace(library, phrases=few, signals=signals), LetterEncoder())
    result = index.search("jeg vil til det nye tilbudet")
    assert "nytt-tilbud" not in {hit.id for hit in result.services}
    assert "Et nytt tilbud" not in {s.name.nb for s in Directory(library, "nb", library.freshness.clock()).services.values()}


def test_another_status_makes_everything_needed(root: Path) -> None:
    """Taking the draft away without the day it was checked is refused."""
    with pytest.raises(KnowledgeError) as caught:
        with_draft(root, DRAFT.replace("status: draft", "status: active"))
    assert any(mistake.where == "assured_date" for mistake in caught.value.mistakes)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"22 22 22 22"', '"12"', "contacts.0.value"),
        ("sources: [page]", 'sources: [page], hours: [{value: "25-26", source: page}]', "hours"),
        ("status: draft", "status: draft\ncolour: red", "colour"), ("{key: page,", '{key: page, url: "http//x",', "url"),
    ],
)  # fmt: skip
def test_a_draft_may_lack_but_not_be_wrong(root: Path, old: str, new: str, said: str) -> None:
    """A wrong number, impossible hours, an unknown key or a broken address is a mistake at once."""
    with pytest.raises(KnowledgeError, match=said):
        with_draft(root, DRAFT.replace(old, new))


def test_others_may_point_to_a_draft(root: Path) -> None:
    """It is there, though nobody is led to it."""
    path = root / "services" / "nav.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("related: [", "related: [nytt-tilbud, "), encoding="utf-8")
    assert "nytt-tilbud" in with_draft(root, DRAFT).services["nav"].related
