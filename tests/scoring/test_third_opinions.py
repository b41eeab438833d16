"""A third opinion confirms or contradicts; it never makes a price, and a stale one never outvotes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.observation import Severity
from pipeline.domain.score import ListPrice, Unpriced
from pipeline.scoring.disagreement import price_findings
from pipeline.scoring.price import agreed_price
from pipeline.scoring.scoreboard import score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.crosswalk import JudgedPrice
    from pipeline.domain.observation import Finding, Price
    from pipeline.domain.policy import Policy
    from tests.scoring.conftest import Make

OPENROUTER, GENAI, AA = "openrouter", "genai-prices", "artificial-analysis"
LITELLM, DEV = "litellm-prices", "models-dev"


def found(*prices: Price) -> ListPrice | Unpriced:
    return agreed_price(prices, None, 0.05)


@pytest.mark.parametrize("third", [LITELLM, DEV])
@pytest.mark.parametrize("first", [OPENROUTER, GENAI, AA])
def test_it_confirms_a_price_that_one_source_states(make: Make, first: str, third: str) -> None:
    price = found(make.price(third, 2.45, 10), make.price(first, 2.5, 10))
    assert isinstance(price, ListPrice)
    assert price.input_microusd_per_mtok == 2_500_000
    assert price.sources == (first, third)


def test_two_of_them_alone_make_no_price(make: Make) -> None:
    price = found(make.price(LITELLM, 2.5, 10), make.price(DEV, 2.5, 10))
    assert isinstance(price, Unpriced)
    assert price.reason == "price_unknown"
    assert price.detail.startswith("only third opinions state a price")


def test_two_of_them_do_not_outvote_one_source(make: Make) -> None:
    price = found(make.price(LITELLM, 1, 4), make.price(DEV, 1, 4), make.price(AA, 2.5, 10))
    assert isinstance(price, Unpriced)
    assert price.reason == "price_conflict"


def test_it_does_not_pull_a_price_away_from_two_sources_that_agree(make: Make) -> None:
    """OpenRouter comes first in order, and with a third opinion beside it would be a group of two."""
    price = found(
        make.price(OPENROUTER, 1, 4),
        make.price(LITELLM, 1, 4),
        make.price(DEV, 1, 4),
        make.price(GENAI, 2.5, 10),
        make.price(AA, 2.5, 10),
    )
    assert isinstance(price, ListPrice)
    assert (price.input_microusd_per_mtok, price.sources) == (2_500_000, (GENAI, AA))
    assert "outvoted: openrouter input $1, output $4; outvoted: litellm-prices" in price.note


@pytest.mark.parametrize(("days", "settles"), [(0, True), (1, False), (-1, True)])
def test_between_two_sources_it_settles_only_when_it_is_as_new_as_the_one_it_contradicts(
    make: Make, days: int, *, settles: bool
) -> None:
    newer = make.price(OPENROUTER, 5, 20)
    newer = replace(newer, observed_on=newer.observed_on + timedelta(days=days))
    price = found(newer, make.price(GENAI, 2.5, 10), make.price(LITELLM, 2.5, 10))
    assert isinstance(price, ListPrice) is settles


def test_its_cache_price_is_not_taken(make: Make) -> None:
    price = found(make.price(OPENROUTER, 2.5, 10), make.price(LITELLM, 2.5, 10, 0.01))
    assert isinstance(price, ListPrice)
    assert price.cache_read_microusd_per_mtok is None


def test_its_zero_makes_nobody_free(make: Make) -> None:
    price = found(make.price(LITELLM, None, None), make.price(OPENROUTER, 0, 0))
    assert isinstance(price, Unpriced)
    assert price.reason == "price_unknown"


def findings(
    make: Make, policy: Policy, prices: Sequence[Price], judged: JudgedPrice | None = None
) -> list[tuple[Severity, str, str]]:
    """What is told about `m00@none`, one of forty variants on both boards."""
    from pipeline.domain.crosswalk import Offer

    measures = make.twin_boards(40)
    name = measures[0].variant
    offers = tuple(Offer(variant=name, price=price) for price in prices)
    resolution = make.resolution(*measures, offers=offers)
    names = sorted({measure.variant for measure in measures})
    crosswalk = make.crosswalk(*names, prices=(judged,) if judged else ())
    boards = {"general": score("general", resolution, crosswalk, policy)}
    told: tuple[Finding, ...] = price_findings(resolution, crosswalk, boards, 0.05)
    assert {one.kind for one in told} <= {"price-disagreement"}
    return [(one.severity, one.subject, one.message) for one in told]


def test_who_contradicts_an_agreed_price_is_told_with_all_figures(make: Make, policy: Policy) -> None:
    agreed = [make.price(OPENROUTER, 1, 4), make.price(GENAI, 1, 4)]
    ((severity, subject, message),) = findings(make, policy, [*agreed, make.price(LITELLM, 1, 4.3)])
    assert (severity, subject) == (Severity.NOTE, "m00")
    assert message.startswith("m00 (none): input $1, output $4 by openrouter and genai-prices, but ")
    assert "litellm-prices input $1, output $4.3" in message
    assert findings(make, policy, [*agreed, make.price(LITELLM, 1, 4.2)]) == []


def test_a_route_that_is_dearer_than_agreed_is_a_warning(make: Make, policy: Policy) -> None:
    agreed = [make.price(AA, 1, 4), make.price(GENAI, 1, 4)]
    ((dearer, _, _),) = findings(make, policy, [*agreed, make.price(OPENROUTER, 1, 6)])
    ((cheaper, _, _),) = findings(make, policy, [*agreed, make.price(OPENROUTER, 0.5, 2)])
    routed = [make.price(OPENROUTER, 1, 4), make.price(GENAI, 1, 4)]
    ((elsewhere, _, _),) = findings(make, policy, [*routed, make.price(AA, 1, 6)])
    assert (dearer, cheaper, elsewhere) == (Severity.WARN, Severity.NOTE, Severity.NOTE)


def test_a_price_that_a_third_opinion_settled_is_a_warning(make: Make, policy: Policy) -> None:
    prices = [make.price(OPENROUTER, 1, 4), make.price(LITELLM, 1, 4), make.price(AA, 2, 4)]
    ((severity, _, message),) = findings(make, policy, prices)
    assert severity is Severity.WARN
    assert "by openrouter and litellm-prices, but artificial-analysis input $2" in message


def test_a_judged_price_against_one_source_is_a_note_and_against_two_a_warning(
    make: Make, policy: Policy
) -> None:
    judged = make.judged("m00", 1, 4, None)
    one = [make.price(OPENROUTER, 2, 8)]
    ((note, _, _),) = findings(make, policy, one, judged)
    ((warn, _, _),) = findings(make, policy, [*one, make.price(GENAI, 2, 8)], judged)
    ((apart, _, _),) = findings(make, policy, [*one, make.price(GENAI, 3, 8)], judged)
    assert (note, warn, apart) == (Severity.NOTE, Severity.WARN, Severity.NOTE)


@pytest.mark.parametrize("second", [[], [(GENAI, 3)]])
def test_releases_without_an_agreed_price_are_told_together(
    make: Make, policy: Policy, second: list[tuple[str, float]]
) -> None:
    prices = [make.price(OPENROUTER, 1, 4), *(make.price(source, usd, 4) for source, usd in second)]
    ((severity, subject, message),) = findings(make, policy, prices)
    assert (severity, subject) == (Severity.NOTE, "prices")
    assert message.startswith("1 release has no price that two sources agree on, the best first: m00;")


def test_free_and_unstated_prices_are_no_disagreement(make: Make, policy: Policy) -> None:
    assert findings(make, policy, []) == []
    assert findings(make, policy, [make.price(OPENROUTER, 0, 0), make.price(GENAI, 0, 0)]) == []
