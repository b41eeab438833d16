"""Whose workload a request is: as declared, else its key's, else its program's."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from pipeline.domain.usage import UsageRecord
from pipeline.errors import UsageError
from pipeline.gateway.workload import Caller, PromptDigests, identify
from pipeline.usage.record_file import read_lines

PROMPT = (
    "You are a careful coding assistant. Today is Sunday, November 29, 2026.\n"
    "Working folder: /home/someone/project\n<env>platform: one of them</env>\nAnswer in short sentences."
)
LATER = PROMPT.replace("Sunday, November 29", "Monday, December 7").replace("someone/project", "other/place")
LATER = LATER.replace("one of them", "another")
TOOLS = [{"type": "function", "function": {"name": name}} for name in ("read_file", "edit_file")]


def caller(**changes: Any) -> Caller:
    fields: dict[str, Any] = {
        "header": None,
        "metadata": {},
        "spend_metadata": {},
        "key_alias": None,
        "key": "hash",
    }
    return Caller(**(fields | changes))


def body(system: str | None = PROMPT, tools: object = (), ask: str = "Go on.") -> dict[str, object]:
    turns = [{"role": "user", "content": ask}]
    head = [{"role": "system", "content": system}] if system else []
    return {"messages": [*head, *turns], "tools": list(tools)}  # type: ignore[call-overload]  # any iterable


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"header": "titles", "metadata": {"pool_workload": "x"}, "key_alias": "x"},
            ("titles", "x-pool-workload"),
        ),
        (
            {"metadata": {"pool_workload": "mail"}, "spend_metadata": {"workload": "x"}, "key_alias": "x"},
            ("mail", "metadata"),
        ),
        ({"spend_metadata": {"workload": "search"}, "key_alias": "x"}, ("search", "spend_logs_metadata")),
        ({"key_alias": "help-desk"}, ("help-desk", "key alias")),
    ],
)
def test_the_nearest_name_counts(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    found = identify(body(), caller(**changes), PromptDigests())
    assert (found.name, found.by) == expected


def test_a_program_is_told_by_its_prompt_and_tools_whatever_its_surroundings() -> None:
    digests = PromptDigests()
    found = identify(body(tools=TOOLS), caller(), digests)
    assert found.by == "system prompt"
    assert found.name.startswith("prompt-")
    assert identify(body(LATER, TOOLS[::-1], ask="And now?"), caller(key="other"), digests).name == found.name
    others = [body(tools=TOOLS[:1]), body("You write titles.", TOOLS), body(None, TOOLS)]
    assert len({found.name, *(identify(each, caller(), digests).name for each in others)}) == 4


def test_without_a_prompt_or_a_tool_the_key_tells_as_the_import_does() -> None:
    found = identify(body(None), caller(key="hash"), PromptDigests())
    assert (found.name, found.by) == (f"key-{hashlib.sha256(b'hash').hexdigest()[:12]}", "key")
    assert identify(body(None), caller(key_alias="näme"), PromptDigests()).by == "key"


@pytest.mark.parametrize("name", ["", " titles", "ti\ntles", "tïtles", "x" * 201, 7, ["titles"]])
def test_a_name_that_the_import_would_not_take_is_refused(name: object) -> None:
    with pytest.raises(UsageError, match="metadata names the workload") as caught:
        identify(body(), caller(metadata={"pool_workload": name}), PromptDigests())
    assert "1 to 200 printable ASCII characters" in caught.value.hint


def test_no_word_of_a_prompt_is_kept() -> None:
    digests = PromptDigests()
    for number in range(3000):
        digests.digest([f"{PROMPT} {number}"], ["read_file"])
    kept = json.dumps([[key, name] for key, name in vars(digests)["_known"].items()])
    assert len(vars(digests)["_known"]) <= 1024
    assert "careful" not in kept


@pytest.mark.parametrize(
    ("offered", "count"),
    [
        ({"tools": TOOLS}, 2),
        ({"tools": [{"name": "look", "input_schema": {}}, {"type": "web_search"}, 7]}, 3),
        ({"functions": [{"name": "look"}]}, 1),
        ({"tools": "look"}, 0),
    ],
)
def test_tools_are_counted_on_every_api(offered: dict[str, object], count: int) -> None:
    assert identify({"input": "Go on.", **offered}, caller(), PromptDigests()).tools == count


def test_the_spend_metadata_is_read_by_the_import_and_holds_no_text() -> None:
    found = identify(body(tools=TOOLS, ask="A secret question"), caller(), PromptDigests())
    written = found.spend_metadata({"pair": "before", "chars": 1})
    assert "secret" not in json.dumps(written)
    line = {
        "request_id": "r",
        "startTime": "2026-06-01T10:00:00Z",
        "status": "success",
        "model_id": "balanced#medium@v0001|1|a@none",
        "spend": 0.001,
        "metadata": {"spend_logs_metadata": written},
    }
    ((_, record),) = read_lines([json.dumps(line)], {})
    assert isinstance(record, UsageRecord)
    assert (record.workload, record.tools, record.chars, record.pair) == (found.name, 2, 17, "before")
