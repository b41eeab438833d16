"""The metrics of a workspace and the alerts about them: metrics."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from pipeline.cli.chosen_workspace import workspace_at
from pipeline.cli.console import handle_errors, print_json
from pipeline.cli.options import HERE, JsonOption, WorkspaceOption

AlertsOption = Annotated[
    bool, typer.Option("--alerts", help="Print the rules of alerts for Prometheus in their place.")
]


def metrics(
    workspace: WorkspaceOption = HERE, alerts: AlertsOption = False, as_json: JsonOption = False
) -> None:
    """Print what a monitor watches, in the text format of Prometheus; writes nothing."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.flow.operations.metrics import ALERT_RULES, metrics_text

        place = workspace_at(workspace)
        text = ALERT_RULES.read_text(encoding="utf-8") if alerts else metrics_text(place)
        if as_json:
            print_json({"text": text})
        else:
            sys.stdout.write(text)


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(metrics)
