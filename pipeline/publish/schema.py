"""Writes the JSON Schema of a pool file, for routers in any language.

`python -m pipeline.publish.schema > data/pools/pool.schema.json` writes it.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Final

from pipeline.publish.versions import PoolFile

if TYPE_CHECKING:
    from pydantic import JsonValue

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def pool_schema() -> bytes:
    """Export the schema of `data/pools/vNNNN.json`; the same bytes on every machine.

    The schema is the readers': it lets unknown fields pass, because a later publisher of the same
    format may add some. The publisher itself refuses them.
    """
    schema: dict[str, JsonValue] = {"$schema": _DIALECT, **PoolFile.model_json_schema()}
    return (json.dumps(_for_readers(schema), indent=2, sort_keys=True) + "\n").encode()


def _for_readers(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        closed = value.get("additionalProperties") is False
        return {
            key: _for_readers(item)
            for key, item in value.items()
            if not (closed and key == "additionalProperties")
        }
    return [_for_readers(item) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    sys.stdout.buffer.write(pool_schema())
