"""The sentences of messages.yml."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from knowledge.facts import Text
from knowledge.load import read_yaml

FILE = Path(__file__).with_name("messages.yml")


@lru_cache(maxsize=1)
def load_sentences() -> dict[str, Text]:
    """All sentences by name. Raises yaml.YAMLError or pydantic.ValidationError when the file is wrong."""
    return {name: Text(**versions) for name, versions in read_yaml(FILE).items()}


def sentence(name: str, language: str) -> str:
    """One sentence in a language. Raises KeyError when there is none of that name."""
    return load_sentences()[name].in_language(language)
