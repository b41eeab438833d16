"""The container files: the Dockerfile passes its linter, the compose file its schema."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.router
ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "pipeline" / "gateway" / "Dockerfile"
COMPOSE = ROOT / "pipeline" / "gateway" / "compose.yaml"
HADOLINT = Path(sys.executable).with_name("hadolint")


def lint(text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [HADOLINT, "--no-color", "-"], input=text, capture_output=True, text=True, check=False, timeout=60
    )


def test_the_dockerfile_passes_its_linter() -> None:
    found = lint(DOCKERFILE.read_text())
    assert found.returncode == 0, found.stdout


def test_the_linter_would_notice() -> None:
    assert "DL3002" in lint(DOCKERFILE.read_text().replace("USER 10001", "USER root")).stdout


def test_what_the_dockerfile_copies_is_there() -> None:
    copied = [line.split()[1:-1] for line in DOCKERFILE.read_text().splitlines() if line.startswith("COPY")]
    assert copied
    assert [name for names in copied for name in names if not (ROOT / name).exists()] == []


def test_the_compose_file_fits_its_schema_and_waits_for_the_database() -> None:
    compose = pytest.importorskip("compose_spec").PyCompose.from_yaml(COMPOSE.read_text())
    compose.validate()
    services = compose.to_dict()["services"]
    assert set(services) == {"gateway", "database"}
    assert services["gateway"]["depends_on"]["database"]["condition"] == "service_healthy"
    assert f" AS {services['gateway']['build']['target']}\n" in DOCKERFILE.read_text()
    assert (
        COMPOSE.parent / services["gateway"]["build"]["context"] / services["gateway"]["build"]["dockerfile"]
    ).exists()


def test_the_container_starts_the_command_with_options_it_has() -> None:
    from typer.main import get_command

    from pipeline.cli.app import app

    (entry,) = [line for line in DOCKERFILE.read_text().splitlines() if line.startswith("ENTRYPOINT")]
    words = [word.strip('", []') for word in entry.removeprefix("ENTRYPOINT").split(",")]
    command = get_command(app).commands[words[3]]  # type: ignore[attr-defined]  # a group
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known
