"""Configuration from the environment; nobody else reads it."""

from __future__ import annotations

from typing import Self

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an operator sets outside the files; every variable starts with `MODELPOOL_`."""

    model_config = SettingsConfigDict(env_prefix="MODELPOOL_", extra="ignore", frozen=True)

    database_url: str | None = None
    """SQLAlchemy URL of the desk; None means `data/pipeline.sqlite` in the workspace."""
    aa_key: SecretStr | None = None
    """Key of the Artificial Analysis API; sent in the header `x-api-key` only."""
    contact: str = ""
    """How a source may reach the operator; goes into the user agent."""

    @classmethod
    def from_environment(cls) -> Self:
        """Read the environment once."""
        return cls()
