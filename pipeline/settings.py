"""Reads the configuration from the environment; no other module does."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from pipeline.domain.http_proxy import ProxyAddress, read_proxy
from pipeline.errors import UsageError
from pipeline.regular_file import first_bytes

_PROXY: Final = ("MODELPOOL_PROXY", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
_CA_FILE: Final = ("MODELPOOL_CA_FILE", "SSL_CERT_FILE")
OTHER_VARIABLES: Final = {
    "MODELPOOL_PING_URL": "Address that a scheduled unit asks after every run that ended with 0, 10 or 20.",
    "MODELPOOL_GATEWAY": "Set by `modelpool gateway` for the proxy that it starts; never by hand.",
    "MODELPOOL_MAKE_GATEWAY": "Set by `make gateway` alone: it allows stand-ins for providers.",
}
"""Variables that are no settings of a run, with their meaning."""
_PLAIN: Final = frozenset({"aa_tier", "deadline_seconds", "total_seconds", "log_format"})
"""Settings whose value a message shows; every other may hold a key or a password."""
_SHOWN: Final = 60
"""Characters of such a value."""
_JSON: Final = {
    "MODELPOOL_MIRRORS": '{"https://source": "https://mirror"}',
    "MODELPOOL_SOURCE_KEYS": '{"acme-prices": "KEY"}',
}
"""Variables that hold JSON, and how it is written."""
_LONGEST_KEY_BYTES = 4096
_SHORTEST_SECRET = 4
"""A shorter one cannot be told from ordinary text."""
_SECRET_WORDS: Final = ("key", "token", "password", "secret", "sig")
"""What the name of a variable, or of a field of an address, says of its value."""


class Settings(BaseSettings):
    """What an operator sets outside the files; every variable starts with `MODELPOOL_`."""

    model_config = SettingsConfigDict(
        env_prefix="MODELPOOL_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    database_url: str | None = None
    """SQLAlchemy URL of another database than `data/pipeline.sqlite`: `postgresql+psycopg://user@host/db`."""
    aa_key: SecretStr | None = None
    """Key of the Artificial Analysis API; sent in the header `x-api-key` only."""
    aa_key_file: Path | None = None
    """File that holds the key in place of the variable."""
    source_keys: dict[str, SecretStr] = Field(default_factory=dict)
    """Keys of other sources, by the source's name: {"acme-prices": "..."}."""
    aa_tier: Literal["free", "pro", "auto"] = "free"
    """Which of its lists to ask for; `auto` asks for the fuller one where the key may."""
    contact: str = ""
    """How a source may reach the operator; goes into the user agent."""
    deadline_seconds: Annotated[float, Field(gt=0, le=3600)] = 120.0
    """For one source, all its requests, retries and pauses together."""
    total_seconds: Annotated[float, Field(gt=0, le=7200)] = 600.0
    """For asking all sources together; one that is not reached in it keeps its last good data."""
    proxy: Annotated[SecretStr | None, Field(validation_alias=AliasChoices(*_PROXY))] = None
    """Proxy for every request; `MODELPOOL_PROXY=` (empty) means none, whatever the usual variables say."""
    no_proxy: Annotated[str, Field(validation_alias=AliasChoices("NO_PROXY", "no_proxy"))] = ""
    """Hosts that are asked without the proxy, as curl reads it; this machine itself always is."""
    notify_webhook: SecretStr | None = None
    """Webhook that is told, as Slack reads it, when a run ends at a proposal or holds a source."""
    notify_smtp: SecretStr | None = None
    """Mail server for the same: `smtp://user:password@host:587`, or `smtps://...`."""
    notify_from: str = ""
    """Sender of these mails."""
    notify_to: str = ""
    """Their recipients, separated by commas."""
    notify_body_file: Path | None = None
    """File that every run replaces by the body of a pull request: the proposal in Markdown, or one line."""
    metrics_file: Path | None = None
    """Textfile for Prometheus's node exporter, written after every run, decision and publication."""
    backup_dir: Path | None = None
    """Folder elsewhere that every run, decision and publication is copied to."""
    log_format: Literal["json"] | None = None
    """`json`: each event is also a JSON line on stderr."""
    ca_file: Annotated[Path | None, Field(validation_alias=AliasChoices(*_CA_FILE))] = None
    """PEM file of authorities that are trusted beside the usual ones."""
    mirrors: dict[str, str] = Field(default_factory=dict)
    """Addresses asked in place of a source's own: {"https://huggingface.co": "https://mirror.example"}."""

    @classmethod
    def from_environment(cls) -> Self:
        """Read the environment, and the key's file where one is named, once.

        Raises:
            UsageError: A variable is not of the form that is expected, or the key cannot be read.
        """
        try:
            settings = cls()
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0])  # what follows may be an address with its password
            seen = f" (it is {str(first['input'])[:_SHOWN]!r})" if name in _PLAIN else ""
            raise UsageError(
                f"the variable MODELPOOL_{name.upper().removeprefix('MODELPOOL_')}: {first['msg']}{seen}",
                hint="`modelpool help settings` lists the variables and their forms.",
            ) from None
        except (SettingsError, RecursionError):
            name = _without_json()
            raise UsageError(
                f"the variable {name} holds no JSON where JSON is expected",
                hint=f"Write it as {_JSON[name]}; `modelpool help settings` lists the variables.",
            ) from None
        return settings.model_copy(update={"aa_key": settings._key()})

    def proxy_address(self) -> ProxyAddress | None:
        """Return the proxy to ask through; None where none is set.

        Raises:
            UsageError: The variable names none.
        """
        text = self.proxy.get_secret_value().strip() if self.proxy else ""
        if not text:
            return None
        try:
            return read_proxy(text, no_proxy=self.no_proxy)
        except ValueError as error:
            raise UsageError(
                f"the variable {_variable(_PROXY)} names no proxy: {error}",
                hint="Write it as http://host:port or socks5://user:password@host:port; empty means none.",
            ) from None

    def authorities(self) -> Path | None:
        """Return the file of authorities to trust beside the usual ones; None where none is set.

        Raises:
            UsageError: It cannot be read.
        """
        if self.ca_file is None or not str(self.ca_file).strip(". "):
            return None
        import ssl

        try:
            first_bytes(self.ca_file, 1)
            ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:
            raise UsageError(
                f"the variable {_variable(_CA_FILE)} names no file of certificates: "
                f"{self.ca_file} ({error.strerror or 'no PEM'})",
                hint="Name a PEM file with the certificate of the authority that your network uses.",
            ) from None
        return self.ca_file

    def _key(self) -> SecretStr | None:
        """Return the key, from the variable or from its file; none where both are empty."""
        key = self.aa_key.get_secret_value() if self.aa_key else ""
        if not key and self.aa_key_file is not None:
            key = _read_key(self.aa_key_file)
        key = key.strip()
        if not all("!" <= letter <= "~" for letter in key):
            raise UsageError(
                "the key of Artificial Analysis holds a blank or a letter that no key has",
                hint="Check MODELPOOL_AA_KEY, or the file that MODELPOOL_AA_KEY_FILE names.",
            )
        return SecretStr(key) if key else None


