"""Hostile names: kept out at the door, and inert behind it, in every place where a name is shown."""

from __future__ import annotations

import csv
import functools
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer

from pipeline.cli import console, json_output, text_output
from pipeline.cli.blocks_text import blocks_text
from pipeline.cli.log import CommandLog
from pipeline.domain.calendar import Week
from pipeline.domain.escape import escape_name, spell_out
from pipeline.domain.ids import Sha256
from pipeline.domain.observation import Finding, Severity
from pipeline.domain.run import Outcome
from pipeline.flow.record.history import PastDecision
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.record.review_page import ReviewQuery, review_blocks
from pipeline.flow.run.run_state import RunResult
from pipeline.publish.versions import PublishedVersion
from pipeline.review.pages.page import code, open_names_csv, proposal_markdown, report_html
from pipeline.review.pages.proposal_view import proposal_view
from pipeline.review.pages.tier_charts import quality_chart
from pipeline.review.proposals.documents import document_bytes
from pipeline.workspace import Workspace
from tests.faults.hostile import (
    ESCAPE,
    PAYLOADS,
    active_in_csv,
    active_in_html,
    active_in_json,
    active_in_markdown,
    active_on_terminal,
    hidden_in,
    on_a_terminal,
    rendered,
    seen_in_html,
    seen_on_terminal,
)
from tests.faults.hostile_week import TAME, decision_with, proposal_with, well_formed

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from tests.faults.conftest import Tally

