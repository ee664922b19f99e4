"""The sentences of strings.yml in one language, for the templates."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.facts import LANGUAGES, Language
from knowledge.load import read_yaml

FILE = Path(__file__).with_name("strings.yml")


@lru_cache(maxsize=len(LANGUAGES))
def load_strings(language: Language) -> dict[str, Any]:
    """strings.yml with every {nb, nn, en} turned into the one wanted. Raises yaml.YAMLError when the file is wrong."""
    picked: dict[str, Any] = _picked(read_yaml(FILE), language)
    return picked


def _picked(node: Any, language: Language) -> Any:
    if isinstance(node, list):
        return [_picked(part, language) for part in node]
    if isinstance(node, dict):
        return node[language] if "nb" in node else {key: _picked(part, language) for key, part in node.items()}
    return node
