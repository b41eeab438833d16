"""An end that a real catalogue announces, from its bytes to the proposal and to `status`."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.crosswalk import Crosswalk
from pipeline.domain.ids import OPENROUTER
from pipeline.domain.pool import Cause
from pipeline.identity.resolve.resolve import resolve_names
from pipeline.publish.versions import version_in_force
from pipeline.sources.local_files import read_captures
from pipeline.sources.registry import SOURCES
from tests.pools.factories import DIGEST, NOW, One, after, published, variant

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.pools.selection_input import Selection
    from tests.example import Example

A = One(name="a", elo=210.0, usd=0.010)
ENDING = One(name="ending", elo=130.0, usd=0.006)
C = One(name="c", elo=100.0, usd=0.005)
SPARE = One(name="spare", elo=95.0, usd=0.0055)
CAPTURES = {
    "2026-01-29-openrouter-free-api.json": ("google/gemini-2.0-flash-001", date(2026, 3, 31)),
    "2026-02-27-gptel-openrouter-models.json": ("anthropic/claude-3.7-sonnet", date(2026, 5, 5)),
}
"""Real captures, a model of each and the `expiration_date` that it states."""


def _selected(capture: Path, route: str, now: datetime) -> Selection:
    """Choose over a small pool, one of whose members is reached by a real route."""
    reading = SOURCES[OPENROUTER].parse(read_captures([f"openrouter={capture}"], now=NOW)[OPENROUTER])
    known = {one.id: variant(one) for one in (A, ENDING, C, SPARE)}
    known[ENDING.id] = dataclasses.replace(known[ENDING.id], openrouter=route)
    crosswalk = Crosswalk(variants=known, judgements={}, prices={}, sha256=DIGEST)
    profiles = resolve_names([reading], crosswalk).profiles
    world = (A, ENDING, C, SPARE)
    return after(published(A, ENDING, C), world, variants=known, profiles=profiles, as_of=now)


@pytest.mark.parametrize("file", CAPTURES)
def test_a_real_end_is_in_the_proposal_from_the_sixtieth_day_before_it(
    real_captures: Path, file: str
) -> None:
    route, end = CAPTURES[file]
    capture = real_captures / "openrouter/api-v1-models" / file
    noon = datetime.combine(end, NOW.timetz())
    early = _selected(capture, route, noon - timedelta(days=61))
    assert early.changes == ()
    assert {one.retires_on for one in early.pool.tiers["balanced"].members} == {None, end.isoformat()}
    changes = {one.variant: one for one in _selected(capture, route, noon - timedelta(days=60)).changes}
    assert changes[ENDING.id].cause is changes[SPARE.id].cause is Cause.RETIRING
    assert f"retires on {end}, in 60 days" in changes[ENDING.id].reason
    assert f"Its successor is {SPARE.id}." in changes[ENDING.id].reason
    past = {one.variant: one.cause for one in _selected(capture, route, noon).changes}
    assert past[ENDING.id] is past[SPARE.id] is Cause.RETIRED


def _announce(example: Example, variant_id: str, end: date) -> None:
    """Enter an announced end, as a person does."""
    path = example.folder / "data/crosswalk/variants.csv"
    lines = path.read_text().splitlines()
    found = [number for number, line in enumerate(lines) if line.startswith(f"{variant_id},")]
    assert len(found) == 1
    cells = lines[found[0]].split(",")
    cells[lines[0].split(",").index("retires_on")] = end.isoformat()
    lines[found[0]] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize(("days", "succeeded"), [(61, False), (60, True)])
def test_a_published_member_is_succeeded_on_the_day_and_its_end_is_told_before(
    ran: Example, days: int, *, succeeded: bool
) -> None:
    ran.approve()
    assert ran("publish").code == 0
    held = _held(ran)
    _announce(ran, held, date(2026, 8, 15) + timedelta(days=days))
    answer = ran.run()
    assert answer.code == 10, answer.out
    proposal = json.loads((ran.folder / "reviews/2026-W33.2/proposal.json").read_bytes())
    assert (
        (held, "retiring") in [(one["variant"], one["cause"]) for one in proposal["changes"]]
    ) is succeeded
    assert ("announced end unknown -> " in ran("review", "--all").out) is not succeeded
    if succeeded:
        status = ran("status", "--now", "2026-08-16T00:00:00Z")
        assert f"WARN {held} in " in status.out
        assert "ends soon. Leaves ahead of its end" in status.out


def _held(example: Example) -> str:
    """Name the first member in force that only one tier holds and that has no end."""
    ending = example("status", "--json", "--now", "2026-08-16T00:00:00Z").json
    assert ending["ending"] == []
    published_ = version_in_force(example.folder / "data/pools")
    assert published_ is not None
    members = [one for tier in published_.pool.tiers.values() for one in tier.members]
    names = [one.variant for one in members]
    return next(one.variant for one in members if names.count(one.variant) == 1 and not one.retires_on)
