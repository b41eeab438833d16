"""A past run is rebuilt byte for byte, and whatever is not as it was is named."""

from __future__ import annotations

import gzip
import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.calendar import Week
from pipeline.domain.document import canonical_json
from pipeline.domain.ids import VariantId
from pipeline.domain.run_inputs import InputDigest, InputKind, inputs_by_source
from pipeline.flow.record.capture_index import CaptureIndex
from pipeline.flow.record.config import read_config
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.record.run_history import RunHistory
from pipeline.flow.run import provenance
from pipeline.flow.run.prior_state import KeptLastScores, read_prior_state
from pipeline.review.pages.page import render_page
from pipeline.sources.price_lists import genai_prices
from pipeline.workspace import Workspace
from tests.databases import remove_database
from tests.example import SECOND_WEEK, Example

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.domain.proposal import Proposal
    from pipeline.domain.run import PriorState
    from pipeline.flow.run.fetch import EarlierSourceAnswers
    from pipeline.flow.run.run_state import RunRequest
    from pipeline.review.pages.proposal_view import PageContext

RUN = "2026-W33"
THIRD = ("--week", "2026-W34", "--now", "2026-08-22T12:00:00Z")
ACCEPT = ("--reviewer", "R. Viewer", "--note", "The board was cleaned up.", "--now", "2026-08-15T13:00:00Z")
SAY = ("--reviewer", "R. Viewer", "--note", "Read the page.")


def proposal(example: Example, run: str = RUN) -> dict[str, list[dict[str, str]]]:
    document = json.loads((example.folder / "reviews" / run / "proposal.json").read_bytes())
    assert isinstance(document, dict)
    return document


def line(example: Example, name: str, run: str = RUN) -> dict[str, str]:
    (found,) = (one for one in proposal(example, run)["inputs"] if one["name"] == name)
    return found


def same(example: Example, run: str = RUN) -> bool:
    answer = example("replay", run, "--json")
    assert answer.code in {0, 30}, answer.err
    assert answer.json["same"] is (answer.code == 0)
    return answer.code == 0


def publish(example: Example) -> None:
    assert example.approve().code == 0
    assert example("publish").code == 0


@pytest.mark.parametrize("run", ["2026-W22", "v0001", "2026-W33"])
def test_the_weeks_of_the_example_come_out_byte_for_byte(ran: Example, run: str) -> None:
    answer = ran("replay", run)
    assert answer.code == 0, answer.err
    assert answer.out.startswith("The same bytes: ")


def test_a_published_version_is_replayed_through_its_approved_proposal(ran: Example) -> None:
    assert ran("reject", ran.digest()[:16], *SAY).code == 0
    assert ran.run().code == 10
    publish(ran)
    answer = ran("replay", "v0002", "--json")
    assert answer.code == 0, answer.out
    assert (answer.json["run"], answer.json["version"]) == ("2026-W33.2", 2)
    assert same(ran, "2026-W33.1"), "the rejected attempt is replayed too"


def test_a_run_without_a_proposal_is_replayed_too(ran: Example) -> None:
    publish(ran)
    assert ran.run().code == 0
    answer = ran("replay", RUN, "--json")
    assert answer.code == 0, answer.out
    assert str(answer.json["file"]).endswith("2026-W33.2/heartbeat.json")


def test_the_database_plays_no_part(ran: Example) -> None:
    assert ran("rebuild").code == 0
    assert same(ran)
    remove_database(ran.folder)
    assert same(ran)
    assert not (ran.folder / "data/pipeline.sqlite").exists()


