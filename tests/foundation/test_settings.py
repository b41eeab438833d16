"""Configuration: read once, refused in words, and a key that is never shown."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import pytest

from pipeline.errors import UsageError
from pipeline.settings import Settings, known_secrets

if TYPE_CHECKING:
    from pathlib import Path

KEY = "aa-canary-5512-not-a-key"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("MODELPOOL_") or name.upper().endswith(("_PROXY", "SSL_CERT_FILE")):
            monkeypatch.delenv(name)


def read(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return Settings.from_environment()


def key_of(settings: Settings) -> str | None:
    return settings.aa_key.get_secret_value() if settings.aa_key else None


def test_nothing_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch)
    assert (settings.aa_key, settings.proxy, settings.mirrors, settings.aa_tier) == (None, None, {}, "free")


@pytest.mark.parametrize("written", [KEY, f"{KEY}\n", f"  {KEY}\r\n"])
def test_a_key_is_read_from_its_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: str) -> None:
    file = tmp_path / "key"
    file.write_text(written, newline="")
    settings = read(monkeypatch, MODELPOOL_AA_KEY_FILE=str(file))
    assert key_of(settings) == KEY
    assert KEY not in repr(settings)


def test_the_variable_comes_before_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    absent = str(tmp_path / "none")
    assert key_of(read(monkeypatch, MODELPOOL_AA_KEY=KEY, MODELPOOL_AA_KEY_FILE=absent)) == KEY


def test_an_empty_key_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, MODELPOOL_AA_KEY=" ").aa_key is None


@pytest.mark.parametrize("key", [f"{KEY} {KEY}", f"{KEY}\u00e9", f"{KEY}\nX-Other: 1"])
def test_a_key_that_no_header_can_hold_is_refused_unseen(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    with pytest.raises(UsageError) as refused:
        read(monkeypatch, MODELPOOL_AA_KEY=key)
    assert KEY not in f"{refused.value} {refused.value.hint}"


def test_a_key_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read(monkeypatch, MODELPOOL_AA_KEY_FILE=str(tmp_path))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("variable", ["MODELPOOL_AA_KEY_FILE", "MODELPOOL_CA_FILE"])
def test_a_pipe_or_a_device_in_place_of_a_file_is_told_and_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place in (str(tmp_path / "pipe"), "/dev/zero"):
        with pytest.raises(UsageError, match=rf"{variable}.*{place}.*it is no regular file"):
            read(monkeypatch, **{variable: place}).authorities()
        assert known_secrets() == ()


def test_a_file_of_more_than_a_key_is_told_with_the_bound(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("k" * 4097)
    with pytest.raises(UsageError, match="key is larger than 4,096 bytes"):
        read(monkeypatch, MODELPOOL_AA_KEY_FILE=str(tmp_path / "key"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODELPOOL_AA_TIER", "gold"),
        ("MODELPOOL_DEADLINE_SECONDS", "0"),
        ("MODELPOOL_DEADLINE_SECONDS", "soon"),
        ("MODELPOOL_DEADLINE_SECONDS", "nan"),
        ("MODELPOOL_MIRRORS", '{"https://a": 5}'),
    ],
)
def test_a_variable_of_another_form_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(UsageError, match=name):
        read(monkeypatch, **{name: value})


@pytest.mark.parametrize("name", ["MODELPOOL_MIRRORS", "MODELPOOL_SOURCE_KEYS", "modelpool_mirrors"])
@pytest.mark.parametrize("value", [f"https://me:{KEY}@mirror", "[", "[" * 100_000])
def test_a_variable_that_is_no_json_is_named_without_its_text(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(UsageError, match=f"the variable {name.upper()} holds no JSON") as refused:
        read(monkeypatch, **{name: value})
    assert KEY not in str(refused.value) + refused.value.hint


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODELPOOL_DEADLINE_SECONDS", "99999"),
        ("MODELPOOL_TOTAL_SECONDS", "-1"),
        ("MODELPOOL_TOTAL_SECONDS", "soon"),
        ("MODELPOOL_AA_TIER", "gold"),
        ("MODELPOOL_LOG_FORMAT", "xml"),
    ],
)
def test_a_value_of_another_form_is_shown(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(UsageError, match=rf"the variable {name}: Input should .* \(it is '{value}'\)"):
        read(monkeypatch, **{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODELPOOL_MIRRORS", f'{{"https://me:{KEY}@a": 5}}'),
        ("MODELPOOL_MIRRORS", f'["{KEY}"]'),
        ("MODELPOOL_SOURCE_KEYS", f'["{KEY}"]'),
        ("MODELPOOL_SOURCE_KEYS", f'{{"acme": ["{KEY}"]}}'),
    ],
)
def test_a_value_that_may_be_secret_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(UsageError, match=f"the variable {name}: ") as refused:
        read(monkeypatch, **{name: value})
    assert KEY.lower() not in f"{refused.value} {refused.value.hint}".lower()


def test_the_usual_proxy_is_used_unless_ours_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = read(monkeypatch, HTTPS_PROXY="http://me:secret@proxy:3128").proxy
    assert proxy is not None
    assert proxy.get_secret_value() == "http://me:secret@proxy:3128"
    assert "secret@" not in repr(proxy)
    ours = read(monkeypatch, MODELPOOL_PROXY="").proxy
    assert ours is not None
    assert ours.get_secret_value() == ""


@pytest.mark.parametrize("name", ["MODELPOOL_PROXY", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_of_no_kind_is_told_by_its_variable(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(UsageError) as refused:
        read(monkeypatch, **{name: f"gopher://user:{KEY}@host:1"}).proxy_address()
    assert f"the variable {name} names no proxy" in str(refused.value)
    assert KEY not in str(refused.value) + refused.value.hint


def test_an_empty_proxy_means_none_whatever_the_usual_variables_say(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, MODELPOOL_PROXY="", HTTPS_PROXY="host:1").proxy_address() is None


def test_the_hosts_of_no_proxy_travel_with_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = read(monkeypatch, ALL_PROXY="host:1", no_proxy="a.example,.b.example").proxy_address()
    assert proxy is not None
    assert proxy.direct == ("a.example", ".b.example")


@pytest.mark.parametrize("name", ["MODELPOOL_CA_FILE", "SSL_CERT_FILE"])
@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_file_without_certificates_is_told_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, content: bytes | None
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError, match=rf"the variable {name} names no file of certificates: .*ca\.pem"):
        read(monkeypatch, **{name: str(file)}).authorities()


PASSWORDS = [
    "canary-word",
    "canary/word",
    "canary#word",
    "canary?word",
    "canary@word",
    "canary%2Fword%40",
    "c:anary",
]


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("MODELPOOL_PROXY", "http://user:{}@host:1"),
        ("MODELPOOL_PROXY", "user:{}@host:1"),
        ("https_proxy", "socks5h://user:{}@host"),
        ("ALL_PROXY", "user:{}@host"),
        ("MODELPOOL_PROXY", "http://{}@host"),
        ("MODELPOOL_DATABASE_URL", "postgresql+psycopg://user:{}@host/name"),
        ("MODELPOOL_DATABASE_URL", "postgresql+psycopg://host/name?user=x&password={}"),
        ("MODELPOOL_MIRRORS", '{{"https://openrouter.ai": "https://user:{}@mirror"}}'),
        ("MODELPOOL_MIRRORS", '{{"https://openrouter.ai": "https://mirror?token={}"}}'),
        ("MODELPOOL_AA_KEY", "{}"),
        ("PGPASSWORD", "{}"),
    ],
)
def test_what_is_secret_in_the_environment_is_known_as_written_and_decoded(
    monkeypatch: pytest.MonkeyPatch, name: str, form: str, password: str
) -> None:
    if "?" in form:
        password = quote(password, safe="")
    monkeypatch.setenv(name, form.format(password))
    secrets = known_secrets()
    whole = password.partition(":")[2] if "://{}@" in form and ":" in password else password
    assert unquote(whole) in secrets
    assert "?" in form or whole in secrets


@pytest.mark.parametrize("name", ["MODELPOOL_AA_TIER", "MODELPOOL_CONTACT", "HOME"])
def test_what_is_not_secret_is_not_taken_out_of_texts(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "free")
    assert "free" not in known_secrets()
