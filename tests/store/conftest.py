"""A small record to put on the database: runs, pools, proposals and decisions with round numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.calendar import Week, monday
from pipeline.domain.crosswalk import Crosswalk, Judgement, Variant
from pipeline.domain.document import canonical_json, sha256_hex
from pipeline.domain.ids import (
    LMARENA_TEXT,
    OPENROUTER,
    Sha256,
    SourceKey,
    SourceModelName,
    VariantId,
    arena_metric,
)
from pipeline.domain.observation import Capture, Finding, Observation, Price, Reading, Severity
from pipeline.domain.pool import Member, Pool, PriceLine, TierPool
from pipeline.domain.proposal import Coverage, Decision, Proposal, Verdict
from pipeline.domain.run import Outcome, RunRecord
from pipeline.domain.score import BoardScore, Cost, ListPrice, NoPrice, NoScore, Score, Scoreboard
from pipeline.store.database import Database, open_database
from pipeline.store.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pydantic import BaseModel

    from tests.postgres_server import PostgresServer

ARENA = arena_metric("text", "overall")
SCALE = "arena-text-style-control"
NOBODY = Sha256("0" * 64)


def digest(document: BaseModel) -> Sha256:
    """Digest a document as its file is digested."""
    return sha256_hex(canonical_json(document.model_dump(mode="json")))


def contents(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return every row that a database holds, by table."""
    with database._reading() as connection:
        return {
            name: [tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key))]
            for name, table in METADATA.tables.items()
        }


