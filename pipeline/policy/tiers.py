"""The policy with a further tier, or with one less, for a question; the file is not written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.errors import UsageError
from pipeline.policy.change import with_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.policy import Policy


def with_tiers(policy: Policy, added: Sequence[str], dropped: Sequence[str]) -> Policy:
    """Add tiers that are like others (`NAME=LIKE`), and drop tiers by name; then `with_settings` may differ.

    Raises:
        UsageError: A tier to be like or to drop does not exist, one to add does, or none would be left.
    """
    tiers = dict(policy.tiers)
    for one in added:
        name, _, like = (part.strip() for part in one.partition("="))
        if like not in tiers or not name or name in tiers:
            raise UsageError(
                f"--add-tier {one!r} is not NEW=LIKE with a new name and a tier there is",
                hint=f"Its tiers are {', '.join(sorted(tiers))}, e.g. --add-tier mine={min(tiers)}.",
            )
        tiers[name] = tiers[like]
    for name in dropped:
        if name not in tiers or len(tiers) == 1:
            raise UsageError(
                f"--drop-tier {name!r} is not a tier that can be dropped",
                hint=f"Its tiers are {', '.join(sorted(tiers))}; one must stay.",
            )
        del tiers[name]
    return with_settings(policy.model_copy(update={"tiers": tiers}), ())
