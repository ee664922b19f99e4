"""What an editor's program knows: each file names its schema, and the schema accepts what the guide accepts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from knowledge.load import ROOT

SCHEMA_OF = {"services": "service", "topics": "topic", "measures": "measure", "phrases": "phrases"}
FILES = [(path, schema) for folder, schema in SCHEMA_OF.items() for path in sorted((ROOT / folder).glob("*.yml"))]
FILES += [(ROOT / "places" / f"{name}.yml", name) for name in ("counties", "abroad", "offers")]


class Editor(yaml.BaseLoader):
    """Reads as YAML 1.2 does, and so as editors do: yes and dates are text, numbers and true are not."""


Editor.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9]\d*)$"), list("-+0123456789"))
Editor.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
Editor.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node)))
Editor.add_constructor("tag:yaml.org,2002:bool", lambda loader, node: loader.construct_scalar(node) == "true")


def schema(name: str) -> dict[str, Any]:
    """A schema as it is kept for editors."""
    read: dict[str, Any] = json.loads((ROOT / "schema" / f"{name}.json").read_text(encoding="utf-8"))
    return read


@pytest.mark.parametrize(("path", "name"), FILES, ids=[str(path.relative_to(ROOT)) for path, _ in FILES])
def test_every_file_names_its_schema_and_the_schema_accepts_it(path: Path, name: str) -> None:
    """A program that knows the schema completes keys and marks mistakes, and never marks what is right."""
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# yaml-language-server: $schema=../schema/{name}.json\n")
    jsonschema.validate(yaml.load(text, Loader=Editor), schema(name))


@pytest.mark.parametrize("name", sorted({name for _, name in FILES}))
def test_an_unknown_key_is_marked_as_one_types(name: str) -> None:
    """'descripton' is red before anything is run."""
    path = next(path for path, of in FILES if of == name)
    wrong = {**yaml.load(path.read_text(encoding="utf-8"), Loader=Editor), "descripton": "x"}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema(name))


@pytest.mark.parametrize("kind", ["services", "topics", "measures"])
def test_every_key_of_a_template_has_its_comment(kind: str) -> None:
    """Whoever fills it in reads what belongs there, beside each key."""
    lines = (ROOT / kind / "_template.yml").read_text(encoding="utf-8").splitlines()
    keys = [line for line in lines if re.match(r"[a-z_]+:", line)]
    bare = [line for line in keys if "#" not in line]
    assert len(keys) > 10
    assert not bare
