"""Decides whether an answer may be used, with earlier weeks, approved rows and people's acceptances."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from pipeline.checks.compare import order_findings
from pipeline.checks.reading_checks import age_findings, check_reading
from pipeline.checks.reading_stats import EarlierReading, compare_recent, distinct_readings
from pipeline.checks.renames import rename_findings
from pipeline.checks.row_quarantine import LASTING, quarantine_rows, quarantined_metrics, subject_of
from pipeline.domain.calendar import Week, read_moment
from pipeline.domain.observation import OLD_DATA, Capture, Finding, Reading, Severity
from pipeline.domain.run import ApprovedRows, CaptureUse
from pipeline.identity.names.source_names import MAIN_METRIC
from pipeline.identity.resolve.catalogue_lookup import routed_keys
from pipeline.review.decisions.acceptances import Acceptance, kinds_accepted
from pipeline.sources.registry import SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.domain.ids import SourceName, VariantId
    from pipeline.flow.record.config import Config
    from pipeline.flow.record.run_history import RunHistory

_MEMORY = timedelta(weeks=8)
"""How long an approval counts against a row that moves in small steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """What the gate decided about one answer."""

    captures: tuple[Capture, ...]
    reading: Reading
    """With the approved values of rows that moved too far."""
    findings: tuple[Finding, ...]
    kept: tuple[Capture, ...]
    """The earlier captures those values are from."""

    @property
    def stopped(self) -> tuple[Finding, ...]:
        """Why the answer must not be used; empty when it may."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.HOLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityGate:
    """Everything an answer is compared with."""

    rules: Config
    history: RunHistory
    week: Week
    now: datetime

    def judge(
        self, source: SourceName, captures: tuple[Capture, ...], *, others: tuple[Reading, ...] = ()
    ) -> GateResult:
        """Parse an answer and compare it; nothing is written.

        Args:
            source: Who answered.
            captures: What.
            others: What is used of the other sources this week, as far as they were judged.

        Raises:
            SourceHeldError: It cannot be parsed, which nobody can accept.
        """
        reading = SOURCES[source].parse(captures)
        steps = self._steps(source, self._uses(source))
        last = steps[0].read() if steps else None
        findings = check_reading(
            reading,
            self.rules.expectations.of(source),
            last=last,
            now=self.now,
            trail=compare_recent(reading, steps),
        )
        findings += order_findings(
            reading, self._by_variant(reading), {one.source: self._by_variant(one) for one in others}
        )
        findings = self._override_accepted(captures, findings)
        findings += rename_findings(reading, last) if last else ()
        return self._with_quarantine(captures, reading, findings, steps)

    def _by_variant(self, reading: Reading) -> Mapping[VariantId, float]:
        """Return the main value of each variant that a person judged a name to mean."""
        main, judged = MAIN_METRIC.get(reading.source), self.rules.crosswalk.judgements
        rows = ((judged.get((reading.source, row.key)), row) for row in reading.observations)
        return {
            known.variant: row.value for known, row in rows if known and known.variant and row.metric == main
        }

    def judge_again(self, source: SourceName, captures: tuple[Capture, ...]) -> GateResult:
        """Quarantine again the rows of the last good reading, for a source with nothing newer.

        It is the same answer, so it counts as no further week in which the source said so.
        """
        reading = SOURCES[source].parse(captures)
        mine = sorted(capture.sha256 for capture in captures)
        uses = [use for use in self._uses(source) if sorted(use.captures) != mine]
        expected = self.rules.expectations.of(source)
        aged = tuple(
            finding for finding in age_findings(reading, expected, self.now) if finding.kind == OLD_DATA
        )
        judged = self._with_quarantine(
            captures, replace(reading, findings=()), aged, self._steps(source, uses)
        )
        return replace(judged, reading=replace(judged.reading, findings=reading.findings))

    def accepted_instead(self, source: SourceName) -> tuple[Acceptance, GateResult] | None:
        """Return captures that were held, are still here, and that a person accepted since; None without.

        They count until newer data of the source is used.
        """
        newest = self.newest(source)
        for acceptance in self._acceptances(source):
            captures = self.history.capture_index.captures(source, acceptance.captures)
            if not acceptance.kinds or not captures or not _still_counts(acceptance, newest, self.week):
                continue
            judged = self.judge(source, captures)
            return None if judged.stopped else (acceptance, judged)
        return None

    def _acceptances(self, source: SourceName) -> list[Acceptance]:
        return [acceptance for acceptance in self.history.record.acceptances if acceptance.source == source]

    def _override_accepted(
        self, captures: tuple[Capture, ...], findings: tuple[Finding, ...]
    ) -> tuple[Finding, ...]:
        """Let a person's acceptance of exactly these bytes override a rule, with a finding."""
        if not captures:
            return findings
        source = captures[0].source
        kinds = kinds_accepted(self._acceptances(source), [capture.sha256 for capture in captures])
        results: list[Finding] = []
        for finding in findings:
            one = kinds.get(finding.kind) if finding.severity is Severity.HOLD else None
            results.append(replace(finding, severity=Severity.WARN) if one else finding)
            if one:
                acceptance = f"{one.reviewer} accepted it at {one.accepted_at}: {one.reason}"
                message = f"{source}: held for `{finding.kind}`, but {acceptance}"
                results.append(
                    Finding(kind="accepted", severity=Severity.WARN, subject=source, message=message)
                )
        return tuple(results)

    def _uses(self, source: SourceName) -> tuple[CaptureUse, ...]:
        return self.history.uses(source, before=self.week, metrics=self._compared_metrics(source))

    def newest(self, source: SourceName) -> tuple[CaptureUse, ...]:
        """Return the last use of new data of a source, in any week; empty where there is none."""
        return self.history.uses(source, limit=1, metrics=self._compared_metrics(source))

    def _compared_metrics(self, source: SourceName) -> tuple[str, ...]:
        return quarantined_metrics(self.rules.expectations.of(source).rows)

    def _steps(self, source: SourceName, uses: Sequence[CaptureUse]) -> list[EarlierReading]:
        return [
            EarlierReading(
                week=use.week,
                names=use.summary.names,
                numbers=use.summary.numbers,
                read=cache(partial(self._read_captures, source, use.captures)),
            )
            for use in uses
        ]

    def _read_captures(self, source: SourceName, digests: Sequence[str]) -> Reading | None:
        captures = self.history.capture_index.captures(source, digests)
        return self.history.parse(source, digests, captures) if captures else None

    def _with_quarantine(
        self,
        captures: tuple[Capture, ...],
        reading: Reading,
        findings: tuple[Finding, ...],
        steps: Sequence[EarlierReading],
    ) -> GateResult:
        rows = self.rules.expectations.of(reading.source).rows
        metrics = self._compared_metrics(reading.source)
        approved = self.history.rows_behind_pools(reading.source, metrics=metrics, since=self.now - _MEMORY)
        usable = [self._with_captures_here(reading.source, one) for one in approved]
        if approved and not any(one.observations for one in usable):
            message = (
                f"{reading.source}: none of its values was approved yet; its rows are compared with nothing"
            )
            nothing = Finding(
                kind="no-approved-values", severity=Severity.WARN, subject=reading.source, message=message
            )
            findings = (*findings, nothing)
        by_name = [
            self._by_name(reading.source, acceptance)
            for acceptance in self._acceptances(reading.source)
            if acceptance.rows
        ]
        known = sorted((*by_name, *usable), key=lambda one: (one.as_of, one.by_name), reverse=True)
        routed = routed_keys(self.rules.crosswalk, reading.source)
        held = quarantine_rows(reading, rows, known, routed=routed)
        if held.captures:
            held = quarantine_rows(
                reading, rows, known, routed=routed, earlier=distinct_readings(reading, steps, LASTING)
            )
        return GateResult(
            captures=captures,
            reading=held.reading,
            findings=(*reading.findings, *findings, *held.findings),
            kept=self.history.capture_index.captures(reading.source, held.captures),
        )

    def _with_captures_here(self, source: SourceName, one: ApprovedRows) -> ApprovedRows:
        """Leave out rows whose captures are gone: what is kept must be there to be read again."""
        here = {
            digest: self.history.capture_index.has(source, digest)
            for digest in {row.capture for row in one.observations}
        }
        return replace(one, observations=tuple(row for row in one.observations if here[row.capture]))

    def _by_name(self, source: SourceName, acceptance: Acceptance) -> ApprovedRows:
        """Return the rows that a person accepted by name, as their capture says them."""
        reading = self._read_captures(source, acceptance.captures)
        return ApprovedRows(
            as_of=read_moment(acceptance.accepted_at),
            by_name=True,
            observations=tuple(
                one for one in (reading.observations if reading else ()) if subject_of(one) in acceptance.rows
            ),
        )


def _still_counts(acceptance: Acceptance, newest: Sequence[CaptureUse], week: Week) -> bool:
    """Return whether no newer data was used since; the accepted captures themselves are not newer."""
    if not newest or (newest[0].week, newest[0].attempt) < (acceptance.week, acceptance.attempt):
        return True
    return newest[0].week == week and sorted(newest[0].captures) == sorted(acceptance.captures)