ROW = "hostile names"
LOOKALIKES = (
    "silver_halide [medium]",
    "silver_halide",
    "silver_halide  [low]",
    " silver_halide [low]",
    "silver_halide[low]",
    "gpt-5.6-luna",
    "gpt-5.6-1una",
    "gpt-5.6-luna@low",
    "gpt-5.6-luna@high",
    "Gpt-5.6-luna",
    "gpt-5.6-\u04cfuna",
    "gpt\u20105.6-luna",
    "gpt\u22125.6-luna",
    "gpt-5\u20246-luna",
    "\u0261pt-5.6-luna",
    "gpt-5.6-luna\u200c",
    "claude-opus-4.6-with-a-very-long-name-of-its-own-one@high",
    "claude-opus-4.6-with-a-very-long-name-of-its-own-two@high",
    "claude-opus-4.6-with-a-very-long@high",
    "claude-opus-4.6-with-b-very-long@high",
    "\u1f600",
    "\U0001f600",
    "caf\u00e9",
    "cafe\u0301",
    "a\u00a0b",
    "a b",
    "a\u2007b",
    "a\nb",
    "a\r\nb",
    "a\tb",
    "\u212a",
    "K",
    "x'",
    "'x",
    "x",
    "''x",
    "=x",
    "'=x",
    "[low]",
    "\\[low]",
    "&lt;",
    "<",
    "&amp;lt;",
    "*x*",
    "\\*x\\*",
    "`x`",
    "x\\u0060",
    "|",
    "\\|",
)
"""Names that one careless step makes equal: markup eaten, blanks collapsed, names cut, letters alike."""
HARMLESS_RAW = {
    "rich low",
    "rich high",
    "rich bold",
    "rich closing",
    "rich emoji",
    "jinja",
    "jinja globals",
    "percent",
    "braces",
    "dollar",
    "case twin",
    "very long",
    "very long twin",
    "python path",
    "javascript url",
    "data url",
    "md math",
    "dde",
    "injection",
    "formula quoted",
    "formula comma",
}
"""Harmful to a careless reader of another kind (Rich markup, a template, a format string), and seen there."""
FOLDER = Path("reviews/2026-W33")
CSV_COLUMNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What became of a text in one place."""

    reached: bool
    """It can be read there, whole."""
    active: list[str]
    """What would be obeyed, hidden or run."""


def on_paper(text: str) -> str:
    """How a name is written, without the blanks that layout may add or take."""
    return "".join(escape_name(well_formed(text)).split())


proposal_of = functools.cache(proposal_with)


LONG = 100
"""Letters of a name from which a page may not show all that is said of it."""


def tame_like(text: str) -> str:
    """A harmless text, as long as a text that is long: of a long one a page shows the start, and a link."""
    return TAME if len(text) < LONG else TAME.ljust(len(text), "a")


@functools.cache
def html_with(text: str) -> str:
    return report_html(proposal_view(proposal_of(text)))


@functools.cache
def chart_with(text: str) -> str:
    view = proposal_view(proposal_of(text))
    charts = (chart for tier in view.tiers for chart in (quality_chart(tier.name, view),) if chart)
    return "".join(drawing for chart in charts for drawing in chart.drawings.values())


@functools.cache
def markdown_with(text: str) -> str:
    return proposal_markdown(proposal_view(proposal_of(text)))


def run_with(text: str) -> RunResult:
    held = Finding(kind=text, severity=Severity.HOLD, subject=text, message=text)
    return RunResult(
        week=Week("2026-W33"),
        outcome=Outcome.PROPOSAL,
        held=(held,),
        findings=(held,),
        folder=FOLDER,
        proposal=proposal_of(text),
    )


def history_with(text: str) -> tuple[PastDecision, ...]:
    proposal = proposal_of(text)
    published = PublishedVersion(
        version=2, path=Path(text), pool=proposal.pool, sha256=Sha256(proposal.pool_sha256)
    )
    return (PastDecision(published=published, link=decision_with(text), about=(text,)),)


def fail_with(text: str, log: Path, *, as_json: bool = False) -> None:
    """A bug whose message is the text; what is printed is inert and the log keeps one entry."""
    with pytest.raises(typer.Exit), console.handle_errors(as_json=as_json, log=log):
        raise OSError(text)


@functools.cache
def terminal_with(text: str, log: Path) -> bytes:
    def speak_of() -> None:
        console.print_text(
            *text_output.run_text(run_with(text), Workspace(FOLDER), review_of(text)),
            *text_output.history_text(history_with(text)),
            text,
        )
        fail_with(text, log)

    return on_a_terminal(speak_of)


def terminal(text: str, folder: Path) -> Found:
    shown = terminal_with(text, folder / "errors.log")
    active = active_on_terminal(shown, terminal_with(TAME, folder / "errors.log"))
    return Found(reached=on_paper(text) in seen_on_terminal(shown), active=active)


def html(text: str, _: Path) -> Found:
    charts = active_in_html(chart_with(text), chart_with(TAME), exact=False)
    active = charts + active_in_html(html_with(text), html_with(tame_like(text)))
    reached = f" {escape_name(well_formed(text))} " in seen_in_html(html_with(text))
    return Found(
        reached=reached and escape_name(well_formed(text)) in seen_in_html(chart_with(text)), active=active
    )


def markdown(text: str, _: Path) -> Found:
    active = active_in_markdown(markdown_with(text), markdown_with(tame_like(text)))
    seen = "".join(seen_in_html(rendered(markdown_with(text))).split())
    return Found(reached="".join(code(escape_name(well_formed(text)))[1:-1].split()) in seen, active=active)


def queue(text: str, _: Path) -> Found:
    written = open_names_csv(proposal_of(text).open_names)
    row = list(csv.reader(io.StringIO(written, newline="")))[1]
    name = escape_name(well_formed(text))
    cells = {name, f"'{name}", name.replace(";", spell_out(";"))}
    return Found(reached=cells >= set(row[1:3]), active=active_in_csv(written, CSV_COLUMNS))


def documents(text: str, _: Path) -> Found:
    """JSON that is printed, and JSON that is kept."""
    shown = on_a_terminal(lambda: console.print_json(json_output.run_json(run_with(text)))).decode()
    record = document_bytes(proposal_of(text))
    printed = json.loads(shown)["findings"][0]["subject"] == text
    kept = json.loads(record)["changes"][0]["variant"] == well_formed(text)
    controls = [repr(byte) for byte in record[:-1] if byte < ord(" ")]
    return Found(reached=printed and kept, active=active_in_json(shown.replace("\r\n", "\n")) + controls)


def logs(text: str, folder: Path) -> Found:
    """One line per event, one entry per traceback, whatever the text says."""
    (folder / "data" / "pools").mkdir(parents=True)
    log, journal = folder / "data" / "errors.log", folder / "data" / "log.jsonl"
    CommandLog(journal, text).tell(text, said=text, more=[text, {text: text}])
    on_a_terminal(lambda: fail_with(text, log))
    lines = journal.read_text("ascii").split("\n")
    active = [] if len(lines) == 3 else [f"{len(lines) - 1} lines for 2 events"]
    kept = log.read_text("utf-8")
    active += [line for line in kept.split("\n")[1:] if line and not line.startswith("  ")]
    active += [repr(mark) for mark in hidden_in(kept + journal.read_text("ascii"))]
    event, failure = json.loads(lines[0]), json.loads(lines[1])
    return Found(reached=event["said"] == failure["error"] == event["event"] == text, active=active)


SINKS: dict[str, Callable[[str, Path], Found]] = {
    "terminal": terminal,
    "html": html,
    "markdown": markdown,
    "csv": queue,
    "json": documents,
    "log": logs,
}


@pytest.mark.parametrize("sink", SINKS)
@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_text_reaches_the_reader_and_is_inert(
    payload: str, sink: str, tally: Tally, tmp_path: Path
) -> None:
    found = SINKS[sink](PAYLOADS[payload], tmp_path)
    tally.count(ROW, fired=found.reached, bad=bool(found.active))
    assert found.reached
    assert found.active == []


def test_two_different_names_are_never_shown_alike(tally: Tally, tmp_path: Path) -> None:
    """Every pair of payloads, and of real names that differ in a blank, a bracket, a case or a letter."""
    names = [*PAYLOADS.values(), *LOOKALIKES]
    assert len(set(names)) == len(names)
    shown: dict[str, list[str]] = {
        "terminal, 60 columns": [on_screen(name, 60) for name in names],
        "terminal, 100 columns": [on_screen(name, 100) for name in names],
        "html": [seen_in_html(html_with(name)) for name in names],
        "chart": [seen_in_html(chart_with(name)) for name in PAYLOADS.values()],
        "markdown": [seen_in_html(rendered(markdown_with(name))) for name in names],
        "csv": [open_names_csv(proposal_of(name).open_names) for name in names],
        "json": [json.dumps(json_output.run_json(run_with(name))) for name in names],
        "log": [logged(name, tmp_path / f"{number}.jsonl") for number, name in enumerate(names)],
    }
    for sink, texts in shown.items():
        for name, text in zip(names, texts, strict=False):
            alike = [other for other, its in zip(names, texts, strict=False) if its == text and other != name]
            tally.count(ROW, fired=bool(text), bad=bool(alike))
            assert alike == [], (sink, name)


def review_of(text: str) -> list[RenderableType]:
    """The proposal as `modelpool review --all` lays it out."""
    blocks = review_blocks(RecordFiles(Workspace(FOLDER)), proposal_of(text), ReviewQuery(whole=True))
    return list(blocks_text(blocks, unfold=True))


def on_screen(name: str, columns: int) -> str:
    """What the terminal shows of a proposal whose member has a name, on a screen of some width."""
    return ESCAPE.sub(
        "", on_a_terminal(lambda: console.print_text(*review_of(name)), columns=columns).decode()
    )


def logged(name: str, file: Path) -> str:
    CommandLog(file, "run").tell("held", subject=name)
    line: str = json.loads(file.read_text())["subject"]
    return json.dumps(line)


@pytest.mark.parametrize("payload", [name for name in PAYLOADS if name not in HARMLESS_RAW])
def test_the_inspectors_would_notice(payload: str) -> None:
    """The same text, written by somebody who does not know it is a text, is found in some place."""
    text = well_formed(PAYLOADS[payload])
    page, attribute = "<p>{}</p>".format, "<p title='{0}' lang=\"{0}\">x</p>".format
    findings = [
        active_in_html(page(text), page(TAME)),
        active_in_html(attribute(text), attribute(TAME)),
        [] if seen_in_html(page(text)) == text else ["read as something else"],
        active_in_markdown(f"{text}\n", f"{TAME}\n"),
        active_in_csv(f"{text},b\r\n", 2),
        active_on_terminal(text.encode(), TAME.encode()),
        [] if escape_name(text) == text else ["not told from its lookalike"],
    ]
    assert any(findings)
