"""Defines the commands that ask why: `explain`, `why-not`, `whatif`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.chosen_workspace import workspace_at
from pipeline.cli.console import handle_errors, print_json, print_text
from pipeline.cli.options import HERE, JsonOption, WorkspaceOption, environment_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.flow.questions.whatif import Scenario

VariantArgument = Annotated[
    str, typer.Argument(metavar="VARIANT", help="An id of variants.csv, e.g. gpt-5.6-luna@high.")
]

AddTierOption = Annotated[
    list[str] | None,
    typer.Option("--add-tier", metavar="NEW=LIKE", help="A tier like another; --set may change it."),
]

DropTierOption = Annotated[list[str] | None, typer.Option("--drop-tier", metavar="TIER", help="Repeatable.")]

TaskMixOption = Annotated[
    Path | None,
    typer.Option("--task-mix", metavar="FILE", help="TOML with [[task_mix]], [[task_mixes.NAME]]."),
]

SettingOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="A key of tiers.toml, dotted; repeatable."),
]
VendorOutageOption = Annotated[
    bool, typer.Option("--vendor-outage", help="Show each tier without each of its vendors instead.")
]


def explain(
    variant: VariantArgument,
    tier: Annotated[
        str | None, typer.Option("--tier", metavar="TIER", help="One tier of the policy; default: all.")
    ] = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Show every number behind a variant's place: source, capture, date and formula, in order of use."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.cli import explanation_text
        from pipeline.flow.questions.explain import explain as explain_variant

        found = explain_variant(workspace_at(workspace), environment_settings(), variant, tier)
        if as_json:
            print_json(explanation_text.to_plain(found))
        else:
            print_text(*explanation_text.explanation_text(found))


def why_not(
    variant: VariantArgument,
    tier: Annotated[
        str | None,
        typer.Option("--tier", metavar="TIER", help="A tier of the policy (required).", show_default=False),
    ] = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Say which rule keeps a variant out of a tier, and the smallest change that would admit it."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.cli import explanation_text
        from pipeline.flow.questions.why_not import why_not as ask_why_not

        found = ask_why_not(workspace_at(workspace), environment_settings(), variant, tier)
        if as_json:
            print_json(explanation_text.to_plain(found))
        else:
            print_text(*explanation_text.why_not_text(found))


def whatif(
    setting: SettingOption = None,
    drop_vendor: Annotated[
        list[str] | None, typer.Option("--drop-vendor", metavar="VENDOR", help="Repeatable.")
    ] = None,
    drop_source: Annotated[
        list[str] | None, typer.Option("--drop-source", metavar="SOURCE", help="Repeatable.")
    ] = None,
    task_mix: TaskMixOption = None,
    add_tier: AddTierOption = None,
    drop_tier: DropTierOption = None,
    vendor_outage: VendorOutageOption = False,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Show the pools under other settings or without a vendor or source; nothing is written."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.cli import explanation_text
        from pipeline.flow.questions.whatif import Scenario
        from pipeline.flow.questions.whatif import whatif as suppose

        supposed = Scenario(
            settings=tuple(setting or ()),
            vendors=tuple(drop_vendor or ()),
            sources=tuple(drop_source or ()),
            task_mix=task_mix,
            add_tiers=tuple(add_tier or ()),
            drop_tiers=tuple(drop_tier or ()),
        )
        if vendor_outage:
            _show_vendor_outage(workspace, supposed, as_json=as_json)
            return
        found = suppose(workspace_at(workspace), environment_settings(), supposed)
        if as_json:
            print_json(explanation_text.to_plain(found))
        else:
            print_text(*explanation_text.whatif_text(found))


def _show_vendor_outage(workspace: Path, supposed: Scenario, *, as_json: bool) -> None:
    from pipeline.cli import explanation_text
    from pipeline.flow.run.vendor_outage import vendor_outage_report

    found = vendor_outage_report(workspace_at(workspace), environment_settings(), supposed)
    if as_json:
        print_json(explanation_text.vendor_outage_json(found))
    else:
        print_text(*explanation_text.vendor_outage_text(found))


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    commands: tuple[Callable[..., None], ...] = (explain, why_not, whatif)
    for command in commands:
        app.command()(command)
