"""Turns of people, sent at the same time, and what must be true of every answer whatever is broken."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx

Json = dict[str, Any]
#: The bar of the project: an answer within two seconds, whatever is broken.
LONGEST_SECONDS = 2.0
EMERGENCY = {"politiet-112", "amk-113", "alarmtelefonen-116111", "ud-konsular", "legevakt-116117"}
#: One question for each of several persons who talk at the same time, and the service that must be among the first three.
PEOPLE = {
    "jeg vil anmelde eksen og søke om besøksforbud": "politiet-02800",
    "jeg er 13 og mamma slår meg, jeg trenger en voksen å snakke med": "alarmtelefonen-116111",
    "hvem kan jeg snakke anonymt med om press til å gifte meg?": "rode-kors-telefonen",
    "fagperson, vil drøfte en sak om æresrelatert vold": "kompetanseteamet",
    "vil ut av menigheten, alle jeg kjenner er der": "hjelpekilden",
    "jeg er i Pakistan og onkel har planlagt bryllup for meg": "spesialutsendinger",
}
FOLLOW_UP = "hva er nummeret til den første?"


@dataclass
class Person:
    """One who talks: the question, the service that must be shown, and the conversation."""

    question: str
    service: str
    id: str | None = None
    names: tuple[str, ...] = ()


@dataclass
class Turn:
    """An answer and how long it took; `status` 0 when there was none."""

    status: int
    answer: Json
    seconds: float

    @property
    def services(self) -> list[str]:
        """Ids of the services in it."""
        return [s["id"] for m in self.answer.get("messages", []) if m["type"] == "services" for s in m["services"]]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the services in it."""
        return tuple(s["name"] for m in self.answer.get("messages", []) if m["type"] == "services" for s in m["services"])

    @property
    def degraded(self) -> bool:
        """Was it answered without the bot?"""
        return bool(self.answer.get("degraded"))

    @property
    def has_numbers(self) -> bool:
        """Are emergency numbers in it?"""
        contacts = [c["id"] for m in self.answer.get("messages", []) if m["type"] == "urgent" for c in m["contacts"]]
        return bool(EMERGENCY.intersection(contacts))

    @property
    def texts(self) -> str:
        """All it says in words."""
        return " ".join(m.get("text") or "" for m in self.answer.get("messages", []))


_CLIENT = httpx.Client(timeout=15, trust_env=False, verify=False, limits=httpx.Limits(max_connections=64))


def people() -> list[Person]:
    """A new one for each question."""
    return [Person(question, service) for question, service in PEOPLE.items()]


def say(url: str, text: str, id: str | None = None) -> Turn:
    """One turn."""
    started = time.monotonic()
    try:
        answer = _CLIENT.post(f"{url}/api/v1/chat", json={"text": text, "conversation_id": id})
        return Turn(answer.status_code, answer.json(), time.monotonic() - started)
    except (httpx.HTTPError, ValueError):
        return Turn(0, {}, time.monotonic() - started)


def ask_all(url: str, persons: Sequence[Person], text: str | None = None) -> list[Turn]:
    """All at the same time, each with its own question or all with `text`."""
    with ThreadPoolExecutor(len(persons)) as pool:
        return list(pool.map(lambda p: say(url, text or p.question, p.id), persons))


def problem_of_any(turn: Turn) -> str | None:
    """What is wrong with any answer, whatever was asked; None when nothing is."""
    if turn.status != 200:
        return f"status {turn.status}"
    if turn.seconds > LONGEST_SECONDS:
        return f"{turn.seconds:.2f} s"
    return "no emergency number" if turn.degraded and not turn.has_numbers else None


def problem_of(person: Person, turn: Turn, *, searches: bool = True) -> str | None:
    """What is wrong with the answer to a person's question while something is broken; None when nothing is."""
    if turn.status != 200:
        return f"status {turn.status} for «{person.question}»"
    if turn.seconds > LONGEST_SECONDS:
        return f"{turn.seconds:.2f} s for «{person.question}»"
    if person.id and turn.answer["conversation_id"] != person.id:
        return "the id of another conversation"
    if turn.degraded and not turn.has_numbers:
        return f"no emergency number for «{person.question}»"
    if searches and person.service not in turn.services[:3]:
        return f"{person.service} is not among {turn.services[:3]}"
    return None


def _patiently(url: str, text: str, id: str | None = None) -> Turn:
    """A turn while all is well; again when the machine, with much else to do, was late."""
    for _ in range(4):
        turn = say(url, text, id)
        if not turn.degraded:
            break
    return turn


def begin(url: str) -> list[Person]:
    """People who have had one good turn, and know the names of their own services."""
    persons = people()
    for person in persons:
        turn = _patiently(url, person.question)
        assert not turn.degraded, f"the guide was not well before the fault: {turn}"
        person.id, person.names = turn.answer["conversation_id"], turn.names
    return persons


def follow_up(url: str, person: Person, others: Sequence[Person], *, heard: bool = False) -> str | None:
    """Asks about 'the first one' once all is well again: what is wrong with the answer; None when it is about one's own.

    `heard` says that the bot has taken the turn whose answer was lost, so that its first one may be another by now.
    """
    turn = _patiently(url, FOLLOW_UP, person.id)
    if turn.status != 200 or turn.degraded:
        return f"status {turn.status}, without the bot: {turn.degraded}"
    if not heard and not any(name in turn.texts for name in person.names):
        return f"«{person.names[0]}» is forgotten: {turn.texts[:120]}"
    if heard:
        return None
    wrong = [o.names[0] for o in others if o.names[0] not in person.names and o.names[0] in turn.texts]
    return f"answered with another's «{wrong[0]}»" if wrong else None


def wait_until_well(url: str, seconds: float = 60) -> float:
    """Until turns go to the bot again; how long that took. Raises AssertionError."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        if (turn := say(url, "hei")).status == 200 and not turn.degraded:
            return time.monotonic() - started
        time.sleep(0.2)
    raise AssertionError("the bot was not asked again")
