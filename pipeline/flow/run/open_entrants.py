"""Finds open names that would enter a tier if each were a variant of its own at the price it is listed at."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pipeline.domain.crosswalk import JudgedPrice, Judgement, Profile, Variant
from pipeline.domain.effort_parameters import LITELLM, NOTHING, OPENROUTER
from pipeline.domain.ids import VariantId
from pipeline.flow.run.run_state import selection_input
from pipeline.flow.run.score import score_again
from pipeline.identity.names.name_parser import parse_name
from pipeline.identity.names.source_names import name_records
from pipeline.pools.select import select_fast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from pipeline.domain.crosswalk import Crosswalk, OpenName
    from pipeline.domain.observation import Price
    from pipeline.domain.run import PriorState
    from pipeline.flow.record.config import Config
    from pipeline.flow.run.run_state import RunState
    from pipeline.identity.names.source_names import NameId, NameRecord

_ASKED: Final = 12
"""Models that are supposed at once, the best by the index first: five tiers replace one place a week each."""

_ROOM: Final = 1_000_000
"""Tokens of context that an unknown model is supposed to take, so that only its worth decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _UnknownModel:
    """Open names that spell one model the same, and the price it is listed at."""

    id: VariantId
    names: tuple[NameRecord, ...]
    price: Price
    vendor: str


def with_open_entrants(week: RunState, memory: PriorState) -> RunState:
    """Write beside each open name the places it would take; those without a listed price stay as they are.

    All are supposed together, tools and context granted, by the week's own scoring and rules: what is said
    is that a judgement could change the pools now, not what the model can do.
    """
    resolution = week.assessment.resolution
    known, _ = name_records([result.reading for result in week.results if result.reading])
    models = _unknown_models(resolution.open_names, known, week.rules.crosswalk)
    if not models:
        return week
    places = _places(week, memory, models)
    entered = {
        (name.entry.source, name.entry.key): places[model.id] for model in models for name in model.names
    }
    marked = tuple(
        replace(open_name, enters=entered.get((open_name.entry.source, open_name.entry.key), {}))
        for open_name in resolution.open_names
    )
    return replace(
        week, assessment=replace(week.assessment, resolution=replace(resolution, open_names=marked))
    )


def _unknown_models(
    open_names: Sequence[OpenName], known: Mapping[NameId, NameRecord], crosswalk: Crosswalk
) -> tuple[_UnknownModel, ...]:
    """Put names together that are written alike, the best first; a model that nobody prices is left out."""
    groups: defaultdict[object, list[NameRecord]] = defaultdict(list)
    for open_name in sorted(open_names, key=_by_reading):
        readings = parse_name(open_name.entry.name, open_name.entry.source)
        spelled = [(each.words, each.dates, each.effort) for each in readings]
        same = next((each for each in spelled if each in groups), spelled[0])
        groups[same].append(known[open_name.entry.source, open_name.entry.key])
    vendors = _vendors(known, crosswalk)
    found = []
    for number, names in enumerate(groups.values()):
        price = next((price for name in names for price in name.prices if _is_stated(price)), None)
        if price is None or all(name.main_value is None for name in names):
            continue
        vendor = next(
            (vendors[each.entry.organization] for each in names if each.entry.organization in vendors), ""
        )
        alone = VariantId(f"open-name-{number}@default")
        found.append(_UnknownModel(id=alone, names=tuple(names), price=price, vendor=vendor or alone))
    return tuple(found[:_ASKED])


def _vendors(known: Mapping[NameId, NameRecord], crosswalk: Crosswalk) -> Mapping[str | None, str]:
    """Return the vendor that most judged names of an organization mean."""
    counts: defaultdict[str | None, Counter[str]] = defaultdict(Counter)
    for place, record in known.items():
        judgement = crosswalk.judgements.get(place)
        if judgement is not None and judgement.variant is not None:
            counts[record.entry.organization][crosswalk.variants[judgement.variant].vendor] += 1
    return {organization: count.most_common(1)[0][0] for organization, count in counts.items()}


def _by_reading(one: OpenName) -> tuple[int, float, str]:
    """Sort key: names that read one way only, the index's, before those that may; then the best first."""
    return len(parse_name(one.entry.name, one.entry.source)), -(one.best_value or 0), one.entry.key


def _is_stated(price: Price) -> bool:
    return bool(price.input_microusd_per_mtok and price.output_microusd_per_mtok)


def _places(
    week: RunState, memory: PriorState, models: Sequence[_UnknownModel]
) -> Mapping[VariantId, Mapping[str, int]]:
    """Select with all of them, and say which places each takes."""
    rules = _with_models(week.rules, models, on=week.job.now.date())
    readings = [result.reading for result in week.results if result.reading]
    record = week.assessment.resolution.record
    assessment = score_again(readings, rules, on=week.job.now.date(), record=record)
    able = {
        model.id: Profile(variant=model.id, context_tokens=_ROOM, tools=True, vision=True) for model in models
    }
    resolution = replace(assessment.resolution, profiles={**assessment.resolution.profiles, **able})
    supposed = replace(week, rules=rules, assessment=replace(assessment, resolution=resolution))
    pool = select_fast(selection_input(supposed, memory))
    return {
        model.id: {
            tier: member.rank
            for tier, members in sorted(pool.tiers.items())
            for member in members.members
            if member.variant == model.id
        }
        for model in models
    }


def _with_models(rules: Config, models: Sequence[_UnknownModel], *, on: date) -> Config:
    """Return the rules with a variant, a price and judgements for each unknown model."""
    crosswalk, route = rules.crosswalk, rules.policy.routes[0]
    judged = {
        (judgement.source, judgement.key): judgement for each in models for judgement in _judgements(each, on)
    }
    return replace(
        rules,
        crosswalk=replace(
            crosswalk,
            variants={
                **crosswalk.variants,
                **{model.id: _variant(model, route) for model in models},
            },
            judgements={**crosswalk.judgements, **judged},
            affirmed=crosswalk.affirmed | judged.keys(),
            prices={
                **crosswalk.prices,
                **{_release(model): (_price(model, on),) for model in models},
            },
        ),
    )


def _release(model: _UnknownModel) -> str:
    return model.id.partition("@")[0]


def _variant(model: _UnknownModel, route: str) -> Variant:
    """Make the model a variant that the operator's first route sells."""
    release = _release(model)
    sold = {
        LITELLM: release if route == LITELLM else None,
        OPENROUTER: release if route == OPENROUTER else None,
    }
    return Variant(
        id=model.id,
        vendor=model.vendor,
        family=release,
        release=release,
        effort="default",
        litellm=sold[LITELLM],
        openrouter=sold[OPENROUTER],
        litellm_effort=NOTHING,
        openrouter_effort=NOTHING,
    )


def _judgements(model: _UnknownModel, on: date) -> Iterator[Judgement]:
    for name in model.names:
        yield Judgement(
            source=name.entry.source,
            key=name.entry.key,
            name=name.entry.name,
            variant=model.id,
            decided_on=on,
            decided_by="nobody",
            reason="supposed",
        )


def _price(model: _UnknownModel, on: date) -> JudgedPrice:
    price = model.price
    return JudgedPrice(
        release=_release(model),
        input_microusd_per_mtok=price.input_microusd_per_mtok or 0,
        output_microusd_per_mtok=price.output_microusd_per_mtok or 0,
        cache_read_microusd_per_mtok=price.cache_read_microusd_per_mtok,
        valid_from=on,
        source_url="",
        decided_by="nobody",
        reason="supposed",
    )
