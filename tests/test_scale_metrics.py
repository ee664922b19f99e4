"""Counts by topic: off as it comes, and never of somebody."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from conftest import custom_message
from prometheus_client.parser import text_string_to_metric_families
from pydantic import ValidationError
from starlette.testclient import TestClient

from api.conversations import new_id
from api.metrics import TopicCounts
from api.settings import SMALLEST_GROUP, Settings

MONDAY = dt.date(2026, 11, 16)


def counts(group: int, talks: int, turns: int = 1) -> tuple[TopicCounts, list[dt.date]]:
    """Counts after some talks of some turns about one topic, and the day, which a test may change."""
    day = [MONDAY]
    made = TopicCounts(group, lambda: day[0])
    for _ in range(talks):
        id = new_id()
        for _ in range(turns):
            made.saw("tema-rettigheter", id)
    return made, day


@pytest.mark.parametrize(("talks", "shown"), [(0, []), (19, []), (20, [20]), (39, [20]), (40, [40]), (113, [100])])
def test_only_whole_groups_are_shown(talks: int, shown: list[int]) -> None:
    """So no difference between two looks is one person either."""
    made, _ = counts(20, talks)
    assert [count for _, _, count in made.shown()] == shown


def test_a_talk_counts_once_however_long_it_is() -> None:
    """One person who asks a hundred times is one."""
    made, _ = counts(20, talks=3, turns=100)
    assert not list(made.shown())


def test_off_means_that_nothing_is_counted() -> None:
    """Not only not shown."""
    made, _ = counts(0, talks=500)
    assert not list(made.shown())
    assert not made._talks


def test_a_new_week_begins_with_nothing() -> None:
    """The counts, and with them the salt of the hashes, go on Monday."""
    made, day = counts(20, talks=50)
    assert list(made.shown()) == [("tema-rettigheter", "2026-W47", 40)]
    salt = made._salt
    day[0] = MONDAY + dt.timedelta(days=7)
    assert not list(made.shown())
    assert made._salt != salt


def test_no_id_is_kept() -> None:
    """A talk is known by a salted hash only."""
    made, id = TopicCounts(20), new_id()
    made.saw("tema-rettigheter", id)
    assert id not in repr(vars(made))


def test_a_small_group_is_refused() -> None:
    """A setting must not be able to tell of somebody."""
    assert Settings().topic_group == 0
    with pytest.raises(ValidationError, match=str(SMALLEST_GROUP)):
        Settings(topic_group=SMALLEST_GROUP - 1)


def test_metrics_show_topics_only_from_a_whole_group_on(make_client: Callable[..., TestClient], bot: Any) -> None:
    """Through the door: nineteen talks show nothing, the twentieth shows twenty."""
    client = make_client(topic_group=20)
    topic = next(iter(client.app.state.engine.library.topics))  # type: ignore[attr-defined]
    bot.says = lambda _: [custom_message(type="topic", id=topic)]
    for talk in range(20):
        assert "veiviser_topic_talks{" not in client.get("/metrics").text
        answer = client.post("/api/v1/chat", json={"text": f"hva er dette {talk}"}).json()
        assert any(m["type"] == "topic" for m in answer["messages"])
    assert re.search(rf'veiviser_topic_talks{{topic="{topic}",week="\d{{4}}-W\d\d"}} 20\.0', client.get("/metrics").text)


def test_metrics_say_how_long_answers_took_and_what_is_served(client: TestClient) -> None:
    """Latency by route as a histogram, the content's version, the index and its encoder."""
    client.post("/api/v1/search", json={"text": "hei"})
    families = {f.name: f for f in text_string_to_metric_families(client.get("/metrics").text)}
    routes = {s.labels["route"] for s in families["veiviser_request_seconds"].samples if s.name.endswith("_bucket")}
    assert "/api/v1/search" in routes
    assert families["veiviser_index_ready"].samples[0].value == 1
    content, index = (families[name].samples[0].labels for name in ("veiviser_content", "veiviser_index"))
    assert content["version"] == client.get("/readyz").json()["content_version"]
    assert set(index) == {"version", "encoder"}
    assert all(index.values())
