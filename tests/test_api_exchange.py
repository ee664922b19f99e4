"""veiviser export and veiviser import."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.command import main
from knowledge.library import Library
from knowledge.load import read_yaml


def test_hsds_is_written_as_lists(tmp_path: Path, library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    """One file for each list, in the language asked for; what is there already by other names stays."""
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    assert main(["export", "hsds", str(tmp_path), "--language", "en"]) == 0
    assert "42 services" in capsys.readouterr().out
    assert {path.name for path in tmp_path.iterdir()} == {
        "mine.txt", "services.json", "organizations.json", "service_at_locations.json", "taxonomies.json",
        "taxonomy_terms.json",
    }  # fmt: skip
    services = json.loads((tmp_path / "services.json").read_text(encoding="utf-8"))
    assert library.services["nav"].name.in_language("en") in {service["name"] for service in services}


def test_cpsv_is_written_in_both_forms(tmp_path: Path) -> None:
    """With the address of the guide in its names."""
    assert main(["export", "cpsv", str(tmp_path / "new"), "--address", "https://veiviser.example/"]) == 0
    turtle = (tmp_path / "new" / "catalogue.ttl").read_text(encoding="utf-8")
    assert "<https://veiviser.example/tjenester/nav#tjeneste>" in turtle
    assert json.loads((tmp_path / "new" / "catalogue.jsonld").read_text(encoding="utf-8"))["@graph"]


def test_schema_org_is_one_file_a_service(tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is the public one unless another is given."""
    monkeypatch.setenv("VEIVISER_PUBLIC_URL", "https://veiviser.example")
    assert main(["export", "schema-org", str(tmp_path)]) == 0
    assert {path.stem for path in tmp_path.iterdir()} == set(library.shown_services())
    assert json.loads((tmp_path / "nav.jsonld").read_text(encoding="utf-8"))["@id"] == "https://veiviser.example/tjenester/nav"


def test_a_folder_that_cannot_be_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert main(["export", "hsds", str(tmp_path / "file")]) == 1
    assert "Nothing could be written" in capsys.readouterr().err
    assert main(["import", "hsds", "x.json", "--into", str(tmp_path / "nowhere")]) == 2
    assert "There is no folder" in capsys.readouterr().err


def test_a_service_of_a_municipality_becomes_a_draft(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command says where it is and what comes next."""
    source = tmp_path / "others.json"
    services = [{"name": "Vikaprat", "status": "active"}, {"name": "Gammel", "status": "defunct"}]
    source.write_text(json.dumps(services), encoding="utf-8")
    assert main(["import", "hsds", str(source), "--into", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "1 draft." in said
    assert "Gammel" in said
    assert read_yaml(tmp_path / "vikaprat.yml")["status"] == "draft"


def test_mistakes_of_an_import_are_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All of them, and the status says it failed."""
    source = tmp_path / "others.json"
    source.write_text(json.dumps([{"name": "A", "colour": 1}, {"name": "B", "url": "nowhere"}]), encoding="utf-8")
    assert main(["import", "hsds", str(source), "--into", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "colour" in said
    assert "url" in said
    assert not list(tmp_path.glob("*.yml"))
