"""What is checked before a proxy is started, and what it is started with."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import PipelineError, RefusedError, UsageError
from pipeline.gateway import launch
from pipeline.gateway.launch import LaunchOptions, prepare
from pipeline.gateway.operator_config import CALLBACK, merge_config
from pipeline.gateway.settings import GatewaySettings, read_settings
from tests.gateway.conftest import KEYS, publish, sample

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TODAY = date(2026, 6, 1)
EVERYBODY = "0.0.0.0"  # noqa: S104 - refused, which is what is tested


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LaunchOptions:
    """A published pool, and LiteLLM as if it were installed."""
    monkeypatch.setattr(launch, "find_spec", lambda _: object())
    publish(tmp_path / "pools", sample())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return LaunchOptions(
        pools=tmp_path / "pools",
        state=tmp_path / "state",
        host="127.0.0.1",
        port=port,
        config=None,
        demo=False,
    )


def test_a_checked_proxy_knows_its_pool_its_key_and_its_configuration(options: LaunchOptions) -> None:
    found = prepare(options, KEYS, today=TODAY)
    settings = read_settings(found.environment)
    assert settings == GatewaySettings(pools=options.pools, state=options.state)
    assert found.key_file is not None
    assert found.environment["LITELLM_MASTER_KEY"] == found.key_file.read_text().strip()
    assert found.key_file.stat().st_mode & 0o077 == 0
    config = json.loads((options.state / "config.yaml").read_text())
    assert config["litellm_settings"]["callbacks"] == [CALLBACK]
    assert config["router_settings"]["num_retries"] == 0
    assert "model_list" not in config
    assert prepare(options, KEYS, today=TODAY).environment == found.environment, "another key at each start"


def test_an_operators_own_key_stays(options: LaunchOptions) -> None:
    found = prepare(options, KEYS | {"LITELLM_MASTER_KEY": "sk-mine"}, today=TODAY)
    assert found.environment["LITELLM_MASTER_KEY"] == "sk-mine"
    assert found.key_file is None


@pytest.mark.parametrize(
    ("changes", "environment", "complaint"),
    [
        ({}, {}, "needs ANTHROPIC_API_KEY, GEMINI_API_KEY, OPENROUTER_API_KEY"),
        ({"demo": True}, {}, "demo answers are for `make gateway`"),
        ({"demo": True, "host": EVERYBODY}, {"MODELPOOL_MAKE_GATEWAY": "1"}, "demo answers are for"),
        ({"host": EVERYBODY}, KEYS, "is open to others"),
    ],
)
def test_what_would_not_serve_is_refused_before_the_start(
    options: LaunchOptions, changes: Mapping[str, object], environment: Mapping[str, str], complaint: str
) -> None:
    with pytest.raises(PipelineError, match=complaint) as caught:
        prepare(replace(options, **changes), environment, today=TODAY)  # type: ignore[arg-type]  # one field
    assert caught.value.hint


def test_demo_answers_are_given_only_where_no_key_is_set(options: LaunchOptions) -> None:
    asked = replace(options, demo=True)
    making = {"MODELPOOL_MAKE_GATEWAY": "1"}
    assert prepare(asked, making, today=TODAY).demo
    assert not prepare(asked, making | KEYS, today=TODAY).demo


def test_a_port_that_is_taken_is_refused(options: LaunchOptions) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", options.port))
        taken.listen()
        for environment, said in ((KEYS, "--port"), (KEYS | {"MODELPOOL_MAKE_GATEWAY": "1"}, "PORT=")):
            with pytest.raises(UsageError, match=f"127.0.0.1:{options.port}") as caught:
                prepare(options, environment, today=TODAY)
            assert said in caught.value.hint


def test_without_litellm_the_extra_is_named(options: LaunchOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "find_spec", lambda _: None)
    with pytest.raises(UsageError) as caught:
        prepare(options, KEYS, today=TODAY)
    assert "modelpool[litellm]" in caught.value.hint


def test_a_broken_folder_is_refused_unless_a_pool_was_kept(options: LaunchOptions) -> None:
    (options.pools / "latest.json").write_text("garbage")
    with pytest.raises(RefusedError, match=r"latest\.json"):
        prepare(options, KEYS, today=TODAY)


def test_where_nothing_was_published_yet_the_way_to_a_pool_is_told(
    options: LaunchOptions, tmp_path: Path
) -> None:
    with pytest.raises(RefusedError, match="holds no published pool") as caught:
        prepare(replace(options, pools=tmp_path / "none"), KEYS, today=TODAY)
    assert "modelpool status" in caught.value.hint


@pytest.mark.parametrize(
    ("operator", "complaint"),
    [
        ({"router_settings": {"num_retries": 2}}, "router_settings.num_retries"),
        ({"litellm_settings": {"num_retries": 1}}, "litellm_settings.num_retries"),
        ({"router_settings": {"max_fallbacks": 5}}, "router_settings.max_fallbacks"),
        ({"model_list": [{"model_name": "neo-mode/frugal"}]}, "neo-mode/frugal"),
        ({"model_list": "mine"}, "model_list"),
        ({"general_settings": 7}, "general_settings"),
    ],
)
def test_settings_that_contradict_the_gateway_are_named(operator: dict[str, object], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        merge_config(operator)


def test_an_operators_settings_stay_beside_the_plugin() -> None:
    merged = merge_config(
        {
            "model_list": [{"model_name": "mine"}],
            "litellm_settings": {"callbacks": "prometheus", "drop_params": True},
            "router_settings": {"cooldown_time": 5},
            "general_settings": {"database_url": "os.environ/DATABASE_URL"},
        }
    )
    assert merged["model_list"] == [{"model_name": "mine"}]
    assert merged["litellm_settings"] == {"callbacks": ["prometheus", CALLBACK], "drop_params": True}
    assert merged["router_settings"] == {"cooldown_time": 5, "num_retries": 0, "max_fallbacks": 100}
    assert merged["general_settings"] == {
        "database_url": "os.environ/DATABASE_URL",
        "master_key": "os.environ/LITELLM_MASTER_KEY",
    }


def test_an_empty_list_of_models_is_left_out() -> None:
    assert "model_list" not in merge_config({"model_list": []})


def test_stand_ins_elsewhere_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="are not on this machine"):
        GatewaySettings(pools=tmp_path, state=tmp_path, upstreams="http://example.com")


def test_a_proxy_that_was_not_started_by_the_launcher_says_so() -> None:
    with pytest.raises(UsageError) as caught:
        read_settings({})
    assert "modelpool gateway" in caught.value.hint


@pytest.mark.parametrize("set_in", ["environment", "config"])
def test_a_database_without_the_client_it_needs_is_refused_with_the_command_that_makes_it(
    options: LaunchOptions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, set_in: str
) -> None:
    extras = SimpleNamespace(submodule_search_locations=["/made/extras"])
    generated = {"prisma": extras, "litellm": extras, "litellm_proxy_extras": extras}
    monkeypatch.setattr(launch, "find_spec", generated.get)
    address, keys = "postgresql://made@127.0.0.1/made", dict(KEYS)
    if set_in == "environment":
        keys["DATABASE_URL"] = address
    else:
        file = tmp_path / "own.yaml"
        file.write_text(json.dumps({"general_settings": {"database_url": address}}))
        options = replace(options, config=file)
    with pytest.raises(UsageError, match="Prisma's client") as caught:
        prepare(options, keys, today=TODAY)
    assert "-m prisma generate --schema /made/extras/schema.prisma" in caught.value.hint
    assert address not in str(caught.value) + caught.value.hint
    assert not options.state.exists()
    generated["prisma.client"] = extras
    assert prepare(options, keys, today=TODAY).pool.version == 1
