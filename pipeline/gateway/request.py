"""Reads one request completely, once: its band, its workload, what it demands, and who answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pipeline.errors import UsageError
from pipeline.gateway.names import tier_of
from pipeline.gateway.registry_plan import DEFAULT_BAND
from pipeline.gateway.requirements import read_requirements, shortfalls
from pipeline.gateway.workload import SPEND_METADATA, WORKLOAD_HEADER, Caller, identify
from pipeline.router.pool_model import BANDS

if TYPE_CHECKING:
    from pipeline.gateway.names import DeploymentId
    from pipeline.gateway.registry_plan import PlannedTier, RegistryPlan
    from pipeline.gateway.requirements import Requirements
    from pipeline.gateway.workload import PromptDigests, Workload
    from pipeline.router.pool_model import PoolView
    from pipeline.router.workloads import Workloads


BAND_HEADER: Final = "x-pool-band"
BAND_KEY: Final = "pool_band"
"""Under this name a request's metadata, a key's or a team's names a band."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BandChoice:
    """A band, and who named it."""

    band: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingDecision:
    """Which order of which members answers a request."""

    tier: str
    """The tier the client asked for."""
    choice: BandChoice
    unable: Mapping[str, Mapping[str, tuple[str, ...]]]
    """By tier, from the one asked for upwards as far as needed: members that cannot, and what they lack."""
    closed: frozenset[str]
    """Tiers none of whose members can, although a tier above them can."""

    def steps(self) -> dict[str, object]:
        """List how it was decided, without any content of the request."""
        return {
            "tier": self.tier,
            "band": self.choice.band,
            "band_by": self.choice.by,
            "cannot": {
                tier: {name: list(why) for name, why in found.items()} for tier, found in self.unable.items()
            },
            "tier_up": sorted(self.closed),
        }


def choose_band(
    *,
    key: Mapping[str, object],
    team: Mapping[str, object],
    header: str | None,
    metadata: Mapping[str, object],
    learnt: str | None,
) -> BandChoice:
    """Choose the band of a request: its key's, its team's, the declared one, its workload's, else medium.

    A key or team that is bound to a band stays bound, whatever a request declares. `learnt` is what the
    approved table says of the workload; None: nothing.

    Raises:
        UsageError: A word that is no band.
    """
    named = (
        ("key", key.get(BAND_KEY)),
        ("team", team.get(BAND_KEY)),
        (BAND_HEADER, header),
        ("metadata", metadata.get(BAND_KEY)),
    )
    for by, band in named:
        if band is None:
            continue
        if band not in BANDS:
            raise UsageError(
                f"{by} names the band {str(band)[:40]!r}",
                hint=f"Write one of {', '.join(BANDS)}, or leave it out.",
            )
        return BandChoice(band=str(band), by=by)
    if learnt is not None:
        return BandChoice(band=learnt, by="workload")
    return BandChoice(band=DEFAULT_BAND, by="default")


def decide(
    tier: PlannedTier, plan: RegistryPlan, request: Requirements, choice: BandChoice
) -> RoutingDecision:
    """Decide for one request.

    The members of a tier that cannot answer are left out. Where none can, the tier is closed for this request
    and the next one up answers; where no tier up the ladder can either, nobody is left out, because the
    estimate may be wrong and a provider's own refusal says more than ours.
    """
    unable: dict[str, Mapping[str, tuple[str, ...]]] = {}
    closed: list[str] = []
    at: PlannedTier | None = tier
    while at is not None:
        found = {name: why for name, can in at.members.items() if (why := shortfalls(can, request))}
        if found:
            unable[at.name] = found
        if len(found) < len(at.members):
            return RoutingDecision(tier=tier.name, choice=choice, unable=unable, closed=frozenset(closed))
        closed.append(at.name)
        at = plan.tiers[at.above] if at.above else None
    return RoutingDecision(tier=tier.name, choice=choice, unable={}, closed=frozenset())


_EXPLAIN_HEADER: Final = "x-pool-explain"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceState:
    """What a request is decided by."""

    plan: RegistryPlan
    pool: PoolView
    table: Workloads | None
    digests: PromptDigests


