"""The manual: every command, option, variable and key of the policy is in it, with a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.cli.manual.field_docs import field_docs
from pipeline.cli.manual.topics import TOPICS, topic_text
from pipeline.domain.policy import Policy
from pipeline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def printed(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("name", [topic.name for topic in TOPICS])
def test_a_topic_is_listed_and_printed_as_it_is_written(name: str) -> None:
    assert re.search(rf"^  {name} ", printed("help"), re.MULTILINE)
    text = topic_text(name)
    assert text.startswith("# ")
    assert printed("help", name).split() == text.split()


def test_a_topic_that_is_none_is_refused_with_those_there_are() -> None:
    done = CliRunner().invoke(app, ["help", "weather"])
    assert done.exit_code == 2
    assert all(topic.name in done.output for topic in TOPICS)


def test_readme_lists_every_topic() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [topic.name for topic in TOPICS if f"`{topic.name}`" not in readme] == []


def test_every_command_and_option_is_documented() -> None:
    text = topic_text("commands")
    pages = dict(re.findall(r"^## `modelpool ([a-z -]+)`\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    seen = 0
    for name, command in root.commands.items():
        inner = getattr(command, "commands", {})
        for words, each in [(f"{name} {child}", each) for child, each in inner.items()] or [(name, command)]:
            for parameter in each.params:
                seen += 1
                shown = parameter.opts[0] if parameter.param_type_name == "option" else parameter.metavar
                assert getattr(parameter, "hidden", False) or f"- `{shown}" in pages[words], (words, shown)
    assert seen > 100


@pytest.mark.parametrize("model", [Policy, Settings])
def test_every_field_has_a_sentence(model: type[Policy | Settings]) -> None:
    docs = list(field_docs(model))
    assert len(docs) > 10
    assert [doc.path for doc in docs if not doc.meaning.endswith(".") and "{" not in doc.meaning] == []


def test_a_key_is_told_with_form_default_and_meaning() -> None:
    text = topic_text("policy")
    assert "- `tiers.NAME.vendors_denied` (list; default none): Their variants stay out of the tier." in text
    assert "- `draws` (integer at least 100 and at most 100000; required): " in text
    assert "- `task_mixes` (lists of tables by name; default none): " in text
    keys = re.findall(r"^- `([^`]+)`", text, re.MULTILINE)
    assert len(keys) == len(set(keys)) > 70


def test_every_variable_that_the_code_names_is_documented() -> None:
    text = topic_text("settings")
    code = "".join(path.read_text() for path in (ROOT / "pipeline").rglob("*.py"))
    named = set(re.findall(r"MODELPOOL_[A-Z_]*[A-Z]", code))
    assert len(named) > 10
    assert sorted(name for name in named if f"`{name}`" not in text) == []


def test_every_room_has_its_card() -> None:
    text = topic_text("rooms")
    rooms = [path.parent.name for path in (ROOT / "pipeline").glob("*/__init__.py")]
    assert [room for room in rooms if f"## `pipeline/{room}`" not in text] == []


def test_each_fact_of_a_room_is_an_item() -> None:
    text = topic_text("rooms")
    assert "```" not in text
    assert text.count("\n- Never: ") == text.count("\n## ")
