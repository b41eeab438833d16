"""The pool in force in the words of a router, with what an operator checks before loading it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.example import Example


def test_the_export_says_what_to_check(example: Example) -> None:
    told = example("export", "litellm", "--json").json
    fragment, config = told["text"], told["config"]
    assert isinstance(fragment, str)
    assert isinstance(config, str)
    assert fragment == example("export", "litellm").out
    assert told["deployments"] == fragment.count("- model_name:") > 0
    assert isinstance(told["left_out"], list)
    assert 'include: ["pool.litellm.yaml"]' in config
    assert isinstance(told["required_env"], list)
    assert all(f"os.environ/{name}" in fragment for name in told["required_env"])