def test_another_place_gives_the_same_bytes(ran: Example, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "pools of ours"
    other.parent.mkdir()
    shutil.move(ran.folder, other)
    assert same(Example(other))
    assert same(Example(other), "v0001")


@pytest.mark.parametrize(
    "words", [("replay", RUN), ("replay", "--as-of", RUN), ("replay", "--as-of", "2026-W30")]
)
def test_nothing_is_written(
    ran: Example, files_below: Callable[[Path], dict[str, bytes]], words: tuple[str, ...]
) -> None:
    before = files_below(ran.folder)
    assert ran(*words).code == 0
    assert files_below(ran.folder) == before


def test_what_a_source_did_not_answer_is_part_of_the_run(example: Example, tmp_path: Path) -> None:
    """A source that is held keeps its last good data; the reason is on record, the answer may not exist."""
    broken = tmp_path / "2026-08-14-lmarena-text.json"
    broken.write_text("{}")
    sample = example.folder / "data/sample/2026-W33"
    answer = example.run(str(sample), "--captures", f"lmarena-text={broken}")
    assert answer.code == 20, answer.out
    assert same(example)
    assert [one for one in proposal(example)["inputs"] if one["name"].startswith("held:")]


def test_a_source_that_could_not_be_asked_is_held_again_for_the_same_reason(
    example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.domain.ids import OPENROUTER
    from pipeline.errors import SourceHeldError
    from pipeline.flow.run.fetch import fetch_captures

    reason = "no whole answer; its last good data, of 2026-08-07, stays in force, says its own page"

    def silent(job: RunRequest, earlier: EarlierSourceAnswers) -> object:
        answers = fetch_captures(job, earlier)
        held = SourceHeldError(OPENROUTER, reason, hint="")
        return replace(answers, by_source={**answers.by_source, OPENROUTER: held})

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.flow.run.weekly.fetch_captures", silent)
        answer = example.run()
    assert answer.code == 20, answer.out
    assert reason in answer.out.replace("\n", " ")
    assert same(example)


def _damage(path: Path) -> None:
    assert path.exists(), path
    path.write_bytes(gzip.compress(b"other", mtime=0))


def _capture(ran: Example, name: str) -> str:
    _damage(_stored(ran, name))
    return name


def _stored(ran: Example, name: str) -> Path:
    digest = line(ran, name)["sha256"]
    (sidecar,) = (ran.folder / "data/raw").glob(f"*/*/{digest}.meta.json")
    return sidecar.with_name(f"{digest}.gz")


def _gone(ran: Example, name: str) -> str:
    _stored(ran, name).unlink(missing_ok=True)
    (ran.folder / line(ran, name)["detail"].removeprefix("file:")).unlink()
    return name


def _kept_row(ran: Example, _: str) -> str:
    (name,) = (
        one["name"] for one in proposal(ran)["inputs"] if one["name"].startswith("approved:lmarena-text")
    )
    (ran.folder / line(ran, name)["detail"].removeprefix("file:")).write_text("{}")
    return name


def _written(ran: Example, name: str) -> str:
    _damage(ran.folder / f"reviews/used/{name}-{line(ran, name)['sha256']}.gz")
    files = {"policy": "policy/tiers.toml", "expectations": "policy/expectations.toml"}
    with (ran.folder / "data" / files.get(name, "crosswalk/prices.csv")).open("ab") as file:
        file.write(b"\n")
    return name


def _base(ran: Example, _: str) -> str:
    path = ran.folder / "data/pools/v0001.json"
    path.write_bytes(path.read_bytes().replace(b"2026-06-21", b"2027-06-21"))
    return "base"


def _decision(ran: Example, _: str) -> str:
    (ran.folder / "reviews/2026-W22/decision.json").unlink()
    return "decision"


def _earlier(ran: Example, _: str) -> str:
    path = ran.folder / "reviews/2026-W22/proposal.json"
    before = path.read_bytes()
    path.write_bytes(before.replace(b'"large":false', b'"large":true'))
    assert path.read_bytes() != before
    return "earlier"


def _file(ran: Example, _: str) -> str:
    path = ran.folder / "reviews/2026-W33/proposal.json"
    document = json.loads(path.read_bytes())
    document["coverage"]["judged"] += 1
    path.write_bytes(canonical_json(document) + b"\n")
    return "code"


FAULTS = (
    (_capture, "capture:openrouter:1"),
    (_capture, "capture:lmarena-text:1"),
    (_gone, "capture:artificial-analysis:1"),
    (_kept_row, ""),
    (_written, "policy"),
    (_written, "expectations"),
    (_written, "crosswalk"),
    (_base, ""),
    (_decision, ""),
    (_earlier, ""),
    (_file, ""),
)


@pytest.mark.parametrize(("fault", "name"), FAULTS, ids=[f"{f.__name__[1:]} {n}" for f, n in FAULTS])
def test_the_first_input_that_differs_is_named(
    ran: Example, fault: Callable[[Example, str], str], name: str
) -> None:
    expected = fault(ran, name)
    answer = ran("replay", RUN, "--json")
    assert answer.code == 30, answer.out
    assert (answer.json["same"], answer.json["differs"]) == (False, expected)
    said = ran("replay", RUN)
    assert (said.code, said.out) == (30, "")
    assert said.err.count("\n") == 2
    assert answer.json["hint"]
    assert ran("replay", "--as-of", RUN).code == 30


def test_of_several_that_differ_the_first_in_the_order_of_use_is_named(ran: Example) -> None:
    for fault, name in reversed(FAULTS[4:7]):
        fault(ran, name)
    assert ran("replay", RUN, "--json").json["differs"] == "policy"
    _capture(ran, "capture:openrouter:1")
    assert ran("replay", RUN, "--json").json["differs"] == "capture:openrouter:1"


def test_a_lost_capture_is_named_with_its_file(ran: Example) -> None:
    _gone(ran, "capture:artificial-analysis:1")
    one = line(ran, "capture:artificial-analysis:1")
    answer = ran("replay", RUN, "--json")
    assert one["sha256"] in str(answer.json["error"])
    assert f"data/raw/artificial-analysis/2026-W33/{one['sha256']}.gz" in str(answer.json["hint"])


def test_an_earlier_run_whose_captures_are_lost_is_named_as_what_is_remembered(
    ran: Example, tmp_path: Path
) -> None:
    """The week's own captures are here; those of the week before, which it was compared with, are not."""
    (table,) = (ran.folder / "data/sample/2026-W33").glob("*genai-prices.json")
    newer = tmp_path / "2026-08-21-genai-prices.json"
    newer.write_text(json.dumps({**json.loads(table.read_bytes()), "version": "of the next week"}))
    sample = str(ran.folder / "data/sample/2026-W33")
    answer = ran("run", "--captures", sample, "--captures", f"genai-prices={newer}", *THIRD)
    assert answer.code in {10, 20}, answer.err
    assert same(ran, "2026-W34")
    _gone(ran, "capture:genai-prices:1")
    told = ran("replay", "2026-W34", "--json")
    assert (told.code, told.json["differs"]) == (30, "memory")
    assert "`modelpool replay 2026-W33.1`" in str(told.json["hint"])


def test_an_edited_file_is_told_from_an_input_by_the_place_that_differs(ran: Example) -> None:
    _file(ran, "")
    judged = json.loads((ran.folder / "reviews" / RUN / "proposal.json").read_bytes())["coverage"]["judged"]
    assert f"$.coverage.judged: {judged}, now {judged - 1}" in str(ran("replay", RUN, "--json").json["error"])


def test_another_version_of_the_code_is_named(ran: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "__version__", "99.0")
    answer = ran("replay", RUN, "--json")
    assert (answer.code, answer.json["differs"]) == (30, "code")
    assert "99.0; nothing else differs" in str(answer.json["error"])


def test_a_removed_acceptance_is_named(example: Example, tmp_path: Path) -> None:
    document = json.loads((example.folder / "data/sample/2026-W33/2026-08-13-lmarena-text.json").read_bytes())
    keep = {row["model_name"] for row in document["rows"][:100] if row["category"] == "overall"}
    document["rows"] = [row for row in document["rows"] if row["model_name"] in keep]
    for field in ("n_rows", "n_models"):
        document.get("meta", {}).pop(field, None)
    board = tmp_path / "2026-08-14-lmarena-text.json"
    board.write_text(json.dumps(document))
    more = ("--captures", f"lmarena-text={board}")
    assert example.run(None, *more).code == 20
    assert example("sources", "accept", "lmarena-text", *ACCEPT).code == 0
    assert same(example), "the acceptance is later than the run"
    assert example.run(None, *more).code == 10
    assert same(example, "2026-W33.2")
    (file,) = (example.folder / "reviews/accepted").iterdir()
    file.unlink()
    answer = example("replay", "2026-W33.2", "--json")
    assert answer.json["differs"] == "accepted:lmarena-text:1"
    assert same(example, "2026-W33.1"), "the run before the acceptance does not need it"


def test_the_installed_price_table_is_written_out_again(
    example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = example.folder / "data/sample/2026-W33"
    pairs = [f"{path.stem[11:]}={path}" for path in sorted(sample.iterdir()) if "genai" not in path.name]
    answer = example("run", *(word for pair in pairs for word in ("--captures", pair)), *SECOND_WEEK)
    assert answer.code in {10, 20}, answer.err
    stored = _stored(example, "capture:genai-prices:1")
    stored.unlink()
    assert same(example)
    monkeypatch.setattr(genai_prices, "version", lambda _: "0.0.1")
    told = example("replay", RUN, "--json").json
    assert told["differs"] == "capture:genai-prices:1"
    assert "pip install genai-prices==" in str(told["hint"])


@pytest.mark.parametrize("name", ["v0009", "2026-W30", "2026-W33.7"])
def test_a_run_that_is_not_there_is_refused(ran: Example, name: str) -> None:
    assert ran("replay", name).code == 30


@pytest.mark.parametrize("name", ["v0", "W33", "../2026-W33", "2026-W33/", "accepted", "", "2026-W33.0"])
def test_a_name_that_is_none_is_a_usage_error(ran: Example, name: str) -> None:
    assert ran("replay", name).code == 2


def test_the_pool_in_force_is_remembered_by_the_rules_of_then(ran: Example, example: Example) -> None:
    """A variant that people judged after the pool in force was made was not known to that pool."""
    new = next(one["variant"] for one in proposal(ran)["changes"] if one["cause"] == "vacancy")
    judgements = example.folder / "data/crosswalk/judgements.csv"
    judged = judgements.read_text()
    judgements.write_text(judged.replace(f",{new},", ",,"))
    assert judgements.read_text() != judged
    assert example.run().code == 10
    publish(example)
    judgements.write_text(judged)
    known = _memory(example).last_scores[VariantId(new)].values
    assert not any(metric.startswith("arena") for metric in known)


def _memory(example: Example) -> PriorState:
    workspace = Workspace(example.folder)
    capture_index = CaptureIndex(workspace)
    history = RunHistory(RecordFiles(workspace), capture_index)
    return read_prior_state(history, read_config(workspace), KeptLastScores(None), before=Week("2026-W34"))


def test_a_policy_that_is_edited_during_the_run_is_refused(
    example: Example, monkeypatch: pytest.MonkeyPatch, files_below: Callable[[Path], dict[str, bytes]]
) -> None:
    """What is kept must be what was used."""
    before = files_below(example.folder / "reviews")

    def edit(document: Proposal, record: PageContext) -> object:
        with (example.folder / "data/policy/tiers.toml").open("a") as file:
            file.write("# meanwhile\n")
        return render_page(document, record)

    monkeypatch.setattr("pipeline.flow.run.store_run.render_page", edit)
    answer = example.run()
    assert answer.code == 30
    assert "the policy was edited while the run used it" in answer.err
    assert files_below(example.folder / "reviews") == before


def test_the_pages_of_an_answer_are_read_in_their_order() -> None:
    """Proposals list inputs by name, in which the tenth page comes before the second."""
    lines = [
        InputDigest(
            name=f"capture:artificial-analysis:{page}", sha256=f"{page:064}", detail="", fetched_at=None
        )
        for page in (1, 10, 11, 2, 3)
    ]
    ((source, pages),) = inputs_by_source(lines, InputKind.CAPTURE).items()
    assert (source, [int(one.sha256) for one in pages]) == ("artificial-analysis", [1, 2, 3, 10, 11])
