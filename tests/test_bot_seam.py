"""The seam between bot/ and actions/: names, sentences, values and payloads fit. Plain YAML and source text; needs no Rasa."""

import ast
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
BOT = ROOT / "bot"
LANGUAGES = ("nb", "nn", "en")
#: Rasa puts these keys of an action's message into the message itself.
RESERVED = {"text", "image", "buttons", "custom", "attachment", "response", "template", "elements", "quick_replies"}


def _load(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


DOMAIN = _load(BOT / "domain/domain.yml")
RESPONSES = {
    name: variants
    for path in sorted((BOT / "domain").glob("responses*.yml"))
    for name, variants in _load(path)["responses"].items()
}
RULES = {
    rule["steps"][0]["intent"]: [step["action"] for step in rule["steps"][1:]]
    for rule in _load(BOT / "data/rules.yml")["rules"]
}
CODE = {path: ast.parse(path.read_text(encoding="utf-8")) for room in ("actions", "api") for path in (ROOT / room).glob("*.py")}


def _examples(folder: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.yml")):
        for block in _load(path)["nlu"]:
            found.setdefault(block["intent"], []).extend(line[2:].strip() for line in block["examples"].splitlines() if line)
    return found


EXAMPLES = _examples(BOT / "data/nlu")


def _language(variant: dict[str, Any]) -> str:
    conditions = variant.get("condition") or [{"name": "language", "value": "nb"}]
    return str(conditions[0]["value"])


def _in_code(attribute: str) -> set[str]:
    """First arguments, given as plain strings, of every call named `attribute` in actions/ and api/."""
    return {
        node.args[0].value
        for tree in CODE.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == attribute
        and node.args and isinstance(node.args[0], ast.Constant)
    }  # fmt: skip


def _said() -> list[tuple[str, set[str] | None]]:
    """Responses that the code sends by a plain name, with the values given (None: they are given as a whole)."""
    said: list[tuple[str, set[str] | None]] = []
    for tree in CODE.values():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "utter_message"):
                continue
            given = {keyword.arg for keyword in node.keywords}
            for keyword in node.keywords:
                if keyword.arg == "response" and isinstance(keyword.value, ast.Constant):
                    said.append((keyword.value.value, None if None in given else {str(k) for k in given} - {"response"}))
    return said


def _words_of_code() -> set[str]:
    """Every plain string in actions/ and api/ that looks like the name of a response."""
    return {
        node.value
        for tree in CODE.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"utter_[a-z0-9_]*[a-z0-9]", node.value)
    } - {"utter_message"}


def _variables(text: str) -> set[str]:
    return set(re.findall(r"(?<!\{)\{([a-z_]+)\}(?!\})", text))


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_every_sentence_is_there_in_three_languages_with_the_same_values(name):
    """Bokmål without a condition, so that there is always one; nynorsk and English by the slot language."""
    variants = RESPONSES[name]
    assert [_language(variant) for variant in variants] == list(LANGUAGES)
    assert "condition" not in variants[0]
    assert len({frozenset(_variables(variant["text"])) for variant in variants}) == 1
    assert not _variables(variants[0]["text"]) & RESERVED
    assert "\n\n" not in "".join(variant["text"] for variant in variants), "Rasa would cut it in two"


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_sentences_keep_to_their_language(name):
    """Small words of the other written standard give a slip away."""
    giveaway = {
        "nb": r"\b(?:eg|ikkje|kva|kven|korleis|noko|nokon|berre|frå|dei|vere|seie|gjere|skulen|heile|meir|då|verkar|finst)\b",
        "nn": r"\b(?:jeg|ikke|hva|hvem|hvordan|noe|noen|bare|fra|være|gjøre|skolen|hele|mer|nå|virker|finnes|hvis)\b",
        "en": r"\b(?:jeg|ikke|du|og|det|eg|ikkje|noen)\b",
    }
    for variant in RESPONSES[name]:
        assert not re.search(giveaway[_language(variant)], variant["text"], re.IGNORECASE), variant["text"]


@pytest.mark.parametrize("name", sorted(name for name, variants in RESPONSES.items() if "buttons" in variants[0]))
def test_payloads_are_intents_with_known_entities(name):
    """A button that does not parse would be sent to the model as a text."""
    payloads = []
    for variant in RESPONSES[name]:
        payloads.append([button["payload"] for button in variant["buttons"]])
        for button in variant["buttons"]:
            sent = button["payload"].replace("{{", "{").replace("}}", "}")
            intent, entities = re.fullmatch(r"/([a-z_]+)(\{.*\})?", sent).groups()
            assert intent in DOMAIN["intents"]
            assert set(json.loads(entities or "{}")) <= {next(iter(entity)) for entity in DOMAIN["entities"]}
            assert 1 <= len(button["title"]) <= 36
    assert payloads[0] == payloads[1] == payloads[2]
    if name.startswith("utter_ask_"):
        assert "/dont_know" in payloads[0], "not knowing is always an answer"


