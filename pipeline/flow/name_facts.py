"""What price and release dates say about a name and a variant it may mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.identity.dated import valid_on
from pipeline.identity.provisional import Examiner
from pipeline.scoring.contradiction import agreement_of

if TYPE_CHECKING:
    from pipeline.domain.names import SourceKey, SourceName, VariantId
    from pipeline.flow.again import LastRun


class Facts:
    """The last run's names and prices; built once, asked for every suggestion."""

    def __init__(self, last: LastRun) -> None:
        """Read the names of the run."""
        self._crosswalk = valid_on(last.rules.crosswalk, last.job.now.date())
        self._agreement = last.rules.policy.cost.price_agreement
        self._examiner = Examiner(last.readings, self._crosswalk, on=last.job.now.date())

    def about(self, place: tuple[SourceName, SourceKey], name: VariantId) -> tuple[str, ...]:
        """Say whether the price agrees and how the release dates compare; silence says nothing."""
        published, variant = self._examiner.names[place], self._crosswalk.variants[name]
        others = self._examiner.prices(name, self._crosswalk.judgements)
        judged = self._crosswalk.price_of(variant.release)
        agrees, differs = agreement_of(published.prices, others, judged, self._agreement)
        said, known = published.entry.released_on, variant.released_on
        dated = f"released {said}, the variant {known}" if said and known and said != known else ""
        return tuple(word for word in (agrees, differs, dated) if word)
