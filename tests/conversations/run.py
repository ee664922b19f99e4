"""Says written conversations to a running Veiviser, turn by turn, and judges the answers. See README.md in this folder."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml

HERE = Path(__file__).parent
VARIETIES = ("nb", "nn", "en", "dialect")
LANGUAGES = ("nb", "nn", "en")
LISTS = ("first", "has", "has_any", "not", "says", "says_not", "topic", "measure")
FLAGS = ("urgent", "choices")
OPENERS = ("say", "choose")
TURN_KEYS = (*OPENERS, *LISTS, *FLAGS, "about", "urgent_has", "language")
CONVERSATION_KEYS = ("id", "variety", "turns")
FEWEST_TURNS, MOST_TURNS = 3, 8
NOT_PROSE = ("id", "url", "payload", "kind", "type", "sources", "score", "assured_date", "number")

Json = dict[str, Any]


class ConversationError(Exception):
    """Raised when a file of conversations is not well-formed; the message has all the mistakes."""


@dataclass(frozen=True)
class Conversation:
    """One written conversation."""

    id: str
    variety: str
    turns: list[Json]
    path: Path


@dataclass
class Result:
    """What came of one conversation: for each turn the failures (none when it held)."""

    conversation: Conversation
    failures: list[list[str]] = field(default_factory=list)

    @property
    def held(self) -> int:
        """How many turns held."""
        return sum(not failures for failures in self.failures)

    @property
    def whole(self) -> bool:
        """Did all of it hold?"""
        return self.held == len(self.conversation.turns)


# Reading the files


class _TextLoader(yaml.BaseLoader):
    """All values are text, and a key may stand only once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise ConversationError(f"line {node.start_mark.line + 1}: '{key}' stands more than once")
        return super().construct_mapping(node, deep)


