"""What editors do on the command line: list what needs a look, compare versions, begin an entry, preview one."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import first_phrases

from api import command, editing, preview, versions
from api.command import main
from api.settings import ROOT
from knowledge.evaluate import Labelled
from knowledge.index import Index
from knowledge.library import Library
from knowledge.load import load_library, read_yaml
from knowledge.mistakes import KnowledgeError
from knowledge.models import Service

CONTENT = ROOT / "knowledge"
#: Some services with what they point to left out: enough to edit, quick to read.
SERVICES = ("_template", "alarmtelefonen-116111", "kirkens-sos", "nav", "politiet-112")


@pytest.fixture(autouse=True)
def read_once(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """The content as it stands is read once for all tests."""
    for module in (command, editing, preview):
        monkeypatch.setattr(module, "load_library", lambda *_, **__: library)


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small copy of the content: some services, the templates, the places."""
    folder = tmp_path_factory.mktemp("content")
    shutil.copytree(CONTENT / "places", folder / "places")
    files = [f"services/{id}.yml" for id in SERVICES] + ["topics/_template.yml", "measures/_template.yml"]
    for file in [*files, "topics/tema-skeiv.yml", "topics/tema-rettigheter.yml"]:
        lines = (CONTENT / file).read_text(encoding="utf-8").splitlines(keepends=True)
        points = ("related:", "topics:", "coordinates:", "services:")
        keeps_all = file.endswith("_template.yml")
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text("".join(x for x in lines if keeps_all or not x.startswith(points)), encoding="utf-8")
    return folder


@pytest.fixture
def content(copied: Path, tmp_path: Path) -> Path:
    """A fresh copy that a test may change."""
    return Path(shutil.copytree(copied, tmp_path / "content"))


