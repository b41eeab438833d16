"""What `modelpool schedule` prints runs as it stands, keeps the exit code and publishes nothing."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from typer.testing import CliRunner

from pipeline.cli.app import app
from tests.example import Answer
from tests.faults.test_secrets import ORIGINS
from tests.faults.wire import Peer, wire

if TYPE_CHECKING:
    from collections.abc import Iterator

TARGETS = ("cron", "systemd", "github-actions", "kubernetes")
PROGRAM = Path(sys.executable).with_name("modelpool")


def typed(*words: str) -> Answer:
    done = CliRunner().invoke(app, words)
    return Answer(done.exit_code, done.stdout, done.stderr)


@pytest.fixture(params=["my-pools", "my pools 100%"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / str(request.param)
    assert typed("init", str(folder)).code == 0
    return folder


def unit(workspace: Path, target: str) -> str:
    said = typed("schedule", target, "--workspace", str(workspace))
    assert said.code == 0, said.err
    return said.out


def cron_line(text: str) -> str:
    (line,) = (line for line in text.splitlines() if line and not line.startswith("#"))
    return line


@dataclass
class Outside:
    """What the job meets outside: sources without data, and a dead-man service."""

    mirrors: str
    ping: str
    pinged: threading.Event
    pings: list[bytes]


@pytest.fixture
def outside() -> Iterator[Outside]:
    pinged = threading.Event()

    def empty(peer: Peer) -> None:
        peer.whole(b"", status="404 Not Found")

    def alive(peer: Peer) -> None:
        peer.whole(b"")
        pinged.set()

    with wire(empty) as sources, wire(alive) as service:
        mirrors = json.dumps(dict.fromkeys(ORIGINS, f"http://127.0.0.1:{sources.port}"))
        yield Outside(mirrors, f"http://127.0.0.1:{service.port}/canary", pinged, service.heads)


def write_variables(workspace: Path, outside: Outside, key: str) -> None:
    file = workspace / "data" / "modelpool.env"
    file.write_text(
        f"MODELPOOL_AA_KEY={key}\nMODELPOOL_MIRRORS='{outside.mirrors}'\nMODELPOOL_PING_URL={outside.ping}\n"
    )


def run_as_cron(line: str) -> subprocess.CompletedProcess[str]:
    """Run the command of a cron line as cron does: an empty environment, sh, and no escaped percent signs."""
    command = line.split(maxsplit=5)[5].replace("\\%", "%")
    return subprocess.run(
        ["/usr/bin/env", "-i", "PATH=/usr/bin:/bin", "/bin/sh", "-c", command],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_cron_line_keeps_the_exit_code_writes_the_log_and_pings(
    workspace: Path, outside: Outside
) -> None:
    line = cron_line(unit(workspace, "cron"))
    write_variables(workspace, outside, "k" * 20)
    done = run_as_cron(line)
    log = workspace / "data" / "schedule.log"
    assert done.returncode == 20, done.stderr
    assert done.stdout == f"modelpool run ended with 20: see {log}\n"
    assert "HELD openrouter is held" in log.read_text()
    assert [head.split(b"\r\n")[0] for head in outside.pings] == [b"GET /canary HTTP/1.1"]


def test_a_job_that_cannot_work_pings_nobody_and_is_told(workspace: Path, outside: Outside) -> None:
    line = cron_line(unit(workspace, "cron"))
    write_variables(workspace, outside, "")
    done = run_as_cron(line)
    assert (done.returncode, outside.pings) == (2, [])
    assert "modelpool run ended with 2" in done.stdout
    assert "no key for Artificial Analysis" in (workspace / "data" / "schedule.log").read_text()


def test_a_workspace_that_is_gone_is_an_error_of_cron(workspace: Path) -> None:
    line = cron_line(unit(workspace, "cron"))
    shutil.rmtree(workspace)
    done = run_as_cron(line)
    assert done.returncode != 0
    assert workspace.name in done.stderr


@pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("cron") or not shutil.which("unshare"),
    reason="needs root and Debian's cron",
)
@pytest.mark.timeout(240)
def test_debians_cron_runs_the_line(tmp_path: Path, outside: Outside) -> None:
    folder = tmp_path / "my pools 100%"
    assert typed("init", str(folder)).code == 0
    line = cron_line(unit(folder, "cron"))
    write_variables(folder, outside, "k" * 20)
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "root").write_text(f'MAILTO=""\n* * * * * {line.split(maxsplit=5)[5]}\n')
    (tables / "root").chmod(0o600)
    nothing, empty = tmp_path / "crontab", tmp_path / "cron.d"
    nothing.write_text("")
    empty.mkdir()
    mounts = f"mount --bind {tables} /var/spool/cron/crontabs && mount --bind {empty} /etc/cron.d"
    script = f"{mounts} && mount --bind {nothing} /etc/crontab && exec cron -f -L 0"
    daemon = subprocess.Popen(["unshare", "--mount", "/bin/sh", "-c", script])  # noqa: S607 - found above
    try:
        assert outside.pinged.wait(200)
    finally:
        daemon.terminate()
        daemon.wait(10)
    assert "HELD openrouter is held" in (folder / "data" / "schedule.log").read_text()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_accepts_the_units(workspace: Path, tmp_path: Path) -> None:
    folder = tmp_path / "units"
    assert typed("schedule", "systemd", "--workspace", str(workspace), "--write", str(folder)).code == 0
    names = sorted(path.name for path in folder.iterdir())
    assert [name.rpartition(".")[2] for name in names] == ["service", "timer"]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names],  # noqa: S607 - found above
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    about_ours = [line for line in done.stderr.splitlines() if "modelpool" in line]
    assert (done.returncode, about_ours) == (0, []), done.stderr


@pytest.mark.parametrize("target", TARGETS)
def test_no_unit_approves_or_publishes(target: str, workspace: Path) -> None:
    lines = [line.partition("# ")[0] for line in unit(workspace, target).splitlines()]
    assert any(re.search(r"modelpool[\"']* run", line) for line in lines)
    assert not [line for line in lines if re.search(r"\b(approve|publish)\b", line) and "never" not in line]


@pytest.mark.parametrize(("code", "ends"), [(0, 0), (10, 0), (20, 20), (30, 30), (2, 2)])
def test_the_cron_job_of_kubernetes_keeps_the_code(
    code: int, ends: int, workspace: Path, tmp_path: Path
) -> None:
    document = yaml.safe_load(unit(workspace, "kubernetes"))
    assert (document["kind"], document["spec"]["concurrencyPolicy"]) == ("CronJob", "Forbid")
    (container,) = document["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert container["workingDir"] == str(workspace)
    program = tmp_path / "bin" / "modelpool"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\nexit {code}\n')
    program.chmod(0o755)
    script = container["command"][-1].replace("/dev/termination-log", str(tmp_path / "message"))
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        env={"PATH": f"{program.parent}:/usr/bin:/bin"},
        capture_output=True,
        check=False,
    )
    assert ((tmp_path / "asked").read_text(), done.returncode) == ("run\n", ends)
    assert (tmp_path / "message").read_text() == f"modelpool run ended with {code}\n"


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=True)  # noqa: S607
    return done.stdout


def test_the_workflow_opens_one_pull_request_then_updates_it(tmp_path: Path) -> None:
    folder, origin = tmp_path / "my-pools", tmp_path / "origin"
    assert typed("init", str(folder)).code == 0
    document = yaml.safe_load(unit(folder, "github-actions"))
    assert document["permissions"] == {"contents": "write", "pull-requests": "write"}
    steps = document["jobs"]["propose"]["steps"]
    (script,) = (step["run"] for step in steps if "gh pr create" in step.get("run", ""))
    git(tmp_path, "init", "-q", "--bare", str(origin))
    git(folder, "init", "-q", "-b", "main")
    git(folder, "remote", "add", "origin", str(origin))
    git(folder, "-c", "user.name=R", "-c", "user.email=r@example.org", "add", "-A")
    git(folder, "-c", "user.name=R", "-c", "user.email=r@example.org", "commit", "-qm", "start")
    tool = tmp_path / "bin" / "gh"
    tool.parent.mkdir()
    tool.write_text(
        f'#!/bin/sh\ncase "$2" in list) cat {tmp_path}/open 2>/dev/null; exit 0;; esac\n'
        f'[ "$2" = edit ] || echo 7 > {tmp_path}/open\n'
        f'for word; do case "$before" in --body-file) cp "$word" {tmp_path}/body;; esac; before=$word; done\n'
        f'echo "$2" >> {tmp_path}/asked\n'
    )
    tool.chmod(0o755)
    environment = {"PATH": f"{tool.parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    for week in ("2026-W33", "2026-W34"):
        proposal = folder / "reviews" / week / "proposal.md"
        proposal.parent.mkdir(parents=True)
        proposal.write_text(f"# {week}\n")
        subprocess.run(
            ["/bin/bash", "-e", "-c", script], cwd=folder, env=environment, check=True, capture_output=True
        )
        assert (tmp_path / "body").read_text() == f"# {week}\n"
    assert (tmp_path / "asked").read_text().split() == ["create", "edit"]
    assert "modelpool/proposal" in git(origin, "branch")
    subprocess.run(
        ["/bin/bash", "-e", "-c", script], cwd=folder, env=environment, check=True, capture_output=True
    )
    assert (tmp_path / "asked").read_text().split() == ["create", "edit"], "nothing new asks nothing"


def test_the_variables_are_the_owners_alone_and_out_of_git(workspace: Path) -> None:
    unit(workspace, "cron")
    file = workspace / "data" / "modelpool.env"
    assert file.stat().st_mode & 0o777 == 0o600
    assert "modelpool.env" in (workspace / "data" / ".gitignore").read_text().splitlines()
    file.chmod(0o644)
    said = typed("schedule", "cron", "--workspace", str(workspace))
    assert (said.code, f"`chmod 600 {shlex.quote(str(file))}`" in said.err) == (30, True)


def test_an_older_workspace_learns_to_ignore_the_variables(workspace: Path) -> None:
    ignored = workspace / "data" / ".gitignore"
    ignored.write_text("raw/**/*.gz\n")
    unit(workspace, "systemd")
    assert ignored.read_text() == "raw/**/*.gz\nmodelpool.env\n"


def test_minutes_differ_and_stay(tmp_path: Path) -> None:
    lines = []
    for at in range(6):
        folder = tmp_path / f"w{at}"
        assert typed("init", str(folder)).code == 0
        lines.append(cron_line(unit(folder, "cron")))
        assert cron_line(unit(folder, "cron")) == lines[-1]
    assert len({line.split()[0] for line in lines}) > 1


@pytest.mark.parametrize("target", ["", "launchd", "cron;rm"])
def test_an_unknown_target_is_a_usage_error(target: str, tmp_path: Path) -> None:
    assert typed("init", str(tmp_path / "w")).code == 0
    said = typed("schedule", target, "--workspace", str(tmp_path / "w"))
    assert (said.code, "kubernetes" in said.err) == (2, True)


def test_a_folder_without_a_policy_is_no_workspace(tmp_path: Path) -> None:
    said = typed("schedule", "cron", "--workspace", str(tmp_path))
    assert (said.code, "modelpool init" in said.err) == (2, True)
    assert not list(tmp_path.rglob("*.env"))


@pytest.mark.parametrize("below", ["", "/units"])
def test_files_of_a_unit_are_written_into_a_folder_only(below: str, tmp_path: Path) -> None:
    assert typed("init", str(tmp_path / "w")).code == 0
    taken = tmp_path / "w/data/policy/tiers.toml"
    for place in (str(taken), os.devnull):
        said = typed("schedule", "cron", "--write", f"{place}{below}", "--workspace", str(tmp_path / "w"))
        assert (said.code, f"{place} is no" in said.err) == (2, True) if not below else said.code == 2
        assert f"{place}{below}" in said.err
        assert "modelpool schedule cron --write units" in said.err
    assert not list(tmp_path.rglob("*.env"))
