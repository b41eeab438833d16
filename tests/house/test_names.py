"""Names are the field's: no class or function is a bare participle, no module opens with a question word."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "pipeline").rglob("*.py"))
QUESTION = re.compile(r"(What|Who|Whom|Whose|Whether|How|Where|Which|When|Why)\b")
PARTICIPLE = re.compile(r"_*([A-Z][a-z]+(ed|en|ing|own)|Told|Stood|Kept|Lost|Left|Heard|Held|Said|Bound)$")
NOUNS = {"Finding", "Rating", "Reading", "SpendingModel", "Standing"}
PAST = re.compile(
    r"_*([a-z]+(?<!e)ed|told|stood|kept|lost|left|heard|held|said|bound|known|shown|given|taken|chosen|drawn"
    r"|written|broken|sent|made|found|gone|alone|alike|here|there|same|other|again|instead|whole)$"
)
VERBS = {"embed", "seed"}


def _questions(text: str) -> bool:
    return QUESTION.match(ast.get_docstring(ast.parse(text)) or "") is not None


def _participles(text: str) -> list[str]:
    names = [node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef)]
    return [name for name in names if PARTICIPLE.match(name) and name.lstrip("_") not in NOUNS]


def _is_property(node: ast.FunctionDef) -> bool:
    return any(ast.unparse(each).endswith("property") for each in node.decorator_list)


def _past_participles(text: str) -> list[str]:
    """Functions that one word of what was done names; a property is a noun and may be one."""
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    return [
        node.name
        for node in functions
        if PAST.match(node.name) and node.name.lstrip("_") not in VERBS and not _is_property(node)
    ]


def test_a_module_begins_with_what_it_does() -> None:
    assert [str(path.relative_to(ROOT)) for path in FILES if _questions(path.read_text())] == []


def test_a_class_is_named_by_a_noun() -> None:
    assert [name for path in FILES for name in _participles(path.read_text())] == []


def test_a_function_is_named_by_what_it_does_or_returns() -> None:
    found = {str(path.relative_to(ROOT)): _past_participles(path.read_text()) for path in FILES}
    assert {path: names for path, names in found.items() if names} == {}


def test_each_would_be_noticed() -> None:
    assert _questions('"""What a run found."""')
    assert _participles("class Heard: ...\nclass _Stored: ...\nclass Finding: ...") == ["Heard", "_Stored"]
    assert _past_participles(
        "def _said(): ...\ndef _listed(): ...\ndef listed_rows(): ...\ndef seed(): ..."
    ) == [
        "_said",
        "_listed",
    ]
    assert _past_participles("class A:\n    @property\n    def decided(self): ...") == []


DOTTED = re.compile(r"`(?:[a-z_]+\.)*([a-z_]+)\.([A-Za-z_]+)`")
FOREIGN = {
    "change.reach_elo", "thinking.budget_tokens", "error.hint", "reasoning.effort", "litellm.Router",
    "pricing.overrides", "modalities.input", "spend_logs_metadata.workload", "task_mixes.NAME",
}  # fmt: skip
"""Keys of documents, and names of other packages."""
FILES_END = {"csv", "env", "gz", "html", "json", "jsonl", "lock", "log", "md", "py", "sqlite", "toml", "yaml"}


def _defined() -> dict[str, set[str]]:
    """Names by module, and by the package whose folder holds the module."""
    found: dict[str, set[str]] = {}
    for path in FILES:
        tree = ast.parse(path.read_text())
        names = {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.ClassDef)}
        names |= {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
        names |= {each.arg for each in ast.walk(tree) if isinstance(each, ast.arg)}
        names |= {each.attr for each in ast.walk(tree) if isinstance(each, ast.Attribute)}
        found.setdefault(path.stem, set()).update(names)
        for folder in path.relative_to(ROOT).parts[:-1]:
            found.setdefault(folder, set()).update({*names, path.stem})
    return found


def _dead_references(text: str, defined: dict[str, set[str]]) -> list[str]:
    nodes = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docs = [ast.get_docstring(node) for node in ast.walk(ast.parse(text)) if isinstance(node, nodes)]
    named = [(found[1], found[2]) for doc in docs if doc for found in DOTTED.finditer(doc)]
    return [
        f"{module}.{name}"
        for module, name in named
        if name not in FILES_END | defined.get(module, set()) and f"{module}.{name}" not in FOREIGN
    ]


def test_what_a_docstring_refers_to_exists() -> None:
    defined = _defined()
    found = {str(path.relative_to(ROOT)): _dead_references(path.read_text(), defined) for path in FILES}
    assert {path: names for path, names in found.items() if names} == {}


def test_a_dead_reference_would_be_noticed() -> None:
    defined = {"load": {"known_on"}}
    assert _dead_references('"""As `load.known_on` and `volume.known_by` say."""', defined) == [
        "volume.known_by"
    ]
