"""What people say, one named case a file: enough of it, in every written form, and no test question among it."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from knowledge.load import ROOT, read_yaml
from knowledge.phrases import SIGNALS, VARIETIES, Phrases
from knowledge.text import MAX_CHARACTERS, clean, fold, has_words

HERE = Path(__file__).parent


def entries(kind: str) -> list[str]:
    """Ids of the entries of one kind."""
    return sorted(path.stem for path in (ROOT / kind).glob("[!_]*.yml"))


FILES = sorted((folder, path.stem) for folder in ("phrases", "signals") for path in (ROOT / folder).glob("[!_]*.yml"))
every_file = pytest.mark.parametrize(("folder", "id"), FILES, ids=[f"{folder}/{id}" for folder, id in FILES])
#: Enough to learn from: a service is chosen from many, a measure most often by its number.
ENOUGH = {"services": 80, "topics": 30, "measures": 8}
#: Services that few ever need.
RARE = {"dialoggrupper-asylmottak", "nav-ressurssenter", "sentralmyndigheten-haag", "nkvts", "rvts", "stl", "udir-ressurser"}
NEEDED = [
    (id, 40 if id in RARE else number) for kind, number in ENOUGH.items() for id in entries(kind)
]  # fmt: skip
SIGNAL_SIZES = {
    "acute": 150,
    "acute-abroad": 60,
    "high": 150,
    "calm": 150,
    "calm-elsewhere": 100,
    "near": 100,
    "elsewhere": 400,
}


@cache
def phrases(folder: str, id: str) -> Phrases:
    """The phrases of one file."""
    return Phrases.model_validate(read_yaml(ROOT / folder / f"{id}.yml"))


def plain(text: str) -> str:
    """The text as compared: folded, without signs at its ends."""
    return fold(text).strip(" .,!?…:;\"'«»")


@cache
def questions() -> frozenset[str]:
    """The test questions that hold a word."""
    rows = [
        line
        for f in (HERE / "questions").glob("*.jsonl")
        for line in f.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    return frozenset(plain(json.loads(row)["text"]) for row in rows if has_words(json.loads(row)["text"]))


@pytest.mark.parametrize(("id", "least"), NEEDED, ids=[id for id, _ in NEEDED])
def test_there_are_enough_phrases(id: str, least: int) -> None:
    """At least 80 for a service (40 for the rarest), 30 for a topic, 8 for a measure."""
    assert (ROOT / "phrases" / f"{id}.yml").exists()
    assert len(phrases("phrases", id)) >= least


@pytest.mark.parametrize("id", [*entries("services"), *entries("topics")])
def test_every_written_form_is_there(id: str) -> None:
    """Bokmål, nynorsk, English and dialect, each at least five: nobody has to write like somebody else."""
    counted = {variety: len(getattr(phrases("phrases", id), variety)) for variety in VARIETIES}
    assert min(counted.values()) >= 5, counted


@every_file
def test_no_phrase_stands_twice_or_is_empty_of_words(folder: str, id: str) -> None:
    """The same phrase twice teaches nothing new; a phrase without a word teaches nothing."""
    texts = [text for _, text in phrases(folder, id).all()]
    twice = [text for text, times in Counter(plain(t) for t in texts if has_words(t)).items() if times > 1]
    assert texts
    assert not twice
    assert folder == "signals" or all(has_words(text) for text in texts)
    assert all(len(text) <= MAX_CHARACTERS and clean(text) for text in texts)


@every_file
def test_no_phrase_is_a_test_question(folder: str, id: str) -> None:
    """What the figures are measured on is never learned from."""
    assert len(questions()) > 800
    assert not [text for _, text in phrases(folder, id).all() if plain(text) in questions()]


@every_file
def test_no_phrase_names_a_real_person(folder: str, id: str) -> None:
    """Phrases are made up: no national identity number and no private e-mail address stands in them."""
    private = re.compile(r"\b\d{6} ?\d{5}\b|@(?:gmail|hotmail|outlook|yahoo|icloud|live)\b")
    found = [text for _, text in phrases(folder, id).all() if private.search(text)]
    assert not found


def test_a_phrase_belongs_to_one_id_only() -> None:
    """The same words cannot mean two services; then neither is learned."""
    owners: dict[str, set[str]] = {}
    for folder, id in FILES:
        if folder == "phrases":
            for _, text in phrases(folder, id).all():
                owners.setdefault(plain(text), set()).add(id)
    assert {text: ids for text, ids in owners.items() if len(ids) > 1} == {}


def test_what_is_calm_in_one_file_is_not_danger_in_another() -> None:
    """The classifiers learn from these files together; the same words cannot be both."""
    levels: dict[str, set[str]] = {}
    for folder, id in FILES:
        if folder == "signals":
            for _, text in phrases(folder, id).all():
                levels.setdefault(fold(text), set()).add(SIGNALS[id][1])
    assert {text: found for text, found in levels.items() if len(found) > 1} == {}


@pytest.mark.parametrize(("name", "least"), SIGNAL_SIZES.items(), ids=list(SIGNAL_SIZES))
def test_every_signal_has_enough_in_every_written_form(name: str, least: int) -> None:
    """Danger, calm and other matters must sound like themselves in dialect and English too."""
    found = phrases("signals", name)
    assert len(found) >= least
    assert all(getattr(found, variety) for variety in VARIETIES)


def test_every_signal_the_code_knows_has_a_file() -> None:
    """A signal without phrases would be a class the classifiers never see."""
    assert {id for folder, id in FILES if folder == "signals"} == set(SIGNALS) == set(SIGNAL_SIZES)


def test_every_entry_has_a_file_and_every_file_an_entry() -> None:
    """Nothing is found by what people say when nobody wrote what they say."""
    there = {id for folder, id in FILES if folder == "phrases"}
    assert there == {id for kind in ENOUGH for id in entries(kind)}
