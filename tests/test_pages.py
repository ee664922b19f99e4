"""The pages without a browser: every page in every language, what they must say, and what they must never do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
import yaml
from fastapi.testclient import TestClient

from api.app import create_app
from api.drawing import bars_of, counted, draw_actors
from api.engine import Engine
from api.finding import Asked
from api.lookup import short_name
from api.pages import NUMBERS, build_pages, load_static
from api.render import address, brief, telephone
from api.settings import Settings
from api.strings import FILE, load_strings
from knowledge.facts import AssuredBy
from knowledge.index import Index
from knowledge.library import Library

PLAIN = (
    "/", "/finn", "/fagfolk", "/fagfolk/kart", "/tjenester", "/tema", "/tiltak", "/tiltak?plan=2025-2028",
    "/personvern", "/tilgjengelighet", "/trygg", "/demo", "/ramme", "/redaksjon",
)  # fmt: skip
LIGHTEST_BYTES, WIDGET_BYTES = 100_000, 30_000
EXIT = "https://example.org/neutral"


@pytest.fixture(scope="module")
def client(library: Library, letters_index: Index) -> Iterator[TestClient]:
    """The app with its pages; the bot is away."""
    away = httpx.MockTransport(lambda _: httpx.Response(503))
    app = create_app(Settings(exit_url=EXIT, rate_limit_per_minute=0), library=library, index=letters_index, bot_transport=away)
    with TestClient(app) as client:
        yield client


class Tags(HTMLParser):
    """Collects the tags of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps a tag."""
        self.tags.append((tag, dict(attrs)))

    def all(self, name: str) -> list[dict[str, str | None]]:
        """The attributes of every tag of a name."""
        return [attributes for tag, attributes in self.tags if tag == name]


def every_page(library: Library) -> list[str]:
    """The address of every page there is."""
    entries = [
        *(f"/tjenester/{id}" for id in library.shown_services()), *(f"/tema/{id}" for id in library.topics),
        *(f"/tiltak/{id}" for id in library.measures), *(f"/fagfolk/ark/{id}" for id in library.shown_services()),
    ]  # fmt: skip
    return [*PLAIN, *entries]


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_page_opens_in_every_language_and_is_light(client: TestClient, library: Library, language: str) -> None:
    """No entry can break its page, and no page weighs more than 100 kB with all it loads besides the answers."""
    shared = sum(len(content) for name, content in load_static(EXIT).items() if name in ("site.css", "site.js", "icon.svg"))
    for path in every_page(library):
        answer = client.get(path, params={"sprak": language, **dict(re.findall(r"(plan)=([\d-]+)", path))})
        assert answer.status_code == 200, path
        assert f'lang="{language}"' in answer.text, path
        own = len(load_static(EXIT)["widget.js"]) if path in ("/", "/demo", "/ramme") else 6000
        assert len(answer.content) + shared + own <= LIGHTEST_BYTES, path


def test_no_page_has_anything_inline_or_from_elsewhere(client: TestClient, library: Library) -> None:
    """Under a strict policy: no inline script, style or handler, and nothing is loaded from another site."""
    for path in every_page(library):
        answer = client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy, path
        assert "script-src 'self'" in policy, path
        for tag, attributes in Tags(answer.text).tags:
            assert tag != "style", path
            assert not {name for name in attributes if name.startswith("on") or name == "style"}, (path, tag)
            if tag == "script" and attributes.get("type") != "application/ld+json":  # data: a browser runs nothing of it
                assert (attributes["src"] or "").startswith("/"), path
            if tag in ("img", "iframe", "link"):
                assert (attributes.get("src") or attributes.get("href") or "").startswith("/"), path
            if tag == "a" and (attributes["href"] or "").startswith("http"):
                assert "noreferrer" in (attributes.get("rel") or ""), (path, attributes)


def test_no_page_sets_a_cookie_and_talk_is_never_kept(client: TestClient) -> None:
    """Nothing is stored by a browser; pages that show what a person asked for are not even cached."""
    for path in PLAIN:
        answer = client.get(path)
        assert "set-cookie" not in answer.headers
        assert answer.headers["referrer-policy"] == "no-referrer"
    for path in ("/", "/finn", "/fagfolk", "/ramme"):
        assert client.get(path).headers["cache-control"] == "no-store"
    assert client.post("/finn", data={"tekst": "jeg er redd"}).headers["cache-control"] == "no-store"


def test_the_numbers_are_plain_links_on_every_page(client: TestClient, library: Library) -> None:
    """112 and the others can be called from every page, also when no script runs."""
    for path in ("/", "/finn", "/fagfolk", "/tema", "/trygg", "/tjenester/x"):
        links = {a["href"] for a in Tags(client.get(path).text).all("a")}
        for id in NUMBERS:
            phone = next(c.value for c in library.services[id].contacts if c.kind == "phone")
            assert telephone(phone) in links, (path, id)


def test_leaving_is_a_plain_link_to_the_page_of_the_setting(client: TestClient) -> None:
    """The exit works without JavaScript and goes where the operator wants; the widget goes there too."""
    exits = [a for a in Tags(client.get("/").text).all("a") if a.get("id") == "forlat"]
    assert [a["href"] for a in exits] == [EXIT]
    assert f'EXIT_URL = "{EXIT}"' in client.get("/widget.js").text


def test_titles_say_nothing_about_what_is_read(client: TestClient, library: Library) -> None:
    """A title stands in the history of a phone that somebody may look through."""
    title = re.search("<title>(.*)</title>", client.get("/tema/tema-tvangsekteskap").text)
    assert title
    assert title.group(1) == "Informasjon – Veiviser"
    service = re.search("<title>(.*)</title>", client.get("/tjenester/krisesenter").text)
    assert service
    assert service.group(1) == "Tjeneste – Veiviser"


def test_the_same_page_in_another_language_is_one_click_away(client: TestClient) -> None:
    """The switch keeps the place; links keep the language."""
    page = client.get("/tiltak", params={"plan": "2025-2028", "sprak": "nn"}).text
    links = [a["href"] or "" for a in Tags(page).all("a")]
    assert any(link.startswith("/tiltak?") and "sprak=en" in link and "plan=2025-2028" in link for link in links)
    assert "/tema?sprak=nn" in links


def test_an_unknown_page_or_language_still_leads_to_help(client: TestClient) -> None:
    """A wrong address gets a page with the ways to help, a wrong language gets bokmål."""
    for path in ("/tjenester/finnes-ikke", "/tema/x", "/tiltak/x", "/fagfolk/ark/x", "/static/x"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "/finn" in answer.text
    assert 'lang="nb"' in client.get("/", params={"sprak": "<script>"}).text


def test_search_works_as_a_plain_form_and_keeps_the_words_out_of_addresses(client: TestClient) -> None:
    """The words are posted; the answer shows them only in the box, and the list that may be shared holds only ids."""
    words = "jeg er 16 og de vil gifte meg bort i sommer kråkebolle"
    answer = client.post("/finn", data={"tekst": words, "alder": "under18"})
    assert answer.status_code == 200
    assert answer.text.count("kråkebolle") == 1
    assert "kråkebolle" not in "".join(a["href"] or "" for a in Tags(answer.text).all("a"))
    shared = [a["href"] or "" for a in Tags(answer.text).all("a") if "vis=" in (a["href"] or "")]
    assert len(shared) == 1
    assert client.get(shared[0]).text.count("<article") == 4


def test_search_by_choices_alone_finds_help(client: TestClient) -> None:
    """Someone who cannot find words may choose; the services that help with just that come first."""
    page = client.post("/finn", data={"tema": ["fgm"], "hvem": "self"}).text
    assert "kjonnslemlestelse-helsehjelp" in re.findall(r"/tjenester/([a-z0-9-]+)", page)[:4]
    abroad = client.post("/finn", data={"tema": ["kept-abroad"], "hvor": "abroad", "land": "Pakistan"}).text
    assert {"spesialutsendinger", "ud-konsular"} & set(re.findall(r"/tjenester/([a-z0-9-]+)", abroad)[:4])


def test_danger_comes_first_in_the_search(client: TestClient) -> None:
    """Who writes of danger, or chooses it, sees the number before anything else."""
    for form in ({"tekst": "han står utenfor døra med kniv og vil drepe meg nå"}, {"tema": "acute-danger"}):
        page = client.post("/finn", data=form).text
        main = page[page.index("<main") :]
        assert main.index("tel:112") < main.index("/tjenester/")


def test_forms_take_anything(client: TestClient) -> None:
    """Empty, strange and hostile forms get a page, never an error and never their own words as markup."""
    for body in (
        b"",
        b"tekst=",
        b"\xff\xfe=%zz&&&",
        b"tekst=%3Cscript%3Ealert(1)%3C/script%3E",
        b"alder=900&hvem=x&tema=y&land=z",
    ):
        for path in ("/finn", "/fagfolk", "/fagfolk/treff"):
            answer = client.post(path, content=body, headers={"content-type": "application/x-www-form-urlencoded"})
            assert answer.status_code == 200, (path, body)
            assert "<script>alert" not in answer.text
    assert Asked.from_form(b"&" * 500).is_empty


def test_a_search_before_the_index_is_ready_says_so(library: Library) -> None:
    """While the search is being made ready the pages and the numbers are there already."""
    from fastapi import FastAPI

    app = FastAPI()
    app.include_router(build_pages(Engine(library, None), Settings()))
    client = TestClient(app)
    assert client.get("/").status_code == 200
    answer = client.post("/finn", data={"tekst": "hei"})
    assert answer.status_code == 503
    assert "tel:112" in answer.text


def test_professionals_get_number_referral_duty_and_sheet(client: TestClient) -> None:
    """One search gives whom to call, how to refer, the law beside it, and a sheet to print."""
    page = client.post("/fagfolk", data={"tekst": "elev redd for å bli sendt til Somalia", "hvem": "professional"}).text
    strings = load_strings("nb")
    for piece in (strings["pro"]["refer"], strings["pro"]["duties"], "/fagfolk/ark/", "lovdata.no"):
        assert piece in page


def test_the_referral_sheet_has_no_field_for_personal_data(client: TestClient, library: Library) -> None:
    """A sheet that cannot hold a name cannot leak one."""
    for id in library.shown_services():
        page = client.get(f"/fagfolk/ark/{id}").text
        assert not [tag for tag, _ in Tags(page).tags if tag in ("input", "textarea", "form")], id


def test_comparison_shows_the_chosen_services_and_no_more_than_four(client: TestClient) -> None:
    """Side by side is only readable for a few."""
    ids = ["nora", "ung-no", "nora", "x", "krisesenter", "nav", "udi"]
    page = client.get("/fagfolk/sammenlign", params={"id": ids}).text
    assert re.findall(r'scope="col"><a href="/tjenester/([a-z-]+)', page) == ["nora", "ung-no", "krisesenter", "nav"]


def test_the_map_holds_every_service_and_every_arrow_of_the_data(library: Library) -> None:
    """The drawing leaves nothing out and boxes do not lie on each other."""
    services = library.shown_services()
    drawn = draw_actors(services, lambda s: short_name(s.name.nb))
    assert {box.service.id for box in drawn.boxes} == set(services)
    wanted = {(s.id, other) for s in services.values() for other in s.coordinates if other in services}
    assert {(arrow.start, arrow.end) for arrow in drawn.arrows} == wanted
    for one in drawn.boxes:
        for other in drawn.boxes:
            if one is not other and one.x == other.x:
                assert one.y + one.height <= other.y or other.y + other.height <= one.y


def test_the_chart_counts_as_the_plan_counts(library: Library) -> None:
    """33 measures, 7 of them finished: 9a and 9b are one measure, and 10 is not finished while 10a goes on."""
    plan = [m for m in library.measures.values() if m.plan == "2021-2024"]
    bars = bars_of(plan, lambda m: [m.area.nb])
    assert sum(bar.total for bar in bars) == len({counted(m) for m in plan}) == 33
    assert sum(bar.completed for bar in bars) == 7


def test_the_widgets_numbers_are_those_of_the_entries(client: TestClient, library: Library) -> None:
    """The numbers in the script, for when the server is away, are the ones the sources give."""
    block = re.search(r"const NUMBERS = \{(.*?)\};", client.get("/widget.js").text, re.S)
    assert block
    known = {c.value for s in library.services.values() for c in s.contacts if c.kind == "phone"}
    numbers = re.findall(r'"([+\d ]+)":', block.group(1))
    assert len(numbers) == 5
    assert set(numbers) <= known


def test_the_widget_is_one_small_file_that_any_site_may_load(client: TestClient) -> None:
    """At most 30 kB, no dependency, no storage, and no code from text."""
    answer = client.get("/widget.js")
    assert len(answer.content) <= WIDGET_BYTES
    assert answer.headers["access-control-allow-origin"] == "*"
    for word in ("import ", "innerHTML", "eval(", "new Function", "localStorage", "sessionStorage", "indexedDB", "cookie"):
        assert word not in answer.text, word


def test_every_sentence_is_there_in_three_languages() -> None:
    """A sentence without nynorsk or English would show up as bokmål in the middle of a page."""
    data = yaml.load(FILE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)

    def check(node: Any, place: str) -> None:
        if isinstance(node, dict) and "nb" in node:
            assert set(node) == {"nb", "nn", "en"}, place
            assert all(node.values()), place
            assert len({tuple(sorted(re.findall(r"\{\w+\}", text))) for text in node.values()}) == 1, place
        elif isinstance(node, dict | list):
            for key, part in node.items() if isinstance(node, dict) else enumerate(node):
                check(part, f"{place}.{key}")
        else:
            raise AssertionError(place)

    check(data, "strings")


def test_every_string_of_the_file_is_used() -> None:
    """A sentence that no page says would be translated and checked for nothing."""
    folder = Path(FILE).parent
    text = "".join(p.read_text(encoding="utf-8") for p in [*folder.glob("pages/templates/*.html"), *folder.glob("*.py")])
    data = yaml.load(FILE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    by_data = {"kinds", "audience", "reach", "ministries", "known", "numbers", "map", "measure", "fact_kinds", "fact_problems"}
    by_name = {"sections", *get_args(AssuredBy)}
    for group, sentences in data.items():
        for key in sentences if group not in by_data else ():
            used = re.search(rf"{group}\.{key}\b|{group}\['{re.escape(key)}'\]|[\"']{re.escape(key)}[\"']", text)
            assert used or key in by_name, f"{group}.{key}"


def test_small_pieces() -> None:
    """Numbers, addresses and first sentences."""
    assert telephone("116 111") == "tel:116111"
    assert telephone("47 80 90 50") == "tel:+4747809050"
    assert telephone("+47 23 95 00 00") == "tel:+4723950000"
    assert address("/tema#a", "nn", {"x": ["1", "2"]}) == "/tema?sprak=nn&x=1&x=2#a"
    assert brief("Kort. " * 60).endswith("Kort.")
    assert len(brief("Kort. " * 60)) <= 180
    assert brief("En setning uten slutt") == "En setning uten slutt"
    assert short_name("Politiet – 02800") == "Politiet – 02800"
    assert short_name("SEIF – Selvhjelp (x)") == "SEIF"
