"""A key goes to one origin in one header and nowhere else, whatever fails."""

from __future__ import annotations

import base64
import gzip
import json
import socket
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.example import Example, copy_record
from tests.faults.leaky import Handler, canary, forms, hosting, leaks, page, sleep

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.example import Answer as Said
    from tests.faults.conftest import Tally
    from tests.faults.leaky import Answer, Host

ROW = "secrets"
ORIGINS = (
    "https://artificialanalysis.ai",
    "https://huggingface.co",
    "https://datasets-server.huggingface.co",
    "https://arena.ai",
    "https://openrouter.ai",
    "https://models.dev",
    "https://raw.githubusercontent.com",
)
FREE_LIST = "/api/v2/language/models/free"
NOW = ("--week", "2026-W33", "--now", "2026-08-15T12:00:00Z")


def status(code: int, text: str = '{{"error": "the key {} is not known"}}') -> Answer:
    return lambda handler, key: handler.say(code, text.format(key).encode())


def ok(**more: str) -> Answer:
    """A whole page in which `{}` is the key."""
    return lambda handler, key: handler.say(
        200, json.dumps(page(**{name: text.format(key) for name, text in more.items()})).encode()
    )


def encoded(write: Callable[[str], str]) -> Answer:
    return lambda handler, key: handler.say(200, json.dumps(page(name=write(key))).encode())


def refused(write: Callable[[str], str]) -> Answer:
    return lambda handler, key: handler.say(401, json.dumps({"error": write(key)}).encode())


def header(name: str, value: str = "{}", *, code: int = 200, body: object = None) -> Answer:
    """A whole answer with the key in one of its headers."""
    return lambda handler, key: handler.say(
        code, json.dumps(body or page()).encode(), {name: value.format(key)}
    )


def code_points(handler: Handler, key: str) -> None:
    """A page in which the key is written as escapes, so that its bytes do not hold the key."""
    name = forms(key)["as code points"].decode()
    handler.say(200, json.dumps(page(name="@@")).replace("@@", name).encode())


def field_name(handler: Handler, key: str) -> None:
    name = forms(key)["as code points"].decode()
    handler.say(200, json.dumps(page(**{"@@": 1})).replace("@@", name).encode())


def zipped(handler: Handler, key: str) -> None:
    body = gzip.compress(json.dumps(page(name=f"x {key}")).encode())
    handler.say(200, body, {"Content-Encoding": "gzip"})


def hang_up(handler: Handler, key: str) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n" + key.encode())


def garbled(handler: Handler, key: str) -> None:
    handler.wfile.write(f"{key} HTTP/9.9 what\r\n\r\n".encode())


def bad_chunk(handler: Handler, key: str) -> None:
    handler.wfile.write(f"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{key}\r\n".encode())


def b64(key: str) -> str:
    return base64.b64encode(key.encode()).decode()


