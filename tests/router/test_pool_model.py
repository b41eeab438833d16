"""A pool is read completely: every field of format 1, its limits, and nothing it does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.errors import RefusedError
from pipeline.router.pool_model import read_pool

if TYPE_CHECKING:
    from pydantic import JsonValue

    from tests.router.conftest import Shelf

Path = tuple[str | int, ...]
MEMBER: Path = ("tiers", "frugal", "members", 0)
OBJECTS: dict[Path, str] = {
    (): "format version week as_of expires_on base policy_sha256 audit_head tiers attribution",
    ("base",): "version sha256",
    ("tiers", "frugal"): "evidence k members bands",
    MEMBER: "rank variant vendor family release effort routes key_env reasoning_effort price usd_per_task "
    "cost_grade quality quality_low quality_high acceptable_answers_per_usd utility_low utility_high "
    "inclusion_probability floor_probability rank_low rank_high context_tokens tools vision retires_on stale",
    (
        *MEMBER,
        "price",
    ): "input_microusd_per_mtok output_microusd_per_mtok cache_read_microusd_per_mtok sources note",
}
FIELDS = [(*path, name) for path, names in OBJECTS.items() for name in names.split()]


def test_the_fields_under_test_are_all_fields_there_are(shelf: Shelf) -> None:
    for path, names in OBJECTS.items():
        found = shelf.at(shelf.signed(), *path)
        assert isinstance(found, dict)
        assert set(found) == set(names.split())


def test_a_good_pool_is_read(shelf: Shelf) -> None:
    pool = read_pool(shelf.signed())
    assert list(pool.tiers) == ["balanced", "frugal", "premium"]
    first, second = pool.tiers["frugal"].members
    assert (first.variant, first.routes["litellm"].send, first.key_env) == (
        "small-4@none",
        {},
        "SMALL_API_KEY",
    )
    litellm = second.routes["litellm"]
    assert (litellm.model, litellm.send) == ("openai/gpt-x", {"reasoning_effort": "high"})
    assert (litellm.price, second.price.cache_read_microusd_per_mtok) == (second.price, None)
    assert pool.tiers["frugal"].bands["medium"] == ("gpt-x@high", "small-4@none")


@pytest.mark.parametrize("path", FIELDS, ids=lambda path: ".".join(map(str, path)))
def test_a_field_that_is_missing_is_refused_by_name(shelf: Shelf, path: Path) -> None:
    signed = shelf.signed()
    holder = shelf.at(signed, *path[:-1])
    assert isinstance(holder, dict)
    del holder[str(path[-1])]
    with pytest.raises(RefusedError, match=f"has no field `{path[-1]}`"):
        read_pool(signed)


@pytest.mark.parametrize("wrong", [-3, 1.5, "\x1b", [[]], {"simple": 1}], ids=repr)
@pytest.mark.parametrize("path", FIELDS, ids=lambda path: ".".join(map(str, path)))
def test_a_field_of_another_type_is_refused_by_name(shelf: Shelf, path: Path, wrong: JsonValue) -> None:
    signed = shelf.signed()
    shelf.put(signed, path, wrong)
    with pytest.raises(RefusedError, match=str(path[-1])):
        read_pool(signed)


@pytest.mark.parametrize("path", OBJECTS, ids=str)
def test_a_field_that_format_1_does_not_know_is_ignored(shelf: Shelf, path: Path) -> None:
    signed = shelf.signed()
    shelf.put(signed, (*path, "canary_share"), {"of": ["anything"]})
    assert read_pool(signed) == read_pool(shelf.signed())


@pytest.mark.parametrize("doubts", [[], ["tau doubled", "only chat"]], ids=["robust", "fragile"])
def test_doubts_may_be_there_and_change_nothing_for_a_router(shelf: Shelf, doubts: list[JsonValue]) -> None:
    signed = shelf.signed()
    shelf.put(signed, (*MEMBER, "fragile"), doubts)
    assert read_pool(signed) == read_pool(shelf.signed())


def _grow(shelf: Shelf, count: int) -> dict[str, JsonValue]:
    signed = shelf.signed()
    members: list[JsonValue] = []
    for rank in range(1, count + 1):
        member = shelf.at(shelf.signed(), *MEMBER)
        assert isinstance(member, dict)
        members.append(member | {"rank": rank, "variant": f"m{rank}@none"})
    shelf.put(
        signed, ("tiers", "frugal"), {"evidence": "general", "k": count, "members": members, "bands": {}}
    )
    return signed


def test_fifty_members_are_read_and_ten_thousand_are_not(shelf: Shelf) -> None:
    assert len(read_pool(_grow(shelf, 50)).tiers["frugal"].members) == 50
    for count in (51, 201, 10_000):
        with pytest.raises(RefusedError, match=f"holds {count} members"):
            read_pool(_grow(shelf, count))


HOSTILE: dict[str, tuple[Path, JsonValue, str]] = {
    "another format": (("format",), 3, "is 3; this router reads 1 and 2"),
    "no tiers": (("tiers",), {}, "holds 0 tiers"),
    "33 tiers": (("tiers",), {f"t{n}": {} for n in range(33)}, "holds 33 tiers"),
    "a tier named like a path": (("tiers", "../x"), {}, "short name"),
    "an empty tier": (("tiers", "frugal", "members"), [], "holds 0 members"),
    "more members than k": (("tiers", "frugal", "k"), 1, "holds 2 members; 1 to k=1"),
    "ranks out of order": (
        ("tiers", "frugal", "members", 0, "rank"),
        2,
        r"ranks should be 1 to 2, are \[2, 2\]",
    ),
    "a variant twice": (
        ("tiers", "frugal", "members", 1, "variant"),
        "small-4@none",
        "names a variant twice",
    ),
    "a band without a member": (
        ("tiers", "frugal", "bands", "simple"),
        ["gpt-x@high"],
        "exactly the tier's members",
    ),
    "a band with a member twice": (
        ("tiers", "frugal", "bands", "complex"),
        ["gpt-x@high", "gpt-x@high"],
        "exactly the tier's members",
    ),
    "a band with a stranger": (
        ("tiers", "frugal", "bands", "medium"),
        ["gpt-x@high", "stranger@none"],
        "exactly the tier's members",
    ),
    "no route": ((*MEMBER, "routes"), {}, "holds 0 routes"),
    "17 routes": ((*MEMBER, "routes"), {f"r{n}": "a/b" for n in range(17)}, "holds 17 routes"),
    "a route that reads the environment": (
        (*MEMBER, "routes", "litellm"),
        "os.environ/OPENAI_API_KEY",
        "should be a model id",
    ),
    "a negative price": ((*MEMBER, "price", "input_microusd_per_mtok"), -1, "non-negative integer"),
    "a quality above 1": ((*MEMBER, "quality"), "1.5", "from 0 to 1"),
    "a doubt that is no text": ((*MEMBER, "fragile"), [1], r"fragile\[0\]: should be one line of text"),
    "doubts that are no array": ((*MEMBER, "fragile"), "tau doubled", "fragile: should be an array"),
    "a control character": (("attribution", 0), "a\x1b]8;;x", "one line of text"),
}


@pytest.mark.parametrize(("path", "value", "complaint"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_pool_is_refused_with_the_value(
    shelf: Shelf, path: Path, value: JsonValue, complaint: str
) -> None:
    signed = shelf.signed()
    shelf.put(signed, path, value)
    with pytest.raises(RefusedError, match=complaint):
        read_pool(signed)


def test_a_band_this_router_does_not_know_is_ignored_and_a_missing_one_is_missing(shelf: Shelf) -> None:
    signed = shelf.signed()
    shelf.put(signed, ("tiers", "frugal", "bands"), {"simple": ["small-4@none", "gpt-x@high"], "legal": [7]})
    assert list(read_pool(signed).tiers["frugal"].bands) == ["simple"]
