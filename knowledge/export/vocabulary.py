"""The words of terms.yml, and the taxonomies made of them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.export.identity import uuid_of
from knowledge.facts import Text
from knowledge.wording import load_words

FILE = Path(__file__).with_name("terms.yml")
Json = dict[str, Any]
#: The version stands in every taxonomy: raise it when a term gets another meaning.
VERSION = "1"


@lru_cache(maxsize=1)
def load_terms() -> dict[str, Any]:
    """terms.yml as it stands, with the situations of words.yml. Raises yaml.YAMLError when a file is wrong."""
    data: dict[str, Any] = yaml.load(FILE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    data["terms"]["situation"] = load_words()["situations"]
    return data


def term(group: str, *keys: str, **values: str) -> Text:
    """A text of terms.yml with {name}s filled in. Raises KeyError when there is none."""
    found = load_terms()[group]
    for key in keys:
        found = found[key]
    return Text(**{language: text.format(**values) for language, text in found.items()})


def taxonomies(language: str) -> list[Json]:
    """All taxonomies as HSDS has them."""
    return [
        {
            "id": uuid_of("taxonomy", key), "name": Text(**words["name"]).in_language(language),
            "description": Text(**words["description"]).in_language(language), "version": VERSION,
        }
        for key, words in load_terms()["taxonomies"].items()
    ]  # fmt: skip


def taxonomy_terms(language: str) -> list[Json]:
    """All terms of all taxonomies as HSDS has them."""
    words = load_terms()
    return [taxonomy_term(group, key, language) for group in words["taxonomies"] for key in words["terms"][group]]


def taxonomy_term(taxonomy: str, key: str, language: str) -> Json:
    """One term. Raises KeyError when there is none of that name."""
    words = load_terms()
    group = words["taxonomies"][taxonomy]
    name = Text(**words["terms"][taxonomy][key]).in_language(language)
    group_name = Text(**group["name"]).in_language(language)
    return {
        "id": uuid_of("taxonomy_term", taxonomy, key), "code": key, "name": name, "description": f"{group_name}: {name}",
        "taxonomy": group_name, "taxonomy_id": uuid_of("taxonomy", taxonomy), "language": language,
    }  # fmt: skip