PATHS: dict[str, Answer] = {
    **{f"status {code}": status(code) for code in (400, 401, 402, 403, 404, 410, 418, 429, 500, 503)},
    "status 401 in an address": refused(lambda key: quote(key, safe="")),
    "status 401 in base64": refused(lambda key: f"basic {b64('user:' + key)}"),
    "status 401 backwards": refused(lambda key: key[::-1]),
    "status 401 its end": refused(lambda key: f"key ending in {key[-8:]}"),
    "status 401 its beginning": refused(lambda key: f"key beginning with {key[:12]}"),
    "status 401 cut": refused(lambda key: f"{'x' * 48}{key}"),
    "status 401 escaped": lambda h, key: h.say(401, b'{"error": "%s"}' % forms(key)["as code points"]),
    "status 403 details": status(403, '{{"error": "no", "details": {{"key": "{}"}}}}'),
    "status 500 page": status(500, "<html><title>{}</title>"),
    "reason": lambda h, key: h.say(401, b"{}", reason=key),
    "tier header": header("X-AA-Tier", code=403),
    "retry header": header("Retry-After", code=429),
    "limit header": header("X-RateLimit-Remaining"),
    "etag": header("ETag", '"{}"'),
    "last modified": header("Last-Modified"),
    "content type": header("Content-Type", "text/html; key={}"),
    "encoding": header("Content-Encoding"),
    "cookie": header("Set-Cookie", "key={}"),
    "page title": lambda h, key: h.say(200, f"<!doctype html><title>{key}</title>".encode()),
    "not JSON": lambda h, key: h.say(200, f"your key is {key}".encode()),
    "cut JSON": lambda h, key: h.say(200, f'{{"key": "{key}'.encode()),
    "key twice": lambda h, key: h.say(200, json.dumps(key).encode().join([b"{", b":1,", b":2}"])),
    "a name": ok(name="model {}"),
    "a name in an address": encoded(lambda key: quote(key, safe="")),
    "a name in base64": encoded(b64),
    "a name in hex": encoded(lambda key: key.encode().hex()),
    "a name backwards": encoded(lambda key: key[::-1]),
    "a name with its end": encoded(lambda key: f"model {key[-8:]}"),
    "a name escaped": code_points,
    "a field's name escaped": field_name,
    "a version": lambda h, key: h.say(200, json.dumps({**page(), "tier": key}).encode()),
    "zipped": zipped,
    "cut off": hang_up,
    "garbled": garbled,
    "bad chunk": bad_chunk,
    "too late": sleep,
}


@pytest.fixture
def workspace(tmp_path: Path) -> Example:
    """An operator's own, empty workspace."""
    folder = tmp_path / "workspace"
    from typer.testing import CliRunner

    from pipeline.cli.app import app

    assert CliRunner().invoke(app, ["init", str(folder)]).exit_code == 0
    return Example(folder)


def meet(host: str, key: str, patch: pytest.MonkeyPatch) -> None:
    """Let every source be asked at one host, with a key."""
    patch.setenv("MODELPOOL_MIRRORS", json.dumps(dict.fromkeys(ORIGINS, host)))
    patch.setenv("MODELPOOL_AA_KEY", key)
    patch.setenv("MODELPOOL_DEADLINE_SECONDS", "0.6")
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        patch.delenv(name, raising=False)


def judge(tally: Tally, example: Example, key: str, said: Said, *, fired: bool) -> None:
    found = leaks(key, example.folder, said.out + said.err)
    tally.count(ROW, fired=fired, bad=bool(found))
    assert fired, (said.out, said.err)
    assert found == [], said.out + said.err
    assert "Traceback" not in said.out + said.err


def keys_seen(host: Host) -> set[str]:
    return {key for _, key, _ in host.asked if key}


