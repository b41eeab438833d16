"""Defines the documents of an operator's own traffic: answers, who graded them, bands of a workload."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from pipeline.domain.document import DecimalText, DigestText, Document, MomentText

Label = Annotated[str, StringConstraints(pattern=r"^[!-~]([ -~]{0,198}[!-~])?$")]
"""A name of 1 to 200 printable ASCII characters."""
Count = Annotated[int, Field(ge=0, le=2**53)]
Band = Literal["simple", "medium", "complex"]
Tools = Literal["none", "one", "several"]


class UsageRecord(Document):
    """One answer of one variant, without any text of the request or the answer."""

    request: Label
    """The gateway's id of the request that was answered."""
    workload: Label
    session: Label | None
    time: MomentText
    variant: Label
    tokens_in: Count | None
    tokens_out: Count | None
    usd: DecimalText | None
    """What the answer cost; None on a line that only grades it."""
    outcome: Literal[0, 1] | None
    """1: acceptable, 0: not; None: nobody graded it."""
    grader: Label | None
    """Who graded it; present exactly where an outcome is."""
    pair: Label | None
    """The request that this one answers again; None: it is the first answer."""
    tools: Count | None
    """Functions that the request offers."""
    chars: Count | None
    """Length of the last human turn in characters."""

    @model_validator(mode="after")
    def _is_graded_by_somebody(self) -> Self:
        if (self.outcome is None) != (self.grader is None):
            raise ValueError("`outcome` and `grader` stand together or not at all")
        return self

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two lines the same statement: the request, who answered, who graded."""
        return (self.request, self.variant, self.grader or "")


class BandEvidence(Document):
    """What graded pairs of two variants say: how many points the cheaper one loses."""

    cheaper: str
    better: str
    pairs: Count
    loss_points: DecimalText
    """Acceptable answers per 100 that the better one gives more."""
    low_points: DecimalText
    """Lower end of the 95 % interval."""
    high_points: DecimalText


class WorkloadRow(Document):
    """The band that the requests of a workload take, or those of one kind in it."""

    tier: str
    workload: str
    tools: Tools | None
    """None: this row is the whole workload's."""
    chars_from: Count | None
    chars_below: Count | None
    band: Band
    default: str
    """First of the band `medium` when this was fitted; the row ends when it is not."""
    served_by: str
    """First of the row's band when this was fitted; the row ends when it is not."""
    evidence: tuple[BandEvidence, ...]


class MixingReport(Document):
    """What routing by the fitted order gained on later requests over mixing both for the same money."""

    tier: str
    workload: str
    cheaper: str
    better: str
    pairs: Count
    pairs_needed: Count | None
    """For the margin, at the share of pairs that disagree; None: there are none."""
    judged: Count
    """Pairs of later sessions that were not fitted on."""
    points: DecimalText | None
    """At half of the extra money; None: too few to judge, or the better one is not dearer."""
    length_points: DecimalText | None
    """The same for the longest requests first."""
    standard_error: DecimalText | None
    better_than_mixing: bool


class WorkloadTable(Document):
    """What a person approves byte for byte, and a gateway then follows."""

    format: Literal[1]
    fitted_at: MomentText
    pool_version: Annotated[int, Field(ge=1)]
    pool_sha256: DigestText
    records_sha256: DigestText
    """Digest of the names of the record files that were read."""
    margin_points: DecimalText
    """What a workload may lose per 100 answers and still be simple."""
    rows: tuple[WorkloadRow, ...]
    reports: tuple[MixingReport, ...]


class ApprovedTable(Document):
    """A table with its approval, filed once as `data/workloads/wNNNN.json`."""

    table: WorkloadTable
    table_sha256: DigestText
    reviewer: str
    note: str
    approved_at: MomentText
    previous: DigestText | None
    """Digest of the bytes of the file before this one; None for the first."""