def _variable(names: tuple[str, ...]) -> str:
    """Name the variable that was set, the first one that counts."""
    there = {name.upper(): name for name in os.environ}
    return next((there[name.upper()] for name in names if name.upper() in there), names[0])


def _without_json() -> str:
    """Name the first of the variables of JSON that holds none."""
    given = {variable.upper(): value for variable, value in os.environ.items()}
    for name in _JSON:
        try:
            json.loads(given.get(name, "{}"))
        except (ValueError, RecursionError):
            return name
    return next(iter(_JSON))


def metrics_file() -> Path | None:
    """Return where metrics go; asked beside `Settings`, since a run whose variables are wrong counts too."""
    text = os.environ.get("MODELPOOL_METRICS_FILE", "").strip()
    return Path(text) if text else None


def backup_dir() -> Path | None:
    """Return where the record is copied to after a command that wrote it; asked beside `Settings` too."""
    text = os.environ.get("MODELPOOL_BACKUP_DIR", "").strip()
    return Path(text) if text else None


def logs_json() -> bool:
    """Return whether events go to stderr as JSON, one line each."""
    return os.environ.get("MODELPOOL_LOG_FORMAT", "").strip() == "json"


def unknown_variables() -> tuple[str, ...]:
    """Name the variables that begin with `MODELPOOL_` and set nothing, as a misspelt one does."""
    known = {f"MODELPOOL_{name.upper()}" for name in Settings.model_fields} | OTHER_VARIABLES.keys()
    set_here = (name for name in os.environ if name.upper().startswith("MODELPOOL_"))
    return tuple(sorted(name for name in set_here if name.upper() not in known))


