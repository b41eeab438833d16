"""Reads Artificial Analysis: `/api/v2/language/models/free`, and stored answers of the path it retired.

Attribution to https://artificialanalysis.ai/ is asked for on every use. Quirks: pages have no snapshot, so
pages that disagree are all discarded; rows come sorted by id, so page 1 alone is an arbitrary third; slugs
are reused for other models, names change, only `id` is stable; scores of two index versions are two scales.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, Sha256, SourceKey, SourceModelName, SourceName
from pipeline.domain.observation import (
    INDEX_ATTRIBUTION,
    Capture,
    Entry,
    Observation,
    Price,
    PriceRole,
    Reading,
)
from pipeline.errors import UsageError
from pipeline.sources.artificial_analysis.fetch import REQUESTS_A_DAY, fetch_pages
from pipeline.sources.artificial_analysis.pages import (
    LAST_CHANGE,
    UNKNOWN_VERSION,
    IndexPage,
    read_index_page,
)
from pipeline.sources.parsing.fields import FieldError, confusable_keys, is_plain, value_text
from pipeline.sources.parsing.json_body import held_error
from pipeline.sources.parsing.row_issues import RowIssues
from pipeline.sources.spec import SourceSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import SecretStr

    from pipeline.sources.artificial_analysis.pages import Model
    from pipeline.sources.http.session import SourceSession


def require_key(key: SecretStr | None) -> SecretStr:
    """Return the key without which nothing can be asked.

    Raises:
        UsageError: There is none.
    """
    if key is None or not key.get_secret_value():
        raise UsageError(
            "there is no key for Artificial Analysis",
            hint="Set MODELPOOL_AA_KEY or MODELPOOL_AA_KEY_FILE, or give its answer as a file: "
            "--captures artificial-analysis=FILE",
        )
    return key


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtificialAnalysis:
    """The free language model list."""

    key: SecretStr | None = None
    """Sent in the header `x-api-key` and nowhere else; not needed to parse."""
    tier: str = "free"
    """Which list to ask for: `free`, `pro`, or `auto`, which lets the first answer decide."""

    @property
    def name(self) -> SourceName:
        """Its name here."""
        return ARTIFICIAL_ANALYSIS

    @property
    def patterns(self) -> tuple[str, ...]:
        """Answers of the API, old and new; not the docs or site tables that lie beside them."""
        return ("*artificial-analysis*.json", "*artificial-analysis*.json.gz", *_FOLDERS)

    def fetch(self, session: SourceSession) -> tuple[Capture, ...]:
        """Ask for all pages, with the key in a header.

        Raises:
            UsageError: There is no key.
            SourceHeldError: A page gave no complete answer, or the day's requests are used up.
        """
        return fetch_pages(session, require_key(self.key), self.tier)

    def parse(self, captures: Sequence[Capture]) -> Reading:
        """Read all pages of one answer.

        Raises:
            SourceHeldError: Pages are missing or disagree, or a body is not what this source publishes.
        """
        answer = read_index_page(self.name, captures)
        issues = RowIssues(self.name)
        issues.drift(set(answer.unknown))
        if answer.scale == UNKNOWN_VERSION:
            issues.tell("unknown-version", _VERSION_NOT_TOLD)
        models = _models(answer, issues)
        return Reading(
            source=self.name,
            scale=answer.scale,
            published_on=None,
            fetched_at=max(capture.fetched_at for capture in captures),
            captures=tuple(sorted(capture.sha256 for capture in captures)),
            observations=tuple(
                observation
                for model, digest in models
                for observation in _observations(model, digest, answer)
            ),
            prices=tuple(_price(model, digest, answer) for model, digest in models),
            entries=tuple(_entry(model) for model, _ in models),
            findings=issues.findings(),
        )


_FOLDERS = (
    "api-v2-free/*.json",
    "api-v2-free/*.json.gz",
    "api-legacy-v2-data/*.json",
    "api-legacy-v2-data/*.json.gz",
)


_VERSION_NOT_TOLD = (
    f"{ARTIFICIAL_ANALYSIS}: the answer does not say its index version, and since {LAST_CHANGE} its date "
    "does not tell it, so it is a scale of its own. Ask the current API, which says it: `modelpool run`."
)


def _models(answer: IndexPage, issues: RowIssues) -> list[tuple[Model, Sha256]]:
    """Read every row; an id given twice means that rows moved between two pages."""
    models: dict[str, tuple[Model, Sha256]] = {}
    count = 0
    for digest, rows in answer.pages:
        for row in rows:
            count += 1
            if not isinstance(row, dict):
                issues.refuse("bad-value", value_text(row), "a row should be an object")
                continue
            try:
                model = answer.read(row, issues)
            except FieldError as error:
                issues.refuse(*_odd_row(row, error))
                continue
            if model.id in models:
                raise held_error(
                    ARTIFICIAL_ANALYSIS, f"the id {model.id} twice: rows moved while its pages were read"
                )
            models[model.id] = (model, digest)
    if not count:
        raise held_error(ARTIFICIAL_ANALYSIS, "a list without models")
    for key, other in confusable_keys((key, model.name) for key, (model, _) in models.items()).items():
        model, _ = models.pop(key)
        issues.refuse("twin-name", model.name, f"it cannot be told from {value_text(other)}, another id")
    issues.check(count)
    return [models[key] for key in sorted(models)]


def _odd_row(row: dict[str, object], error: FieldError) -> tuple[str, object, str]:
    name = row.get("name")
    unsafe = isinstance(name, str) and bool(name.strip()) and not is_plain(name)
    return ("unsafe-name" if unsafe else "bad-value", name, str(error))


def _observations(model: Model, digest: Sha256, answer: IndexPage) -> list[Observation]:
    return [
        Observation(
            source=ARTIFICIAL_ANALYSIS,
            key=SourceKey(model.id),
            name=SourceModelName(model.name),
            metric=metric,
            scale=answer.scale,
            value=value,
            low=None,
            high=None,
            votes=None,
            observed_on=answer.observed_on,
            capture=digest,
        )
        for metric, value in model.measures
    ]


def _price(model: Model, digest: Sha256, answer: IndexPage) -> Price:
    return Price(
        source=ARTIFICIAL_ANALYSIS,
        key=SourceKey(model.id),
        name=SourceModelName(model.name),
        input_microusd_per_mtok=model.input_microusd_per_mtok,
        output_microusd_per_mtok=model.output_microusd_per_mtok,
        cache_read_microusd_per_mtok=model.cache_read_microusd_per_mtok,
        observed_on=answer.observed_on,
        capture=digest,
    )


def _entry(model: Model) -> Entry:
    return Entry(
        source=ARTIFICIAL_ANALYSIS,
        key=SourceKey(model.id),
        name=SourceModelName(model.name),
        organization=model.organization,
        released_on=model.released_on,
    )


INDEX = SourceSpec(
    source=ArtificialAnalysis(),
    summary="v2 `/language/models/free` pages, or the legacy format, which does not state its index version; "
    "if its date does not tell the version either, it counts as a scale of its own",
    attribution=INDEX_ATTRIBUTION,
    price_role=PriceRole.FIRST_HAND,
    connect=lambda access: ArtificialAnalysis(key=access.keys.get(ARTIFICIAL_ANALYSIS), tier=access.tier),
    check_access=lambda access: require_key(access.keys.get(ARTIFICIAL_ANALYSIS)),
    requests_a_day=lambda access: REQUESTS_A_DAY["pro" if access.tier == "pro" else "free"],
)
