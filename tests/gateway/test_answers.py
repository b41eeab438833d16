"""Who answered, as bodies and headers tell it: the answer is believed, not the request."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from pipeline.gateway.answers import headers_of, mark, origin
from pipeline.gateway.names import DeploymentId

FIRST = DeploymentId(tier="low", band="simple", version=3, order=1, variant="a@none")
SECOND = DeploymentId(tier="low", band="simple", version=3, order=2, variant="b@high")
STALE = {"litellm_metadata": {"model_info": {"id": str(FIRST)}}}


@pytest.mark.parametrize("as_dict", [True, False])
def test_the_answers_own_id_counts_before_what_the_request_remembers(*, as_dict: bool) -> None:
    hidden = {"model_id": str(SECOND)}
    answer = {"_hidden_params": hidden} if as_dict else SimpleNamespace(_hidden_params=hidden)
    assert origin(answer, STALE) == SECOND
    assert origin(SimpleNamespace(), STALE) == FIRST
    assert origin({}, {}) is None
    assert origin(None, {"litellm_metadata": 7}) is None


def test_a_body_is_marked_whatever_it_is_made_of() -> None:
    body: dict[str, object] = {}
    mark(body, "a@none")
    assert body == {"brainModel": "a@none"}


def test_headers_name_member_version_band_and_tier() -> None:
    assert headers_of(SECOND, None) == {
        "x-brain-model": "b@high",
        "x-pool-version": "v0003",
        "x-pool-band": "simple",
        "x-pool-tier": "low",
    }
    assert headers_of(None, None) == {}
    told = json.loads(headers_of(SECOND, {"band_by": "key"})["x-pool-explain"])
    assert told == {"band_by": "key"}
