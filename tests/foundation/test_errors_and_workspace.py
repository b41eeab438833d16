"""Every failure carries its exit code and a next step; every file of a workspace has one place."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import PipelineError, RefusedError, SourceHeldError, UsageError
from pipeline.workspace import Workspace


@pytest.mark.parametrize(
    ("kind", "code"), [(PipelineError, 1), (UsageError, 2), (SourceHeldError, 20), (RefusedError, 30)]
)
def test_the_exit_codes_are_the_documented_ones(kind: type[PipelineError], code: int) -> None:
    assert kind.exit_code == code
    assert issubclass(kind, PipelineError)


def test_an_error_says_what_is_wrong_and_what_to_do() -> None:
    error = UsageError("tiers.toml:3: k is 0", hint="Correct line 3.")
    assert str(error) == "tiers.toml:3: k is 0"
    assert error.hint == "Correct line 3."


def test_an_error_without_a_next_step_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="hint"):
        UsageError("wrong")  # type: ignore[call-arg] # the test is that this fails


def test_a_held_source_is_named_with_what_was_found() -> None:
    error = SourceHeldError("openrouter", "an empty answer", hint="Run again.")
    assert str(error) == "openrouter is held: an empty answer"
    assert (error.source, error.found, error.hint) == ("openrouter", "an empty answer", "Run again.")


def test_every_place_of_a_workspace_is_below_its_root_and_is_its_own() -> None:
    root = Path("somewhere")
    workspace = Workspace(root)
    names = ("policy", "expectations", "crosswalk", "raw", "pools", "reviews", "database")
    places = [getattr(workspace, name) for name in names]
    assert all(root in place.parents for place in places)
    assert len(set(places)) == len(names)
    assert not any(one in other.parents for one in places for other in places)


def test_the_places_are_those_that_the_documentation_names() -> None:
    workspace = Workspace(Path())
    assert str(workspace.policy) == "data/policy/tiers.toml"
    assert str(workspace.expectations) == "data/policy/expectations.toml"
    assert str(workspace.crosswalk) == "data/crosswalk"
    assert str(workspace.raw) == "data/raw"
    assert str(workspace.pools) == "data/pools"
    assert str(workspace.reviews) == "reviews"
    assert str(workspace.database) == "data/pipeline.sqlite"
