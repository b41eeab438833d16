"""A new target is one file and one line; what is written for each target is what was published."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pipeline.exporters.registry import EXPORTERS
from pipeline.router.pool_model import read_pool
from tests.extension import Extension, extend

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.exporters.exporter import Exporter
    from tests.example import Example
    from tests.router.conftest import Shelf

PLAIN = Extension(
    file="exporters/plain.py",
    text='''"""Writes one line a member."""

from pipeline.exporters.exporter import Exporter, routed_members


def render(view):
    routed = routed_members(view, "openrouter").items()
    return "".join(f"{name} {one.routes['openrouter'].model}\\n" for name, found in routed for one in found)


PLAIN = Exporter(
    target="plain",
    title="one line a member",
    file="pool.txt",
    route="openrouter",
    render=render,
    required_env=lambda _: ("PLAIN_KEY",),
    inexpressible=lambda _: ("the effort",),
    validate=lambda text, _: () if "deepseek" in text else ("no deepseek",),
)
''',
    registry="exporters/registry.py",
    imported="from pipeline.exporters.plain import PLAIN",
    before="    OPENROUTER,\n",
    line="    PLAIN,",
)


def test_a_new_target_is_one_file_and_one_line(tmp_path: Path, example: Example) -> None:
    package = extend(tmp_path / "extended", PLAIN)
    there = ("--workspace", str(example.folder))
    written = package.modelpool("export", "plain", *there)
    assert written.returncode == 0, written.stderr
    assert "frugal deepseek/deepseek-v4-flash\n" in written.stdout
    assert written.stderr == "not expressed: the effort\n"
    assert (
        f"modelpool export plain --workspace {example.folder} > pool.txt"
        in package.modelpool("export", *there).stdout
    )
    told = json.loads(package.modelpool("export", "plain", "--json", *there).stdout)
    assert (told["file"], told["required_env"], told["deployments"]) == ("pool.txt", ["PLAIN_KEY"], 9)


def test_the_targets_are_listed_and_each_can_be_exported(example: Example) -> None:
    listed = example("export").out
    for exporter in EXPORTERS:
        assert f"modelpool export {exporter.target} --workspace {example.folder} > {exporter.file}" in listed
        said = example("export", exporter.target)
        assert said.code == 0
        assert said.out
        assert said.err.count("not expressed: ") == len(said.err.splitlines())
    assert set(example("export", "--json").json) == {exporter.target for exporter in EXPORTERS}


def test_an_unknown_target_is_a_usage_error_that_names_the_known_ones(example: Example) -> None:
    said = example("export", "nothing")
    assert said.code == 2
    assert "there is no export target 'nothing'" in said.err
    assert all(exporter.target in said.err for exporter in EXPORTERS)


def test_a_text_that_does_not_read_back_is_not_handed_on(
    example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from pipeline.exporters import registry

    wrong = [replace(one, validate=lambda *_: ("a tier is gone",)) for one in EXPORTERS]
    monkeypatch.setattr(registry, "EXPORTERS", tuple(wrong))
    said = example("export", wrong[0].target)
    assert (said.code, said.out) == (30, "")
    assert "is not what the pool holds: a tier is gone" in said.err


@pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda one: one.target)
def test_a_format_2_pool_reads_back_from_every_target(exporter: Exporter, shelf: Shelf) -> None:
    view = read_pool(shelf.signed_2())
    assert exporter.validate(exporter.render(view), view) == ()
    assert exporter.required_env(view)
