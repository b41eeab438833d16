"""Lets command-line clients ask it: `python -m tests.litellm.clients --aider FILE --codex FILE --cn FILE`.

Each does one turn against made upstreams: Aider an edit, for it calls no tools; the others (`--claude` and
`--qwen` too) a tool call and the answer after its result. Printed is what the upstream was asked, and what
became of the turn. The clients come from `pip install aider-chat` and `npm install @openai/codex
@continuedev/cli @anthropic-ai/claude-code @qwen-code/qwen-code`; no lock has them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.gateway.conftest import sample
from tests.litellm.gateway import serving
from tests.litellm.load import MASTER_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.litellm.gateway import Gateway

_SECONDS = 180
_FIRST = sample()["tiers"]["balanced"]["bands"]["medium"][0]
_EDIT = "made.txt\n```\nchanged\n```\n"
_CODEX = """
model_provider = "gateway"
[model_providers.gateway]
name = "gateway"
base_url = "{url}/v1"
wire_api = "responses"
env_key = "OPENAI_API_KEY"
"""
_CONTINUE = """
name: gateway
version: 1.0.0
schema: v1
models:
  - name: gateway
    provider: openai
    model: neo-mode/balanced
    apiBase: {url}/v1
    apiKey: {key}
    roles: [chat]
    defaultCompletionOptions: {{maxTokens: 777}}
"""


def main() -> int:
    """Try each client that was named; 1 where a turn went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in _TURNS:
        parser.add_argument(f"--{name}")
    named = {name: path for name, path in vars(parser.parse_args()).items() if path}
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch, serving(Path(scratch)) as gateway:
        for name, path in named.items():
            folder = Path(scratch) / name
            folder.mkdir()
            (folder / "made.txt").write_text("made\n")
            gateway.upstreams.reset()
            gateway.upstreams.bodies.clear()
            passed, found = _TURNS[name](path, folder, gateway)
            wrong += not passed
            print(f"{name}: {'ok' if passed else 'WRONG'}; {found}; {_asked(gateway)}")  # noqa: T201 - the output
    return 1 if wrong else 0


def _aider(path: str, folder: Path, gateway: Gateway) -> tuple[bool, str]:
    gateway.upstreams.text = _EDIT
    options = "--yes-always --no-git --no-check-update --no-show-model-warnings --no-analytics"
    words = [
        path,
        "--model",
        "openai/neo-mode/balanced",
        *options.split(),
        "--message",
        "Change it.",
        "made.txt",
    ]
    done = _run(words, folder, {"OPENAI_API_BASE": f"{gateway.url}/v1"})
    text = (folder / "made.txt").read_text()
    return text == "changed\n", f"the file is now {text!r}, exit {done.returncode}"


def _codex(path: str, folder: Path, gateway: Gateway) -> tuple[bool, str]:
    (folder / "config.toml").write_text(_CODEX.format(url=gateway.url))
    gateway.upstreams.tool = ("exec_command", json.dumps({"cmd": "echo made > touched"}))
    options = [
        "--skip-git-repo-check",
        "--dangerously-bypass-approvals-and-sandbox",
        "-m",
        "neo-mode/balanced",
    ]
    return _touched(_run([path, "exec", *options, "Touch it."], folder, {"CODEX_HOME": str(folder)}), folder)


def _continue(path: str, folder: Path, gateway: Gateway) -> tuple[bool, str]:
    config = folder / "config.yaml"
    config.write_text(_CONTINUE.format(url=gateway.url, key=MASTER_KEY))
    gateway.upstreams.tool = ("Bash", json.dumps({"command": "echo made > touched"}))
    words = [path, "--config", str(config), "--auto", "-p", "Touch it."]
    return _touched(_run(words, folder, {}), folder)


def _claude(path: str, folder: Path, gateway: Gateway) -> tuple[bool, str]:
    gateway.upstreams.tool = ("Bash", json.dumps({"command": "echo made > touched", "description": "Touch"}))
    words = [path, "-p", "Touch it.", "--allowedTools", "Bash", "--model", "neo-mode/balanced"]
    settings = {
        "ANTHROPIC_BASE_URL": gateway.url,
        "ANTHROPIC_AUTH_TOKEN": MASTER_KEY,
        "ANTHROPIC_SMALL_FAST_MODEL": "neo-mode/balanced",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    }
    return _touched(_run(words, folder, settings), folder)


def _qwen(path: str, folder: Path, gateway: Gateway) -> tuple[bool, str]:
    call = {"command": "echo made > touched", "is_background": False}
    gateway.upstreams.tool = ("run_shell_command", json.dumps(call))
    words = [path, "--yolo", "--auth-type", "openai", "--model", "neo-mode/balanced", "-p", "Touch it."]
    return _touched(_run(words, folder, {"OPENAI_BASE_URL": f"{gateway.url}/v1"}), folder)


def _touched(done: subprocess.CompletedProcess[str], folder: Path) -> tuple[bool, str]:
    touched = (folder / "touched").exists()
    return touched and "pong" in done.stdout, f"the tool ran: {touched}, exit {done.returncode}{_tail(done)}"


_TURNS = {"aider": _aider, "codex": _codex, "cn": _continue, "claude": _claude, "qwen": _qwen}


def _run(words: Sequence[str], folder: Path, more: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "NO_PROXY": "127.0.0.1",
        "OPENAI_API_KEY": MASTER_KEY,
        "CONTINUE_TELEMETRY_ENABLED": "0",
        **more,
    }
    return subprocess.run(
        words,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )


def _tail(done: subprocess.CompletedProcess[str]) -> str:
    return "" if done.returncode == 0 else f", {(done.stdout + done.stderr)[-600:]!r}"


def _asked(gateway: Gateway) -> str:
    body: Mapping[str, Any] = gateway.upstreams.bodies.get(_FIRST, {})
    limits = {
        name: body[name]
        for name in ("max_tokens", "max_completion_tokens", "max_output_tokens")
        if name in body
    }
    offered = body.get("tools") or []
    names = [str((tool.get("function") or tool).get("name") or tool.get("type")) for tool in offered]
    return (
        f"{len(gateway.upstreams.hits)} calls of {sorted(set(gateway.upstreams.hits))}, "
        f"{gateway.upstreams.paths.get(_FIRST)}, "
        f"stream {body.get('stream')}, limits {limits}, tools {names}"
    )


if __name__ == "__main__":
    sys.exit(main())
