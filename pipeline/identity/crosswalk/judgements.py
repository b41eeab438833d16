"""Appends what a person decided about a name to judgements.csv.

Lines that are there are never touched: the later line about a key holds, so the file is its own history.
"""

from __future__ import annotations

import csv
import io
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline import atomic_files
from pipeline.domain.proposal import refuse_placeholder
from pipeline.errors import UsageError
from pipeline.identity.crosswalk.csv_reader import read_csv_bytes
from pipeline.identity.crosswalk.load import OPEN_AGAIN, judgement_lines, load_crosswalk

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date
    from pathlib import Path

    from pipeline.domain.crosswalk import Judgement
    from pipeline.domain.ids import SourceKey, SourceName, VariantId

_FILE = "judgements.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoResult:
    """What an undo wrote."""

    line: Judgement
    open_again: bool
    """There was no earlier answer: the name is open again."""


def append_judgement(folder: Path, judgement: Judgement, *, again: bool = False) -> None:
    """Add a judgement; what was said about the name before stays in the file and no longer holds.

    Args:
        folder: Of the crosswalk.
        judgement: What a person said.
        again: The name is asked again because its evidence moved: the same answer is an answer.

    Raises:
        UsageError: The variant is unknown, a text does not fit into a line, or the same is in force already.
    """
    crosswalk = load_crosswalk(folder)
    held = crosswalk.judgements.get((judgement.source, judgement.key))
    if held is not None and held.variant == judgement.variant and not again:
        raise UsageError(
            f"{judgement.name!r} of {judgement.source} is judged so already, by {held.decided_by} "
            f"on {held.decided_on}: {held.reason}",
            hint=f"To withdraw it: `modelpool crosswalk undo {shlex.quote(judgement.key)} "
            f'--source {judgement.source} --reviewer NAME --note "..."`.',
        )
    _append(folder, [(judgement, judgement.variant or "")], crosswalk.variants.keys())


def undo_judgement(
    folder: Path, place: tuple[SourceName, SourceKey], by: str, on: date, reason: str
) -> UndoResult:
    """Withdraw the last judgement of a name: the one before it holds again, or the name is open again.

    A name that was asked again because its evidence moved is asked again.

    Raises:
        UsageError: Nobody judged this name, the day is before that judgement's, or a text does not fit into
            a line.
    """
    variants = load_crosswalk(folder).variants.keys()
    path = folder / _FILE
    history = [
        (line, withdrawn)
        for line, withdrawn in judgement_lines(path, read_csv_bytes(path), variants)
        if (line.source, line.key) == place
    ]
    if not history:
        raise UsageError(
            f"nobody judged {place[1]!r} of {place[0]}",
            hint="`modelpool crosswalk open` lists the open names.",
        )
    _refuse_earlier_day(history[-1][0], on)
    before = history[: -len(_last_entry(history))]
    if not before or before[-1][1]:
        line = replace(history[-1][0], variant=None, decided_by=by, decided_on=on, reason=reason)
        _append(folder, [(line, OPEN_AGAIN)], variants)
        return UndoResult(line=line, open_again=True)
    line = replace(before[-1][0], decided_by=by, decided_on=on, reason=reason)
    meaning = (line, line.variant or "")
    asked_again, as_it_was = not _affirms(before), _says_the_same((line, False), history[-1])
    if asked_again and as_it_was:
        # Said once more it would be an answer to the question that the word before left open.
        _append(folder, [(line, OPEN_AGAIN), meaning], variants)
    else:
        _append(folder, [meaning] if asked_again or as_it_was else [meaning, meaning], variants)
    return UndoResult(line=line, open_again=False)


def _refuse_earlier_day(last: Judgement, on: date) -> None:
    if on < last.decided_on:
        raise UsageError(
            f"the day {on} is before {last.decided_on}, when {last.key!r} of {last.source} was judged",
            hint="Set the clock of this machine, or the value of --now.",
        )


_Entry = tuple["Judgement", bool]
"""A line about a name, and whether it withdraws what was said before."""


def _last_entry(history: Sequence[_Entry]) -> Sequence[_Entry]:
    """Return the lines that one answer wrote last: an undo can write two."""
    if (
        len(history) > 1
        and _author_of(history[-1]) == _author_of(history[-2])
        and (history[-2][1] or _affirms(history))
    ):
        return history[-2:]
    return history[-1:]


def _author_of(one: _Entry) -> tuple[str, date, str]:
    return one[0].decided_by, one[0].decided_on, one[0].reason


def _affirms(history: Sequence[_Entry]) -> bool:
    """Return whether the last line says what the line before it said: a person was asked again."""
    return len(history) > 1 and not history[-1][1] and _says_the_same(history[-1], history[-2])


def _says_the_same(one: _Entry, before: _Entry) -> bool:
    return not before[1] and (one[0].variant, one[0].name) == (before[0].variant, before[0].name)


def addition(folder: Path, lines: Sequence[Judgement]) -> tuple[bytes, tuple[Judgement, ...]]:
    """Return judgements.csv with those judgements added about which no line speaks, and which these are.

    A variant that people took out of variants.csv since is passed over.

    Raises:
        UsageError: A text does not fit into a line, or a line is not of the form.
    """
    variants = load_crosswalk(folder).variants.keys()
    path = folder / _FILE
    body = read_csv_bytes(path)
    history = {(line.source, line.key) for line, _ in judgement_lines(path, body, variants)}
    new = tuple(line for line in lines if (line.source, line.key) not in history and line.variant in variants)
    return _with_lines(path, body, [(line, line.variant or "") for line in new], variants), new


def append_judgements(folder: Path, lines: Sequence[Judgement]) -> tuple[Judgement, ...]:
    """Add, all at once, those judgements about which no line speaks; return them.

    Raises:
        UsageError: A text does not fit into a line, or a line is not of the form.
        OSError: The disk refused; the file is as it was.
    """
    whole, new = addition(folder, lines)
    if new:
        atomic_files.replace_file(folder / _FILE, whole)
    return new


def _append(folder: Path, lines: Sequence[tuple[Judgement, str]], variants: Collection[VariantId]) -> None:
    path = folder / _FILE
    atomic_files.replace_file(path, _with_lines(path, read_csv_bytes(path), lines, variants))


def _with_lines(
    path: Path, body: bytes, lines: Sequence[tuple[Judgement, str]], variants: Collection[VariantId]
) -> bytes:
    """Return the file with lines added, checked as it will be read."""
    end = "\r\n" if b"\r\n" in body else "\n"
    whole = body if body.endswith(b"\n") else body + end.encode()
    written = io.StringIO()
    writer = csv.writer(written, lineterminator=end)
    for line, variant in lines:
        _check(line)
        day = line.decided_on.isoformat()
        writer.writerow((line.source, line.key, line.name, variant, day, line.decided_by, line.reason))
    whole += written.getvalue().encode()
    for _ in judgement_lines(path, whole, variants):
        pass
    return whole


def _check(line: Judgement) -> None:
    """Refuse what a line of the file cannot hold, before the file is named as broken.

    Raises:
        UsageError: The reviewer or the reason is empty, a placeholder, has blanks at an end,
            or is more than one line.
    """
    for what, text in (("--reviewer", line.decided_by), ("--note", line.reason)):
        refuse_placeholder(what, text)
        if text != text.strip() or not text or not text.isprintable():
            raise UsageError(f"{what} is {text!r}", hint=f"Write {what} as one line of text, not empty.")
