"""The pool in force in the words of a router."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.exporters.litellm import (
    deployment_count,
    left_out,
    litellm_fragment,
    litellm_settings,
    required_env,
)
from pipeline.flow.approval.missing_versions import refuse_missing_versions
from pipeline.router.verify import verify

if TYPE_CHECKING:
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportResult:
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


def export_litellm(workspace: Workspace) -> ExportResult:
    """Write the verified pool in force as a LiteLLM configuration fragment.

    Raises:
        RefusedError: No pool is in force, or it does not verify.
    """
    refuse_missing_versions(workspace)
    found = verify(workspace.pools, minimum_version=0, today=None)
    return ExportResult(
        version=found.version,
        text=litellm_fragment(found.signed),
        config=litellm_settings(found.signed),
        required_env=required_env(found.signed),
        deployments=deployment_count(found.signed),
        left_out=left_out(found.signed),
    )
