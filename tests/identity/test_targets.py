"""The targets of identity on the shipped crosswalk: no wrong join, and the right variant among three."""

from __future__ import annotations

from pipeline.identity.crosswalk.load import load_crosswalk
from tests.bench.identity_targets import ROOT, measure, read_folder


def test_left_out_once_no_judgement_is_contradicted_and_three_suggestions_suffice() -> None:
    readings = read_folder(ROOT / "data" / "sample" / "2026-W33")
    found = measure(readings, load_crosswalk(ROOT / "data" / "crosswalk"))
    assert (found.wrong, found.elsewhere) == ((), ())
    assert found.provisional >= 0.5 * found.judged
    assert found.first_three >= 0.95 * found.routed
