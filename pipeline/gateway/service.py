"""Lets the proxy's registry follow the published folder, or keeps what is served and raises an alarm."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import TYPE_CHECKING, Final

from pipeline.errors import RefusedError
from pipeline.gateway.pool_keeper import PoolKeeper, WorkloadKeeper
from pipeline.gateway.registry import Registry
from pipeline.gateway.registry_plan import plan_registry
from pipeline.gateway.request import ServiceState
from pipeline.gateway.workload import PromptDigests

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from pipeline.gateway.names import DeploymentId
    from pipeline.gateway.registry import Router
    from pipeline.gateway.registry_plan import PlanOptions, RegistryPlan
    from pipeline.gateway.settings import GatewaySettings
    from pipeline.router.verify import VerifiedPool
    from pipeline.router.workloads import Workloads

LOG: Final = logging.getLogger("modelpool.gateway")


class PoolService:
    """One process's pool: what is served, what was refused, and what was answered."""

    def __init__(
        self,
        settings: GatewaySettings,
        options: PlanOptions,
        *,
        today: Callable[[], date],
        classifier: object,
    ) -> None:
        """Read the kept pool; nothing is served before `sync`."""
        self._settings = settings
        self._options = options
        self._today = today
        self._classifier = classifier
        self._keeper = PoolKeeper(settings.pools, settings.state)
        self._workloads = WorkloadKeeper(settings.workloads, settings.state)
        self._digests = PromptDigests()
        self._registry: Registry | None = None
        self._router: Router | None = None
        self._rolled_back: set[str] = set()
        self.pool: VerifiedPool | None = None
        """The pool that is served; None before the first."""
        self.alarm: str | None = None
        """Why the newest pool is not served; None where it is."""
        self.workload_alarm: str | None = None
        """Why the newest workload table is not served; None where it is, or where there is none."""
        self.counts: Counter[tuple[str, ...]] = Counter()
        """Events since the start: ("answered", tier, band, variant), ("failed", variant), ("refused",) ..."""

    @property
    def router(self) -> Router | None:
        """The proxy's router; None before it is there."""
        return self._router

    @property
    def demo(self) -> bool:
        """Whether stand-ins answer in place of the providers."""
        return self._settings.demo

    @property
    def table(self) -> Workloads | None:
        """The workload table that is served; None: every workload is `medium`."""
        return self._workloads.table

    @property
    def serving(self) -> ServiceState | None:
        """What a request is decided by; None before the first pool."""
        pool, plan = self.pool, self.plan
        if pool is None or plan is None:
            return None
        return ServiceState(plan=plan, pool=pool.pool, table=self.table, digests=self._digests)

    @property
    def plan(self) -> RegistryPlan | None:
        """The registry that is served; None before the first."""
        return self._registry.plan if self._registry else None

    def count_answer(self, member: DeploymentId) -> None:
        """Count an answer for the member that gave it."""
        self.counts["answered", member.tier, member.band, member.variant] += 1

    async def follow(self, router: Callable[[], Router | None]) -> None:
        """Look at the folder for as long as the proxy runs."""
        while True:
            if (present := router()) is None:
                await asyncio.sleep(0.05)
                continue
            try:
                await self.sync(present)
            except Exception:
                self.counts["failed_sync",] += 1
                LOG.exception("the pool could not be synced; what is served stays as it is")
            await asyncio.sleep(self._settings.poll_seconds)

    async def sync(self, router: Router) -> None:
        """Serve what is published, if it may be; else keep what is served, and say why."""
        if router is not self._router:
            self._router, self.pool = router, None
            self._registry = Registry(router, self._classifier, grace_seconds=self._settings.grace_seconds)
        try:
            await self._serve_published()
        except RefusedError as error:
            self.counts["refused",] += 1
            self.alarm = _alarm(error, self.alarm)
        if self.pool is None and self._keeper.kept is not None:
            await self._put_in_force(self._keeper.kept)
        await self._follow_workloads()
        await self._tidy()

    async def _serve_published(self) -> None:
        found = await asyncio.to_thread(self._keeper.look, today=self._today())
        if found.file_sha256 in self._rolled_back:
            return
        if self.pool is None or self.pool.version != found.version:
            await self._replace(found)
        self.pool, self.alarm = found, None

    async def _replace(self, found: VerifiedPool) -> None:
        try:
            await self._put_in_force(found)
        except RefusedError:
            self.counts["rolled_back",] += 1
            self._rolled_back.add(found.file_sha256)
            raise
        try:
            await asyncio.to_thread(self._keeper.keep, found)
        except (OSError, RefusedError) as error:
            self.counts["not_kept",] += 1
            LOG.warning("v%04d is served but could not be kept on disk: %s", found.version, error)

    async def _put_in_force(self, pool: VerifiedPool) -> None:
        if self._registry is None:
            return
        await self._registry.apply(plan_registry(pool.pool, self._options))
        self.pool = pool
        self.counts["served",] += 1
        LOG.warning("pool v%04d of %s is in service", pool.version, pool.pool.week)

    async def _tidy(self) -> None:
        if self._registry is None:
            return
        if restored := await self._registry.restore():
            self.counts["restored",] += restored
        self._registry.remove_old_groups()

    async def _follow_workloads(self) -> None:
        try:
            changed = await asyncio.to_thread(self._workloads.look)
        except RefusedError as error:
            self.counts["workloads_refused",] += 1
            self.workload_alarm = _alarm(error, self.workload_alarm)
            return
        self.workload_alarm = None
        if not changed or self.table is None:
            return
        LOG.warning(
            "workload table w%04d, approved by %s, is in service", self.table.number, self.table.reviewer
        )
        try:
            await asyncio.to_thread(self._workloads.keep)
        except (OSError, RefusedError) as error:
            self.counts["not_kept",] += 1
            LOG.warning("the workload table is served but could not be kept on disk: %s", error)


def _alarm(error: RefusedError, before: str | None) -> str:
    """Return the text of an alarm; log it where it is another one than before."""
    if before != str(error):
        LOG.error("ALARM: %s - %s", error, error.hint)
    return str(error)
