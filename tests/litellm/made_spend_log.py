"""Writes what LiteLLM would write into the spend log of its database, one JSON line an answer."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy.spend_tracking.spend_tracking_utils import get_logging_payload


class SpendLog(CustomLogger):  # type: ignore[misc] # litellm is not installed where types are checked
    """Takes the place of the database."""

    async def async_log_success_event(
        self, kwargs: dict[str, Any], response_obj: object, start_time: Any, end_time: Any
    ) -> None:
        """Write one line."""
        line = get_logging_payload(kwargs, response_obj, start_time, end_time)
        _append(json.dumps(line, default=str) + "\n")


def _append(line: str) -> None:
    with Path(os.environ["MADE_SPEND_LOG"]).open("a") as file:
        file.write(line)


spend_log: Final = SpendLog()
