"""A monitor reads the state of a workspace and how its last run ended; alerts fire on the stated day."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from pipeline.errors import UsageError
from pipeline.flow.operations.metrics import ALERT_RULES, metrics_text
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.example import Example

DAY = 86400


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "textfiles" / "modelpool.prom"
    monkeypatch.setenv("MODELPOOL_METRICS_FILE", str(path))
    return path


@pytest.fixture
def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    return found


def _values(text: str) -> dict[str, int]:
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {
        re.sub(r'workspace="[^"]*",?', "", name).replace("{}", ""): int(value) for name, _, value in lines
    }


def test_the_file_follows_a_week(ran: Example, file: Path) -> None:
    made = "modelpool_proposal_made_timestamp_seconds"
    before = _values(ran("metrics").out)
    assert before["modelpool_pool_version"] == 1
    assert (
        before[f'{made}{{state="pending"}}'] == before["modelpool_run_filed_timestamp_seconds"] == 1786795200
    )
    assert before['modelpool_source_held{source="openrouter"}'] == 0
    assert before['modelpool_source_fetched_timestamp_seconds{source="lmarena-text"}'] == 1786579200
    assert (before["modelpool_open_names"], before["modelpool_run_exit_code"]) == (
        len(json.loads((ran.folder / "reviews/2026-W33/proposal.json").read_bytes())["open_names"]),
        10,
    )
    assert not file.exists(), "asking writes nothing"
    assert ran.approve().code == 0
    assert {one for one in _values(file.read_text()) if made in one} == {f'{made}{{state="approved"}}'}
    assert ran("publish").code == 0
    after = _values(file.read_text())
    assert after["modelpool_pool_version"] == 2
    assert not any(made in one for one in after)
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_run_that_failed_is_measured_whatever_was_wrong(
    example: Example, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert example("run", "--captures", "nowhere").code == 2
    found = _values(file.read_text())
    assert found["modelpool_run_exit_code"] == 2
    assert found["modelpool_run_duration_seconds"] >= 0
    file.unlink()
    monkeypatch.setenv("MODELPOOL_DEADLINE_SECONDS", "soon")
    assert example("run").code == 2
    assert _values(file.read_text())["modelpool_run_exit_code"] == 2


def test_a_file_that_cannot_be_written_changes_no_exit_code(
    example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a-file").touch()
    monkeypatch.setenv("MODELPOOL_METRICS_FILE", str(tmp_path / "a-file" / "modelpool.prom"))
    answer = example.run()
    assert answer.code == 10
    assert "WARN no metrics in" in answer.err


def test_a_name_with_marks_is_written_as_the_format_asks(tmp_path: Path, promtool: str) -> None:
    odd = tmp_path / 'a "name" with \\ marks'
    odd.mkdir()
    text = metrics_text(Workspace(odd))
    assert r'workspace="a \"name\" with \\ marks"' in text
    _lint(promtool, text)


def test_prometheus_reads_the_file(ran: Example, promtool: str) -> None:
    _lint(promtool, ran("metrics").out)


def _lint(promtool: str, text: str) -> None:
    done = subprocess.run(
        [promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_every_metric_of_an_alert_is_written(ran: Example) -> None:
    assert ran("metrics", "--alerts").out == ALERT_RULES.read_text()
    rules = yaml.safe_load(ALERT_RULES.read_text())["groups"][0]["rules"]
    asked = set(re.findall(r"modelpool_\w+", " ".join(rule["expr"] for rule in rules)))
    assert asked
    assert asked <= {name.partition("{")[0] for name in _values(ran("metrics").out)}


ALERTS = {
    "ModelpoolRunMissing": ("modelpool_run_ended_timestamp_seconds", {}, 0, 8 * DAY + 60),
    "ModelpoolRunFailed": ("modelpool_run_exit_code", {}, 1, 60),
    "ModelpoolPoolExpired": ("modelpool_pool_expires_timestamp_seconds", {}, 3 * DAY, 3 * DAY + 60),
    "ModelpoolPoolExpiresSoon": ("modelpool_pool_expires_timestamp_seconds", {}, 9 * DAY, 4 * DAY + 60),
    "ModelpoolProposalWaits": (
        "modelpool_proposal_made_timestamp_seconds",
        {"state": "pending"},
        0,
        7 * DAY + 60,
    ),
    "ModelpoolSourceHeld": ("modelpool_source_held", {"source": "openrouter"}, 1, 60),
    "ModelpoolSourceOld": (
        "modelpool_source_fetched_timestamp_seconds",
        {"source": "openrouter"},
        0,
        35 * DAY + 60,
    ),
}
"""Alert to a series, its labels and value, and the first minute at which it fires."""
BEFORE = {"ModelpoolRunFailed": 10, "ModelpoolSourceHeld": 0}
"""Values at which an alert that has no age is silent."""


@pytest.mark.parametrize("alert", sorted(ALERTS))
def test_an_alert_fires_on_its_day_and_not_before(alert: str, tmp_path: Path, promtool: str) -> None:
    metric, labels, value, at = ALERTS[alert]
    text = ",".join(f'{name}="{word}"' for name, word in {"workspace": "w", **labels}.items())
    values = f"{BEFORE[alert]}x0 {value}x60000" if alert in BEFORE else f"{value}x60000"
    silent = 0 if alert in BEFORE else at - 120
    fires = {"exp_labels": {"workspace": "w", **labels, "severity": _severity(alert)}}
    test = {
        "rule_files": [str(ALERT_RULES)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": f"{metric}{{{text}}}", "values": values},
                    {"series": 'modelpool_pool_version{workspace="w"}', "values": "1x60000"},
                ],
                "promql_expr_test": [],
                "alert_rule_test": [
                    {"eval_time": f"{silent}s", "alertname": alert, "exp_alerts": []},
                    {"eval_time": f"{at}s", "alertname": alert, "exp_alerts": [fires]},
                ],
            }
        ],
    }
    rules = yaml.safe_load(ALERT_RULES.read_text())
    (rule,) = (one for one in rules["groups"][0]["rules"] if one["alert"] == alert)
    rule.pop("annotations")
    rules["groups"][0]["rules"] = [rule]  # the tool evaluates every rule at every minute of the weeks
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(rules))
    test["rule_files"] = [str(tmp_path / "rules.yml")]
    (tmp_path / "test.yml").write_text(yaml.safe_dump(test))
    done = subprocess.run(
        [promtool, "test", "rules", str(tmp_path / "test.yml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _severity(alert: str) -> str:
    rules = yaml.safe_load(ALERT_RULES.read_text())["groups"][0]["rules"]
    (found,) = (rule["labels"]["severity"] for rule in rules if rule["alert"] == alert)
    assert isinstance(found, str)
    return found


def test_promtool_reads_the_rules_and_no_alert_is_untested(promtool: str) -> None:
    subprocess.run([promtool, "check", "rules", str(ALERT_RULES)], check=True, capture_output=True)
    rules = yaml.safe_load(ALERT_RULES.read_text())["groups"][0]["rules"]
    assert {rule["alert"] for rule in rules} == ALERTS.keys() | {"ModelpoolMetricsMissing"}


def test_json_lines_say_each_event_once_with_the_run_and_without_secrets(
    example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELPOOL_LOG_FORMAT", "json")
    monkeypatch.setenv("MODELPOOL_AA_KEY", "canary-key-4711")
    answers = [
        example.run(),
        example("run", "--captures", "canary-key-4711"),
    ]
    assert [one.code for one in answers] == [10, 2]
    logs = [[json.loads(line) for line in one.err.splitlines()] for one in answers]
    assert [line["event"] for line in logs[0]][:2] == ["started", "step"]
    assert logs[0][-1]["event"] == "ended"
    assert [logs[1][0]["event"], logs[1][-1]["event"]] == ["started", "failed"]
    assert "[secret]" in logs[1][-1]["error"]
    assert not any("canary-key-4711" in one.err for one in answers)
    ids = [{line["run"] for line in log} for log in logs]
    assert [len(one) for one in ids] == [1, 1]
    assert ids[0] != ids[1]
    kept = [json.loads(line) for line in (example.folder / "data/log.jsonl").read_text().splitlines()]
    assert kept == [*logs[0], *logs[1]]


OWN_FILES = (
    "data/pools/latest.json",
    "reviews/2026-W22/decision.json",
    "data/log.jsonl",
    "data/policy/tiers.toml",
)


@pytest.mark.parametrize("name", [*OWN_FILES, "reviews/notes.md", "data/pools/other/mine.prom"])
def test_a_place_of_the_record_is_refused(name: str, example: Example) -> None:
    with pytest.raises(UsageError, match="where modelpool keeps its record"):
        Workspace(example.folder).refuse_own_file("MODELPOOL_METRICS_FILE", example.folder / name)


def test_a_file_beside_the_record_is_not_refused(example: Example, tmp_path: Path) -> None:
    for place in (
        tmp_path / "mine.prom",
        example.folder / "mine.prom",
        example.folder / "data" / "mine.prom",
    ):
        Workspace(example.folder).refuse_own_file("MODELPOOL_METRICS_FILE", place)


def test_no_file_of_the_record_is_written_over(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    pointer = example.folder / "data/pools/latest.json"
    before = pointer.read_bytes()
    for variable in ("MODELPOOL_METRICS_FILE", "MODELPOOL_NOTIFY_BODY_FILE"):
        monkeypatch.setenv(variable, str(pointer))
    answer = example.run()
    assert answer.code == 10
    for variable in ("MODELPOOL_METRICS_FILE", "MODELPOOL_NOTIFY_BODY_FILE"):
        assert f"{variable} is" in answer.out + answer.err
    assert pointer.read_bytes() == before
