"""Writes the next version, then points at it; a crash between the two is finished by running again."""

from __future__ import annotations

import fcntl
import os
import shlex
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from pipeline import atomic_files
from pipeline.domain.proposal import Decision, Verdict
from pipeline.errors import RefusedError, is_full_disk
from pipeline.publish.versions import (
    POINTER,
    PublishedVersion,
    file_bytes,
    file_name,
    pointer_bytes,
    pool_digest,
    version_in_force,
)
from pipeline.regular_file import read_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pipeline.domain.pool import Pool

MOST_FILE_BYTES: Final = 512 * 1024
"""Half of what routers read; three tiers of five members are about 20 KiB."""


def release(pool: Pool, decision: Decision, pools: Path, *, check: Callable[[bytes], None]) -> Path:
    """Publish an approved pool.

    Args:
        pool: What was proposed.
        decision: A person's word on it.
        pools: The folder `data/pools`.
        check: The router's own check of a file's bytes; raises what a router would refuse.

    Returns:
        The numbered file that is now in force.

    Raises:
        RefusedError: Not approved, other bytes than approved, not next to what is in force, already
            published, beyond a router's limits, or the disk refused. Routers see the whole old
            version or the whole new one.
    """
    _require_approval(pool, decision)
    body = loadable_bytes(pool, check=check)
    numbered = pools / file_name(pool.version)
    try:
        pools.mkdir(parents=True, exist_ok=True)
        with _hold_folder(pools):
            _require_next(pool, version_in_force(pools))
            _require_free(numbered, body)
            atomic_files.create_file(numbered, body)
            atomic_files.replace_file(pools / POINTER, pointer_bytes(pool.version, body))
    except OSError as error:
        raise RefusedError(
            f"publishing v{pool.version:04} stopped: {error}",
            hint=f"`modelpool status` shows what is in force. {_next_step(pools, error)}, then "
            "`modelpool publish` again.",
        ) from error
    return numbered


def _next_step(pools: Path, error: OSError) -> str:
    if is_full_disk(error):
        return "Free space on that disk (`df -h` lists them)"
    return f"See what its folder and disk are (`ls -ld {shlex.quote(str(pools))}`, `df -h`)"


def loadable_bytes(pool: Pool, *, check: Callable[[bytes], None]) -> bytes:
    """Write the numbered file of a pool that every router would load; nothing is kept.

    Args:
        pool: What is proposed, or about to be published.
        check: The router's own check of a file's bytes; raises what a router would refuse.

    Raises:
        RefusedError: It is beyond a router's limits, or a router would refuse it.
    """
    body = file_bytes(pool)
    _require_limits(pool, body)
    check(body)
    return body


def _require_approval(pool: Pool, decision: Decision) -> None:
    if decision.verdict is not Verdict.APPROVED:
        raise RefusedError(
            f"{decision.reviewer} decided `{decision.verdict}` on the {decision.week} proposal",
            hint="Only an approved proposal is published; `modelpool run` makes a new one.",
        )
    digest = pool_digest(pool)
    if (decision.pool_sha256, decision.week) != (digest, pool.week):
        raise RefusedError(
            f"the decision approves {decision.pool_sha256[:12]}... of {decision.week}, "
            f"but v{pool.version:04} is {digest[:12]}... of {pool.week}",
            hint="`modelpool status` shows what is in force and what waits.",
        )


def _require_limits(pool: Pool, body: bytes) -> None:
    hint = "Change data/policy/tiers.toml, then `modelpool run` and review again."
    for name, tier in pool.tiers.items():
        if not 1 <= len(tier.members) <= tier.k:
            raise RefusedError(
                f"tier {name} has {len(tier.members)} members; the policy allows 1 to {tier.k}", hint=hint
            )
    if len(body) > MOST_FILE_BYTES:
        raise RefusedError(f"the pool file has {len(body)} bytes, more than {MOST_FILE_BYTES}", hint=hint)


def _require_next(pool: Pool, latest: PublishedVersion | None) -> None:
    if latest and (latest.version, latest.sha256) == (pool.version, pool_digest(pool)):
        # The rename may have been acknowledged by nobody: its folder is synced before we say so.
        atomic_files.create_file(latest.path, file_bytes(pool))
        raise RefusedError(
            f"v{pool.version:04} is already published",
            hint="There is nothing left to do; `modelpool status` shows what is in force.",
        )
    named = (pool.base.version, pool.base.sha256) if pool.base else (0, "")
    expected = (latest.version, latest.sha256) if latest else (0, "")
    if named != expected or pool.version != expected[0] + 1:
        raise RefusedError(
            f"v{pool.version:04} follows v{named[0]:04} ({named[1][:12] or 'nothing'}), "
            f"but v{expected[0]:04} ({expected[1][:12] or 'nothing'}) is in force",
            hint="The approval was for another base: `modelpool run` again and review the new proposal.",
        )


def _require_free(numbered: Path, body: bytes) -> None:
    if numbered.exists() and read_file(numbered) != body:
        raise RefusedError(
            f"{numbered} exists with other content, although {POINTER} never named it",
            hint="`modelpool verify` says whether `modelpool publish` finishes it, or it is to be removed.",
        )


@contextmanager
def _hold_folder(pools: Path) -> Iterator[None]:
    """Hold the folder against a second publisher; the lock ends with the process, however it ends."""
    descriptor = os.open(pools, os.O_RDONLY)
    try:
        _lock(descriptor, pools)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, pools: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RefusedError(
            f"another publication into {pools} is under way",
            hint="Wait for it, then look at `modelpool status`.",
        ) from None
