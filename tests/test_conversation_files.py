"""The written conversations are well-formed and point to what exists, and the judge that reads the answers is fair.

No server is needed: the conversations themselves are held by `python tests/conversations/run.py`.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

HERE = Path(__file__).parent
FOLDER = HERE / "conversations"
KNOWLEDGE = HERE.parent / "knowledge"
FILES = sorted(FOLDER.glob("*.yml"))
HELD_FILES = sorted((FOLDER / "held").glob("*.yml"))
FEWEST_CONVERSATIONS = 70
SHARES = {"nb": 0.55, "nn": 0.15, "en": 0.20, "dialect": 0.10}


def load_runner() -> ModuleType:
    """The runner as a module; it lies beside its files and not in a package."""
    spec = importlib.util.spec_from_file_location("conversations_run", FOLDER / "run.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


runner = load_runner()


def ids(folder: str) -> set[str]:
    """The ids of what lies in a folder of knowledge/: the names of its files."""
    return {path.stem for path in (KNOWLEDGE / folder).glob("*.yml") if not path.name.startswith("_")}


def card(id: str, name: str, *values: str) -> dict[str, Any]:
    """A service card with only what the judge reads."""
    return {"id": id, "name": name, "contacts": [{"value": value, "label": "", "hours": None} for value in values]}


def answer(*messages: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An answer of the chat."""
    return {"conversation_id": "x", "language": "nb", "degraded": False, "messages": list(messages), **changes}


RED_CROSS = card("rode-kors-telefonen", "Røde Kors-telefonen", "815 55 201")
ALARM = card("alarmtelefonen-116111", "Alarmtelefonen for barn og unge 116 111", "116 111")
CARDS = {"type": "services", "services": [RED_CROSS, ALARM]}
URGENT = {"type": "urgent", "text": "Ring nå.", "contacts": [{"value": "+47 23 95 00 00", "label": "UD"}]}
TOPIC = {"type": "topic", "topic": {"id": "tema-skeiv", "summary": ["Det er forbudt ved lov."]}}
HELLO = {"type": "text", "text": "Hei, jeg er en maskin."}


@pytest.mark.parametrize("path", [*FILES, *HELD_FILES], ids=lambda path: path.stem)
def test_file_is_well_formed(path: Path) -> None:
    """Every key is known, every pattern can be read, every conversation has 3 to 8 turns."""
    assert runner.load_conversations(path)


@pytest.mark.parametrize("path", [*FILES, *HELD_FILES], ids=lambda path: path.stem)
def test_ids_exist_in_knowledge(path: Path) -> None:
    """What is expected is something the guide knows."""
    places = {"services": ("first", "has", "has_any", "not"), "topics": ("topic",), "measures": ("measure",)}
    known = {folder: ids(folder) for folder in places}
    unknown = [
        f"{conversation.id}: {id}"
        for conversation in runner.load_conversations(path)
        for turn in conversation.turns
        for folder, keys in places.items()
        for key in keys
        for id in turn.get(key, [])
        if id not in known[folder]
    ]
    assert not unknown


def test_no_turn_expects_what_it_forbids() -> None:
    """A service is not both wanted and unwanted in the same turn."""
    for path in [*FILES, *HELD_FILES]:
        for conversation in runner.load_conversations(path):
            for turn in conversation.turns:
                wanted = {*turn.get("first", []), *turn.get("has", []), *turn.get("has_any", [])}
                assert not wanted & set(turn.get("not", [])), (conversation.id, turn)


def test_conversation_ids_are_unique() -> None:
    """A conversation can be named by its id alone."""
    names = Counter(c.id for path in [*FILES, *HELD_FILES] for c in runner.load_conversations(path))
    assert [name for name, count in names.items() if count > 1] == []


def test_there_are_enough_conversations_in_all_varieties() -> None:
    """Bokmål, nynorsk, English and dialect, in the shares people use them."""
    varieties = Counter(c.variety for path in FILES for c in runner.load_conversations(path))
    assert varieties.total() >= FEWEST_CONVERSATIONS
    for variety, asked in SHARES.items():
        assert abs(varieties[variety] / varieties.total() - asked) <= 0.03, varieties


@pytest.mark.parametrize(
    ("turn", "given"),
    [
        ({"first": ["rode-kors-telefonen"], "has": ["alarmtelefonen-116111"], "not": ["nav"]}, answer(CARDS)),
        ({"says": ["815 55 201", "81555201", "maskin"]}, answer(HELLO, CARDS)),
        ({"says": ["9-16"]}, answer({"type": "text", "text": "Åpent 9–16"})),
        ({"urgent": True, "urgent_has": "23 95 00 00"}, answer(URGENT, CARDS)),
        ({"urgent": False, "choices": False, "language": "nb"}, answer(HELLO)),
        ({"measure": ["tiltak-24"]}, answer({"type": "text", "text": "Tiltak 24 er ferdig."})),
        ({"measure": ["tiltak-9a"]}, answer({"type": "measure", "measure": {"id": "tiltak-9a", "title": "…"}})),
        ({"topic": ["tema-skeiv"], "says": ["lov"]}, answer(TOPIC)),
    ],
)
def test_judge_accepts_what_was_expected(turn: dict[str, Any], given: dict[str, Any]) -> None:
    """An answer that has it all holds."""
    assert runner.judge(turn, given, []) == []