def test_every_act_of_talk_has_one_rule_with_one_action():
    """And the fallback has one: it searches."""
    assert set(RULES) == {*DOMAIN["intents"], "nlu_fallback"}
    assert all(len(actions) == 1 for actions in RULES.values())
    assert RULES["nlu_fallback"] == ["action_find_services"]


def test_rules_name_actions_and_sentences_that_exist():
    """What Rasa is told to do can be done."""
    assert {action for actions in RULES.values() for action in actions} <= {*DOMAIN["actions"], *RESPONSES}


def test_the_app_has_every_action_of_the_domain_and_no_other():
    """The name that a class in actions/ gives is the one that Rasa calls."""
    served = {
        node.value
        for path, tree in CODE.items()
        if path.parent.name == "actions"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"action_[a-z_]+", node.value)
    }
    assert served == set(DOMAIN["actions"])


def test_every_sentence_that_the_code_names_exists():
    """A name that does not exist would be silence: Rasa leaves it out without a word."""
    assert _words_of_code() <= set(RESPONSES)


@pytest.mark.parametrize(("name", "given"), _said(), ids=lambda value: value if isinstance(value, str) else "")
def test_sentences_get_the_values_they_need(name, given):
    """A missing value would be shown as {name}."""
    if given is not None:
        assert _variables(RESPONSES[name][0]["text"]) <= given


def test_each_part_of_a_service_can_be_told_or_not_known():
    """The names are built from the part that is asked about."""
    parts = {
        "contact", "hours", "chat", "cost", "anonymous", "confidential", "parents", "what_happens", "language", "age", "where",
        "owner", "limits", "referral", "figures",
    }  # fmt: skip
    for part in parts:
        assert _variables(RESPONSES[f"utter_service_{part}"][0]["text"]) == {"name", "answer"}
        assert _variables(RESPONSES[f"utter_service_{part}_unknown"][0]["text"]) == {"name"}


def test_slots_hold_no_text_and_are_filled_by_the_app():
    """Each is filled by action_validate_slot_mappings, and none changes which rule fits."""
    for name, slot in DOMAIN["slots"].items():
        assert slot["mappings"] == [{"type": "custom"}], name
        assert slot["influence_conversation"] is False, name


def test_the_code_sets_only_slots_that_exist():
    """Rasa leaves out the others, with a line in a log that nobody reads."""
    assert _in_code("SlotSet") <= set(DOMAIN["slots"])


def test_numbers_in_sentences_are_numbers_of_services():
    """When a number changes in knowledge/, the sentence with it must not stay."""
    known = {
        re.sub(r"\s", "", str(contact["value"]))
        for path in (ROOT / "knowledge/services").glob("*.yml")
        for contact in _load(path).get("contacts", [])
    }
    spoken = {
        re.sub(r"\s", "", number)
        for variants in RESPONSES.values()
        for variant in variants
        for number in re.findall(r"\+47[ \d]{8,}\d|\b1\d\d \d\d\d\b|\b11[0-9]\b", variant["text"])
    }
    assert {"112", "113", "116111", "116123", "+4723950000"} <= spoken
    assert spoken <= known


def test_the_numbers_of_examples_are_enough():
    """What an act of talk is learned from."""
    least = {
        "describe_situation": 200, "danger": 60, "out_of_scope": 120, "ask_topic": 90, "ask_measure": 60, "ask_plan": 60,
    }  # fmt: skip
    assert set(EXAMPLES) == set(DOMAIN["intents"])
    few = {intent: len(texts) for intent, texts in EXAMPLES.items() if len(texts) < least.get(intent, 45)}
    assert not few


def test_no_example_means_two_things_and_none_is_measured_with():
    """The sets that measure the model are apart from what it learns."""

    def plain(text: str) -> str:
        return text.lower().strip(" .!?")

    meant = Counter(text for texts in EXAMPLES.values() for text in {plain(text) for text in texts})
    assert [text for text, count in meant.items() if count > 1] == []
    measured = [plain(text) for texts in _examples(BOT / "tests/nlu").values() for text in texts]
    assert [text for text in measured if text in meant] == []


def test_the_shared_secret_travels_in_a_header_of_the_same_name():
    """Both endpoint files send it, and nothing turns on what loses actions."""
    for name in ("endpoints.yml", "endpoints-redis.yml"):
        endpoint = _load(BOT / name)["action_endpoint"]
        assert endpoint == {"url": "${VEIVISER_ACTION_URL}", "headers": {"X-Veiviser-Secret": "${VEIVISER_BOT_SECRET}"}}
