"""No code reads a sentence written for people: a finding or an error carries in fields what programs need."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SENTENCES = {"message", "hint", "words"}
CUTS = {
    "split", "rsplit", "partition", "rpartition", "removeprefix", "removesuffix", "startswith", "endswith",
    "index", "find",
}  # fmt: skip
MATCHES = {"search", "match", "fullmatch", "split", "findall", "finditer", "sub"}
EXCEPT = {
    "pipeline/review/proposals/finding_lines.py": "documents of earlier releases hold no fields",
    "pipeline/toml_file.py": "tomllib says the line in its message alone before Python 3.14",
}


def _is_sentence(node: ast.expr) -> bool:
    """An attribute that holds one, or the text of an error."""
    if isinstance(node, ast.Attribute):
        return node.attr in SENTENCES
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str":
        return any(isinstance(each, ast.Name) and "error" in each.id for each in node.args)
    return False


def _parsed_sentences(text: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(text)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        cut = node.func.attr in CUTS and _is_sentence(node.func.value)
        matched = node.func.attr in MATCHES and any(_is_sentence(each) for each in node.args)
        if cut or matched:
            found.append(ast.unparse(node))
    return found


def test_no_sentence_is_parsed() -> None:
    files = (path.relative_to(ROOT) for path in sorted((ROOT / "pipeline").rglob("*.py")))
    found = {str(path): _parsed_sentences((ROOT / path).read_text()) for path in files}
    assert {path for path, lines in found.items() if lines} == EXCEPT.keys()


def test_a_parsed_sentence_would_be_noticed() -> None:
    assert _parsed_sentences("finding.message.removeprefix('x')\n_FORM.search(one.message)")
    assert _parsed_sentences("str(error).partition('; expected ')")
    assert _parsed_sentences("line.name.partition(':')") == []
