"""Runs one source so that whatever goes wrong in it holds that source alone."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.errors import PipelineError, SourceHeldError
from pipeline.sources.parsing.cpu_budget import CpuBudgetError, cpu_budget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.ids import SourceName
    from pipeline.domain.observation import Capture, Reading
    from pipeline.sources.http.session import SourceSession
    from pipeline.sources.spec import Source

PARSE_SECONDS: Final = 20.0
"""Processor time; the largest real answer takes a tenth of it."""
_HINT: Final = (
    "Nothing is replaced: the last good data stays in force. Look at what the source answers; if it is in "
    "order, report this with the capture's file below data/raw."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundedSource:
    """A source whose every failure is a held source."""

    source: Source

    @property
    def name(self) -> SourceName:
        """The source's name."""
        return self.source.name

    @property
    def patterns(self) -> tuple[str, ...]:
        """The files it recognises."""
        return self.source.patterns

    def fetch(self, visit: SourceSession) -> tuple[Capture, ...]:
        """Ask the source.

        Raises:
            UsageError: A setting is missing.
            SourceHeldError: It gave no complete answer, or its code failed on it.
        """
        try:
            return self.source.fetch(visit)
        except PipelineError:
            raise
        except Exception as error:
            raise SourceHeldError(self.name, _failure(error), hint=_HINT) from error

    def parse(self, captures: Sequence[Capture]) -> Reading:
        """Read what it answered, within a budget of processor time.

        Raises:
            SourceHeldError: The bytes are not what this source publishes, take too long, or its code failed.
        """
        try:
            with cpu_budget(PARSE_SECONDS):
                return self.source.parse(captures)
        except PipelineError:
            raise
        except CpuBudgetError:
            found = f"an answer that takes more than {PARSE_SECONDS:g} seconds to read"
            raise SourceHeldError(self.name, found, hint=_HINT) from None
        except Exception as error:
            raise SourceHeldError(self.name, _failure(error), hint=_HINT) from error


def _failure(error: Exception) -> str:
    """Name the failure and its place, but nothing that the source wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {frames[-1].name}" if frames else ""
    return f"an answer that cannot be read ({type(error).__name__}{place})"
