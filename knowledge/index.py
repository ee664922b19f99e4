"""The search: a text and what is known of the person in; services, topics, measures, urgency and scope out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from knowledge.encoders import Encoder, Vectors
from knowledge.facts import Text
from knowledge.gate import LEVELS, SCOPES, Gate, Scope
from knowledge.library import Library
from knowledge.phrases import SIGNALS
from knowledge.profile import Profile, ProfileReader
from knowledge.questions import Question, question_for
from knowledge.ranker import Ranker
from knowledge.reasons import GENERAL_HELPERS, Ranked, rank_services
from knowledge.text import clean, find_language
from knowledge.thresholds import Thresholds, load_thresholds
from knowledge.urgency import Urgency, find_urgency
from knowledge.wording import say

KINDS = ("service", "topic", "measure")
_MEASURE_NUMBER = re.compile(r"\b(?:tiltak|measure)\s*(?:nr\.?|nummer|number|no\.?)?\s*(\d{1,2})\s?([ab])?\b")
_NEW_PLAN = re.compile(r"2025|2028|sjef i eget liv|ny(?:e)? (?:handlings)?plan|new plan|in charge of")


@dataclass(frozen=True)
class Found:
    """A topic or a measure with its probability."""

    id: str
    score: float


@dataclass(frozen=True)
class SearchResult:
    """What a search gives. `base` are the services' probabilities from the words alone, for a later turn to rank anew."""

    language: str
    urgency: Urgency
    scope: Scope
    services: tuple[Ranked, ...]
    topics: tuple[Found, ...]
    measures: tuple[Found, ...]
    kind: str
    profile: Profile
    base: Mapping[str, float]
    ask: Question | None

    @property
    def in_scope(self) -> bool:
        """Is it our field?"""
        return self.scope == "in"


@dataclass
class Index:
    """Everything learned from a library with one encoder. Make it with `from_library`."""

    library: Library
    encoder: Encoder
    services: Ranker
    topics: Ranker
    measures: Ranker
    kinds: Gate
    scopes: Gate
    levels: Gate
    thresholds: Thresholds
    reader: ProfileReader = field(init=False)

    def __post_init__(self) -> None:
        self.reader = ProfileReader(self.library.places)

    @classmethod
    def from_library(cls, library: Library, encoder: Encoder) -> Index:
        """Learns all rankers and gates; about half a minute for 7 000 phrases on one core.

        Raises ValueError when there are too few phrases to learn from.
        """
        examples = {kind: _examples(library, kind) for kind in KINDS}
        vectors = {kind: encoder.encode([text for _, text in examples[kind]]) for kind in KINDS}
        said = {kind: _phrases_only(library, kind) for kind in KINDS}
        said_vectors = {kind: encoder.encode(said[kind]) for kind in KINDS}
        signals = {name: [text for _, text in phrases.all()] for name, phrases in library.signals.items()}
        signal_vectors = {name: encoder.encode(texts) for name, texts in signals.items()}
        scope_texts, scope_labels, scope_vectors = _labelled(
            [(said[kind], said_vectors[kind], "in") for kind in KINDS]
            + [(texts, signal_vectors[name], SIGNALS[name][0]) for name, texts in signals.items()]
        )
        alarms = _acute_phrases(library)
        level_texts, level_labels, level_vectors = _labelled(
            [
                (
                    [t for t in said["service"] if t not in alarms],
                    _rows(said["service"], said_vectors["service"], alarms, False),
                    "none",
                )
            ]
            + [
                (
                    [t for t in said["service"] if t in alarms],
                    _rows(said["service"], said_vectors["service"], alarms, True),
                    "acute",
                )
            ]
            + [(said[kind], said_vectors[kind], "none") for kind in ("topic", "measure")]
            + [(texts, signal_vectors[name], SIGNALS[name][1]) for name, texts in signals.items()]
        )
        kind_texts, kind_labels, kind_vectors = _labelled([(said[k], said_vectors[k], k) for k in KINDS])
        return cls(
            library=library,
            encoder=encoder,
            services=Ranker.learn(examples["service"], vectors["service"], _names(library)),
            topics=Ranker.learn(examples["topic"], vectors["topic"], {}),
            measures=Ranker.learn(examples["measure"], vectors["measure"], {}),
            kinds=Gate.learn(kind_texts, kind_labels, kind_vectors, KINDS),
            scopes=Gate.learn(scope_texts, scope_labels, scope_vectors, SCOPES),
            levels=Gate.learn(level_texts, level_labels, level_vectors, LEVELS),
            thresholds=load_thresholds(encoder.name),
        )

    def search(self, text: str, profile: Profile | None = None, language: str | None = None, limit: int = 5) -> SearchResult:
        """Search with a text of at least one word. `profile` is what is known besides and wins over what the text says."""
        text = clean(text)
        vector = self.encoder.encode([text])
        known = self.reader.read(text).updated(profile or Profile())
        base = self.services.score(text, vector[0])
        urgency = self.urgency(text, vector)
        scope = self.scope(text, vector, urgency, base)
        kind_scores = dict(zip(KINDS, self.kinds.probabilities([text], vector)[0].tolist(), strict=True))
        ranked = self.rank(base, known, urgency, scope)
        return SearchResult(
            language=language or find_language(text),
            urgency=urgency,
            scope=scope,
            services=tuple(ranked[:limit]),
            topics=self._topics(text, vector, scope, limit),
            measures=self._measures(text, vector, scope, kind_scores["measure"], limit),
            kind=max(kind_scores, key=lambda k: kind_scores[k]),
            profile=known,
            base=base,
            ask=question_for(base, known, urgency, self.library) if scope == "in" else None,
        )

    def rank(
        self,
        base: Mapping[str, float],
        profile: Profile,
        urgency: Urgency,
        scope: Scope = "in",
        without: frozenset[str] = frozenset(),
    ) -> list[Ranked]:
        """Services from base probabilities and what is known. Out of scope gives none, near gives the general helpers."""
        if scope == "out":
            return []
        if scope == "near":
            helpers = sorted((h for h in GENERAL_HELPERS if h in self.library.services), key=lambda h: -base.get(h, 0.0))
            total = sum(base.get(h, 0.0) for h in helpers) or 1.0
            return [Ranked(h, base.get(h, 0.0) / total, (say("why", "general"),)) for h in helpers[:2]]
        return rank_services(base, profile, urgency, self.library, without)

    def urgency(self, text: str, vector: Vectors) -> Urgency:
        """Rules first; the classifier may raise what they found. `vector` has shape (1, width)."""
        found = find_urgency(text)
        acute, high, _ = self.levels.probabilities([text], vector)[0]
        if acute >= self.thresholds.acute:
            found = found.raised_to("acute", "classifier", say("urgent_because", "classifier"))
        if acute + high >= self.thresholds.high:
            found = found.raised_to("high", "classifier-high", say("urgent_because", "classifier_high"))
        return found

    def scope(self, text: str, vector: Vectors, urgency: Urgency, base: Mapping[str, float]) -> Scope:
        """In, near or out. Danger is always in; so is a text that names one of our services."""
        inside, near, out = self.scopes.probabilities([text], vector)[0]
        if urgency.level == "acute" or inside >= self.thresholds.scope or self.services.names_any(text):
            return "in"
        return "near" if near >= out else "out"

    def _topics(self, text: str, vector: Vectors, scope: Scope, limit: int) -> tuple[Found, ...]:
        if scope != "in":
            return ()
        return _best(self.topics.score(text, vector[0]), self.thresholds.topic, limit)

    def _measures(self, text: str, vector: Vectors, scope: Scope, kind: float, limit: int) -> tuple[Found, ...]:
        numbered = self._by_number(text)
        if numbered:
            return numbered
        if scope != "in" or kind < self.thresholds.measure_kind:
            return ()
        return _best(self.measures.score(text, vector[0]), self.thresholds.measure, limit)

    def _by_number(self, text: str) -> tuple[Found, ...]:
        """'tiltak 24' names a measure; 'tiltak 9' names both its parts; with the new plan in the text, its own."""
        match = _MEASURE_NUMBER.search(text.lower())
        if not match:
            return ()
        plan = "2025-2028" if _NEW_PLAN.search(text.lower()) else "2021-2024"
        number, part = match.groups()
        wanted = [f"{number}{part}"] if part else [number, f"{number}a", f"{number}b"]
        return tuple(Found(m.id, 1.0) for m in self.library.measures.values() if m.plan == plan and m.number in wanted)


