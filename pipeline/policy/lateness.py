"""Read data/policy/lateness.toml, or say which key is wrong, where, and what was expected."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import ValidationError

from pipeline.domain.lateness import Lateness
from pipeline.policy.load import broken_at, read_toml
from pipeline.policy.places import dotted, line_of

if TYPE_CHECKING:
    from pathlib import Path


def load_lateness(path: Path) -> Lateness | None:
    """Read what a late approval costs; None where the workspace holds no such file.

    Raises:
        UsageError: The file is not TOML, or a key is missing, unknown or not of its form.
    """
    if not path.exists():
        return None
    _, text, document = read_toml(path)
    try:
        # By way of JSON, since a strict model takes an array for a tuple only there.
        return Lateness.model_validate_json(json.dumps(document, default=str))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = first["loc"]
        found = f"{dotted(key)}: {first['msg']}" if key else first["msg"].removeprefix("Value error, ")
        raise broken_at(path, line_of(text, key), found, "ages and one list as long for each tier") from None
    except RecursionError:
        raise broken_at(path, None, "tables are nested too deeply", "at most one level") from None
