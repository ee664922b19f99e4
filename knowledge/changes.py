"""The changes of the content that were published, by date.

The files knowledge/changes/<date>.yml are written by `veiviser diff --write` and travel with the content, so that the
feed says the same on every machine, also on one without the history.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import yaml
from pydantic import Field

from knowledge.facts import Closed, Text

FOLDER = "changes"


class Change(Closed):
    """One thing that changed."""

    entry: str | None = Field(
        None, pattern=r"^(services|topics|measures)/[a-z0-9-]+$", description="Folder and id; empty: the whole content."
    )
    name: Text | None = Field(None, description="Name of the entry when it changed.")
    says: Text = Field(description="What changed, in one sentence.")


class Changes(Closed):
    """knowledge/changes/<date>.yml"""

    date: dt.date = Field(description="The day the changes were published.")
    changes: tuple[Change, ...] = Field(min_length=1, description="What changed.")


def write_changes(changes: list[Change], date: dt.date, root: Path) -> Path:
    """A new file of changes; an older one of the same day is left as it is. Gives its path."""
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    number, path = 2, folder / f"{date.isoformat()}.yml"
    while path.exists():
        number, path = number + 1, folder / f"{date.isoformat()}-{number}.yml"
    data = Changes(date=date, changes=tuple(changes)).model_dump(mode="json", exclude_none=True)
    data["date"] = date
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=1000)
    path.write_text("# Published changes; written by `veiviser diff --write`.\n" + text, encoding="utf-8")
    return path