def load_conversations(path: Path) -> list[Conversation]:
    """The conversations of one file. All mistakes in it are told at once."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _TextLoader)
    except (yaml.YAMLError, ConversationError) as error:
        raise ConversationError(f"{path.name}: {error}") from error
    if not isinstance(content, dict) or set(content) != {"theme", "conversations"}:
        raise ConversationError(f"{path.name}: the keys at the top must be 'theme' and 'conversations'")
    mistakes: list[str] = []
    conversations = []
    for row in content["conversations"]:
        mistakes += [f"{path.name}: {mistake}" for mistake in _mistakes(row)]
        if not mistakes:
            turns = [_typed(turn) for turn in row["turns"]]
            conversations.append(Conversation(row["id"], row["variety"], turns, path))
    if mistakes:
        raise ConversationError("\n".join(mistakes))
    return conversations


def _mistakes(row: Any) -> Iterator[str]:
    if not isinstance(row, dict) or set(row) != set(CONVERSATION_KEYS):
        yield f"a conversation needs exactly {', '.join(CONVERSATION_KEYS)}: {str(row)[:80]}"
        return
    name, turns = row["id"], row["turns"]
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        yield f"{name}: an id has small letters, figures and hyphens"
    if row["variety"] not in VARIETIES:
        yield f"{name}: variety '{row['variety']}' is not one of {', '.join(VARIETIES)}"
    if not FEWEST_TURNS <= len(turns) <= MOST_TURNS:
        yield f"{name}: {len(turns)} turns; {FEWEST_TURNS} to {MOST_TURNS} are asked for"
    for place, turn in enumerate(turns, start=1):
        for mistake in _turn_mistakes(turn, place):
            yield f"{name}, turn {place}: {mistake}"


def _turn_mistakes(turn: Json, place: int) -> Iterator[str]:
    for key in turn:
        if key not in TURN_KEYS:
            yield f"'{key}' is not known; use one of {', '.join(TURN_KEYS)}"
    if sum(key in turn for key in OPENERS) != 1:
        yield "a turn has either 'say' or 'choose'"
    if "choose" in turn and place == 1:
        yield "there is nothing to choose from yet"
    for key in LISTS:
        if key in turn and not (isinstance(turn[key], list) and turn[key]):
            yield f"'{key}' is a list with something in it"
    for key in FLAGS:
        if turn.get(key, "true") not in ("true", "false"):
            yield f"'{key}' is true or false"
    if not turn.get("about", "1").isdigit() or turn.get("about") == "0":
        yield "'about' is a place among the cards last shown: 1, 2, 3 …"
    if turn.get("language", "nb") not in LANGUAGES:
        yield f"language '{turn['language']}' is not one of {', '.join(LANGUAGES)}"
    for key in ("says", "says_not", "choose"):
        patterns = turn.get(key, [])
        for pattern in [patterns] if isinstance(patterns, str) else patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                yield f"the pattern {pattern!r} in '{key}' cannot be read: {error}"


def _typed(turn: Json) -> Json:
    typed = dict(turn)
    for key in FLAGS:
        if key in typed:
            typed[key] = typed[key] == "true"
    if "about" in typed:
        typed["about"] = int(typed["about"])
    return typed


# Reading an answer


def plain(text: str) -> str:
    """All dashes and spaces alike."""
    text = re.sub("[\u2010-\u2015\u2212]", "-", text)
    return re.sub(r"[ \t\u00a0\u2007\u2009\u202f]+", " ", text)


def compact(text: str) -> str:
    """Without the spaces between digits."""
    return re.sub(r"(?<=\d) (?=\d)", "", plain(text))


def found(pattern: str, text: str) -> bool:
    """Is the pattern in the text, as it stands or without the spaces between digits?"""
    flags = re.IGNORECASE | re.DOTALL
    return bool(re.search(plain(pattern), plain(text), flags) or re.search(compact(pattern), compact(text), flags))


def prose(value: Any) -> Iterator[str]:
    """All the text for people in a message, addresses and ids left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from prose(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in NOT_PROSE:
                yield from prose(item)


def contact_text(contact: Json) -> str:
    """A contact as it is read on a card."""
    return " ".join(str(contact.get(key) or "") for key in ("name", "label", "value", "hours"))


def said(messages: Iterable[Json]) -> str:
    """What the answer says: texts, topics, measures, and names and contacts of the services."""
    parts: list[str] = []
    for message in messages:
        parts.append(str(message.get("text") or ""))
        parts += [contact_text(contact) for contact in message.get("contacts") or []]
        for service in message.get("services") or []:
            parts.append(str(service.get("name") or ""))
            parts += [contact_text(contact) for contact in service.get("contacts") or []]
        parts += prose([message.get("topic") or {}, message.get("measure") or {}])
    return "\n".join(part for part in parts if part.strip())


def shown(messages: list[Json]) -> str:
    """Everything that is shown, descriptions and buttons too."""
    return "\n".join([said(messages), *prose(messages)])


def cards(messages: Iterable[Json]) -> list[Json]:
    """The service cards of an answer, in order."""
    return [service for message in messages for service in message.get("services") or []]


def choices(messages: Iterable[Json]) -> list[Json]:
    """The buttons of an answer."""
    return [choice for message in messages for choice in message.get("choices") or []]


# Judging an answer


def judge(turn: Json, answer: Json, last_cards: list[Json]) -> list[str]:
    """What the answer does not hold of what was expected, as sentences."""
    messages = answer.get("messages") or []
    failures = []
    if answer.get("degraded") is not False:
        failures.append("the answer is degraded")
    if not shown(messages).strip():
        failures.append("nothing is said")
    if not answer.get("conversation_id"):
        failures.append("there is no conversation_id")
    for key, expected in turn.items():
        if key not in OPENERS and (failure := _JUDGES[key](expected, answer, messages, last_cards)):
            failures.append(failure)
    return failures


def _ids(messages: list[Json]) -> list[str]:
    return [str(card.get("id")) for card in cards(messages)]


def _first(expected: list[str], answer: Json, messages: list[Json], last: list[Json]) -> str:
    ids = _ids(messages)
    return "" if ids[:1] and ids[0] in expected else f"first is not {' or '.join(expected)}; shown: {ids or 'no cards'}"


def _has(expected: list[str], answer: Json, messages: list[Json], last: list[Json]) -> str:
    ids = _ids(messages)
    missing = [id for id in expected if id not in ids]
    return f"lacks {', '.join(missing)}; shown: {ids or 'no cards'}" if missing else ""


def _has_any(expected: list[str], answer: Json, messages: list[Json], last: list[Json]) -> str:
    ids = _ids(messages)
    return "" if set(ids) & set(expected) else f"has none of {', '.join(expected)}; shown: {ids or 'no cards'}"


def _not(expected: list[str], answer: Json, messages: list[Json], last: list[Json]) -> str:
    wrong = [id for id in _ids(messages) if id in expected]
    return f"must not show {', '.join(wrong)}" if wrong else ""


def _about(place: int, answer: Json, messages: list[Json], last: list[Json]) -> str:
    if len(last) < place:
        return f"no service number {place} was shown before"
    card = last[place - 1]
    if card.get("id") in _ids(messages)[:1]:
        return ""
    others = " ".join(str(other.get("name")) for other in last if other is not card).lower()
    name = str(card.get("name"))
    own_words = [word for word in re.findall(r"[\wæøå]{5,}", name.lower()) if word not in others]
    text = compact(said(messages)).lower()
    values = [compact(str(contact.get("value"))).lower() for contact in card.get("contacts") or []]
    if any(sign and sign in text for sign in [name.lower(), *own_words, *values]):
        return ""
    return f"is not about number {place}, {name}"


def _urgent(expected: bool, answer: Json, messages: list[Json], last: list[Json]) -> str:
    kinds = [str(message.get("type")) for message in messages]
    if expected:
        return "" if kinds[:1] == ["urgent"] else f"no urgent message comes first; came: {kinds}"
    return "there is an urgent message, and should be none" if "urgent" in kinds else ""


def _urgent_has(expected: str, answer: Json, messages: list[Json], last: list[Json]) -> str:
    urgent = [message for message in messages if message.get("type") == "urgent"]
    return "" if found(re.escape(expected), said(urgent)) else f"no urgent message has {expected}"


def _says(expected: list[str], answer: Json, messages: list[Json], last: list[Json]) -> str:
    missing = [pattern for pattern in expected if not found(pattern, said(messages))]
    return f"does not say {' and '.join(missing)}" if missing else ""


def _says_not(expected: list[str], answer: Json, messages: list[Json], last: list[Json]) -> str:
    wrong = [pattern for pattern in expected if found(pattern, shown(messages))]
    return f"must not say {' and '.join(wrong)}" if wrong else ""


def _topic(expected: list[str], answer: Json, messages: list[Json], last: list[Json]) -> str:
    topics = [(message.get("topic") or {}).get("id") for message in messages if message.get("type") == "topic"]
    return "" if set(topics) & set(expected) else f"no topic {' or '.join(expected)}; shown: {topics or 'none'}"


def _measure(expected: list[str], answer: Json, messages: list[Json], last: list[Json]) -> str:
    measures = [(message.get("measure") or {}).get("id") for message in messages if message.get("type") == "measure"]
    if set(measures) & set(expected) or any(_names_measure(id, said(messages)) for id in expected):
        return ""
    return f"no measure {' or '.join(expected)}; shown: {measures or 'none'}"


def _names_measure(id: str, text: str) -> bool:
    number, part = re.fullmatch(r".*-(\d+)([ab]?)", id).groups()  # type: ignore[union-attr]
    named = rf"\b(tiltak|tiltaket|measure)\s+(nr\.?\s*)?{number}\s?{part}\b"
    return found(named, text) and (not id.startswith("plan2025") or "2025" in text)


def _choices(expected: bool, answer: Json, messages: list[Json], last: list[Json]) -> str:
    if bool(choices(messages)) == expected:
        return ""
    titles = [choice.get("title") for choice in choices(messages)]
    return "there are no choices" if expected else f"choices are offered: {titles}"


def _language(expected: str, answer: Json, messages: list[Json], last: list[Json]) -> str:
    return "" if answer.get("language") == expected else f"the language is {answer.get('language')}, not {expected}"


_JUDGES = {
    "first": _first, "has": _has, "has_any": _has_any, "not": _not, "about": _about, "urgent": _urgent,
    "urgent_has": _urgent_has, "says": _says, "says_not": _says_not, "topic": _topic, "measure": _measure,
    "choices": _choices, "language": _language,
}  # fmt: skip


# Holding a conversation


class Talker:
    """Says turns to the public interface, and remembers what a turn may point back to."""

    WAITS = 8

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def hold(self, conversation: Conversation, verbose: bool) -> Result:
        """The whole conversation, with the failing turns printed (all of them when verbose)."""
        result = Result(conversation)
        id, last_cards, last_choices = None, [], []  # type: tuple[str | None, list[Json], list[Json]]
        if verbose:
            print(f"\n## {conversation.id}")
        for place, turn in enumerate(conversation.turns, start=1):
            asked, answer, failures = self._turn(turn, id, last_choices)
            if answer is not None:
                messages = answer.get("messages") or []
                failures = judge(turn, answer, last_cards)
                id, last_cards, last_choices = answer.get("conversation_id"), cards(messages) or last_cards, choices(messages)
            result.failures.append(failures)
            if failures or verbose:
                show_turn(conversation, place, asked, answer, failures)
        return result

    def _turn(self, turn: Json, id: str | None, buttons: list[Json]) -> tuple[str, Json | None, list[str]]:
        body: Json = {"conversation_id": id}
        if "choose" in turn:
            button = next((row for row in buttons if found(turn["choose"], str(row.get("title")))), None)
            asked = f"[{turn['choose']}]"
            if button is None:
                return asked, None, [f"no button like {turn['choose']}; offered: {[row.get('title') for row in buttons]}"]
            body["payload"], asked = button.get("payload"), f"[{button.get('title')}]"
        else:
            body["text"] = asked = turn["say"]
        for _ in range(self.WAITS):
            try:
                response = self.client.post("/api/v1/chat", json=body)
            except httpx.HTTPError as error:
                return asked, None, [f"no answer: {type(error).__name__} {error}"]
            if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
                break
            time.sleep(min(float(response.headers.get("retry-after") or 2), 30))
        if response.status_code != httpx.codes.OK:
            return asked, None, [f"status {response.status_code}: {response.text[:200]}"]
        answer: Json = response.json()
        return asked, answer, []


def show_turn(conversation: Conversation, place: int, asked: str, answer: Json | None, failures: list[str]) -> None:
    """One turn on the screen."""
    print(f"{'FAILED' if failures else 'held  '} {conversation.id} turn {place}: {asked}")
    for failure in failures:
        print(f"       - {failure}")
    for message in (answer or {}).get("messages") or []:
        for line in _lines(message):
            print(f"       | {line}")


def _lines(message: Json) -> list[str]:
    kind, text = str(message.get("type")), str(message.get("text") or "").replace("\n", " ")
    lines = [f"{kind}: {text[:400]}"] if text else []
    if message.get("contacts"):
        lines.append(f"{kind}: {', '.join(str(contact.get('value')) for contact in message['contacts'])}")
    if message.get("services"):
        lines.append(f"services: {', '.join(str(service.get('id')) for service in message['services'])}")
    for key in ("topic", "measure"):
        if message.get(key):
            lines.append(f"{key}: {message[key].get('id')} {str(message[key].get('title') or '')[:80]}")
    if message.get("choices"):
        lines.append(f"choices: {' | '.join(str(choice.get('title')) for choice in message['choices'])}")
    return lines


def share(part: int, whole: int) -> float:
    """Part of the whole; all of nothing."""
    return part / whole if whole else 1.0


def show_totals(results: list[Result]) -> tuple[float, float]:
    """The totals on the screen; gives the share of turns and of whole conversations that held."""
    print("\n                          turns          whole conversations")
    groups: list[tuple[str, list[Result]]] = []
    for name in dict.fromkeys(result.conversation.path.stem for result in results):
        groups.append((name, [result for result in results if result.conversation.path.stem == name]))
    for name in VARIETIES:
        groups.append((f"({name})", [result for result in results if result.conversation.variety == name]))
    shares = (1.0, 1.0)
    for name, group in [*groups, ("all", results)]:
        if not group:
            continue
        held, turns = sum(result.held for result in group), sum(len(result.conversation.turns) for result in group)
        whole = sum(result.whole for result in group)
        shares = (share(held, turns), share(whole, len(group)))
        print(f"{name:<22} {held:>4}/{turns:<4} {shares[0]:>6.1%}     {whole:>3}/{len(group):<3} {shares[1]:>6.1%}")
    reasons = Counter(" ".join(failure.split()[:3]) for result in results for row in result.failures for failure in row)
    if reasons:
        print("\nMost common:", "; ".join(f"{count} × {reason} …" for reason, count in reasons.most_common(6)))
    return shares


def main(arguments: list[str] | None = None) -> int:
    """Runs the conversations; 0 when enough of them hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="files of conversations (all the files beside this one)")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="where Veiviser runs")
    parser.add_argument("--turns", type=float, default=0.9, help="share of turns that must hold")
    parser.add_argument("--whole", type=float, default=0.65, help="share of whole conversations that must hold")
    parser.add_argument("--only", help="only conversations with this in their id")
    parser.add_argument("--timeout", type=float, default=30, help="seconds to wait for an answer")
    parser.add_argument("--verbose", action="store_true", help="print all turns, not only those that fail")
    options = parser.parse_args(arguments)
    paths = [path if path.exists() else HERE / path for path in options.files] or sorted(HERE.glob("*.yml"))
    try:
        conversations = [conversation for path in paths for conversation in load_conversations(path)]
    except (OSError, ConversationError) as error:
        print(error, file=sys.stderr)
        return 2
    conversations = [conversation for conversation in conversations if (options.only or "") in conversation.id]
    if not conversations:
        print("no conversations to hold", file=sys.stderr)
        return 2
    with httpx.Client(base_url=options.url, timeout=options.timeout) as client:
        talker = Talker(client)
        results = [talker.hold(conversation, options.verbose) for conversation in conversations]
    turns, whole = show_totals(results)
    enough = turns >= options.turns and whole >= options.whole
    print(f"\n{'Enough' if enough else 'Not enough'}: {turns:.1%} of turns (at least {options.turns:.0%}),"
          f" {whole:.1%} of whole conversations (at least {options.whole:.0%})")  # fmt: skip
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
