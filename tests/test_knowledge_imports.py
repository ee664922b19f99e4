"""Which part may know which: api → actions → knowledge, one way."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(path for folder in ("knowledge", "actions") for path in (ROOT / folder).rglob("*.py"))
#: What a part may never import.
FORBIDDEN = {
    "knowledge": {"actions", "api", "bot", "fastapi", "starlette", "uvicorn", "httpx", "jinja2", "rasa", "rasa_sdk", "torch"},
    "actions": {"api", "bot", "fastapi", "starlette", "uvicorn", "httpx", "jinja2", "rasa", "torch"},
}


def imports_of(path: Path) -> set[str]:
    """Top names of everything a file imports, also inside functions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_arrows_go_one_way(path: Path) -> None:
    """The knowledge can be used without a web server, and the actions without this one."""
    part = path.relative_to(ROOT).parts[0]
    assert not imports_of(path) & FORBIDDEN[part]


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_a_module_says_first_what_it_is(path: Path) -> None:
    """What a reader must know stands on the first line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_words_for_people_do_not_stand_in_python(path: Path) -> None:
    """What people read lives in YAML, where an editor finds it; Norwegian letters in code are patterns or comments."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
    strings = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]
    norwegian = [text for text in strings if " " in text and set(text) & set("æøåÆØÅ") and not set(text) & set("|\\(){}[]")]
    assert not [text for text in norwegian if not text.startswith("Bokmål")]
