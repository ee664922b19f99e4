"""POST /api/v1/search."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from api.schemas import SearchOut
from knowledge.index import Index

ADDRESS = "/api/v1/search"


def ids(answer: dict) -> list[str]:
    return [service["id"] for service in answer["services"]]


def test_an_answer_has_every_key_of_the_interface(client: TestClient) -> None:
    """Whatever is asked, the answer has the same keys, so that a portal can rely on them."""
    answer = client.post(ADDRESS, json={"text": "foreldrene mine vil gifte meg bort", "limit": 3}).json()
    SearchOut.model_validate(answer)
    assert set(answer) == {"language", "urgency", "in_scope", "services", "topics", "measures", "ask"}
    assert len(answer["services"]) == 3
    for service in answer["services"]:
        assert {"id", "name", "score", "why", "open", "contacts", "assured_date", "sources"} <= set(service)
        assert service["why"]
        assert 0 <= service["score"] <= 1


def test_danger_in_norway_gets_an_emergency_number_first(client: TestClient) -> None:
    """Who is beaten now sees 112 before anything else, and why."""
    answer = client.post(ADDRESS, json={"text": "hjelp pappa slår meg nå", "profile": {"in_norway": True}}).json()
    assert answer["urgency"]["level"] == "acute"
    assert answer["urgency"]["because"]
    assert ids(answer)[0] == "politiet-112"


def test_danger_abroad_gets_the_number_that_works_there(client: TestClient) -> None:
    """112 in Norway cannot come to Pakistan; the Foreign Ministry's duty line comes first."""
    answer = client.post(ADDRESS, json={"text": "hjelp pappa slår meg nå", "profile": {"country": "pk"}}).json()
    assert ids(answer)[0] == "ud-konsular"


def test_only_as_many_services_as_asked_for(client: TestClient) -> None:
    """A limit is a limit, also in danger."""
    assert len(client.post(ADDRESS, json={"text": "hjelp pappa slår meg nå", "limit": 1}).json()["services"]) == 1


@pytest.mark.parametrize(("language", "expected"), [("nn", "nn"), ("en-GB", "en"), ("no", "nb"), ("so", "en"), (None, "en")])
def test_the_answer_is_in_a_language_we_have(client: TestClient, language: str | None, expected: str) -> None:
    """A language we do not write in gets English; a neighbour's gets bokmål; null is found from the text."""
    text = "my parents want to force me to marry"
    assert client.post(ADDRESS, json={"text": text, "language": language}).json()["language"] == expected


@pytest.mark.parametrize("text", ["😭😭", "!!!", "\u200b.\u202e", "…"])
def test_a_text_without_words_is_answered_and_finds_nothing(client: TestClient, text: str) -> None:
    """Emoji alone is no error and no question."""
    answer = client.post(ADDRESS, json={"text": text}).json()
    assert (answer["in_scope"], answer["services"]) == (False, [])


@pytest.mark.parametrize(
    "body",
    [
        {}, {"text": ""}, {"text": "   "}, {"text": "x" * 2001}, {"text": None}, {"text": 1}, {"text": "x", "limit": 0},
        {"text": "x", "limit": 11}, {"text": "x", "limit": "5"}, {"text": "x", "profile": {"age": 121}},
        {"text": "x", "profile": {"role": "king"}}, {"text": "x", "profile": {"country": "Norway"}}, {"text": "x", "more": 1},
        {"text": "x", "language": "klingon language"}, [], "x",
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_and_not_echoed(client: TestClient, body: object) -> None:
    """A mistake is 422 with the name of the field and what is expected of it."""
    response = client.post(ADDRESS, json=body)
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "invalid"
    assert response.json()["error"]["detail"]


def test_a_text_of_two_thousand_characters_after_trimming_is_taken(client: TestClient) -> None:
    """Spaces around the text do not count."""
    assert client.post(ADDRESS, json={"text": "  " + "a " * 999 + "ab   "}).status_code == 200


def test_a_municipality_that_nobody_knows_does_not_stop_the_search(client: TestClient) -> None:
    """A misspelt place counts as not known; the help still comes."""
    answer = client.post(ADDRESS, json={"text": "jeg blir slått hjemme", "profile": {"municipality": "Trondhjemm"}})
    assert answer.status_code == 200
    assert answer.json()["services"]


def test_a_question_comes_with_answers_to_choose(client: TestClient, index: Index, make_client) -> None:
    """When one fact would change the first service, the search asks for it."""
    answer = make_client(index=index).post(ADDRESS, json={"text": "familien bestemmer hvem jeg skal gifte meg med"}).json()
    assert answer["ask"] is None or (answer["ask"]["question"].endswith("?") and len(answer["ask"]["options"]) >= 1)
    assert answer["in_scope"]