@pytest.mark.parametrize("path", PATHS)
def test_a_key_that_is_sent_back_sticks_nowhere(
    path: str, workspace: Example, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = canary()
    with hosting(PATHS[path]) as host:
        meet(host.origin, key, monkeypatch)
        said = workspace("run", *NOW, *(("--json",) if len(path) % 2 else ()))
    others = [text for where, its, text in host.asked if "/api/v2/" not in where and (its or key in text)]
    judge(tally, workspace, key, said, fired=keys_seen(host) == {key})
    assert others == []
    assert said.code in {10, 20}
    assert not any(key in where for where, _, _ in host.asked)


def elsewhere(code: int) -> Callable[[Handler, str], None]:
    return lambda handler, to: handler.say(code, b"{}", {"Location": f"{to}/api/v2/x"})


REDIRECTS: dict[str, Callable[[Handler, str], None]] = {
    **{f"status {code}": elsewhere(code) for code in (300, 301, 302, 303, 307, 308)},
    "no scheme": lambda h, to: h.say(302, b"{}", {"Location": to.removeprefix("http:") + "/api/v2/x"}),
    "other name of this machine": lambda h, to: h.say(
        302, b"{}", {"Location": to.replace("127.0.0.1", "localhost") + "/api/v2/x"}
    ),
    "user in front": lambda h, to: h.say(
        302, b"{}", {"Location": to.replace("//", "//artificialanalysis.ai@") + "/api/v2/x"}
    ),
    "capitals and blanks": lambda h, to: h.say(
        302, b"{}", {"Location": f"  {to.replace('http', 'HTTP')}/api/v2/x "}
    ),
    "refresh": lambda h, to: h.say(200, b"{}", {"Refresh": f"0; url={to}/api/v2/x"}),
    "page that leads on": lambda h, to: h.say(
        200, f'<meta http-equiv=refresh content="0;url={to}/x">'.encode(), {"Content-Type": "text/html"}
    ),
    "two steps": lambda h, to: h.say(
        302, b"{}", {"Location": f"{to}/api/v2/x" if h.path.endswith("2") else "/api/v2/again?page=2"}
    ),
    "link": lambda h, to: h.say(
        200, b"{}", {"Link": f'<{to}/api/v2/x>; rel="next"', "Content-Location": f"{to}/api/v2/x"}
    ),
}


@pytest.mark.parametrize("shape", REDIRECTS)
def test_a_redirect_takes_no_key_to_another_origin(
    shape: str, workspace: Example, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = canary()
    with (
        hosting(lambda handler, _: handler.say(200, b"{}")) as other,
        hosting(lambda handler, _: REDIRECTS[shape](handler, other.origin)) as host,
    ):
        meet(host.origin, key, monkeypatch)
        said = workspace("run", *NOW)
    judge(tally, workspace, key, said, fired=keys_seen(host) == {key})
    assert other.asked == []
    assert {where.partition("?")[0] for where, its, _ in host.asked if its} == {FREE_LIST}
    assert said.code == 20


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


NO_ANSWER: dict[str, dict[str, str]] = {
    "refused": {},
    "proxy refused": {"MODELPOOL_PROXY": "http://user:@@@127.0.0.1:{port}"},
    "proxy of no kind": {"MODELPOOL_PROXY": "gopher://user:@@@127.0.0.1:{port}"},
    "proxy misspelt": {"MODELPOOL_PROXY": "http://user:@@@[::1:{port}"},
    "deadline of no number": {"MODELPOOL_DEADLINE_SECONDS": "@@"},
    "tier of no kind": {"MODELPOOL_AA_TIER": "@@"},
    "mirrors of no kind": {"MODELPOOL_MIRRORS": "@@"},
    "mirror without safety": {"MODELPOOL_MIRRORS": '{{"https://openrouter.ai": "http://u:@@@evil.example"}}'},
    "key with a blank": {"MODELPOOL_AA_KEY": "@@ @@"},
    "key with a line end": {"MODELPOOL_AA_KEY": "@@\n@@"},
    "key with an umlaut": {"MODELPOOL_AA_KEY": "@@\u00e4"},
    "key in no file": {"MODELPOOL_AA_KEY": "", "MODELPOOL_AA_KEY_FILE": "/nowhere/key"},
    "database of no kind": {"MODELPOOL_DATABASE_URL": "postgresql+nothing://user:@@@127.0.0.1:{port}/x"},
    "database refused": {"MODELPOOL_DATABASE_URL": "postgresql+psycopg://user:@@@127.0.0.1:{port}/x"},
    "database misspelt": {"MODELPOOL_DATABASE_URL": "postgresql://user:@@@[::1/x"},
    "database nowhere": {"MODELPOOL_DATABASE_URL": "sqlite:////nowhere/@@/x.sqlite?key=1"},
}


TOUCHED = {True: ("run", "rebuild"), False: ("run", "sources check")}
"""The commands that a setting of the database, or another one, is for."""


@pytest.mark.parametrize(
    ("command", "way"),
    [(command, way) for way in NO_ANSWER for command in TOUCHED["database" in way]],
)
def test_a_wrong_setting_does_not_show_the_key(
    way: str, command: str, workspace: Example, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = canary()
    port = closed_port()
    meet(f"http://127.0.0.1:{port}", key, monkeypatch)
    written = quote(key, safe="") if "://" in "".join(NO_ANSWER[way].values()) else key
    for name, value in NO_ANSWER[way].items():
        monkeypatch.setenv(
            name,
            value.replace("{port}", str(port)).replace("@@", written).replace("{{", "{").replace("}}", "}"),
        )
    more = {"run": NOW, "rebuild": (), "sources check": ("--live",)}[command]
    said = workspace(*command.split(), *more)
    judge(tally, workspace, key, said, fired=True)
    assert said.code in {0, 1, 2, 20, 30}


COMMANDS = (
    ("status",),
    ("history",),
    ("verify",),
    ("review",),
    ("rebuild",),
    ("export", "litellm"),
    ("sources",),
    ("approve", "00000000", "--reviewer", "R. Viewer", "--note", "x"),
    ("reject", "00000000", "--reviewer", "R", "--note", "x"),
    ("publish",),
    ("run", "--captures", "nowhere"),
    ("run", "--nope"),
    ("stat",),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_that_needs_no_key_never_shows_it(
    command: tuple[str, ...], ran: Example, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = canary()
    meet(f"http://127.0.0.1:{closed_port()}", key, monkeypatch)
    judge(tally, ran, key, ran(*command), fired=True)
    judge(tally, ran, key, ran(*command, "--json"), fired=True)


def a_bug(key: str) -> Exception:
    """What a library may raise: the key in its words, its arguments, its cause, its notes."""
    error = RuntimeError(
        f"bad header x-api-key: {key}", {"x-api-key": key}, key.encode(), quote(key, safe="")
    )
    error.__cause__ = ValueError(f"https://user:{key}@host/?key={quote(key, safe='')}&b={b64(key)}")
    error.add_note(f"request had {key!r}, its end is {key[-8:]}")
    return error


@pytest.mark.parametrize(
    "place",
    [
        "sources.artificial_analysis.source.fetch_pages",
        "flow.run.ingest.store_captures",
        "flow.run.weekly.select_week",
    ],
)
@pytest.mark.parametrize(
    ("kind", "flag"),
    [(a_bug, ()), (a_bug, ("--json",)), (OSError, ()), (KeyError, ("--json",)), (ExceptionGroup, ())],
)
def test_a_bug_shows_no_key(  # noqa: PLR0913, PLR0917 - two of them are fixtures
    place: str,
    kind: Callable[..., Exception],
    flag: tuple[str, ...],
    tmp_path: Path,
    tally: Tally,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = canary()
    raised: list[Exception] = []

    def fail(*_: object, **__: object) -> None:
        secret = key
        raised.append(kind("two", [ValueError(secret)]) if kind is ExceptionGroup else kind(secret))
        raise raised[0]

    folder = tmp_path / "workspace"
    copy_record(folder)
    example = Example(folder)
    monkeypatch.setattr(f"pipeline.{place}", fail)
    with hosting(ok()) as host:
        meet(host.origin, key, monkeypatch)
        said = example("run", *NOW, *flag)
    judge(tally, example, key, said, fired=bool(raised))
    in_a_source = place.startswith("sources.")
    assert said.code == (20 if in_a_source else 1), "a bug in a source holds that source alone"
    assert (folder / "data/errors.log").exists() is not in_a_source
    if flag and not in_a_source:
        assert said.json["exit_code"] == 1


def test_the_search_would_find_every_form(tmp_path: Path) -> None:
    key = canary()
    for number, (name, form) in enumerate(forms(key).items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "x.gz").write_bytes(gzip.compress(b"--" + form + b"--"))
        (folder / "x.sqlite").write_bytes(b"\0" * 100 + form)
        found = leaks(key, folder, form.decode())
        assert {
            f"{name} in {place}"
            for place in (folder / "x.sqlite", f"{folder / 'x.gz'}, unpacked", "what was said")
        } <= set(found)
