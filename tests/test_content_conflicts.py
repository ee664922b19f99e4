"""What sources disagree on: every value stays in the file, and people are shown the sure part only."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from actions.present import measure_json, open_now, service_json, topic_json
from api.catalogue import full_service
from knowledge.facts import LANGUAGES
from knowledge.freshness import in_conflict
from knowledge.hours import OSLO
from knowledge.library import Library
from knowledge.models import Entry, Measure, Service, Topic


def entry_of(library: Library, id: str) -> Entry:
    """The service, topic or measure of an id."""
    entries: dict[str, Entry] = {**library.services, **library.topics, **library.measures}
    return entries[id]


def shown(library: Library, id: str) -> str:
    """Everything the interface gives of an entry, in all languages, without the list of sources."""
    entry, fresh, parts = entry_of(library, id), library.freshness, []
    for language in LANGUAGES:
        if isinstance(entry, Service):
            parts.append(full_service(entry, language, fresh))
        elif isinstance(entry, Topic):
            parts.append(topic_json(entry, language, fresh))
        elif isinstance(entry, Measure):
            parts.append(measure_json(entry, language, fresh))
    return json.dumps([{**part, "sources": []} for part in parts], ensure_ascii=False)


#: Kind of fact, entry, what the sources say in the file, what is shown, what is not.
KINDS = [
    ("hours", "rode-kors-telefonen", "mandag–fredag 9–17", "sikkert åpent hverdager kl. 9–15.30", "9–17"),
    ("hours of a chat", "alarmtelefonen-116111", "hele døgnet", "16.15–22.45", "døgnåpen chat"),
    ("phone number", "ud-konsular", "+47 23 95 13 00", "+47 23 95 00 00", "23 95 13 00"),
    ("number for texts", "alarmtelefonen-116111", "47 71 61 11", "116 111", "47 71 61 11"),
    ("e-mail", "ud-konsular", "krise@mfa.no", "247@mfa.no", "krise@mfa.no"),
    ("age limit", "vo-linjen-116006", "18 år", "18", "framtida.no"),
    ("cost", "politiet-02800", "1,99–2,99 kr per minutt, avhengig av operatør", "02800", "2,99"),
    ("law", "tema-taushetsplikt", "§ 169", "§ 196", "§ 169"),
    ("penalty", "tema-tvangsekteskap", "foreslått strengere", "3 år", "strengere straff"),
    ("figure", "krisesenter", "44", "43", "44 krisesent"),
    ("name", "spesialutsendinger", "integreringsrådgivere", "pesialutsending", "«IMDis spesialutsendinger»"),
    ("owner", "vo-linjen-116006", "regjeringens voldtektsplan / Finansdepartementet", "VO-linjen", "Finansdepartementet"),
    ("place", "seif", "i tillegg kontaktperson i Tromsø", "Bergen", "Tromsø"),
    ("status of a measure", "tiltak-10b", "pågående for hele tiltak 10", "completed", '"status": "ongoing"'),
    ("ministry", "tiltak-19", "BFD og AID ansvarlige", "BFD", '"responsible": ["AID"'),
]


@pytest.mark.parametrize(("kind", "id", "claim", "sure", "doubtful"), KINDS, ids=[f"{k[0]} ({k[1]})" for k in KINDS])
def test_each_kind_of_conflict_shows_the_sure_part(
    library: Library, kind: str, id: str, claim: str, sure: str, doubtful: str
) -> None:
    """Both values are in the file, each with who says so; the doubtful one reaches nobody."""
    conflicts = [c for c in entry_of(library, id).conflicts if claim in [value.value for value in c.values]]
    assert conflicts, kind
    assert all(value.source for value in conflicts[0].values)
    text = shown(library, id)
    assert sure in text
    assert doubtful not in text


def test_at_a_time_that_sources_disagree_on_nobody_promises_an_answer(library: Library) -> None:
    """A quarter to four on a Monday: two pages say open, one says closed, so we say that it is not known."""
    service = library.services["rode-kors-telefonen"]
    assert open_now(service, library.freshness, dt.datetime(2026, 11, 23, 15, 45, tzinfo=OSLO)).now is None
    assert open_now(service, library.freshness, dt.datetime(2026, 11, 23, 15, 15, tzinfo=OSLO)).now is True
    card = service_json(service, "nb", library.freshness, dt.datetime(2026, 11, 23, 15, 45, tzinfo=OSLO))
    assert card["open"]["now"] is None


def test_a_number_that_may_not_work_from_abroad_is_not_said_to(library: Library) -> None:
    """One page says it works, another that it does not: then it is not known."""
    assert all(contact.from_abroad != "yes" for contact in library.services["legevakt-116117"].contacts)


def test_every_conflict_says_what_is_shown_and_why(library: Library) -> None:
    """Over a hundred, in services, topics and measures; none that has healed lies about."""
    kinds = [library.services, library.topics, library.measures]
    counts = [sum(len(entry.conflicts) for entry in entries.values()) for entries in kinds]
    assert all(count >= 20 for count in counts)
    for entries in kinds:
        for entry in entries.values():
            for conflict in entry.conflicts:
                assert in_conflict(conflict), (entry.id, conflict.field)
                assert conflict.shown, (entry.id, conflict.field)
                assert conflict.why, (entry.id, conflict.field)
