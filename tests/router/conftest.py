"""A published folder written by hand, so that this room's tests know nothing of the publisher."""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from pydantic import JsonValue

if TYPE_CHECKING:
    from pathlib import Path

Json = dict[str, JsonValue]


def _member(rank: int, variant: str, route: str, key: str | None = "MAKER_API_KEY") -> Json:
    release, _, effort = variant.partition("@")
    return {
        "rank": rank,
        "variant": variant,
        "vendor": "Maker",
        "family": release,
        "release": release,
        "effort": effort,
        "routes": {"litellm": route, "openrouter": route},
        "key_env": key,
        "reasoning_effort": None if effort == "none" else effort,
        "price": {
            "input_microusd_per_mtok": 300_000 * rank,
            "output_microusd_per_mtok": 1_200_000 * rank,
            "cache_read_microusd_per_mtok": None if rank == 2 else 30_000,
            "sources": ["openrouter", "genai-prices"],
            "note": "",
        },
        "usd_per_task": "0.0041",
        "cost_grade": "2a",
        "quality": "0.4312",
        "quality_low": "0.4100",
        "quality_high": "0.4520",
        "acceptable_answers_per_usd": "61.25",
        "utility_low": "-0.0010",
        "utility_high": "0.0020",
        "inclusion_probability": "0.93",
        "floor_probability": "1.00",
        "rank_low": 1,
        "rank_high": 3,
        "context_tokens": 200_000,
        "tools": True,
        "vision": None,
        "retires_on": "2027-01-31",
        "stale": False,
    }


def _tier(*members: Json) -> Json:
    variants: list[JsonValue] = [member["variant"] for member in members]
    return {
        "evidence": "general",
        "k": 5,
        "members": list(members),
        "bands": {"simple": variants, "medium": variants[::-1], "complex": variants},
    }


def _signed(version: int) -> Json:
    return {
        "format": 1,
        "version": version,
        "week": "2026-W33",
        "as_of": "2026-08-15T12:00:00Z",
        "expires_on": "2026-09-12",
        "base": {"version": version - 1, "sha256": "ab" * 32},
        "policy_sha256": "cd" * 32,
        "audit_head": None,
        "tiers": {
            "frugal": _tier(
                _member(1, "small-4@none", "maker/small-4", "SMALL_API_KEY"),
                _member(2, "gpt-x@high", "openai/gpt-x", "OPENAI_API_KEY"),
            ),
            "balanced": _tier(_member(1, "middle-2@low", "maker/middle-2")),
            "premium": _tier(_member(1, "large-9@max", "maker/large-9", None)),
        },
        "attribution": ["Arena figures: LMArena, CC-BY-4.0", "Index: https://artificialanalysis.ai/"],
    }


_FORMAT_1_ONLY = ("reasoning_effort", "utility_low", "utility_high", "inclusion_probability")


def _as_format_2(member: Json) -> Json:
    price, routes, effort = member["price"], member["routes"], member["reasoning_effort"]
    assert isinstance(routes, dict)
    assert isinstance(price, dict)
    send: dict[str, JsonValue] = {
        "litellm": {"reasoning_effort": effort} if effort else {},
        "openrouter": {"reasoning": {"effort": effort}} if effort else {},
    }
    kept = {name: value for name, value in member.items() if name not in _FORMAT_1_ONLY}
    lines: Json = {
        name: {"model": model, "send": send[name], "price": dict(price)} for name, model in routes.items()
    }
    return kept | {"routes": lines, "serves": ["default", "spare"], "p_close": "0.912"}


@dataclass(frozen=True, slots=True)
class Shelf:
    """Writes pool files into folders and reaches into documents."""

    def signed(self, version: int = 2) -> Json:
        """Build the `signed` part of a good pool."""
        return copy.deepcopy(_signed(version))

    def signed_2(self, version: int = 2) -> Json:
        """Build the same pool in format 2."""
        signed = self.signed(version) | {"format": 2}
        for tier in ("frugal", "balanced", "premium"):
            members = self.at(signed, "tiers", tier, "members")
            assert isinstance(members, list)
            self.put(
                signed,
                ("tiers", tier, "members"),
                [_as_format_2(member) for member in members if isinstance(member, dict)],
            )
        return signed

    def canonical(self, value: JsonValue) -> bytes:
        """Write the canonical bytes of a value, with the final newline."""
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text.encode("utf-8", "surrogatepass") + b"\n"

    def body(self, signed: JsonValue) -> bytes:
        """Write a numbered file."""
        return self.canonical({"signed": signed, "signatures": []})

    def publish(self, folder: Path, body: bytes, version: int = 2, pointer: Json | None = None) -> Path:
        """Put a numbered file and a pointer that fits it, except for what `pointer` says."""
        name = f"v{version:04}.json"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
        fields: Json = {
            "format": 1,
            "version": version,
            "file": name,
            "sha256": hashlib.sha256(body).hexdigest(),
            "length": len(body),
        }
        (folder / "latest.json").write_bytes(self.canonical(fields | (pointer or {})))
        return folder

    def put(self, document: JsonValue, path: tuple[str | int, ...], value: JsonValue) -> None:
        """Change a document at a path; a path through a missing key fails the test."""
        for step in path[:-1]:
            document = self.at(document, step)
        last = path[-1]
        if isinstance(document, dict):
            document[str(last)] = value
        else:
            assert isinstance(document, list)
            document[int(last)] = value

    def at(self, document: JsonValue, *path: str | int) -> JsonValue:
        """Look into a document."""
        for step in path:
            if isinstance(document, dict):
                document = document[str(step)]
            else:
                assert isinstance(document, list)
                document = document[int(step)]
        return document


@pytest.fixture(scope="session")
def shelf() -> Shelf:
    """Tools to write good and bad publications."""
    return Shelf()


@pytest.fixture
def folder(tmp_path: Path, shelf: Shelf) -> Path:
    """A folder with one good publication, version 2."""
    return shelf.publish(tmp_path / "pools", shelf.body(shelf.signed()))