@dataclass(slots=True)
class Request:
    """What the hooks of one request hand on to each other."""

    decision: RoutingDecision
    requirements: Requirements
    workload: Workload
    table: int | None
    """Number of the workload table in service; None: there is none."""
    explain: bool
    first_order: dict[str, int] = field(default_factory=dict)
    passed_over: set[str] = field(default_factory=set)
    """Tiers none of whose members can answer this, as LiteLLM came upon them."""
    asked: DeploymentId | None = None
    """The member that was asked last: of a stream, the one that answers."""
    answered: DeploymentId | None = None
    """The member whose JSON answer was taken; None in a stream."""

    def steps(self) -> dict[str, object]:
        """List how it was decided, without any content of the request."""
        workload = self.workload
        return {
            **self.decision.steps(),
            "workload": workload.name,
            "workload_by": workload.by,
            "tools": workload.tools,
            "chars": workload.chars,
            "table": self.table and f"w{self.table:04}",
        }


def read_request(data: Mapping[str, object], key: object, serving: ServiceState) -> Request | None:
    """Decide a request; None where it asks for none of the pool's tiers.

    Args:
        data: The request as LiteLLM hands it to its hooks; nothing in it is changed.
        key: LiteLLM's facts of the key that asks.
        serving: The pool and the workload table in service.

    Raises:
        UsageError: A band or a workload that is declared is none.
    """
    tier = serving.plan.tiers.get(tier_of(data.get("model")) or "")
    if tier is None:
        return None
    headers = _headers(data)
    workload = identify(data, _caller(data, key, headers), serving.digests)
    choice = choose_band(
        key=_mapping(getattr(key, "metadata", None)),
        team=_mapping(getattr(key, "team_metadata", None)),
        header=headers.get(BAND_HEADER),
        metadata=_mapping(data.get("metadata")),
        learnt=_learnt_model(serving, tier.name, workload),
    )
    requirements = read_requirements(
        data, size=_size(headers), smallest_context=serving.plan.smallest_context
    )
    return Request(
        decision=decide(tier, serving.plan, requirements, choice),
        requirements=requirements,
        workload=workload,
        table=serving.table.number if serving.table else None,
        explain=headers.get(_EXPLAIN_HEADER) == "1",
    )


def note_workload(data: Mapping[str, object], workload: Workload) -> None:
    """Write the workload where LiteLLM takes what stands in its spend log; a provider is not sent it."""
    metadata = _own_metadata(data)
    if isinstance(metadata, dict):
        metadata[SPEND_METADATA] = workload.spend_metadata(metadata.get(SPEND_METADATA))


def _learnt_model(serving: ServiceState, tier: str, workload: Workload) -> str | None:
    if serving.table is None:
        return None
    return serving.table.row_band(
        serving.pool, tier, workload.name, tools=workload.tools, chars=workload.chars
    )


def ask_for_usage(data: dict[str, object]) -> None:
    """Let a streamed chat completion end with its tokens, as LiteLLM does for models that are no auto router.

    Many providers tell them only when asked, and LiteLLM would record the answer as free. Where the client
    did not ask, LiteLLM takes the event out again; to a provider that cannot be asked it sends nothing.
    """
    asked = data.get("stream_options")
    options = asked if isinstance(asked, Mapping) else {}
    if data.get("stream") is not True or options.get("include_usage") is True:
        return
    data["stream_options"] = {**options, "include_usage": True}
    data["_litellm_strip_stream_usage"] = True


def _caller(data: Mapping[str, object], key: object, headers: Mapping[str, str]) -> Caller:
    return Caller(
        header=headers.get(WORKLOAD_HEADER),
        metadata=_mapping(data.get("metadata")),
        spend_metadata=_mapping(_mapping(_own_metadata(data)).get(SPEND_METADATA)),
        key_alias=getattr(key, "key_alias", None),
        key=getattr(key, "api_key", None),
    )


def _own_metadata(data: Mapping[str, object]) -> object:
    """Return LiteLLM's own metadata of a request: where an API has a field `metadata`, it is beside it."""
    return data.get("litellm_metadata" if "litellm_metadata" in data else "metadata")


def _headers(data: Mapping[str, object]) -> Mapping[str, str]:
    """Return the request's headers; the server has written their names in small letters."""
    found: Mapping[str, str] = _mapping(_mapping(data.get("proxy_server_request")).get("headers"))  # type: ignore[assignment]  # text on both sides
    return found


def _size(headers: Mapping[str, str]) -> int | None:
    """Return the bytes of the body; None where the client sent it in chunks."""
    text = headers.get("content-length", "")
    return int(text) if text.isdecimal() and "content-encoding" not in headers else None


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
