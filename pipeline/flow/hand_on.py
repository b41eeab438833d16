"""The pool in force in the words of a router."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.flow.unpublished import refuse_unpublished
from pipeline.router.litellm import (
    deployment_count,
    left_out,
    litellm_fragment,
    litellm_settings,
    required_env,
)
from pipeline.router.verify import verify

if TYPE_CHECKING:
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A fragment of a router's configuration."""

    version: int
    text: str
    config: str
    """The `config.yaml` an operator starts from; it includes the fragment."""
    required_env: tuple[str, ...]
    deployments: int
    """What `litellm --validate_config` must count."""
    left_out: tuple[str, ...]
    """Members that have no route for this router."""


def export_litellm(workspace: Workspace) -> Exported:
    """Write the verified pool in force as a LiteLLM configuration fragment.

    Raises:
        RefusedError: No pool is in force, or it does not verify.
    """
    refuse_unpublished(workspace)
    found = verify(workspace.pools, minimum_version=0, today=None)
    return Exported(
        version=found.version,
        text=litellm_fragment(found.signed),
        config=litellm_settings(found.signed),
        required_env=required_env(found.signed),
        deployments=deployment_count(found.signed),
        left_out=left_out(found.signed),
    )
