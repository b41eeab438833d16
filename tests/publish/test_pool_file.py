"""A pool is written as one byte string, and only that byte string is read back."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import RefusedError
from pipeline.publish.versions import file_bytes, pointer_bytes, pool_digest, read_pointer, read_pool_file
from pipeline.router.verify import check_bytes

if TYPE_CHECKING:
    from pipeline.domain.pool import Pool
    from tests.publish.conftest import Press


@settings(max_examples=60)
@given(data=st.data())
def test_a_file_is_canonical_without_floats_and_reads_back_as_the_same_pool(
    pools_strategy: st.SearchStrategy[Pool], data: st.DataObject
) -> None:
    pool = data.draw(pools_strategy)
    body = file_bytes(pool)
    floats: list[str] = []
    document = json.loads(body, parse_float=floats.append)
    again = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert floats == []
    assert body == again.encode() + b"\n"
    assert document["signatures"] == []
    assert read_pool_file(body, "it") == pool
    check_bytes(body)


@settings(max_examples=40)
@given(data=st.data())
def test_the_digest_is_of_the_signed_part_and_changes_with_the_pool(
    pools_strategy: st.SearchStrategy[Pool], data: st.DataObject
) -> None:
    one, other = data.draw(pools_strategy), data.draw(pools_strategy)
    signed = re.fullmatch(rb'\{"signatures":\[\],"signed":(.*)\}\n', file_bytes(one), re.DOTALL)
    assert signed is not None
    assert pool_digest(one) == hashlib.sha256(signed[1]).hexdigest()
    assert (pool_digest(one) == pool_digest(other)) == (one == other)


def test_the_order_in_which_tiers_were_put_together_does_not_matter(press: Press) -> None:
    pool = press.pool()
    turned = pool.model_copy(update={"tiers": dict(reversed(pool.tiers.items()))})
    assert file_bytes(turned) == file_bytes(pool)


def test_the_pointer_names_file_digest_and_length() -> None:
    written = pointer_bytes(12, b"body\n")
    assert json.loads(written) == {
        "format": 1,
        "version": 12,
        "file": "v0012.json",
        "sha256": hashlib.sha256(b"body\n").hexdigest(),
        "length": 5,
    }
    assert read_pointer(written, "it").version == 12


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (b'"format":1', b'"format":2', "has format 2"),
        (b"v0012.json", b"../12.json", "points version 12 at '../12.json'"),
        (b'"length":5', b'"length":-5', "length: Input should be greater than or equal to 0"),
        (b'"length":5', b'"length": 5', "not in canonical form"),
        (b'"length":5', b'"length":5,"length":5', "not in canonical form"),
        (b'"length":5', b'"x":5', "length: Field required"),
        (b"}\n", b"}", "not in canonical form"),
        (b"{", b"", "the file: Invalid JSON"),
    ],
)
def test_another_pointer_is_refused(old: bytes, new: bytes, complaint: str) -> None:
    broken = pointer_bytes(12, b"body\n").replace(old, new)
    with pytest.raises(RefusedError, match=re.escape(complaint)) as caught:
        read_pointer(broken, "latest.json")
    assert "git" in caught.value.hint


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (b'"rank_low":1', b'"rank_low":1.0', "rank_low: Input should be a valid integer"),
        (b'"context_tokens":200000', b'"context_tokens":9007199254740993', "not in canonical form"),
        (b'"quality":"0.43"', b'"quality":NaN', "quality: Input should be a valid string"),
        (b'"premium"', b'"pr\xc3\xa9mium"', "not in canonical form"),
        (b'"week"', b'"weak"', "week: Field required"),
    ],
)
def test_another_pool_file_is_refused(press: Press, old: bytes, new: bytes, complaint: str) -> None:
    broken = file_bytes(press.pool()).replace(old, new)
    assert broken != file_bytes(press.pool())
    with pytest.raises(RefusedError, match=complaint):
        read_pool_file(broken, "v0001.json")