def _examples(library: Library, kind: str) -> list[tuple[str, str]]:
    """(id, text) to learn from: what people say, and the entry's own names and description."""
    rows = [(id, text) for id in _ids(library, kind) if id in library.phrases for _, text in library.phrases[id].all()]
    return rows + [(id, text) for id in _ids(library, kind) for text in _own_words(library, kind, id)]


def _phrases_only(library: Library, kind: str) -> list[str]:
    return [text for id in _ids(library, kind) if id in library.phrases for _, text in library.phrases[id].all()]


def _ids(library: Library, kind: str) -> list[str]:
    entries: Mapping[str, object] = {"service": library.shown_services(), "topic": library.topics, "measure": library.measures}[
        kind
    ]
    return sorted(entries)


def _own_words(library: Library, kind: str, id: str) -> list[str]:
    if kind == "service":
        s = library.services[id]
        texts: list[Text] = [s.name, s.description]
        return [t for text in texts for t in _written(text)] + [*s.alternate_name, *s.former_name]
    if kind == "topic":
        t = library.topics[id]
        return [w for text in (t.title, *t.summary[:4]) for w in _written(text)]
    m = library.measures[id]
    return [w for text in (m.title, m.summary) for w in _written(text)]


def _written(text: Text) -> list[str]:
    return [t for t in (text.nb, text.nn, text.en) if t]


def _names(library: Library) -> dict[str, list[str]]:
    """Names that say which service is meant, without what stands in brackets."""
    return {
        id: [re.sub(r"\s*\(.*?\)", "", name) for name in (*_written(s.name), *s.alternate_name, *s.former_name)]
        for id, s in library.shown_services().items()
    }


def _acute_phrases(library: Library) -> set[str]:
    return {t for id in ("politiet-112", "amk-113") if id in library.phrases for _, t in library.phrases[id].all()}


def _rows(texts: Sequence[str], vectors: Vectors, chosen: set[str], inside: bool) -> Vectors:
    keep = [number for number, text in enumerate(texts) if (text in chosen) == inside]
    return np.asarray(vectors[keep], dtype=np.float32)


def _labelled(groups: Sequence[tuple[Sequence[str], Vectors, str]]) -> tuple[list[str], list[str], Vectors]:
    filled = [(texts, vectors, label) for texts, vectors, label in groups if len(texts)]
    return (
        [t for texts, _, _ in filled for t in texts],
        [label for texts, _, label in filled for _ in texts],
        np.concatenate([vectors for _, vectors, _ in filled]),
    )


def _best(scores: Mapping[str, float], least: float, limit: int) -> tuple[Found, ...]:
    ordered = sorted(scores.items(), key=lambda item: -item[1])[:limit]
    return tuple(Found(id, score) for id, score in ordered if score >= least)
