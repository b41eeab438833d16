"""Checks what is on record: what people wrote, files, database, runs, sources, and the pool routers load."""

from __future__ import annotations

import shlex
import stat
from typing import TYPE_CHECKING

from pipeline.domain.calendar import read_moment
from pipeline.errors import RefusedError
from pipeline.flow.record.config import read_config
from pipeline.flow.record.database import database_url
from pipeline.flow.record.integrity import check_files, refuse_missing_versions
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.record.run_log import read_run_log
from pipeline.flow.record.source_status import source_states
from pipeline.flow.record.status import LONGEST_WEEK, status, waiting_too_long
from pipeline.review.proposals.proposal_store import Reviews
from pipeline.router.verify import POINTER, verify
from pipeline.store.database import read_schema
from pipeline.toml_file import missing_file_hint

if TYPE_CHECKING:
    from pipeline.flow.operations.health_check import Examination
    from pipeline.flow.record.config import Config
    from pipeline.flow.record.source_status import SourceState


def check_words(place: Examination) -> str:
    """Check that policy, expectations and crosswalk can be read."""
    rules = read_config(place.workspace)
    other = place.workspace.shared_from("crosswalk")
    where = f", the crosswalk of {other.root}" if other else ""
    return f"{len(rules.policy.tiers)} tiers, {len(rules.crosswalk.variants)} variants{where}"


def check_record(place: Examination) -> str:
    """Check that versions, decisions and approvals agree, and the rows of the database with them."""
    if unread := check_files(RecordFiles(place.workspace), place.settings):
        raise RefusedError(unread, hint=f"`{place.workspace.command('rebuild')}` makes the database anew.")
    return "versions, decisions and approvals agree"


def check_schema(place: Examination) -> str:
    """Check that the database can be opened and that this program knows its schema."""
    workspace = place.workspace
    if place.settings.database_url is None and not workspace.database.exists():
        return "there is none yet; the next run makes it from the files"
    found, newest = read_schema(database_url(workspace, place.settings))
    return f"schema {found or 'none yet'}" + ("" if found == newest else f"; the next run makes it {newest}")


def check_runs(place: Examination) -> str:
    """Check that the last run ended well, and that it is not older than a week."""
    again = f"`{place.workspace.command('run')}`"
    log = read_run_log(place.workspace.log)
    if log.last_failed:
        more = f"`tail {shlex.quote(str(place.workspace.log))}`"
        raise RefusedError(
            log.failed[-1].words(), hint=f"Correct what it says ({more} shows more), then {again}."
        )
    runs = Reviews(place.workspace.reviews).runs
    if not runs:
        schedule = f"`{place.workspace.command('schedule cron')}`"
        policy = place.workspace.policy
        first = f"{again}; then {schedule}." if policy.exists() else missing_file_hint(policy)
        raise RefusedError("nothing was ever run here", hint=first)
    last = max(run.as_of for run in runs)
    if place.now - read_moment(last) > LONGEST_WEEK:
        raise RefusedError(
            f"the last run was at {last}, more than {LONGEST_WEEK.days} days ago",
            hint=f"See why the weekly job does not start (its log is data/schedule.log), then {again}.",
        )
    return f"the last run was at {last}"


def check_reviews(place: Examination) -> str:
    """Check that nothing waits for a person longer than the policy allows."""
    today = place.now.date()
    found = status(place.workspace, place.settings, today=today)
    if waiting := waiting_too_long(found, place.workspace, today=today):
        hint = place.workspace.command("review" if found.pending else "publish")
        raise RefusedError(waiting[0], hint=f"`{hint}`")
    return "nothing waits for too long"


def check_sources(place: Examination) -> str:
    """Check that every source gave data that is used, and none for too long ago."""
    rules = read_config(place.workspace)
    states = source_states(place.workspace, place.settings, now=place.now)
    wrong = [words for one in states if (words := _wrong_with(one, rules, place))]
    if wrong:
        raise RefusedError(
            "; ".join(wrong),
            hint=f"`{place.workspace.command('sources')}` says why; "
            f"`{place.workspace.command('sources check --live')}` asks them now.",
        )
    seen = [one.fetched_at for one in states if one.fetched_at]
    return f"{len(seen)} of {len(states)} delivered, the oldest on {min(seen):%Y-%m-%d}" if seen else "none"


def _wrong_with(one: SourceState, rules: Config, place: Examination) -> str:
    if one.held:
        return f"{one.source} is held"
    if one.fetched_at is None:
        return f"{one.source} never delivered" if one.source in rules.score_sources else ""
    days, most = (place.now - one.fetched_at).days, rules.expectations.of(one.source).max_age_days
    return f"the data of {one.source} is {days} days old, more than {most}" if days > most else ""


def check_pool(place: Examination) -> str:
    """Check that a pool is in force and not expired, as a router reads it."""
    refuse_missing_versions(RecordFiles(place.workspace))
    found = verify(place.workspace.pools, today=place.now.date())
    if found.expired:
        raise RefusedError(
            f"v{found.version:04} expired on {found.expires_on}; routers serve it and raise an alarm",
            hint=f"`{place.workspace.command('run')}`, then `{place.workspace.command('review')}`.",
        )
    return f"v{found.version:04} expires on {found.expires_on}"


def check_router_access(place: Examination) -> str:
    """Check that a router of another user may read the pointer and the file it names."""
    refuse_missing_versions(RecordFiles(place.workspace))
    pools = place.workspace.pools
    found = verify(pools, today=None)
    for path in (pools, pools / POINTER, pools / found.file):
        wanted = stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0)
        if path.stat().st_mode & wanted != wanted:
            words = "o+rx" if path.is_dir() else "o+r"
            raise RefusedError(
                f"a router of another user cannot read {path}",
                hint=f"`chmod {words} {shlex.quote(str(path))}`",
            )
    return f"any user may read {pools / POINTER}"
