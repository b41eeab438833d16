"""Lists the topics of the manual, and writes each as Markdown."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Final

from pydantic import AliasChoices, BaseModel

from pipeline.cli.manual.field_docs import ANY_NAME, FieldDoc, field_docs
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydantic.fields import FieldInfo
    from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One page of the manual."""

    name: str
    summary: str
    write: Callable[[], str]
    """Returns Markdown."""


def _page(name: str, summary: str) -> Topic:
    """Return a topic that people write."""
    folder = resources.files("pipeline.cli.manual") / "pages"
    return Topic(
        name=name, summary=summary, write=lambda: (folder / f"{name}.md").read_text(encoding="utf-8")
    )


def _settings() -> str:
    from pipeline.settings import OTHER_VARIABLES, Settings

    lines = []
    for doc in field_docs(Settings):
        names = " or ".join(f"`{name}`" for name in _variables(Settings, str(doc.path[0])))
        lines.append(f"- {names} ({_form(doc)}): {doc.meaning}")
    lines += [f"- `{name}`: {meaning}" for name, meaning in OTHER_VARIABLES.items()]
    return _write_page(["# Environment variables", "\n".join(lines)])


def _variables(model: type[BaseModel], name: str) -> Iterator[str]:
    """List the environment variables that set a field, in capitals, the one that counts first."""
    field: FieldInfo = model.model_fields[name]
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        yield from (str(choice) for choice in alias.choices if str(choice).isupper())
    else:
        yield f"MODELPOOL_{name.upper()}"


def _policy() -> str:
    from pipeline.domain.policy import Policy

    lines = (f"- `{_dotted_key(doc)}` ({_form(doc)}): {doc.meaning}" for doc in field_docs(Policy))
    return _write_page(
        [
            "# Keys of the policy: `data/policy/tiers.toml`",
            f"`{ANY_NAME}` stands for a name of yours. The shipped file carries the reason of each value.",
            "\n".join(lines),
        ]
    )


def _dotted_key(doc: FieldDoc) -> str:
    return "".join("[]" if isinstance(part, int) else f".{part}" for part in doc.path).removeprefix(".")


def _form(doc: FieldDoc) -> str:
    return f"{doc.form}; {'required' if doc.default is None else f'default {doc.default}'}"


_FACT: Final = re.compile(r"^(?=[A-Z]\w*: )", re.MULTILINE)
"""Where a line of a room's card begins that states one more fact."""


def _rooms() -> str:
    """Return the card of every room, and each module's own sentence."""
    root = resources.files("pipeline")
    blocks = ["# The rooms of the code"]
    for room in sorted(root.iterdir(), key=lambda each: each.name):
        card = room / "__init__.py"
        if not room.is_dir() or not card.is_file():
            continue
        text = ast.get_docstring(ast.parse(card.read_text(encoding="utf-8"))) or ""
        summary, _, facts = text.partition("\n\n")
        lines = [f"## `pipeline/{room.name}`", summary]
        lines += [_FACT.sub("- ", facts)] if facts else []
        blocks += lines
    return _write_page(blocks)


def _write_page(blocks: list[str]) -> str:
    return "\n\n".join(block.rstrip() for block in blocks) + "\n"


def _commands() -> str:
    return _write_page(["# Commands", *command_pages()])


TOPICS: Final = (
    _page("week", "a week from the scheduled run to the published pool; exit codes"),
    _page("review", "what a proposal shows, and what approving binds"),
    _page("value", "how members are chosen, ordered and replaced"),
    _page("sources", "what is asked, and which file feeds which source"),
    _page("shared", "several pools that share captures and a crosswalk"),
    _page("traffic", "what your own requests cost, and which a cheaper member answers as well"),
    _page("gateway", "a LiteLLM proxy that serves the published pool"),
    _page("backtest", "a policy judged by past weeks: backtest and tune"),
    _page("replay", "a past week again, byte for byte"),
    Topic(name="commands", summary="every command with its options", write=_commands),
    Topic(name="settings", summary="every environment variable", write=_settings),
    Topic(name="policy", summary="every key of the policy", write=_policy),
    Topic(name="rooms", summary="what each folder of the code does", write=_rooms),
)
"""In the order in which an operator needs them."""


def topic_text(name: str) -> str:
    """Write one topic as Markdown.

    Raises:
        UsageError: There is no topic of that name.
    """
    found = next((topic for topic in TOPICS if topic.name == name), None)
    if found is None:
        raise UsageError(
            f"the manual has no topic {name!r}",
            hint=f"`modelpool help` lists them: {', '.join(topic.name for topic in TOPICS)}.",
        )
    return found.write()


def command_pages() -> Iterator[str]:
    """Write one block for each command: its sentence, its arguments and options, its example."""
    from typer.core import TyperGroup
    from typer.main import get_command

    from pipeline.cli.app import app

    root = get_command(app)
    if isinstance(root, TyperGroup):
        yield from _command_pages("modelpool", root)


def _command_pages(words: str, command: TyperCommand | TyperGroup) -> Iterator[str]:
    inner = getattr(command, "commands", None)
    if inner is None or getattr(command, "invoke_without_command", False):
        yield _command_page(words, command)
    for name, child in (inner or {}).items():
        yield from _command_pages(f"{words} {name}", child)


def _command_page(words: str, command: TyperCommand | TyperGroup) -> str:
    lines = [f"## `{words}`", "", command.help or "", ""]
    for parameter in command.params:
        names = ", ".join(parameter.opts) if parameter.param_type_name == "option" else parameter.metavar
        if getattr(parameter, "hidden", False) or not names:
            continue
        lines.append(f"- `{names}`: {getattr(parameter, 'help', None) or 'see above'}")
    example = (command.epilog or "").rpartition("\n")[2].strip()
    return "\n".join((*lines, *((f"\n    {example}",) if example else ())))
