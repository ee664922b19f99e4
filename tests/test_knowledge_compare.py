"""What changed between two versions of the content, as sentences; and the changes that are published."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from knowledge.changes import Change, Changes, write_changes
from knowledge.compare import compare
from knowledge.facts import ClaimedValue, Conflict, HoursClaim, Text
from knowledge.library import Library
from knowledge.load import load_library, read_yaml
from knowledge.mistakes import KnowledgeError

ID = "rode-kors-telefonen"


def with_service(library: Library, **update: Any) -> Library:
    """The content with one service changed."""
    changed = library.services[ID].model_copy(update=update)
    return replace(library, services={**library.services, ID: changed})


def said(old: Library, new: Library, language: str = "nb") -> list[str]:
    """The sentences."""
    return [change.says.in_language(language) for change in compare(old, new)]


def first_contact(library: Library, **update: Any) -> tuple[Any, ...]:
    """The contacts with the first one changed."""
    first, *rest = library.services[ID].contacts
    return (first.model_copy(update=update), *rest)


def test_the_same_content_has_not_changed(library: Library) -> None:
    """No sentence without a change."""
    assert compare(library, library) == []


def test_a_new_number_is_told_from_old_to_new(library: Library) -> None:
    """The change that must never be missed."""
    new = with_service(library, contacts=first_contact(library, value="22 00 00 01"))
    old_number = library.services[ID].contacts[0].value
    assert said(library, new) == [f"Telefon: endret fra {old_number} til 22 00 00 01."]
    assert said(library, new, "en") == [f"Phone: changed from {old_number} to 22 00 00 01."]


def test_new_hours_are_told_in_words(library: Library) -> None:
    """As a reader sees them, not as the file writes them."""
    key = library.services[ID].sources[0].key
    old = with_service(library, contacts=first_contact(library, hours=(HoursClaim(value="Mo-Fr 09:00-16:00", source=key),)))
    new = with_service(library, contacts=first_contact(library, hours=(HoursClaim(value="Mo-Fr 09:00-15:00", source=key),)))
    [sentence] = said(old, new)
    assert "fra hverdager kl. 9–16 til hverdager kl. 9–15" in sentence


@pytest.mark.parametrize(
    ("update", "sentence"),
    [
        ({"minimum_age": 13}, "Nedre aldersgrense: endret fra ikke kjent til 13."),
        ({"free": "no"}, "Gratis: endret fra {free} til nei."),
        ({"description": Text(nb="Noe nytt.")}, "Teksten er skrevet om: beskrivelse."),
        ({"audience": ("adult",)}, "Andre opplysninger er endret: målgruppe."),
        ({"alert": Text(nb="Stengt i påsken.")}, "Varsel: Stengt i påsken."),
        ({"status": "defunct"}, "Tjenesten vises ikke lenger."),
        ({"status": "temporarily closed"}, "Status: endret fra i drift til stengt for en tid."),
        ({"assured_date": dt.date(2099, 1, 1)}, "Kontrollert på nytt 1. januar 2099, uten endringer."),
    ],
)
def test_each_kind_of_change_has_its_sentence(library: Library, update: dict[str, Any], sentence: str) -> None:
    """Ages, cost, texts, alerts, status, and a check that found nothing new."""
    free = {"yes": "ja", "no": "nei", "unknown": "ikke kjent"}
    old = with_service(library, minimum_age=None, free="unknown", alert=None, status="active")
    wanted = sentence.format(free=free["unknown"])
    assert said(old, replace(old, services={**old.services, ID: old.services[ID].model_copy(update=update)})) == [wanted]


def test_what_is_new_and_what_is_gone(library: Library) -> None:
    """Services, articles and measures that came or went, each with its name."""
    fewer = replace(library, topics={id: t for id, t in library.topics.items() if id != "tema-skeiv"})
    [gone] = compare(library, fewer)
    [came] = compare(fewer, library)
    assert (gone.entry, gone.says.nb, came.says.nb) == ("topics/tema-skeiv", "Artikkelen vises ikke lenger.", "Ny artikkel.")
    assert came.name == library.topics["tema-skeiv"].title


def test_a_draft_is_no_news(library: Library) -> None:
    """Nobody is told of a service that nobody is shown."""
    draft = library.services[ID].model_copy(update={"id": "ny-linje", "status": "draft"})
    assert compare(library, replace(library, services={**library.services, "ny-linje": draft})) == []


def test_the_first_version_is_one_sentence(library: Library) -> None:
    """A hundred times 'new' would tell nobody anything."""
    nothing = replace(library, services={}, topics={}, measures={})
    [change] = compare(nothing, library)
    assert f"{len(library.topics)} artikler" in change.says.nb


def test_a_conflict_that_heals_is_news(library: Library) -> None:
    """A reader learns that the sources agree now."""

    def conflict(other: str) -> tuple[Conflict, ...]:
        values = (ClaimedValue(value="9–15", source="a"), ClaimedValue(value=other, source="b"))
        return (Conflict(field="contacts (telefon)", values=values, shown="x", why="y"),)

    old, new = with_service(library, conflicts=conflict("9–16")), with_service(library, conflicts=conflict("9–15"))
    assert said(old, new) == ["Kildene er ikke lenger uenige om kontaktveier (telefon)."]
    assert said(new, old) == ["Kildene er uenige om kontaktveier (telefon)."]


def test_every_field_of_an_entry_can_be_told(library: Library) -> None:
    """No change is passed over because a field has no sentence: each field but the bookkeeping says something."""
    from knowledge.compare import BOOKKEEPING

    filled = {"law": library.topics["tema-tvangsekteskap"].law, "figures": library.services["alarmtelefonen-116111"].figures}
    for entry in (library.services[ID], library.topics["tema-tvangsekteskap"], library.measures["tiltak-1"]):
        for name in set(type(entry).model_fields) - BOOKKEEPING:
            folder = next(f for f in ("services", "topics", "measures") if entry.id in getattr(library, f))
            value = getattr(entry, name)
            other = entry.model_copy(update={name: _another(value) if value else filled.get(name, _another(value))})
            new = replace(library, **{folder: {**getattr(library, folder), entry.id: other}})
            assert compare(library, new), name


def _another(value: Any) -> Any:
    if isinstance(value, BaseModel):
        fields = {name: _another(getattr(value, name)) for name in type(value).model_fields}
        return value.model_copy(update=fields)
    if isinstance(value, tuple):
        return () if value else ("x",)
    if isinstance(value, int):
        return value + 1
    return {"active": "temporarily closed", "unknown": "yes", None: Text(nb="x")}.get(value, "unknown")


def test_published_changes_are_written_once_and_read_back(tmp_path: Path) -> None:
    """A second file of the same day stands beside the first, and neither is lost."""
    change = Change(entry="services/nav", name=Text(nb="NAV"), says=Text(nb="Telefon: endret.", en="Phone: changed."))
    day = dt.date(2026, 11, 20)
    first, second = (write_changes([change], day, tmp_path) for _ in range(2))
    assert (first.name, second.name) == ("2026-11-20.yml", "2026-11-20-2.yml")
    assert Changes.model_validate(read_yaml(first)) == Changes(date=day, changes=(change,))


def test_a_broken_file_of_changes_is_a_mistake_like_any_other(tmp_path: Path, library: Library) -> None:
    """It is told with all the others, and nothing is half loaded."""
    (tmp_path / "changes").mkdir()
    (tmp_path / "changes" / "2026-11-20.yml").write_text("date: i går\nchanges: []\n", encoding="utf-8")
    with pytest.raises(KnowledgeError) as caught:
        load_library(tmp_path)
    assert {m.where for m in caught.value.mistakes if m.file.startswith("changes/")} == {"date", "changes"}
