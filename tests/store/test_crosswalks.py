"""One word is in force per name; what was said before stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pipeline.domain.ids import VariantId
from pipeline.store.review_tables import JUDGEMENT, VARIANT
from tests.store.conftest import Records, contents, moment

if TYPE_CHECKING:
    from sqlalchemy import Table

    from pipeline.store.database import Database

AT = moment("2026-W33")


def _rows(database: Database, table: Table, *, live: bool) -> list[dict[str, object]]:
    with database._reading() as connection:
        rows = connection.execute(select(table).order_by(table.c.id)).mappings()
        return [dict(row) for row in rows if (row["superseded_at"] is None) is live]


def test_variants_and_judgements_are_kept_as_people_wrote_them(database: Database, records: Records) -> None:
    crosswalk = records.crosswalk(["alpha", "beta"])
    database.record_crosswalk(crosswalk, at=AT)
    variant, judgement = _rows(database, VARIANT, live=True)[1], _rows(database, JUDGEMENT, live=True)[1]
    wanted = crosswalk.variants[VariantId("beta@high")]
    assert {
        name: variant[name] for name in ("vendor", "effort", "released_on", "context_tokens", "litellm")
    } == {
        name: getattr(wanted, name)
        for name in ("vendor", "effort", "released_on", "context_tokens", "litellm")
    }
    assert (judgement["key"], judgement["variant"], judgement["decided_by"]) == (
        "beta",
        "beta@high",
        "Reviewer",
    )


def test_a_changed_judgement_takes_the_place_of_the_one_in_force(
    database: Database, records: Records
) -> None:
    database.record_crosswalk(records.crosswalk(["alpha"]), at=AT)
    database.record_crosswalk(records.crosswalk(["alpha"], routed=False), at=AT + timedelta(days=7))
    assert [row["variant"] for row in _rows(database, JUDGEMENT, live=True)] == [None]
    (old,) = _rows(database, JUDGEMENT, live=False)
    assert (old["variant"], old["superseded_at"]) == ("alpha@high", AT + timedelta(days=7))


def test_a_line_that_is_gone_is_no_longer_in_force(database: Database, records: Records) -> None:
    database.record_crosswalk(records.crosswalk(["alpha", "beta"]), at=AT)
    database.record_crosswalk(records.crosswalk(["alpha"]), at=AT)
    assert [row["variant"] for row in _rows(database, VARIANT, live=True)] == ["alpha@high"]
    assert [row["variant"] for row in _rows(database, VARIANT, live=False)] == ["beta@high"]


def test_a_changed_variant_leaves_the_others_alone(database: Database, records: Records) -> None:
    crosswalk = records.crosswalk(["alpha", "beta"])
    database.record_crosswalk(crosswalk, at=AT)
    changed = replace(crosswalk.variants[VariantId("beta@high")], retires_on=AT.date())
    database.record_crosswalk(replace(crosswalk, variants={**crosswalk.variants, changed.id: changed}), at=AT)
    assert [
        (row["id"], row["variant"], row["retires_on"]) for row in _rows(database, VARIANT, live=True)
    ] == [
        (1, "alpha@high", None),
        (3, "beta@high", AT.date()),
    ]


def test_the_same_crosswalk_again_changes_nothing(database: Database, records: Records) -> None:
    database.record_crosswalk(records.crosswalk(["alpha"]), at=AT)
    before = contents(database)
    database.record_crosswalk(records.crosswalk(["alpha"]), at=AT + timedelta(days=7))
    assert contents(database) == before
    assert _rows(database, JUDGEMENT, live=False) == []


words = st.tuples(st.sets(st.sampled_from("abcd")), st.sampled_from(["same name", "same day"]), st.booleans())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(words, min_size=1, max_size=5))
def test_after_any_history_the_last_crosswalk_is_in_force(
    database: Database, history: list[tuple[set[str], str, bool]]
) -> None:
    database.clear()
    for names, reason, routed in history:
        crosswalk = Records().crosswalk(sorted(names), reason=reason, routed=routed)
        database.record_crosswalk(crosswalk, at=AT)
    live = {(row["source"], row["key"]): row for row in _rows(database, JUDGEMENT, live=True)}
    assert live.keys() == set(crosswalk.judgements)
    assert all(live[key]["reason"] == line.reason for key, line in crosswalk.judgements.items())
    assert {row["variant"] for row in _rows(database, VARIANT, live=True)} == set(crosswalk.variants)
