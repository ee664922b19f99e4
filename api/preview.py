"""veiviser preview: how an entry looks, what an editor must know of it, and what it wins and loses in the search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actions.present import measure_json, service_json, topic_json
from api.app import say
from api.engine import load_index
from api.settings import Settings
from api.versions import load_version
from knowledge.encoders import EncoderError, load_encoder
from knowledge.evaluate import Labelled, QuestionsError, load_questions
from knowledge.freshness import facts_of, judge
from knowledge.index import Index
from knowledge.library import Library
from knowledge.load import load_library
from knowledge.models import Entry, Measure, Service, Topic

#: Phrases of one kind of change that are listed.
MOST_LISTED = 25


class PreviewError(Exception):
    """Raised when there is nothing to preview; the message says why."""


@dataclass(frozen=True)
class Tried:
    """A text that should lead to one of `right`, and what came first before and now."""

    text: str
    right: tuple[str, ...]
    before: str | None
    now: str | None


def preview(id: str, language: str, against: str | None, questions: Path) -> str:
    """The look, the facts and the search of one entry as text. `against` None leaves the search out.

    Raises PreviewError, VersionError, and KnowledgeError when the content has mistakes.
    """
    settings = Settings()
    library = load_library(freshness=settings.freshness)
    entry = _find(library, id)
    parts = ["\n".join(look(entry, library, language)), "\n".join(known_problems(entry, library))]
    if against is not None:
        old = load_version(against)
        parts.append(f"Search, compared with {against}\n" + _search(entry, library, old, settings, questions))
    return "\n\n".join(parts)


def look(entry: Entry, library: Library, language: str) -> list[str]:
    """The entry as its card and its page tell it."""
    if isinstance(entry, Service):
        return _service(service_json(entry, language, library.freshness), entry)
    if isinstance(entry, Topic):
        return _topic(topic_json(entry, language, library.freshness))
    assert isinstance(entry, Measure)
    return _measure(measure_json(entry, language, library.freshness))


def known_problems(entry: Entry, library: Library) -> list[str]:
    """What an editor must know: each fact with a problem, and until when the rest is current."""
    judged = [judge(fact, library.freshness) for fact in facts_of(entry)]
    lines = [f"{one.fact.field}: {', '.join(one.problems)} ({one.fact.value[:80]})" for one in judged if one.problems]
    left = min((-one.days_over for one in judged if "expired" not in one.problems), default=0)
    return ["For editors", *(f"  {line}" for line in lines or ["nothing wrong"]), f"  next check due in {left} days"]


def regressions(old: Index, new: Index, id: str, questions: Sequence[Labelled]) -> list[Tried]:
    """The entry's own phrases, old and new, and the labelled questions, with what comes first before and now."""
    own = {text for index in (old, new) if id in index.library.phrases for _, text in index.library.phrases[id].all()}
    first = _first(new.library, id)
    asked: list[tuple[str, tuple[str, ...]]] = [(text, (id,)) for text in sorted(own)]
    asked += [(q.text, (*q.best, *q.ok, *([q.topic] if q.topic else []))) for q in questions if q.text not in own]
    return [Tried(text, right, first(old, text), first(new, text)) for text, right in asked]


def told(tried: Sequence[Tried], id: str) -> str:
    """What the entry wins and loses, as text."""
    groups = {
        "Wins, and should": [t for t in tried if t.now == id != t.before and id in t.right],
        "Wins, but should not": [t for t in tried if t.now == id != t.before and id not in t.right],
        "Loses, and should not": [t for t in tried if t.before == id != t.now and id in t.right],
        "Loses, rightly": [t for t in tried if t.before == id != t.now and id not in t.right],
        "Of other entries, now wrong": [
            t for t in tried if id not in (t.before, t.now) and t.before in t.right and t.now not in t.right
        ],
    }  # fmt: skip
    own = [t for t in tried if t.right == (id,)]
    now, before = sum(t.now == id for t in own), sum(t.before == id for t in own)
    lines = [f"  {now} of its {len(own)} own phrases lead to it; {before} did before."]
    for name, group in groups.items():
        if group:
            lines.append(f"  {name} ({len(group)}):")
            lines += [f"    “{t.text}” ({t.before or 'nothing'} → {t.now or 'nothing'})" for t in group[:MOST_LISTED]]
    return "\n".join(lines if len(lines) > 1 else [*lines, "  Nothing is won and nothing is lost."])


def _search(entry: Entry, library: Library, old: Library, settings: Settings, questions: Path) -> str:
    if library.learned_from == old.learned_from:
        return "  Nothing that the search learns from has changed, so nothing is won and nothing is lost."
    try:
        labelled = load_questions([questions]) if questions.exists() else []
        encoder = load_encoder(settings.encoder)
    except (QuestionsError, EncoderError) as error:
        raise PreviewError(str(error)) from error
    before = load_index(old, encoder, settings.cache_dir / "preview", say)
    now = load_index(library, encoder, settings.cache_dir, say)
    return told(regressions(before, now, entry.id, labelled), entry.id)


def _first(library: Library, id: str) -> Callable[[Index, str], str | None]:
    """Gives the id of the first hit of the kind that `id` is of."""
    kind = next(kind for kind in ("services", "topics", "measures") if id in getattr(library, kind))

    def first(index: Index, text: str) -> str | None:
        hits = getattr(index.search(text, limit=3), kind)
        return hits[0].id if hits else None

    return first


def _find(library: Library, id: str) -> Entry:
    entries: dict[str, Entry] = {**library.services, **library.topics, **library.measures}
    if id in entries:
        return entries[id]
    near = [known for known in entries if id in known]
    raise PreviewError(f"There is no entry {id}." + (f" Did you mean {', '.join(near[:5])}?" if near else ""))


def _service(card: dict[str, Any], service: Service) -> list[str]:
    status = "" if service.status == "active" else f"  [{service.status}]"
    lines = [card["name"] + status, card["description"]]
    lines += [f"! {card['alert']}"] if card["alert"] else []
    for contact in card["contacts"]:
        beside = (contact["hours"], contact["note"], contact["check_note"])
        small = " ".join(str(part).rstrip(".") + "." for part in beside if part)
        number = "" if contact["value"] in contact["label"] else f" {contact['value']}"
        lines.append(f"  [{contact['label']}]{number}" + (f"  {small}" if small else ""))
    return [*lines, f"▸ {card['what_happens']}", *_origin(card)]


def _topic(card: dict[str, Any]) -> list[str]:
    lines = [card["title"], *card["summary"], *(f"  • {line}" for line in card["what_you_can_do"])]
    lines += [f"  § {law['says']} ({law['name']} {law['section']}) {law['check_note'] or ''}".rstrip() for law in card["law"]]
    return [*lines, *_origin(card)]


def _measure(card: dict[str, Any]) -> list[str]:
    lines = [f"{card['number']}. {card['title']}", f"{card['status_name']}, {card['status_date'] or '–'}", card["summary"]]
    return [*lines, *([card["reported"]] if card["reported"] else []), *_origin(card)]


def _origin(card: dict[str, Any]) -> list[str]:
    sources = "; ".join(source["title"] for source in card["sources"])
    return [f"({card['assured_date']}. {sources})", *([card["check_note"]] if card["check_note"] else [])]
