"""Another directory's HSDS becomes drafts: all or nothing, every mistake at once, and nobody is shown a draft."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.export.hsds import Directory
from knowledge.harvest.adopt import adopt
from knowledge.harvest.hsds import import_hsds, read_services
from knowledge.harvest.times import TimesError, opening_hours
from knowledge.hours import hours_problem
from knowledge.library import Library
from knowledge.load import read_yaml
from knowledge.mistakes import KnowledgeError

TODAY = dt.date(2026, 11, 20)
SERVICE: dict[str, Any] = {
    "id": "ac148810-d857-441c-9679-408f346de14b",
    "name": "Samtaletilbudet i Eksempelvik",
    "alternate_name": "Prat i Vika; Vikaprat",
    "description": "Et sted å snakke.",
    "url": "https://eksempelvik.example/prat",
    "email": "prat@eksempelvik.example",
    "status": "active",
    "application_process": "Ring, så svarer en voksen.",
    "minimum_age": 13,
    "maximum_age": 25.0,
    "assured_date": "2026-01-15",
    "organization": {"id": "9bc1aafe-5d7c-4e10-9d1a-d6c1c1b1b1b1", "name": "Eksempelvik kommune", "description": "Kommune."},
    "phones": [{"id": "48102e86-bb50-41c4-8f1e-e269368c41d1", "number": "22 22 22 22", "type": "voice"}],
    "schedules": [
        {"id": "48102e86-bb50-41c4-8f1e-e269368c41d2", "freq": "WEEKLY", "byday": "MO,TU,WE,TH,FR", "opens_at": "09:00+01:00",
         "closes_at": "15:00+01:00"},
    ],
    "languages": [{"id": "48102e86-bb50-41c4-8f1e-e269368c41d3", "code": "nb", "name": "norsk"}],
}  # fmt: skip


@pytest.fixture
def into(tmp_path: Path) -> Path:
    """An empty folder for drafts."""
    folder = tmp_path / "services"
    folder.mkdir()
    return folder


def given_file(tmp_path: Path, data: Any, name: str = "others.json") -> Path:
    path = tmp_path / name
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return path


def mistakes_of(tmp_path: Path, into: Path, data: Any) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        import_hsds(given_file(tmp_path, data), into, "nb", TODAY)
    assert list(into.iterdir()) == []
    return [str(mistake) for mistake in caught.value.mistakes]


def changed(**fields: Any) -> dict[str, Any]:
    return {**SERVICE, **fields}


def test_a_service_becomes_a_draft(tmp_path: Path, into: Path) -> None:
    """What the other directory says is taken over, with it as the source; what only a person knows is not written."""
    (path,) = import_hsds(given_file(tmp_path, SERVICE), into, "nb", TODAY).written
    entry = read_yaml(path)
    assert path.name == "samtaletilbudet-i-eksempelvik.yml"
    assert entry["status"] == "draft"
    assert entry["name"] == {"nb": "Samtaletilbudet i Eksempelvik"}
    assert entry["alternate_name"] == ["Prat i Vika", "Vikaprat"]
    assert (entry["minimum_age"], entry["maximum_age"]) == ("13", "25")
    assert [c["kind"] for c in entry["contacts"]] == ["phone", "email", "web"]
    assert entry["contacts"][0]["hours"] == [{"value": "Mo,Tu,We,Th,Fr 09:00-15:00", "source": "import"}]
    assert entry["sources"][0]["seen"] == "2026-01-15"
    assert {"assured_date", "assured_by", "confidence", "audience", "situations"}.isdisjoint(entry)
    assert "Nobody is shown it" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "data",
    [SERVICE, [SERVICE], {"total_items": 1, "contents": [SERVICE]}, "\ufeff" + json.dumps([SERVICE])],
    ids=["one", "list", "page", "with a mark of byte order"],
)
def test_every_form_of_hsds_is_read(tmp_path: Path, into: Path, data: Any) -> None:
    """One service, a list, a page of an API."""
    assert len(import_hsds(given_file(tmp_path, data), into, "nb", TODAY).written) == 1


def test_lines_of_services_are_read(tmp_path: Path) -> None:
    """As ndjson gives them."""
    lines = "\n".join(json.dumps(changed(name=name)) for name in ("En", "To"))
    assert [s["name"] for s in read_services(given_file(tmp_path, lines))] == ["En", "To"]


def test_a_folder_of_tables_is_read(tmp_path: Path, into: Path) -> None:
    """A datapackage: phones and schedules find their service, the organization too."""
    tables = {
        "services.csv": [{"id": "1", "organization_id": "9", "name": "En linje", "status": "active", "email": ""}],
        "organizations.csv": [{"id": "9", "name": "Kommunen"}],
        "phones.csv": [{"id": "2", "service_id": "1", "number": "22222222"}, {"id": "3", "service_id": "4", "number": "112"}],
    }
    for name, rows in tables.items():
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
    (path,) = import_hsds(tmp_path, into, "nb", TODAY).written
    entry = read_yaml(path)
    assert entry["organization"] == {"name": {"nb": "Kommunen"}}
    assert [c["value"] for c in entry["contacts"]] == ["22222222"]


def test_our_own_export_can_be_imported(tmp_path: Path, into: Path, library: Library) -> None:
    """All services, with hours, situations and audience as they were: the two sides speak the same language."""
    directory = Directory(library, "nb", TODAY)
    data = {"contents": [directory.full_service(s) for s in directory.services.values()]}
    written = import_hsds(given_file(tmp_path, data), into, "nb", TODAY).written
    assert len(written) == len(library.shown_services())
    entry = read_yaml(into / "krisesenter.yml")
    krisesenter = library.services["krisesenter"]
    assert tuple(entry["situations"]) == krisesenter.situations
    assert tuple(entry["audience"]) == krisesenter.audience
    assert entry["kind"] == "shelter"
    police = read_yaml(next(path for path in written if "112" in path.name))
    assert police["contacts"][0]["hours"][0]["value"] == "24/7"


def test_hours_of_a_chat_do_not_land_on_a_phone(tmp_path: Path, into: Path) -> None:
    """Hours whose contact is not known are kept for the person who finds out."""
    other = {**SERVICE["schedules"][0], "byday": "SA", "description": "Chat"}
    (path,) = import_hsds(given_file(tmp_path, changed(schedules=[*SERVICE["schedules"], other])), into, "nb", TODAY).written
    entry = read_yaml(path)
    assert "hours" not in entry["contacts"][0]
    assert any("Sa 09:00-15:00" in gap for gap in entry["gaps"])


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ({"opens_at": "08:00Z", "closes_at": "14:00Z", "valid_from": "2026-12-01"}, "09:00-15:00"),
        ({"opens_at": "08:00Z", "closes_at": "14:00Z", "dtstart": "2026-07-01"}, "10:00-16:00"),
        ({"opens_at": "09:00+02:00", "closes_at": "15:00+02:00"}, "09:00-15:00"),
        ({"opens_at": "09:00:00", "closes_at": "24:00:00"}, "09:00-24:00"),
        ({"opens_at": "18:00", "closes_at": "23:59"}, "18:00-24:00"),
    ],
)  # fmt: skip
def test_times_become_norwegian(times: dict[str, str], expected: str) -> None:
    """A time in UTC is another one on the clock here; one with our own offset is what it says."""
    assert opening_hours([{"byday": "MO", **times}], TODAY) == {"": f"Mo {expected}"}


@pytest.mark.parametrize(
    "times",
    [{"opens_at": "9am", "closes_at": "15:00"}, {"opens_at": "09:60", "closes_at": "15:00"}, {"opens_at": "09:00"},
     {"opens_at": "09:00", "closes_at": "09:00"}, {"opens_at": "23:30Z", "closes_at": "23:45Z"}],
)  # fmt: skip
def test_impossible_times_are_mistakes(times: dict[str, str]) -> None:
    """Better no hours than wrong ones."""
    with pytest.raises(TimesError):
        opening_hours([{"byday": "MO", **times}], TODAY)


def test_what_is_over_is_left_out(tmp_path: Path, into: Path) -> None:
    """Schedules of the past and services that are closed down for good."""
    old = {**SERVICE["schedules"][0], "byday": "SU", "valid_to": "2025-12-31"}
    data = [changed(schedules=[*SERVICE["schedules"], old]), changed(name="Nedlagt", status="defunct")]
    harvest = import_hsds(given_file(tmp_path, data), into, "nb", TODAY)
    assert harvest.over == ("Nedlagt",)
    (path,) = harvest.written
    assert "Su" not in read_yaml(path)["contacts"][0]["hours"][0]["value"]


def test_all_mistakes_come_at_once_and_nothing_is_written(tmp_path: Path, into: Path) -> None:
    """A broken address, an impossible hour, a wrong number, an unknown field, in several services, each with its place."""
    week = SERVICE["schedules"][0]
    said = mistakes_of(tmp_path, into, [
        changed(name="En", url="http//broken", phones=[{"number": "12"}], colour="red", minimum_age=7.5),
        changed(name="To", schedules=[{**week, "opens_at": "25:00", "byday": "XX"}], languages=[{"code": "norsk!"}]),
        changed(name="Tre", organization={"name": "X", "colour": "red"}, phones="none"),
        SERVICE,
        changed(name="مركز", minimum_age=30, maximum_age=20),
    ])  # fmt: skip
    expected = [
        ("service 1", "url"), ("service 1", "phones.0.number"), ("service 1", "colour"), ("service 1", "minimum_age"),
        ("service 2", "opens_at"), ("service 2", "byday"), ("service 2", "languages.0.code"),
        ("service 3", "organization.0.colour"), ("service 3", "phones"),
        ("service 5", "name"), ("service 5", "minimum_age"),
    ]  # fmt: skip
    for service, field in expected:
        assert any(service in line and field in line for line in said), (service, field, said)
    assert not any("service 4" in line for line in said)


def test_two_services_of_one_name_are_a_mistake(tmp_path: Path, into: Path) -> None:
    """Both would be the same file."""
    assert all("same id" in line for line in mistakes_of(tmp_path, into, [SERVICE, SERVICE]))


def test_an_entry_that_is_there_is_never_written_over(tmp_path: Path, into: Path) -> None:
    """The second import of the same file changes nothing."""
    source = given_file(tmp_path, SERVICE)
    (path,) = import_hsds(source, into, "nb", TODAY).written
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(KnowledgeError, match="is taken"):
        import_hsds(source, into, "nb", TODAY)
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_disk_that_fails_leaves_nothing(tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the second file cannot be put in place, the first goes too."""
    calls: list[int] = []
    link = os.link

    def failing(*arguments: Any) -> None:
        calls.append(1)
        if len(calls) > 1:
            raise OSError(28, "No space left on device")
        link(*arguments)

    monkeypatch.setattr(os, "link", failing)
    with pytest.raises(OSError, match="No space"):
        import_hsds(given_file(tmp_path, [SERVICE, changed(name="En annen")]), into, "nb", TODAY)
    assert list(into.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", '"text"', "a,b\n1,2", "[]"])
def test_what_is_no_hsds_is_a_sentence(tmp_path: Path, into: Path, text: str) -> None:
    """No traceback, and nothing written."""
    (said,) = mistakes_of(tmp_path, into, text)
    assert said.startswith("others.json: ")


def test_a_folder_without_services_and_a_file_that_is_not_there_are_sentences(tmp_path: Path, into: Path) -> None:
    """They say what to give instead."""
    for source in (into, tmp_path / "nothing.json"):
        with pytest.raises(KnowledgeError, match="Give a"):
            import_hsds(source, into, "nb", TODAY)


def test_nynorsk_stands_in_both_until_somebody_translates(tmp_path: Path, into: Path) -> None:
    """Bokmål is always there in our files."""
    (path,) = import_hsds(given_file(tmp_path, SERVICE), into, "nn", TODAY).written
    assert read_yaml(path)["name"] == dict.fromkeys(("nb", "nn"), SERVICE["name"])


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3), max_leaves=8,
)  # fmt: skip


TIMES = st.sampled_from(["09:00", "25:00", "09:00Z", "23:30-11:00", "09:00+99:99", "", "x", "00:00", "24:00", "24:00Z"])
DATES = st.sampled_from(["2026-01-01", "0001-01-01", "9999-12-31", "junk", ""])


@given(st.lists(st.fixed_dictionaries({"opens_at": TIMES, "closes_at": TIMES, "dtstart": DATES, "byday": st.text(max_size=5)})))
def test_no_times_break_the_import(schedules: list[dict[str, str]]) -> None:
    """They are hours that can be read, or mistakes."""
    try:
        found = opening_hours(schedules, TODAY)
    except TimesError:
        return
    assert not any(hours_problem(value) for value in found.values())


@given(st.dictionaries(st.sampled_from([*SERVICE, "attributes", "contacts", "service_areas"]), ANYTHING))
def test_no_json_of_any_shape_breaks_the_import(service: dict[str, Any]) -> None:
    """What cannot be read is a mistake, and the text is YAML that says it is a draft."""
    found = adopt(service, "here", "others.json", "nb", TODAY)
    assert "draft" in found.text
    if not service.get("name"):
        assert found.mistakes