def moment(week: str) -> datetime:
    """Saturday noon of a week, when the job runs."""
    day = monday(Week(week)) + timedelta(days=5)
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def text_of(at: datetime) -> str:
    """Write a moment as documents do."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Records:
    """Builds domain values; what a test does not name is unremarkable."""

    def crosswalk(self, names: Sequence[str], *, reason: str = "same name", routed: bool = True) -> Crosswalk:
        variants = {
            VariantId(f"{name}@high"): Variant(
                id=VariantId(f"{name}@high"),
                vendor="vendor",
                family=name,
                release=name,
                effort="high",
                released_on=date(2026, 1, 2),
                context_tokens=200_000,
                litellm=f"vendor/{name}",
                key_env="VENDOR_API_KEY",
                litellm_effort="high",
            )
            for name in names
        }
        judgements = [
            Judgement(
                source=LMARENA_TEXT,
                key=SourceKey(name),
                name=SourceModelName(name),
                variant=VariantId(f"{name}@high") if routed else None,
                decided_on=date(2026, 8, 1),
                decided_by="Reviewer",
                reason=reason,
            )
            for name in names
        ]
        return Crosswalk(
            variants=variants,
            judgements={(line.source, line.key): line for line in judgements},
            prices={},
            sha256=sha256_hex(f"{sorted(names)} {reason} {routed}".encode()),
        )

    def run(
        self,
        week: str,
        ratings: Mapping[str, float],
        *,
        attempt: int = 1,
        microusd: int | None = 1_000_000,
        missing: Sequence[str] = (),
    ) -> RunRecord:
        """One source of ratings, one of prices, one finding; a rating per name, one price for all."""
        at = moment(week)
        captures = tuple(
            Capture(
                source=source,
                url=f"https://example.org/{source}",
                fetched_at=at,
                status=200,
                body=f"{source} {week} {sorted(ratings.items())}".encode(),
            )
            for source in (LMARENA_TEXT, OPENROUTER)
        )
        return RunRecord(
            week=Week(week),
            attempt=attempt,
            as_of=at,
            outcome=Outcome.PROPOSAL,
            captures=captures,
            readings=(self._ratings(captures[0], ratings), self._prices(captures[1], ratings, microusd)),
            held=(),
            findings=(Finding(kind="drift", severity=Severity.NOTE, subject="x", message="A new field."),),
            scoreboards={"general": self.scoreboard(ratings, microusd)},
            crosswalk=self.crosswalk(sorted(ratings)),
            missing=tuple(VariantId(f"{name}@high") for name in missing),
        )

    def _ratings(self, capture: Capture, ratings: Mapping[str, float]) -> Reading:
        observations = tuple(
            Observation(
                source=capture.source,
                key=SourceKey(name),
                name=SourceModelName(name),
                metric=ARENA,
                scale=SCALE,
                value=rating,
                low=rating - 5,
                high=rating + 5,
                votes=5000,
                observed_on=capture.fetched_at.date(),
                capture=capture.sha256,
            )
            for name, rating in ratings.items()
        )
        return Reading(
            source=capture.source,
            scale=SCALE,
            published_on=capture.fetched_at.date(),
            fetched_at=capture.fetched_at,
            captures=(capture.sha256,),
            observations=observations,
        )

    def _prices(self, capture: Capture, names: Mapping[str, float], microusd: int | None) -> Reading:
        prices = tuple(
            Price(
                source=capture.source,
                key=SourceKey(f"vendor/{name}"),
                name=SourceModelName(name),
                input_microusd_per_mtok=microusd,
                output_microusd_per_mtok=microusd and 4 * microusd,
                cache_read_microusd_per_mtok=None,
                observed_on=capture.fetched_at.date(),
                capture=capture.sha256,
            )
            for name in names
        )
        return Reading(
            source=capture.source,
            scale="",
            published_on=None,
            fetched_at=capture.fetched_at,
            captures=(capture.sha256,),
            prices=prices,
        )

    def scoreboard(self, ratings: Mapping[str, float], microusd: int | None) -> Scoreboard:
        """Everybody scored, and `ghost@high` unscored."""
        cost: Cost | NoPrice = NoPrice(reason="price_unknown", detail="nobody states a price")
        if microusd is not None:
            price = ListPrice(
                input_microusd_per_mtok=microusd,
                output_microusd_per_mtok=4 * microusd,
                cache_read_microusd_per_mtok=None,
                sources=(OPENROUTER,),
            )
            cost = Cost(usd_per_task=0.01, log_sd=0.1, grade="1", verbosity=1.0, price=price)
        ghost = VariantId("ghost@high")
        return Scoreboard(
            evidence="general",
            anchors=(),
            anchor_rating=1400.0,
            reference=(),
            reference_theta=0.0,
            fits=(),
            scores={
                VariantId(f"{name}@high"): self._score(name, value, cost) for name, value in ratings.items()
            },
            unscored={ghost: NoScore(variant=ghost, reason="no_score", detail="no board lists it")},
        )

    def _score(self, name: str, rating: float, cost: Cost | NoPrice) -> Score:
        said = BoardScore(
            metric=ARENA, scale=SCALE, published=rating, theta=0.5, se=0.02, votes=5000, confirmed=True
        )
        return Score(
            variant=VariantId(f"{name}@high"),
            boards=(said,),
            theta=0.5,
            sigma=0.05,
            sigma_measured=0.02,
            quality=0.6,
            quality_low=0.55,
            quality_high=0.65,
            confirmed=True,
            cost=cost,
        )

    def pool(self, version: int, week: str, tiers: Mapping[str, Sequence[str]]) -> Pool:
        return Pool(
            format=1,
            version=version,
            week=week,
            as_of=text_of(moment(week)),
            expires_on=str(moment(week).date() + timedelta(days=28)),
            base=None,
            policy_sha256=NOBODY,
            audit_head=None,
            tiers={
                tier: TierPool(
                    evidence="general",
                    k=3,
                    members=tuple(self._member(name, rank) for rank, name in enumerate(names, start=1)),
                    bands={},
                )
                for tier, names in tiers.items()
            },
            attribution=(),
        )

    def _member(self, name: str, rank: int) -> Member:
        price = PriceLine(
            input_microusd_per_mtok=1,
            output_microusd_per_mtok=1,
            cache_read_microusd_per_mtok=None,
            sources=(),
            note="",
        )
        return Member(
            rank=rank,
            variant=f"{name}@high",
            vendor="vendor",
            family=name,
            release=name,
            effort="high",
            routes={"litellm": f"vendor/{name}"},
            key_env=None,
            reasoning_effort="high",
            price=price,
            usd_per_task="0.01",
            cost_grade="1",
            quality="0.6",
            quality_low="0.55",
            quality_high="0.65",
            acceptable_answers_per_usd="10",
            utility_low="0.1",
            utility_high="0.2",
            inclusion_probability="1",
            floor_probability="1",
            rank_low=1,
            rank_high=1,
            context_tokens=None,
            tools=None,
            vision=None,
            retires_on=None,
            stale=False,
        )

    def proposal(self, pool: Pool, *, attempt: int = 1, seed: int = 1) -> Proposal:
        return Proposal(
            format=1,
            week=pool.week,
            attempt=attempt,
            as_of=pool.as_of,
            seed=seed,
            inputs=(),
            pool=pool,
            pool_sha256=digest(pool),
            changes=(),
            tiers={},
            fits=(),
            anchors={},
            coverage=Coverage(judged=0, not_routed=0, open=0),
            open_names=(),
            findings=(),
            large=False,
        )

    def decision(
        self, proposal: Proposal, *, verdict: Verdict = Verdict.APPROVED, previous: Sha256 | None = None
    ) -> Decision:
        return Decision(
            format=1,
            week=proposal.week,
            attempt=proposal.attempt,
            verdict=verdict,
            pool_sha256=proposal.pool_sha256,
            proposal_sha256=digest(proposal),
            reviewer="Reviewer",
            note="Read it.",
            decided_at=text_of(moment(proposal.week) + timedelta(hours=1)),
            previous=previous,
        )

    def publish(
        self, database: Database, pool: Pool, *, previous: Sha256 | None = None, attempt: int = 1
    ) -> Sha256:
        """Propose, approve and publish; return the decision's digest."""
        proposal = self.proposal(pool, attempt=attempt)
        decision = self.decision(proposal, previous=previous)
        database.record_proposal(proposal, proposal_sha256=digest(proposal))
        database.record_decision(decision, decision_sha256=digest(decision))
        database.record_pool(pool, pool_sha256=digest(pool))
        return digest(decision)

    def large_run(self, week: str, *, names: int = 400, metrics: int = 27) -> RunRecord:
        """As large as a real week: about 11,000 observations and 400 prices."""
        run = self.run(week, {f"model-{number:03}": 1400.0 + number for number in range(names)})
        ratings, prices = run.readings
        many = tuple(
            replace(seen, metric=arena_metric("text", f"category-{number:02}"))
            for seen in ratings.observations
            for number in range(metrics)
        )
        return replace(run, readings=(replace(ratings, observations=many), prices))


@pytest.fixture
def records() -> Records:
    """The builder."""
    return Records()


@pytest.fixture
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where the file of a SQLite database will be; what is about one is not asked of a server."""
    if request.config.getoption("--postgres"):
        pytest.skip("about a SQLite file")
    return tmp_path / "data" / "pipeline.sqlite"


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    """The address of a database that holds nothing."""
    if request.config.getoption("--postgres"):
        server: PostgresServer = request.getfixturevalue("postgres")
        return server.new_database()
    return f"sqlite:///{request.getfixturevalue('file')}"


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database's file with all its tables and no row; making it anew takes 0.1 s each time."""
    made = tmp_path_factory.mktemp("empty") / "pipeline.sqlite"
    open_database(f"sqlite:///{made}").__exit__()
    return made.read_bytes()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An open database with all its tables and no row."""
    if request.config.getoption("--postgres"):
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.new_database()
    else:
        file: Path = request.getfixturevalue("file")
        file.parent.mkdir()
        file.write_bytes(request.getfixturevalue("empty"))
        url = f"sqlite:///{file}"
    with open_database(url) as opened:
        yield opened