@pytest.mark.parametrize(
    ("turn", "given"),
    [
        ({"first": ["alarmtelefonen-116111"]}, answer(CARDS)),
        ({"first": ["alarmtelefonen-116111"]}, answer(HELLO)),
        ({"has": ["alarmtelefonen-116111", "nav"]}, answer(CARDS)),
        ({"not": ["alarmtelefonen-116111"]}, answer(CARDS)),
        ({"urgent": True}, answer(HELLO, URGENT)),
        ({"urgent": False}, answer(HELLO, URGENT)),
        ({"says": ["116 117"]}, answer(CARDS)),
        ({"says_not": ["maskin"]}, answer(HELLO)),
        ({"measure": ["tiltak-2"]}, answer({"type": "text", "text": "Tiltak 24 er ferdig."})),
        ({"measure": ["plan2025-3"]}, answer({"type": "text", "text": "Tiltak 3 er i gang."})),
        ({"choices": True}, answer(HELLO)),
        ({"language": "nn"}, answer(HELLO)),
        ({}, answer()),
        ({}, answer({"type": "text", "text": " "})),
        ({}, answer(HELLO, degraded=True)),
    ],
)
def test_judge_refuses_what_was_not_expected(turn: dict[str, Any], given: dict[str, Any]) -> None:
    """One thing lacking, and the turn does not hold."""
    assert runner.judge(turn, given, [])


@pytest.mark.parametrize(
    ("text", "holds"),
    [("Alarmtelefonen svarer hele døgnet.", True), ("116111 er gratis.", True), ("Røde Kors-telefonen.", False)],
)
def test_the_second_one_is_known_by_name_or_contact(text: str, holds: bool) -> None:
    """'The other one' is about the second card last shown, and about no other."""
    failures = runner.judge({"about": 2}, answer({"type": "text", "text": text}), CARDS["services"])
    assert (failures == []) is holds


def test_a_conversation_is_carried_from_turn_to_turn(tmp_path: Path) -> None:
    """The conversation_id comes back, and a button is pressed with its payload."""
    path = tmp_path / "small.yml"
    path.write_text(
        'theme: "t"\nconversations:\n  - id: small\n    variety: nb\n    turns:\n'
        '      - say: "hei"\n        choices: true\n      - choose: "under"\n        first: [rode-kors-telefonen]\n'
        '      - say: "den andre"\n        about: 2\n',
        encoding="utf-8",
    )
    asked: list[dict[str, Any]] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content))
        buttons = {"type": "choices", "choices": [{"title": "Under 18", "payload": '/tell{"age": "17"}'}]}
        turns = [answer(HELLO, buttons), answer(CARDS), answer({"type": "text", "text": "Ring 116 111."})]
        return httpx.Response(200, json=turns[len(asked) - 1])

    with httpx.Client(transport=httpx.MockTransport(reply), base_url="http://veiviser") as client:
        result = runner.Talker(client).hold(runner.load_conversations(path)[0], verbose=False)
    assert result.whole
    assert [row["conversation_id"] for row in asked] == [None, "x", "x"]
    assert asked[1]["payload"] == '/tell{"age": "17"}'


def test_an_error_fails_the_turn_and_not_the_run(tmp_path: Path) -> None:
    """A 500 is a turn that did not hold; the conversation goes on."""
    conversation = runner.Conversation("c", "nb", [{"say": "a"}, {"say": "b"}], tmp_path)
    statuses = iter([500, 200])
    transport = httpx.MockTransport(lambda request: httpx.Response(next(statuses), json=answer(HELLO)))
    with httpx.Client(transport=transport, base_url="http://veiviser") as client:
        result = runner.Talker(client).hold(conversation, verbose=False)
    assert (result.held, result.whole) == (1, False)


@pytest.mark.parametrize(
    "turn",
    [
        '{say: "a", sayz: ["b"]}', '{say: "a", says: ["("]}', '{say: "a", urgent: maybe}', '{says: ["b"]}',
        '{say: "a", first: []}', '{say: "a", about: 0}', '{say: "a", language: se}', '{say: "a", say: "b"}',
    ],
)  # fmt: skip
def test_mistakes_in_a_file_are_told(turn: str, tmp_path: Path) -> None:
    """A key spelt wrong is a mistake, not something that is never judged."""
    path = tmp_path / "wrong.yml"
    path.write_text(
        f'theme: "t"\nconversations:\n  - id: c\n    variety: nb\n    turns: [{turn}, {{say: "x"}}, {{say: "y"}}]\n',
        encoding="utf-8",
    )
    with pytest.raises(runner.ConversationError):
        runner.load_conversations(path)
