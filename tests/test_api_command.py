"""The command line, and what the documents say of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from api import command
from api.command import main, schema_texts
from api.schemas import SearchOut
from api.settings import Settings, settings_table
from knowledge.index import Index

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def quick(letters_index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "build_index", lambda settings: letters_index)


def test_search_says_what_the_app_says(capsys: pytest.CaptureFixture[str]) -> None:
    """--json is the answer of /api/v1/search; without it, text for a person."""
    assert main(["search", "foreldrene mine vil gifte meg bort", "--json", "--language", "nn"]) == 0
    answer = SearchOut.model_validate(json.loads(capsys.readouterr().out))
    assert answer.language == "nn"
    assert main(["search", "foreldrene mine vil gifte meg bort"]) == 0
    assert "1. " in capsys.readouterr().out


def test_a_search_that_cannot_be_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback, and a status that says it failed."""
    assert main(["search", " "]) == 2
    assert "text" in capsys.readouterr().err


def test_check_counts_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    """With no mistakes it says how much there is."""
    assert main(["check"]) == 0
    assert "42 services, 17 topics" in capsys.readouterr().out


def test_evaluate_measures_labelled_questions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of questions in, shares with intervals out; a file that is not there is a sentence."""
    question = {"id": "q1", "text": "jeg blir slått", "lang": "nb", "who": "adult", "best": ["krisesenter"]}
    (tmp_path / "q.jsonl").write_text(json.dumps(question), encoding="utf-8")
    assert main(["evaluate", str(tmp_path / "q.jsonl"), "--json"]) == 0
    assert "groups" in json.loads(capsys.readouterr().out)
    assert main(["evaluate", str(tmp_path / "nothing.jsonl")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_a_wrong_setting_is_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It names the setting."""
    monkeypatch.setenv("VEIVISER_PORT", "many")
    assert main(["run", "--no-bot"]) == 2
    assert "VEIVISER_PORT" in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(schema_texts()))
def test_the_schemas_for_editors_are_those_of_the_models(name: str) -> None:
    """After a change of the models, `veiviser schema` writes them anew."""
    assert (ROOT / "knowledge" / "schema" / name).read_text(encoding="utf-8") == schema_texts()[name]


@pytest.mark.parametrize("row", settings_table().splitlines())
def test_the_readme_knows_every_setting(row: str) -> None:
    """The table of settings is that of `veiviser settings`, row by row."""
    assert row in (ROOT / "README.md").read_text(encoding="utf-8")


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists have commas between; an empty variable counts as not set; a secret is made when there is none."""
    monkeypatch.setenv("VEIVISER_ALLOWED_ORIGINS", "https://a.example, https://b.example")
    monkeypatch.setenv("VEIVISER_PORT", "")
    settings = Settings()
    assert settings.allowed_origins == ("https://a.example", "https://b.example")
    assert settings.port == 8000
    assert len(settings.bot_secret) >= 32
    assert Settings().bot_secret != settings.bot_secret


@pytest.mark.parametrize(
    ("name", "value"),
    [("BOT_SECRET", "short"), ("ALLOWED_ORIGINS", "*"), ("ALLOWED_ORIGINS", "https://a.example/path"), ("BOT_URL", "bot:5005")],
)
def test_unsafe_settings_are_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """A short secret, any origin at all, and an address that is none."""
    monkeypatch.setenv(f"VEIVISER_{name}", value)
    with pytest.raises(ValueError, match=name.lower()):
        Settings()


@pytest.mark.parametrize(
    "document", ["README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
)
def test_the_documents_name_commands_that_exist(document: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Who types what a document says gets that command and no error."""
    with pytest.raises(SystemExit):
        main(["--help"])
    known = set(re.findall(r"^    ([a-z]+)\b", capsys.readouterr().out, re.M))
    named = set(re.findall(r"(?:`|\$ |bin/)veiviser ([a-z]+)", (ROOT / document).read_text(encoding="utf-8")))
    assert named <= known
    assert "facts" in known
