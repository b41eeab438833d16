"""Names are the field's: no class is a bare participle, no module opens with a question word."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "pipeline").rglob("*.py"))
QUESTION = re.compile(r"(What|Who|Whom|Whose|Whether|How|Where|Which|When|Why)\b")
PARTICIPLE = re.compile(r"_*([A-Z][a-z]+(ed|en|ing|own)|Told|Stood|Kept|Lost|Left|Heard|Held|Said|Bound)$")
NOUNS = {"Finding", "Rating", "Reading", "Spending", "Standing"}


def _questions(text: str) -> bool:
    return QUESTION.match(ast.get_docstring(ast.parse(text)) or "") is not None


def _participles(text: str) -> list[str]:
    names = [node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef)]
    return [name for name in names if PARTICIPLE.match(name) and name.lstrip("_") not in NOUNS]


def test_a_module_begins_with_what_it_does() -> None:
    assert [str(path.relative_to(ROOT)) for path in FILES if _questions(path.read_text())] == []


def test_a_class_is_named_by_a_noun() -> None:
    assert [name for path in FILES for name in _participles(path.read_text())] == []


def test_both_would_be_noticed() -> None:
    assert _questions('"""What a run found."""')
    assert _participles("class Heard: ...\nclass _Stored: ...\nclass Finding: ...") == ["Heard", "_Stored"]
