"""The house limits of size, checked so that nobody has to."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "pipeline").rglob("*.py"))
ROOMS = sorted(path.parent for path in (ROOT / "pipeline").glob("*/__init__.py"))

FILE_LINES = 400
FUNCTION_LINES = 40
PARAMETERS = 5


def _functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _breaches(path: Path) -> list[str]:
    text = path.read_text()
    tree = ast.parse(text)
    functions = _functions(tree)
    found = []
    if text.count("\n") > FILE_LINES:
        found.append(f"{text.count(chr(10))} lines")
    for node in functions:
        if (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES:
            found.append(f"{node.name} has {(node.end_lineno or 0) - node.lineno + 1} lines")
        names = _parameters(node)
        if len(names) > PARAMETERS and not ("cli" in path.parts and "as_json" in names):
            found.append(f"{node.name} has {len(names)} parameters")
    if any(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(tree)):
        found.append("uses Any")
    return found


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """Parameters besides self; a command has as many as its command line has options."""
    arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    return [argument.arg for argument in arguments if argument.arg not in {"self", "cls"}]


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_a_file_stays_within_the_house_limits(path: Path) -> None:
    assert _breaches(path) == []


@pytest.mark.parametrize("room", ROOMS, ids=[room.name for room in ROOMS])
def test_a_room_has_its_card(room: Path) -> None:
    card = ast.get_docstring(ast.parse((room / "__init__.py").read_text())) or ""
    missing = [word for word in ("In:", "Out:", "Touches:", "Never:", "Why:") if word not in card]
    assert missing == []


def test_the_limits_are_noticed(tmp_path: Path) -> None:
    long = tmp_path / "long.py"
    long.write_text("def f(a, b, c, d, e, g):\n" + "    a\n" * 500)
    assert len(_breaches(long)) == 3
