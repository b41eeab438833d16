"""What a cell of the effort columns means on the wire."""

from __future__ import annotations

import pytest

from pipeline.domain.effort_parameters import parameters_sent

THINKING = '{"thinking":{"type":"disabled"}}'


@pytest.mark.parametrize(
    ("route", "cell", "sent"),
    [
        ("litellm", "-", {}),
        ("openrouter", "-", {}),
        ("litellm", "max", {"reasoning_effort": "max"}),
        ("openrouter", "max", {"reasoning": {"effort": "max"}}),
        ("litellm", "16000", {"thinking": {"type": "enabled", "budget_tokens": 16000}}),
        ("openrouter", "16000", {"reasoning": {"max_tokens": 16000}}),
        ("litellm", THINKING, {"thinking": {"type": "disabled"}}),
        (
            "litellm",
            '{"extra_body":{"generationConfig":{"thinkingConfig":{"thinkingBudget":-1}}}}',
            {"extra_body": {"generationConfig": {"thinkingConfig": {"thinkingBudget": -1}}}},
        ),
        ("openrouter", '{"reasoning":{"enabled":false}}', {"reasoning": {"enabled": False}}),
    ],
)
def test_a_cell_says_what_is_sent(route: str, cell: str, sent: dict[str, object]) -> None:
    assert parameters_sent(route, cell) == sent


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "on",
        "HIGH",
        "0",
        "99",
        "016000",
        "1e4",
        "12345678",
        "{}",
        "[]",
        "{",
        "null",
        '{"thinking": {"type":"disabled"}}',
        '{"thinking":{"type":"x","budget_tokens":1}}',
        '{"extra_body":{"a":0.5}}',
        '{"extra_body":{"a":null}}',
        '{"extra_body":["a"]}',
        '{"extra_body":{"a":"os.environ/SECRET"}}',
        '{"api_key":"x"}',
        '{"extra_body":{"api_key":"x"}}',
        '{"extra_body":{"reasoning":{"model":"x"}}}',
        '{"extra_body":5}',
        '{"thinking":"enabled"}',
        '{"thinking":{"type":"OS.ENVIRON/SECRET"}}',
        '{"reasoning":{"enabled":true}}',
    ],
)
def test_anything_else_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match=r"compact JSON|parameters out of"):
        parameters_sent("litellm", cell)
