"""Merges an operator's LiteLLM configuration with what the gateway needs, or says where they contradict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NoReturn

from pipeline.errors import UsageError
from pipeline.regular_file import read_file
from pipeline.router.pick import ALIAS_PREFIX

if TYPE_CHECKING:
    from pathlib import Path

CALLBACK: Final = "pipeline.gateway.plugin.pool_gateway"
FEWEST_FALLBACKS: Final = 100
"""LiteLLM's own default of 5 ends before the members of a tier and of those above it are asked."""
_COOLDOWN_SECONDS: Final = 60


def read_operator_config(path: Path) -> Mapping[str, object]:
    """Read an operator's `config.yaml`.

    Raises:
        UsageError: No such file, no YAML, or no mapping.
    """
    import yaml

    try:
        found = yaml.safe_load(read_file(path))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise UsageError(f"{path}: {error}", hint="Give --config a LiteLLM config.yaml.") from error
    if not isinstance(found, Mapping):
        raise UsageError(f"{path} is no mapping of settings", hint="Give --config a LiteLLM config.yaml.")
    return found


def merge_config(operator: Mapping[str, object]) -> dict[str, object]:
    """Write the proxy's configuration: the operator's, with the plugin and the settings it relies on.

    Raises:
        UsageError: The operator's settings contradict what the gateway promises.
    """
    litellm = _section(operator, "litellm_settings")
    router = _section(operator, "router_settings")
    general = _section(operator, "general_settings")
    for name, section in (("litellm_settings", litellm), ("router_settings", router)):
        if section.get("num_retries"):
            _contradict(f"{name}.num_retries", section["num_retries"], "0: the next member is asked instead")
    most = router.get("max_fallbacks", FEWEST_FALLBACKS)
    if not isinstance(most, int) or most < FEWEST_FALLBACKS:
        _contradict("router_settings.max_fallbacks", most, f"at least {FEWEST_FALLBACKS}, or leave it out")
    own = operator.get("callbacks") or litellm.get("callbacks") or []
    callbacks = [own] if isinstance(own, str) else list(own) if isinstance(own, Sequence) else []
    merged = {
        **{key: value for key, value in operator.items() if key != "model_list"},
        "litellm_settings": {**litellm, "callbacks": [*callbacks, CALLBACK]},
        "router_settings": {
            "cooldown_time": _COOLDOWN_SECONDS,
            **router,
            "num_retries": 0,
            "max_fallbacks": most,
        },
        "general_settings": {"master_key": "os.environ/LITELLM_MASTER_KEY", **general},
    }
    # An empty `model_list` beside a database would make LiteLLM remove every entry of the plugin.
    return merged | ({"model_list": models} if (models := _own_models(operator)) else {})


def _own_models(operator: Mapping[str, object]) -> list[object]:
    models = operator.get("model_list") or []
    if not isinstance(models, list):
        _contradict("model_list", models, "a list of models")
    for model in models:
        name = model.get("model_name") if isinstance(model, Mapping) else None
        if isinstance(name, str) and name.startswith(ALIAS_PREFIX):
            _contradict("model_list", name, f"another name: {ALIAS_PREFIX}* are the pool's")
    return models


def _section(operator: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = operator.get(name) or {}
    if not isinstance(found, Mapping):
        _contradict(name, found, "a mapping")
    return found


def _contradict(name: str, found: object, wanted: str) -> NoReturn:
    raise UsageError(f"`{name}` is {found!r}", hint=f"Write {wanted}.")
