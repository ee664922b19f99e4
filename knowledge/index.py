"""The search: a text and what is known of the person in; services, topics, measures, urgency and scope out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml
from threadpoolctl import threadpool_limits

from knowledge.answering import AnswerFinder
from knowledge.encoders import Encoder
from knowledge.facts import Text
from knowledge.features import FeatureMaker, Features
from knowledge.gate import LEVELS, SCOPES, Gate, Scope
from knowledge.library import Library
from knowledge.passages import Passages
from knowledge.phrases import SIGNALS
from knowledge.profile import Profile, ProfileReader
from knowledge.questions import Question, question_for
from knowledge.ranker import Ranker
from knowledge.reasons import GENERAL_HELPERS, Ranked, rank_services
from knowledge.text import clean, find_language, fold
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


#: With a word of field.yml this probability of being in scope is enough.
LEAST_WITH_A_FIELD_WORD = 0.05
#: In the middle of a talk a message shorter than this leans on what was said before: alone it sounds like anything, so the
#: classifier must be surer than of a first message. Measured on own conversations (2026-11-20).
SHORT_IN_TALK, ACUTE_IN_TALK, ACUTE_AS_QUESTION = 12, 0.35, 0.95
#: The largest share that a need's services have in ranking its topics; measured on own questions (benchmarks/routing.md).
TOPICS_BY_SERVICE = 0.6
#: Parts of an index that are learned from the library.
LEARNED = ("services", "topics", "measures", "kinds", "scopes", "levels")
#: Phrases of these services describe danger now; all others describe none.
EMERGENCY = ("politiet-112", "amk-113")


@dataclass(frozen=True)
class Example:
    """A text to learn from: its kind (service, topic, measure, or the name of a signal) and the id it belongs to."""

    kind: str
    id: str
    text: str

    @property
    def scope(self) -> str:
        """in, near or out."""
        return SIGNALS[self.kind][0] if self.kind in SIGNALS else "in"

    @property
    def level(self) -> str:
        """acute, high or none."""
        if self.kind in SIGNALS:
            return SIGNALS[self.kind][1]
        return "acute" if self.id in EMERGENCY else "none"


@dataclass
class Index:
    """Everything learned from a library with one encoder. Make it with `from_library`."""

    library: Library
    features: FeatureMaker
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

    @property
    def encoder(self) -> Encoder:
        """The encoder in use."""
        return self.features.encoder

    @classmethod
    def from_library(cls, library: Library, encoder: Encoder) -> Index:
        """Learns all rankers and gates; about a minute for 8 000 phrases on one core.

        Raises ValueError when there are too few phrases to learn from.
        """
        examples = [Example(kind, id, text) for kind in KINDS for id, text in _examples(library, kind)]
        signals = [Example(name, name, text) for name, phrases in library.signals.items() for _, text in phrases.all()]
        everything = examples + signals
        maker = FeatureMaker.learn([e.text for e in everything], encoder)
        made = maker.make([e.text for e in everything])

        def ranker(kind: str, names: Mapping[str, Sequence[str]]) -> Ranker:
            rows = [row for row, e in enumerate(everything) if e.kind == kind]
            return Ranker.learn(made.take(rows), [everything[row].id for row in rows], names)

        said = [row for row, e in enumerate(everything) if e.kind in KINDS]
        with threadpool_limits(1):  # small matrices: threads wait for each other, six times as slow on a busy machine
            return cls(
                library=library,
                features=maker,
                services=ranker("service", _names(library)),
                topics=ranker("topic", {}),
                measures=ranker("measure", {}),
                kinds=Gate.learn(made.take(said), [everything[row].kind for row in said], KINDS),
                scopes=Gate.learn(made, [e.scope for e in everything], SCOPES),
                levels=Gate.learn(made, [e.level for e in everything], LEVELS),
                thresholds=load_thresholds(encoder.name),
            )

    @classmethod
    def from_learned(cls, library: Library, encoder: Encoder, learned: Mapping[str, Any]) -> Index:
        """From what `learned` of an earlier index gave, with the same library and encoder. Raises KeyError when parts lack."""
        rankers_and_gates = {name: learned[name] for name in LEARNED}
        maker = FeatureMaker(encoder, learned["letters"])
        return cls(library=library, features=maker, thresholds=load_thresholds(encoder.name), **rankers_and_gates)

    @property
    def learned(self) -> dict[str, Any]:
        """The parts that take time to learn, to be kept on disk: no encoder, no library."""
        return {"letters": self.features.letters, **{name: getattr(self, name) for name in LEARNED}}

    def search(self, text: str, profile: Profile | None = None, language: str | None = None, limit: int = 5) -> SearchResult:
        """Search with a text of at least one word. `profile` is what is known besides and wins over what the text says."""
        text = clean(text)
        seen = self.features.make([text])
        known = self.reader.read(text).updated(profile or Profile())
        base = self.services.score(seen)
        urgency = self.urgency(text, seen)
        scope = self.scope(text, seen, urgency)
        kinds = self.kinds.score(seen)
        ranked = self.rank(base, known, urgency, scope)
        return SearchResult(
            language=language or find_language(text),
            urgency=urgency,
            scope=scope,
            services=tuple(ranked[:limit]),
            topics=self._topics(seen, base, kinds["service"], limit) if scope == "in" else (),
            measures=self._measures(text, seen, scope, kinds["measure"], limit),
            kind=max(kinds, key=lambda kind: kinds[kind]),
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

    def likely_topics(self, text: str, least: float) -> tuple[Found, ...]:
        """Topics by the words alone, whatever the scope: for a question that is known to ask for an explanation."""
        return _best(self.topics.score(self.features.make([text])), least, 3)

    def likely_measure(self, text: str, least: float = 0.5) -> str | None:
        """The measure a text means, whatever the scope: for a question that is known to be about a plan."""
        best = _best(self.measures.score(self.features.make([text])), least, 1)
        return best[0].id if best else None

    def urgency(self, text: str, seen: Features | None = None, in_talk: bool = False) -> Urgency:
        """Rules first; the classifier may raise what they found. `seen` are the text's features, when already made."""
        found = find_urgency(text)
        leans = in_talk and len(text.split()) < SHORT_IN_TALK
        least = ACUTE_AS_QUESTION if leans and text.rstrip().endswith("?") else ACUTE_IN_TALK if leans else 0.0
        acute = max(self.thresholds.acute, least)
        seen = seen or self.features.make([text])
        levels = self.levels.score(seen)
        ours = self.scopes.score(seen)["in"] >= self.thresholds.acute_scope
        if levels["acute"] >= acute and ours and not _words_of("calm").search(fold(text)):
            found = found.raised_to("acute", "classifier", say("urgent_because", "classifier"))
        if levels["acute"] + levels["high"] >= self.thresholds.high:
            found = found.raised_to("high", "classifier-high", say("urgent_because", "classifier_high"))
        return found

    def scope(self, text: str, seen: Features, urgency: Urgency) -> Scope:
        """In, near or out. Danger is always in; so is a text that names one of our services."""
        scores = self.scopes.score(seen)
        by_rules = urgency.level != "none" and any(not rule.startswith("classifier") for rule in urgency.rules)
        if scores["in"] >= LEAST_WITH_A_FIELD_WORD and _words_of("words").search(fold(text)):
            return "in"
        if by_rules or urgency.level == "acute" or scores["in"] >= self.thresholds.scope or self.services.names_any(text):
            return "in"
        return "near" if scores["near"] >= scores["out"] else "out"

    def _topics(self, seen: Features, base: Mapping[str, float], need: float, limit: int) -> tuple[Found, ...]:
        """Topics by the words; the more a text tells of a need instead of asking, the more by the services that fit it."""
        share = TOPICS_BY_SERVICE * need
        scores = {id: (1 - share) * p for id, p in self.topics.score(seen).items()}
        for service, p in base.items():
            for topic, weight in self._topics_of[service].items():
                scores[topic] = scores.get(topic, 0.0) + share * p * weight
        return _best(scores, self.thresholds.topic, limit)

    @cached_property
    def answers(self) -> AnswerFinder:
        """The written answers. Encoding all the ways of asking takes seconds: `api.engine` hands in what it has kept."""
        return AnswerFinder(self.library.answers, self.encoder)

    @cached_property
    def passages(self) -> Passages:
        """Sentences of entries, for follow-up questions."""
        return Passages(self.library, self.features)

    @cached_property
    def _topics_of(self) -> dict[str, dict[str, float]]:
        """For each service the topics that belong to it, by the order in either file; the weights sum to 1."""
        found: dict[str, dict[str, float]] = {}
        for id, service in self.library.shown_services().items():
            weights = {topic: 1 / (place + 1) for place, topic in enumerate(service.topics)}
            for topic in self.library.topics.values():
                if id in topic.services:
                    weights[topic.id] = weights.get(topic.id, 0.0) + 1 / (2 + topic.services.index(id))
            total = sum(weights.values())
            found[id] = {topic: weight / total for topic, weight in weights.items()}
        return found

    def _measures(self, text: str, seen: Features, scope: Scope, kind: float, limit: int) -> tuple[Found, ...]:
        numbered = self._by_number(text)
        if numbered:
            return numbered
        if scope != "in" or kind < self.thresholds.measure_kind:
            return ()
        return _best(self.measures.score(seen), self.thresholds.measure, limit)

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
    """Names that say which service is meant, with and without what stands in brackets."""
    return {
        id: [
            form
            for name in (*_written(s.name), *s.alternate_name, *s.former_name)
            for form in dict.fromkeys((re.sub(r"\s*\(.*?\)", "", name), name))
        ]
        for id, s in library.shown_services().items()
    }


def _best(scores: Mapping[str, float], least: float, limit: int) -> tuple[Found, ...]:
    ordered = sorted(scores.items(), key=lambda item: -item[1])[:limit]
    return tuple(Found(id, score) for id, score in ordered if score >= least)


@lru_cache(maxsize=2)
def _words_of(name: str) -> re.Pattern[str]:
    data = yaml.load(Path(__file__).with_name("field.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    return re.compile(data[name])
