"""Everything that is known, in one frozen record, and the fingerprint of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pydantic import BaseModel

from knowledge.answers import Answers
from knowledge.changes import Changes
from knowledge.drafts import Draft
from knowledge.freshness import Freshness
from knowledge.models import Measure, Service, Topic
from knowledge.phrases import Phrases
from knowledge.places import Places


@dataclass(frozen=True)
class Library:
    """All entries by id, the places, and what people say."""

    services: Mapping[str, Service]
    topics: Mapping[str, Topic]
    measures: Mapping[str, Measure]
    places: Places
    phrases: Mapping[str, Phrases]
    signals: Mapping[str, Phrases]
    answers: Mapping[str, Answers] = field(default_factory=dict)
    changes: Mapping[str, Changes] = field(default_factory=dict)
    drafts: Mapping[str, Draft] = field(default_factory=dict)
    freshness: Freshness = field(default_factory=Freshness)

    @cached_property
    def version(self) -> str:
        """Twelve hex digits that change when any content changes."""
        return _fingerprint((self.services, self.topics, self.measures, self.phrases, self.signals, self.answers), self.places)

    @cached_property
    def learned_from(self) -> str:
        """Twelve hex digits that change when something changes that the search learns from."""
        return _fingerprint((self.services, self.topics, self.measures, self.phrases, self.signals), self.places)

    def shown_services(self) -> dict[str, Service]:
        """The services that may be shown: no draft, nothing closed down."""
        return {k: s for k, s in self.services.items() if s.status in ("active", "temporarily closed")}


def _fingerprint(parts: Sequence[Mapping[str, BaseModel]], places: Places) -> str:
    digest = hashlib.sha256()
    for part in parts:
        for key in sorted(part):
            digest.update(key.encode())
            digest.update(part[key].model_dump_json().encode())
    digest.update(places.fingerprint().encode())
    return digest.hexdigest()[:12]
