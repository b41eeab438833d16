"""Ask the sources, or read the files given instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline import __version__
from pipeline.domain.names import GENAI_PRICES
from pipeline.errors import SourceHeldError
from pipeline.sources.catalogue import open_sources
from pipeline.sources.client import open_client
from pipeline.sources.files import read_captures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.names import SourceName
    from pipeline.domain.observation import Capture
    from pipeline.flow.job import Job

INSTALLED = frozenset({GENAI_PRICES})
"""Sources that come with the program."""


def listen(job: Job) -> Mapping[SourceName, tuple[Capture, ...] | SourceHeldError]:
    """Return each source's answer; a source that could not be asked answers with the reason.

    Where files are given instead, only the installed price table is asked: it needs no network.

    Raises:
        UsageError: A capture argument names no known source or no file.
    """
    sources = open_sources(artificial_analysis_key=job.settings.aa_key)
    given = read_captures(job.captures, now=job.now, base=job.workspace.root) if job.captures else {}
    asked = INSTALLED - given.keys() if job.captures else sources.keys()
    answers: dict[SourceName, tuple[Capture, ...] | SourceHeldError] = dict(given)
    with open_client(user_agent=_user_agent(job.settings.contact)) as client:
        for name in (name for name in sources if name in asked):
            job.progress(f"asking {name}")
            try:
                answers[name] = sources[name].fetch(client, now=job.now)
            except SourceHeldError as error:
                answers[name] = error
    return answers


def _user_agent(contact: str) -> str:
    return f"modelpool/{__version__} ({contact})" if contact else f"modelpool/{__version__}"
