"""Counts for Prometheus: how many, how fast, how it went. No content, no ids, no addresses."""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


class Metrics:
    """One set of counters for one app."""

    def __init__(self) -> None:
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

    def text(self, version: str, ready: bool) -> bytes:
        """Everything in the Prometheus text format."""
        self.content.clear()
        self.content.labels(version).set(1)
        self.ready.set(1 if ready else 0)
        return generate_latest(self.registry)
