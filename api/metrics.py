"""Counts for Prometheus: how many, how fast, how it went. No content, no ids, no addresses."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


class TopicCounts:
    """In how many talks a topic was told of, by ISO week; shown in whole groups of `group` talks, so never one person.

    A talk counts once a week for a topic. It is known by a hash with a salt of this process, which goes with the week.
    """

    def __init__(self, group: int, today: Callable[[], dt.date] = _today) -> None:
        self._group, self._today = group, today
        self._week, self._salt = "", b""
        self._talks: dict[str, set[bytes]] = {}

    def saw(self, topic: str, conversation_id: str) -> None:
        """A topic was told of in a talk."""
        if self._group:
            self._turn_week()
            talk = hashlib.blake2b(conversation_id.encode(), key=self._salt, digest_size=8).digest()
            self._talks[topic].add(talk)

    def shown(self) -> Iterator[tuple[str, str, int]]:
        """Topic, week, and the talks rounded down to whole groups; nothing of a topic with less than one group."""
        self._turn_week()
        for topic, talks in sorted(self._talks.items()):
            if self._group and len(talks) >= self._group:
                yield topic, self._week, len(talks) // self._group * self._group

    def _turn_week(self) -> None:
        week = "{}-W{:02}".format(*self._today().isocalendar())
        if week != self._week:
            self._week, self._salt, self._talks = week, secrets.token_bytes(16), defaultdict(set)


class Metrics:
    """One set of counters for one app."""

    def __init__(self, topics: TopicCounts) -> None:
        self._topics = topics
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "veiviser_requests", "Requests by route and status.", ("route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "veiviser_request_seconds", "Time of a request by route.", ("route",), buckets=_BUCKETS, registry=self.registry
        )
        self.turns = Counter("veiviser_turns", "Turns of conversations.", registry=self.registry)
        self.degraded = Counter("veiviser_degraded_turns", "Turns answered without the bot.", registry=self.registry)
        self.urgent = Counter("veiviser_urgent_turns", "Turns with an urgent message.", registry=self.registry)
        self.ready = Gauge("veiviser_index_ready", "1 when the search is ready.", registry=self.registry)
        self.content = Gauge("veiviser_content", "The content's version.", ("version",), registry=self.registry)
        self.index = Gauge("veiviser_index", "The index's version and encoder.", ("version", "encoder"), registry=self.registry)
        self.topics = Gauge(
            "veiviser_topic_talks", "Talks that a topic was told of in, in whole groups.", ("topic", "week"),
            registry=self.registry,
        )  # fmt: skip

    def request(self, route: str, status: int, seconds: float) -> None:
        """A request was answered. `route` is the pattern of the path, never the path."""
        self.requests.labels(route, str(status)).inc()
        self.seconds.labels(route).observe(seconds)

    def turn(self, answer: dict[str, Any]) -> None:
        """A turn was answered."""
        self.turns.inc()
        if answer["degraded"]:
            self.degraded.inc()
        if answer["messages"][0]["type"] == "urgent":
            self.urgent.inc()
        for message in answer["messages"]:
            if message["type"] == "topic":
                self._topics.saw(message["topic"]["id"], answer["conversation_id"])

    def text(self, version: str, index: tuple[str, str] | None) -> bytes:
        """Everything in the Prometheus text format. `index` is its version and encoder when it is ready."""
        for gauge in (self.content, self.index, self.topics):
            gauge.clear()
        self.content.labels(version).set(1)
        self.ready.set(1 if index else 0)
        if index:
            self.index.labels(*index).set(1)
        for topic, week, talks in self._topics.shown():
            self.topics.labels(topic, week).set(talks)
        return generate_latest(self.registry)
