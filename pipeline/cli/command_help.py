"""Holds what the help says beside a command's own sentence, and today's spelling of earlier command lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import typer


PANELS: Final[Mapping[str, Mapping[str, str]]] = {
    "The week": {
        "run": "modelpool run --captures data/sample/2026-W33 --week 2026-W33 --now 2026-08-15T12:00:00Z",
        "review": "modelpool review",
        "approve": 'modelpool approve 73239845 --reviewer "Your Name" --note "Read the page; fine."',
        "answer": 'modelpool answer 73239845 --hold 3=2027-01-31 --never 8 --reviewer "Your Name" '
        '--note "Unproven."',
        "reject": 'modelpool reject 73239845 --reviewer "Your Name" --note "The new default is unproven."',
        "withdraw": 'modelpool withdraw 73239845 --reviewer "Your Name" --note "A price is wrong."',
        "publish": "modelpool publish",
        "status": "modelpool status",
        "verify": "modelpool verify",
    },
    "Routers and monitoring": {
        "export": "modelpool export litellm > litellm-groups.yaml",
        "gateway": "modelpool gateway --check",
        "metrics": "modelpool metrics --alerts > modelpool.rules.yml",
        "doctor": "modelpool doctor",
        "doctor gateway": "modelpool doctor gateway --call",
    },
    "Questions": {
        "explain": "modelpool explain gpt-5.6-luna@high --tier premium",
        "why-not": "modelpool why-not gpt-5.6-luna@high --tier premium",
        "whatif": "modelpool whatif --set tiers.premium.lambda_usd=0.1 --drop-vendor openai",
    },
    "Sources and names": {
        "sources": "modelpool sources",
        "sources check": "modelpool sources check --live",
        "sources accept": 'modelpool sources accept openrouter --reviewer "Your Name" --note "A real cut."',
        "crosswalk": "modelpool crosswalk open",
        "crosswalk open": "modelpool crosswalk open --top 5",
        "crosswalk suggest": "modelpool crosswalk suggest grok-4-fast-chat",
        "crosswalk map": "modelpool crosswalk map grok-4-fast-chat grok-4-fast@none "
        '--reviewer "Your Name" --note "As its card says."',
        "crosswalk undo": "modelpool crosswalk undo grok-4-fast-chat "
        '--reviewer "Your Name" --note "It is another model."',
    },
    "Your own traffic": {
        "usage": "modelpool usage table",
        "usage import": "modelpool usage import spend.jsonl",
        "usage fit": "modelpool usage fit --margin 5",
        "usage table": "modelpool usage table",
        "usage approve": 'modelpool usage approve 1a2b3c4d --reviewer "Your Name" --note "Read the table."',
        "usage sample": "modelpool usage sample --count 50 --json",
        "usage costs": "modelpool usage costs",
    },
    "History": {
        "history": "modelpool history",
        "memory": "modelpool memory",
        "memory retract": 'modelpool memory retract 1a2b3c4d --reviewer "Your Name" --note "It is proven."',
        "diff": "modelpool diff v0003 v0007",
        "replay": "modelpool replay v0001",
        "backtest": "modelpool backtest --history weekly.csv.gz --compare all --report past.html",
        "tune": "modelpool tune --grid data/policy/grid.toml --history weekly.csv.gz",
    },
    "Workspace": {
        "init": "modelpool init my-pools",
        "policy": "modelpool policy upgrade --dry-run",
        "policy upgrade": "modelpool policy upgrade --dry-run",
        "schedule": "modelpool schedule cron",
        "backup": "modelpool backup /mnt/elsewhere/my-pools",
        "restore": "modelpool restore /mnt/elsewhere/my-pools my-pools",
        "rebuild": "modelpool rebuild",
        "prune": "modelpool prune --keep-weeks 26",
        "help": "modelpool help settings",
    },
}
"""By panel, in the order of the help: an example of every command and group."""

_HELP: Final = {words: (panel, line) for panel, lines in PANELS.items() for words, line in lines.items()}


def add_panels(app: typer.Typer, group: str = "") -> None:
    """Give every command of a command line its panel and its example.

    Raises:
        KeyError: A command has neither; it needs a line in `PANELS`.
    """
    for command in app.registered_commands:
        typed_name = command.name or getattr(command.callback, "__name__", "").replace("_", "-")
        panel, line = _HELP[f"{group} {typed_name}".strip()]
        command.epilog = f"\b\nExample:\n  {line}"
        command.rich_help_panel = None if group else panel
    for inner in app.registered_groups:
        name = str(inner.name)
        panel, line = _HELP[name]
        inner.epilog = f"\b\nExample:\n  {line}"
        inner.rich_help_panel = panel
        if inner.typer_instance is not None:
            add_panels(inner.typer_instance, name)


_NAMES: Final = {"judge": "map", "map": "map", "open": "open", "suggest": "suggest", "undo": "undo"}
_OPTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "approve": {"--reason": "--note"},
    "reject": {"--reason": "--note"},
    "sources": {"--reason": "--note"},
    "crosswalk": {"--reason": "--note"},
    "whatif": {"--drill": "--vendor-outage"},
}


def todays_spelling(typed: Sequence[str]) -> tuple[str, ...] | None:
    """Return the same command line as it is spelled today; None where it is."""
    words = _options(_command(tuple(typed)))
    return None if words == tuple(typed) else words


def _command(typed: tuple[str, ...]) -> tuple[str, ...]:
    if typed[:1] == ("names",):
        known = typed[1:2] and typed[1] in _NAMES
        return ("crosswalk", _NAMES[typed[1]], *typed[2:]) if known else ("crosswalk", "open", *typed[1:])
    if typed[:1] == ("run",) and any(word.partition("=")[0] == "--as-of" for word in typed):
        return ("replay", *typed[1:])
    return typed


def _options(typed: tuple[str, ...]) -> tuple[str, ...]:
    renamed = _OPTIONS.get(typed[0], {}) if typed else {}
    parts = ((*word.partition("="),) for word in typed)
    return tuple(f"{renamed.get(option, option)}{equals}{value}" for option, equals, value in parts)
