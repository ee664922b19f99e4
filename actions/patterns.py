"""The patterns of patterns.yml: how short messages are understood. Matched on folded text."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.text import fold


@lru_cache(maxsize=1)
def patterns() -> dict[str, Any]:
    """patterns.yml, compiled; a group of patterns is a dict. Raises re.error or yaml.YAMLError when the file is wrong."""
    data = yaml.load(Path(__file__).with_name("patterns.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    return {
        name: {k: re.compile(v) for k, v in entry.items()} if isinstance(entry, dict) else re.compile(entry)
        for name, entry in data.items()
    }


def matches(name: str, text: str) -> bool:
    """Does a pattern of patterns.yml hold for the text?"""
    return bool(patterns()[name].search(fold(text)))