def known_secrets() -> tuple[str, ...]:
    """Return every secret the environment holds, longest first, for whoever keeps them out of a text.

    Keys, what the files of keys hold, and passwords inside addresses, as written and decoded. Never raises,
    whatever they hold.
    """
    found: set[str] = set()
    for variable, value in os.environ.items():
        name = variable.upper()
        if not name.startswith("MODELPOOL_") and not name.endswith("_PROXY") and name != "PGPASSWORD":
            continue
        if name.endswith("_KEY_FILE"):
            found.add(_content(value))
        elif name == "MODELPOOL_NOTIFY_WEBHOOK":
            found.update({value.strip(), value.strip().rstrip("/").rpartition("/")[2]})
        elif name == "MODELPOOL_SOURCE_KEYS":
            found.update(_texts(value))
        elif name.endswith(tuple(word.upper() for word in _SECRET_WORDS)):
            found.add(value.strip())
        else:
            found.update(secret for word in _texts(value) for secret in _secrets_of(word.strip()))
    found |= {unquote(secret) for secret in found}
    long_enough = [secret for secret in found if len(secret) >= _SHORTEST_SECRET]
    return tuple(sorted(long_enough, key=lambda secret: (-len(secret), secret)))


def _texts(value: str) -> list[str]:
    """Return a value, and the texts inside it where it is one JSON object."""
    try:
        inside = json.loads(value)
    except (ValueError, RecursionError):
        return [value]
    if not isinstance(inside, dict):
        return [value]
    return [text for pair in inside.items() for text in pair if isinstance(text, str)]


def _secrets_of(address: str) -> set[str]:
    """Find what is secret in an address of any form: its password, or a token in its place or its query.

    A password may hold `@`, `/`, `#` or `?` as it is, so it is taken to end at the first and at the last `@`.
    """
    rest = address.split("://", 1)[-1]
    ends = {rest.partition("@")[0], rest.rpartition("@")[0]} if "@" in rest else set()
    found = {user.partition(":")[2] or user for user in ends}
    try:
        query = parse_qsl(urlsplit(address).query)
    except ValueError:
        return found
    return found | {text for name, text in query if name.lower().endswith(_SECRET_WORDS)}


def _read_key(file: Path) -> str:
    """Return what a file of a key holds.

    Raises:
        UsageError: It cannot be read, or holds more than a key.
    """
    try:
        body = first_bytes(file, _LONGEST_KEY_BYTES + 1)
    except OSError as error:
        wrong = f"cannot be read ({error.strerror})"
    else:
        if len(body) <= _LONGEST_KEY_BYTES:
            return body.decode("ascii", errors="replace")
        wrong = f"is larger than {_LONGEST_KEY_BYTES:,} bytes"
    raise UsageError(
        f"MODELPOOL_AA_KEY_FILE: {file} {wrong}", hint="Name a file that holds the key and nothing else."
    )


def _content(file: str) -> str:
    try:
        return first_bytes(Path(file), _LONGEST_KEY_BYTES).decode(errors="replace").strip()
    except (OSError, ValueError):
        return ""
