"""Everything that is known, in one frozen record, and the fingerprint of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

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

    @cached_property
    def version(self) -> str:
        """Twelve hex digits that change when any content changes."""
        digest = hashlib.sha256()
        for part in (self.services, self.topics, self.measures, self.phrases, self.signals):
            for key in sorted(part):
                digest.update(key.encode())
                digest.update(part[key].model_dump_json().encode())
        digest.update(self.places.fingerprint().encode())
        return digest.hexdigest()[:12]

    def shown_services(self) -> dict[str, Service]:
        """The services that may be shown: no draft, nothing closed down."""
        return {k: s for k, s in self.services.items() if s.status in ("active", "temporarily closed")}
