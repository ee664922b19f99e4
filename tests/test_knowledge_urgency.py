"""Is someone in danger now? The rules alone, without a model."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.facts import Text
from knowledge.library import Library
from knowledge.reasons import MEDICAL_RULES
from knowledge.text import fold
from knowledge.urgency import RULES, Urgency, find_urgency, load_rules

HERE = Path(__file__).parent
SENTENCES = yaml.load((HERE / "sentences" / "urgency.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
ACUTE = [(kind, text) for kind, texts in SENTENCES["acute"].items() for text in texts]
CALM = [(kind, text) for kind, texts in SENTENCES["calm"].items() for text in texts]
BECAUSE = Text(nb="Fordi.", nn="Fordi.", en="Because.")


@pytest.mark.parametrize(("kind", "text"), ACUTE, ids=[text for _, text in ACUTE])
def test_plain_danger_is_seen_by_the_rules_alone(kind: str, text: str) -> None:
    """Even when no model can be loaded, nobody who plainly writes that a life is in danger is met with small talk."""
    assert find_urgency(text).level == "acute", kind


@pytest.mark.parametrize(("kind", "text"), CALM, ids=[text for _, text in CALM])
def test_what_only_looks_like_danger_does_not_alarm(kind: str, text: str) -> None:
    """Who asks about homework, a film or a thing of the past is not shouted at: a false alarm makes people leave."""
    found = find_urgency(text)
    assert found.level != "acute", f"{kind}: {', '.join(found.rules)}"


def test_the_sentences_are_many_enough_and_each_stands_once() -> None:
    """The rules are held by at least 60 sentences of danger and 80 traps; the same sentence twice proves nothing."""
    assert len(ACUTE) >= 60
    assert len(CALM) >= 80
    folded = [fold(text) for _, text in ACUTE + CALM]
    assert len(set(folded)) == len(folded)


def test_no_sentence_here_is_a_question_of_the_evaluation() -> None:
    """The questions measure the whole; rules written for them would measure themselves."""
    files = sorted((HERE / "questions").glob("*.jsonl"))
    asked = {
        fold(json.loads(line)["text"]) for f in files for line in f.read_text(encoding="utf-8").splitlines() if line.strip()
    }
    assert asked
    assert not asked & {fold(text) for _, text in ACUTE + CALM}


def test_the_rules_alarm_on_no_calm_phrase_of_the_content(library: Library) -> None:
    """Of all that people say calmly, or of other matters, the rules take nothing for danger now."""
    calm = [text for name in ("calm", "calm-elsewhere", "elsewhere", "near", "high") for _, text in library.signals[name].all()]
    alarmed = [text for text in calm if find_urgency(text).level == "acute"]
    assert len(calm) > 1000
    assert not alarmed


@pytest.mark.parametrize(
    "text",
    [
        "jeg er ikke trygg nå, de har låst meg inne",
        "I am not safe now, he has locked me in",
        "pappa slår meg nå fordi jeg fikk dårlig karakter, hjelp",
        "han har låst meg inne og tatt nøklene mine",
        "han står på kjøkkenet med kniv og truer meg",
        "jeg er på rommet mitt og pappa skal drepe meg",
        "jeg orker ikke lenger, jeg skal ta livet mitt nå",
        "mannen min slår når han har drukket, og akkurat nå slår han meg",
        "han prøver å bryte seg inn",
    ],
)
def test_a_word_from_a_trap_does_not_silence_real_danger(text: str) -> None:
    """Grades, keys, kitchens and 'not … any more' make traps harmless; beside real danger they change nothing."""
    assert find_urgency(text).level == "acute"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("hun puster ikke", "medical"),
        ("jeg har tatt masse piller", "pills"),
        ("jeg skal ta livet mitt nå", "suicide-now"),
    ],
)
def test_a_life_in_danger_by_body_is_told_from_violence(text: str, rule: str) -> None:
    """Overdose, injury and suicide go to 113, so their rules must be known by name."""
    found = find_urgency(text)
    assert rule in found.rules
    assert set(found.rules) & MEDICAL_RULES


@pytest.mark.parametrize(
    "text", ["eksen min truer meg", "faren min slår meg", "jeg vil ikke leve", "they lock me in every night"]
)
def test_what_is_serious_but_not_now_is_high(text: str) -> None:
    """Between danger now and a question there is a middle: serious, and with time to talk."""
    assert find_urgency(text).level == "high"


def test_every_alarm_says_why_in_three_languages() -> None:
    """The person is told which words were taken for danger, in their own language."""
    for rule in load_rules():
        assert rule.because.nb
        assert rule.because.nn
        assert rule.because.en
    found = find_urgency("pappa slår mamma akkurat nå")
    assert found.because
    assert found.rules


def test_ids_of_rules_are_unique_and_levels_are_known() -> None:
    """A rule is named once, because the answer depends on its name."""
    ids = [rule.id for rule in load_rules()]
    assert len(set(ids)) == len(ids)
    assert {rule.level for rule in load_rules()} == {"acute", "high"}
    assert set(ids) >= MEDICAL_RULES


def test_a_classifier_can_raise_the_level_and_never_lower_it() -> None:
    """What the rules saw stays seen, whatever a model believes."""
    acute = Urgency("acute", ("weapon",), (BECAUSE,))
    assert acute.raised_to("high", "classifier", BECAUSE) == acute
    assert acute.raised_to("none", "classifier", BECAUSE) == acute
    raised = Urgency().raised_to("high", "classifier", BECAUSE)
    assert (raised.level, raised.rules, raised.because) == ("high", ("classifier",), (BECAUSE,))
    assert raised.raised_to("acute", "weapon", BECAUSE).rules == ("classifier", "weapon")


@pytest.mark.parametrize(
    "text",
    [
        "PAPPA SLÅR MAMMA AKKURAT NÅ",
        "pappa slår mamma akkurat nååååå",
        "pappa  slår\nmamma\takkurat   nå",
        "pappa sl\u200bår mam\u00adma akkurat nå",
        "pappa sla\u030ar mamma akkurat na\u030a",
    ],
)
def test_shouting_stretching_and_hidden_characters_change_nothing(text: str) -> None:
    """People in fear do not type neatly, and a letter may be written in two ways."""
    assert find_urgency(text).level == "acute"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_no_text_makes_the_rules_fail(text: str) -> None:
    """Whatever arrives, there is an answer."""
    assert find_urgency(text).level in ("acute", "high", "none")


@pytest.mark.parametrize(
    "piece", ["han ", "skal ", "hjelp ", "i kveld gifte bort ", "redd kommer for ", "jeg går på skolen. ", "a"]
)
def test_the_longest_text_is_read_in_a_moment(piece: str) -> None:
    """No pattern takes long on a long text; nobody can hold the guide up with one."""
    text = (piece * 2000)[:2000]
    load_rules()
    started = time.process_time()
    find_urgency(text)
    assert time.process_time() - started < 0.5


def test_a_pattern_that_names_no_group_is_refused(tmp_path: Path) -> None:
    """A misspelt group would be a rule that silently never fires."""
    row = '{id: x, level: acute, all: ["{nobody}"], because: {nb: "A", nn: "A", en: "A"}}'
    file = tmp_path / "danger.yml"
    file.write_text(f'groups: {{known: "a"}}\nrules: [{row}]\n', encoding="utf-8")
    with pytest.raises(KeyError, match="nobody"):
        load_rules(file)
    load_rules.cache_clear()


def test_a_group_may_name_another_wherever_it_stands(tmp_path: Path) -> None:
    """An editor need not know in which order groups are filled in."""
    row = '{id: x, level: acute, all: ["{one}"], because: {nb: "A", nn: "A", en: "A"}}'
    file = tmp_path / "danger.yml"
    file.write_text(f'groups: {{two: "help", one: "say {{two}}"}}\nrules: [{row}]\n', encoding="utf-8")
    assert load_rules(file)[0].fires("they say help")
    load_rules.cache_clear()
    assert load_rules(RULES) is load_rules(RULES)