def change(content: Path, file: str, old: str, new: str) -> None:
    """Edits one file as a person would."""
    text = (content / file).read_text(encoding="utf-8")
    assert old in text
    (content / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_facts_as_table_and_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Both hold the same rows; each JSON row has its sources, its day and when it expires."""
    assert main(["facts", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert main(["facts"]) == 0
    table = capsys.readouterr().out.splitlines()
    assert len(table) == len(answer["rows"]) + 2
    assert {"file", "kind", "value", "problems", "assured_date", "assured_by", "expires", "sources"} <= set(answer["rows"][0])
    assert answer["with_problems"] == len(answer["rows"]) < answer["facts"]


def test_stale_facts_on_a_day(capsys: pytest.CaptureFixture[str]) -> None:
    """An editor can see today what will be too old on a day to come; emergency numbers come first."""
    assert main(["facts", "--stale", "--json", "--on", "2099-01-01"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert rows[0]["emergency"]
    assert {row["kind"] for row in rows} >= {"contact", "hours", "age", "law", "description"}
    assert all("expired" in row["problems"] for row in rows)
    assert main(["facts", "--stale", "--on", "2025-01-01"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("0 of ")


def test_strict_check_fails_on_an_old_emergency_contact(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], library: Library
) -> None:
    """Nothing is published with a 112 that nobody has looked at; other old facts do not stop the work."""
    newest = max(service.assured_date for service in library.services.values())

    def content_on(days: int) -> Library:
        import datetime as dt

        return replace(library, freshness=replace(library.freshness, clock=lambda: newest + dt.timedelta(days=days)))

    monkeypatch.setattr(command, "load_library", lambda **_: content_on(10))
    assert main(["check", "--strict"]) == 0
    monkeypatch.setattr(command, "load_library", lambda **_: content_on(181))
    assert main(["check"]) == 0
    capsys.readouterr()
    assert main(["check", "--strict"]) == 1
    said = capsys.readouterr().err
    assert "services/politiet-112.yml" in said
    assert "rode-kors-telefonen" not in said


def test_diff_of_two_folders(copied: Path, content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A changed number and changed hours are sentences under the name of the service."""
    change(content, "services/kirkens-sos.yml", 'value: "22 40 00 40"', 'value: "22 40 00 41"')
    assert main(["diff", str(copied), str(content)]) == 0
    said = capsys.readouterr().out
    assert "Kirkens SOS (services/kirkens-sos)" in said
    assert "Telefon: endret fra 22 40 00 40 til 22 40 00 41." in said
    assert main(["diff", str(copied), str(content), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["entry"] == "services/kirkens-sos"
    assert main(["diff", str(copied), str(copied)]) == 0
    assert "Nothing that a reader would notice." in capsys.readouterr().out


def test_diff_writes_what_the_feed_shows(
    copied: Path, content: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """--write publishes; the same content afterwards loads with the changes in it."""
    monkeypatch.setattr(editing, "CONTENT", content)
    change(content, "services/kirkens-sos.yml", 'value: "22 40 00 40"', 'value: "22 40 00 41"')
    assert main(["diff", str(copied), str(content), "--write"]) == 0
    [changes] = load_library(content).changes.values()
    assert changes.changes[0].entry == "services/kirkens-sos"
    assert changes.changes[0].says.en == "Phone: changed from 22 40 00 40 to 22 40 00 41."


def test_diff_of_a_revision(content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where git is at hand a revision is a version too, taken out without touching the working copy."""
    if not shutil.which("git"):
        pytest.skip("git is not here")
    repository = tmp_path / "repository"
    shutil.copytree(content, repository / "knowledge")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.no", "-c", "init.defaultBranch=main"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *arguments], cwd=repository, check=True, capture_output=True)
    monkeypatch.setattr(versions, "ROOT", repository)
    change(repository / "knowledge", "services/kirkens-sos.yml", 'value: "22 40 00 40"', 'value: "22 40 00 41"')
    old = versions.load_version("HEAD")
    assert old.services["kirkens-sos"].contacts[0].value == "22 40 00 40"
    assert "22 40 00 41" in (repository / "knowledge" / "services" / "kirkens-sos.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["no-such-revision", "--upload-pack=x", "/no/such/folder"])
def test_a_version_that_is_not_there_is_a_sentence(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt revision, an option in its place, a folder that is gone: a sentence and a failing status."""
    with pytest.raises(versions.VersionError, match="Give a folder with content"):
        versions.load_version(name)
    if not name.startswith("-"):
        assert main(["diff", name]) == 2
        assert "Give a folder with content" in capsys.readouterr().err


def test_a_version_with_mistakes_says_which(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be read cannot be compared."""
    change(content, "services/nav.yml", "status: active", "status: perhaps")
    assert main(["diff", str(content)]) == 2
    assert "services/nav.yml, status" in capsys.readouterr().err


@pytest.mark.parametrize(("kind", "id"), [("service", "ny-linje"), ("topic", "tema-nytt"), ("measure", "plan2025-99")])
def test_a_new_entry_begins_as_the_template_with_every_comment(content: Path, kind: str, id: str) -> None:
    """The file says what each field is for; an editor that knows YAML finds the schema by its first line."""
    assert main(["new", kind, id, "--folder", str(content)]) == 0
    folder = {"service": "services", "topic": "topics", "measure": "measures"}[kind]
    text = (content / folder / f"{id}.yml").read_text(encoding="utf-8")
    assert text.startswith(f"# yaml-language-server: $schema=../schema/{kind}.json\n")
    assert read_yaml(content / folder / f"{id}.yml") == read_yaml(content / folder / "_template.yml")
    template = (content / folder / "_template.yml").read_text(encoding="utf-8")
    assert text.endswith(template[template.index("\n\n") :])


def test_a_new_service_is_shown_to_nobody(content: Path) -> None:
    """It is a draft until somebody says otherwise."""
    assert main(["new", "service", "ny-linje", "--folder", str(content)]) == 0
    library = load_library(content)
    assert library.services["ny-linje"].status == "draft"
    assert "ny-linje" not in library.shown_services()


@pytest.mark.parametrize(("kind", "id"), [("service", "ny-linje"), ("topic", "tema-nytt"), ("measure", "plan2025-99")])
def test_what_still_stands_as_in_the_template_is_never_shown(content: Path, kind: str, id: str) -> None:
    """A service that is made active, an article or a measure, with the template's own sources, is a mistake."""
    assert main(["new", kind, id, "--folder", str(content)]) == 0
    if kind == "service":
        change(content, "services/ny-linje.yml", "status: draft", "status: active")
    with pytest.raises(KnowledgeError) as caught:
        load_library(content)
    assert any(m.expected == "This still stands as in the template" for m in caught.value.mistakes)


@pytest.mark.parametrize(
    ("kind", "id", "words"),
    [
        ("service", "nav", "is taken: services/nav.yml"),
        ("topic", "tema-skeiv", "is taken"),
        ("service", "Ny Linje", "small letters"),
        ("service", "../utenfor", "small letters"),
        ("topic", "nytt", "begins with tema-"),
        ("measure", "tema-nytt", "begins with tiltak- or plan2025-"),
    ],
)
def test_an_id_that_cannot_be_is_a_sentence_and_nothing_is_written(
    content: Path, capsys: pytest.CaptureFixture[str], kind: str, id: str, words: str
) -> None:
    """No file is changed, none is left half written."""
    before = {path: path.read_bytes() for path in content.rglob("*") if path.is_file()}
    assert main(["new", kind, id, "--folder", str(content)]) == 2
    assert words in capsys.readouterr().err
    assert {path: path.read_bytes() for path in content.rglob("*") if path.is_file()} == before


def test_a_new_entry_that_cannot_be_written_leaves_nothing(content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk in the middle: no file, not even half."""
    from knowledge import template

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(template.os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        template.new_entry(content, "service", "ny-linje")
    assert not [path for path in (content / "services").iterdir() if "ny" in path.name or path.name.startswith(".")]


def test_preview_shows_the_entry_as_people_meet_it(capsys: pytest.CaptureFixture[str], library: Library) -> None:
    """Name, what it is, each way to make contact with its hours, what happens, and when it must be checked again."""
    assert main(["preview", "kirkens-sos", "--no-search", "--language", "en"]) == 0
    said = capsys.readouterr().out
    service: Service = library.services["kirkens-sos"]
    for text in (service.name, service.description, service.what_happens, service.contacts[0].label):
        assert str(text.en) in said
    assert "22 40 00 40" in said
    assert "next check due in" in said
    for id in ("tema-skeiv", "tiltak-1"):
        assert main(["preview", id, "--no-search"]) == 0
        assert capsys.readouterr().out


def test_preview_of_nothing_says_what_is_near(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt id is met with those that hold it."""
    assert main(["preview", "kirkens", "--no-search"]) == 2
    assert "Did you mean kirkens-sos?" in capsys.readouterr().err


def test_preview_without_a_change_learns_nothing(
    library: Library, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """When the search learns from the same as before, no minute is spent on it."""
    monkeypatch.setattr(preview, "load_version", lambda _: library)
    assert main(["preview", "kirkens-sos"]) == 0
    assert "nothing is won and nothing is lost" in capsys.readouterr().out


def test_preview_lists_what_an_entry_wins_and_loses(letters_index: Index, library: Library) -> None:
    """Phrases taken from one entry and given to another move, and the list says which, from whom and to whom."""
    words = "zyx wvu tsr"
    old = _with_phrases(library, {"kirkens-sos": words})
    new = _with_phrases(library, {"nav": words})
    indexes = [Index.from_library(version, letters_index.encoder) for version in (old, new)]
    asked = [Labelled(id="q", text=f"{words} pqo", lang="nb", who="adult", best=("kirkens-sos",))]
    lost = preview.regressions(indexes[0], indexes[1], "kirkens-sos", asked)
    by_text = {tried.text: tried for tried in lost}
    assert by_text[words].before == "kirkens-sos" != by_text[words].now
    text = preview.told(lost, "kirkens-sos")
    assert "Loses, and should not" in text
    assert f"“{words}” (kirkens-sos → " in text
    won = preview.told(preview.regressions(indexes[0], indexes[1], "nav", []), "nav")
    assert "Wins, and should" in won


def _with_phrases(library: Library, more: dict[str, str]) -> Library:
    few = {id: first_phrases(phrases, 4) for id, phrases in library.phrases.items()}
    for id, words in more.items():
        few[id] = few[id].model_copy(update={"nb": (*few[id].nb, *(f"{words}{' nå' * times}" for times in range(6)))})
    signals = {name: first_phrases(phrases, 12) for name, phrases in library.signals.items()}
    return replace(library, phrases=few, signals=signals)
