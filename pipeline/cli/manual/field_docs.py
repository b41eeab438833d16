"""Reads what the fields of a model mean: name, form, default and the sentence below it in the code."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, get_args

from pydantic import BaseModel

from pipeline.toml_fields import expected_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic.fields import FieldInfo

    from pipeline.toml_file import KeyPath

ANY_NAME = "NAME"
"""Stands for a name that the operator gives, of a tier or of a variant."""


_FORMS: Final[Mapping[KeyPath, str]] = {
    (): "table",
    (0,): "list of tables",
    (ANY_NAME,): "tables by name",
    (ANY_NAME, 0): "lists of tables by name",
}
"""By what stands between a field and the model inside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDoc:
    """One key or variable, for people."""

    path: KeyPath
    form: str
    default: str | None
    """None: it must be given."""
    meaning: str
    """Empty where the code has no sentence for it."""


def field_docs(model: type[BaseModel]) -> Iterator[FieldDoc]:
    """List the fields of a model in its order, the fields of inner models behind their own."""
    yield from _docs(model, model, (), set())


def _docs(
    root: type[BaseModel], model: type[BaseModel], above: KeyPath, listed: set[type[BaseModel]]
) -> Iterator[FieldDoc]:
    """List the fields of a model inside another; a model that is there twice is listed where it is first."""
    listed.add(model)
    meanings = _sentences(model)
    for name, field in model.model_fields.items():
        path = (*above, name)
        inner, below = _inner_model(field.annotation)
        yield FieldDoc(
            path=path,
            form=_FORMS[below] if inner else expected_at(root, path),
            default=_default(field),
            meaning=meanings.get(name, ""),
        )
        if inner and inner not in listed:
            yield from _docs(root, inner, (*path, *below), listed)


def _inner_model(annotation: object) -> tuple[type[BaseModel] | None, KeyPath]:
    """Find the model inside a field's type, and what stands between the two in a path."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, ()
    origin = getattr(annotation, "__origin__", None)
    for argument in get_args(annotation):
        model, below = _inner_model(argument)
        if model:
            step: KeyPath = (ANY_NAME,) if origin is dict else (0,) if origin is tuple else ()
            return model, (*step, *below)
    return None, ()


def _default(field: FieldInfo) -> str | None:
    if field.is_required():
        return None
    value = field.get_default(call_default_factory=True)
    if value is None or isinstance(value, BaseModel) or value in ((), {}, ""):
        return "none"
    return json.dumps(value) if isinstance(value, bool | int | float) else str(value)


def _sentences(model: type[BaseModel]) -> Mapping[str, str]:
    """Read the text below each field of a class."""
    found = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    body = found.body if isinstance(found, ast.ClassDef) else []
    sentences = {}
    for one, after in pairwise(body):
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
            text = after.value if isinstance(after, ast.Expr) else None
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                sentences[one.target.id] = " ".join(text.value.split())
    return sentences
