"""Configuration from the environment; nobody else reads it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import unquote

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from pipeline.errors import UsageError

_LONGEST_KEY_BYTES = 4096
_SHORTEST_SECRET = 4
"""A shorter one cannot be told from ordinary text."""
_VALUE: Final = re.compile(r':\s*"([^"]+)"')
"""A value of a JSON object, however broken the rest of it is."""
_PASSWORD: Final = re.compile(r"://[^/@\s:]*:([^/@\s]+)@")


class Settings(BaseSettings):
    """What an operator sets outside the files; every variable starts with `MODELPOOL_`."""

    model_config = SettingsConfigDict(
        env_prefix="MODELPOOL_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    database_url: str | None = None
    """SQLAlchemy URL of the desk; None means `data/pipeline.sqlite` in the workspace."""
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
    proxy: Annotated[
        SecretStr | None,
        Field(
            validation_alias=AliasChoices(
                "MODELPOOL_PROXY", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"
            )
        ),
    ] = None
    """Proxy for every request; `MODELPOOL_PROXY=` (empty) means none, whatever the usual variables say."""
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
            name = "_".join(str(part) for part in first["loc"]).upper()
            raise UsageError(
                f"the variable MODELPOOL_{name.removeprefix('MODELPOOL_')}: {first['msg']}",
                hint="README lists the variables and their forms.",
            ) from None
        except SettingsError:
            raise UsageError(
                "a MODELPOOL_ variable holds no JSON where JSON is expected",
                hint='Write MODELPOOL_MIRRORS as {"https://source": "https://mirror"}.',
            ) from None
        return settings.model_copy(update={"aa_key": settings._key()})

    def _key(self) -> SecretStr | None:
        """Return the key, from the variable or from its file; none where both are empty."""
        key = self.aa_key.get_secret_value() if self.aa_key else ""
        if not key and self.aa_key_file is not None:
            try:
                with self.aa_key_file.open("rb") as file:
                    key = file.read(_LONGEST_KEY_BYTES).decode("ascii", errors="replace")
            except OSError as error:
                raise UsageError(
                    f"MODELPOOL_AA_KEY_FILE: {self.aa_key_file} cannot be read ({error.strerror})",
                    hint="Name a file that holds the key and nothing else.",
                ) from None
        key = key.strip()
        if not all("!" <= letter <= "~" for letter in key):
            raise UsageError(
                "the key of Artificial Analysis holds a blank or a letter that no key has",
                hint="Check MODELPOOL_AA_KEY, or the file that MODELPOOL_AA_KEY_FILE names.",
            )
        return SecretStr(key) if key else None


def known_secrets() -> tuple[str, ...]:
    """Return every secret the environment holds, longest first, for whoever keeps them out of a text.

    Keys, what the files of keys hold, and passwords inside addresses. Never raises, whatever they hold.
    """
    found: set[str] = set()
    for variable, value in os.environ.items():
        name = variable.upper()
        if name.startswith("MODELPOOL_") and name.endswith("_KEY"):
            found.add(value.strip())
        elif name.startswith("MODELPOOL_") and name.endswith("_KEY_FILE"):
            found.add(_content(value))
        elif name == "MODELPOOL_SOURCE_KEYS":
            found.update(_VALUE.findall(value))
        elif name.startswith("MODELPOOL_") or name.endswith("_PROXY"):
            found.update(word for each in _PASSWORD.findall(value) for word in (each, unquote(each)))
    long_enough = [secret for secret in found if len(secret) >= _SHORTEST_SECRET]
    return tuple(sorted(long_enough, key=lambda secret: (-len(secret), secret)))


def _content(file: str) -> str:
    try:
        with Path(file).open("rb") as key:
            return key.read(_LONGEST_KEY_BYTES).decode(errors="replace").strip()
    except (OSError, ValueError):
        return ""
