"""Reading data/crosswalk: what is kept, what supersedes, what the digest covers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, LMARENA_TEXT, SourceKey, VariantId
from pipeline.errors import UsageError
from pipeline.identity.crosswalk.load import load_crosswalk
from pipeline.identity.crosswalk.variants import FORMER_COLUMNS
from tests.identity.conftest import LINES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

_LINES = LINES["variants.csv"][1]
FILES = ("variants.csv", "judgements.csv", "prices.csv")


def test_every_cell_of_a_variant_is_read(tmp_path: Path, write_crosswalk: Write) -> None:
    variant = load_crosswalk(write_crosswalk(tmp_path)).variants[VariantId("sol-5.6@high")]
    assert (variant.vendor, variant.family, variant.release) == ("openai", "sol-5.6", "sol-5.6")
    assert (variant.effort, variant.open_weights, variant.context_tokens) == ("high", False, 400000)
    assert (variant.released_on, variant.retires_on) == (date(2026, 7, 9), date(2027, 1, 31))
    assert (variant.litellm, variant.openrouter) == ("openai/sol", "openai/s")
    assert (variant.genai_prices, variant.key_env) == ("openai:s", "KEY")


def test_an_empty_optional_cell_is_unknown_and_not_an_empty_text(
    tmp_path: Path, write_crosswalk: Write
) -> None:
    variant = load_crosswalk(write_crosswalk(tmp_path)).variants[VariantId("qwen3.7@default")]
    assert variant.open_weights is True
    routes = (variant.litellm, variant.openrouter, variant.genai_prices, variant.key_env)
    assert routes == (None, None, None, None)
    assert (variant.released_on, variant.context_tokens, variant.retires_on) == (None, None, None)


def test_a_quoted_name_is_kept_to_the_letter(tmp_path: Path, write_crosswalk: Write) -> None:
    key = SourceKey('sol (High, "new")')
    judgement = load_crosswalk(write_crosswalk(tmp_path)).judgements[LMARENA_TEXT, key]
    assert str(judgement.name) == key
    assert judgement.variant == "sol-5.6@high"
    assert judgement.decided_on == date(2026, 8, 1)


def test_not_routed_is_an_answer(tmp_path: Path, write_crosswalk: Write) -> None:
    judgement = load_crosswalk(write_crosswalk(tmp_path)).judgements[ARTIFICIAL_ANALYSIS, SourceKey("0b6f")]
    assert judgement.variant is None
    assert (judgement.decided_by, judgement.reason) == ("Reviewer", "withdrawn")


def test_a_later_line_about_the_same_key_supersedes_the_earlier_one(
    tmp_path: Path, write_crosswalk: Write
) -> None:
    first = "lmarena-text,q,q,sol-5.6@high,2026-08-01,Reviewer,looked alike"
    elsewhere = "lmarena-webdev,q,q,,2026-08-01,Reviewer,another board"
    second = "lmarena-text,q,q,qwen3.7@default,2026-07-01,Reviewer,corrected"
    folder = write_crosswalk(tmp_path, judgements=(first, elsewhere, second))
    judgements = load_crosswalk(folder).judgements
    assert judgements[LMARENA_TEXT, SourceKey("q")].variant == "qwen3.7@default"
    assert len(judgements) == 2


def test_a_later_price_of_the_same_release_supersedes_the_earlier_one(
    tmp_path: Path, write_crosswalk: Write
) -> None:
    line = "sol-5.6,{},30,,2026-07-09,https://vendor.example/,Reviewer,page"
    folder = write_crosswalk(tmp_path, prices=(line.format("5"), line.format("2.5")))
    price = load_crosswalk(folder).price_of("sol-5.6")
    assert price is not None
    assert price.input_microusd_per_mtok == 2_500_000


@given(microusd=st.integers(0, 999_999_999_999))
def test_dollars_become_exactly_so_many_micro_dollars(
    microusd: int, tmp_path_factory: pytest.TempPathFactory, write_crosswalk: Write
) -> None:
    usd = f"{microusd // 1_000_000}.{microusd % 1_000_000:06}"
    line = f"sol-5.6,{usd},0,,2026-07-09,http://vendor.example,Reviewer,page"
    crosswalk = load_crosswalk(write_crosswalk(tmp_path_factory.mktemp("p"), prices=(line,)))
    price = crosswalk.price_of("sol-5.6")
    assert price is not None
    assert price.input_microusd_per_mtok == microusd
    assert (price.output_microusd_per_mtok, price.cache_read_microusd_per_mtok) == (0, None)


def test_windows_line_ends_and_a_byte_order_mark_read_the_same(
    tmp_path: Path, write_crosswalk: Write
) -> None:
    plain = load_crosswalk(write_crosswalk(tmp_path))
    for name in FILES:
        body = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + body.replace(b"\n", b"\r\n"))
    other = load_crosswalk(tmp_path)
    assert (other.variants, other.judgements) == (plain.variants, plain.judgements)
    assert other.prices == plain.prices
    assert other.sha256 != plain.sha256


@pytest.mark.parametrize("name", FILES)
def test_the_digest_covers_every_byte_of_every_file(
    tmp_path: Path, name: str, write_crosswalk: Write
) -> None:
    before = load_crosswalk(write_crosswalk(tmp_path)).sha256
    assert load_crosswalk(tmp_path).sha256 == before
    path = tmp_path / name
    path.write_bytes(path.read_bytes().removesuffix(b"\n"))
    assert load_crosswalk(tmp_path).sha256 != before


def test_the_digest_notices_a_line_that_wanders_between_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("load", "variants"):
        monkeypatch.setattr(f"pipeline.identity.crosswalk.{module}.csv_rows", lambda *_: ())
    digests = set()
    for first, second in ((b"a\nb\n", b"c\n"), (b"a\n", b"b\nc\n"), (b"", b"a\nb\nc\n")):
        (tmp_path / "variants.csv").write_bytes(first)
        (tmp_path / "judgements.csv").write_bytes(second)
        (tmp_path / "prices.csv").write_bytes(b"")
        digests.add(load_crosswalk(tmp_path).sha256)
    assert len(digests) == 3


def test_each_route_is_sent_what_its_column_says(tmp_path: Path, write_crosswalk: Write) -> None:
    line = ',m,a,a,on,,yes,,m/a,o/a,,KEY,,32000,"{""reasoning"":{""enabled"":true}}",a switch'
    variant = load_crosswalk(write_crosswalk(tmp_path, variants=(*_LINES, f"a@on{line}"))).variants[
        VariantId("a@on")
    ]
    assert variant.send("litellm") == {"thinking": {"type": "enabled", "budget_tokens": 32000}}
    assert variant.send("openrouter") == {"reasoning": {"enabled": True}}
    assert (variant.effort_reason, variant.models) == ("a switch", {"litellm": "m/a", "openrouter": "o/a"})


def test_a_route_that_cannot_express_the_effort_says_why(tmp_path: Path, write_crosswalk: Write) -> None:
    line = "a@on,m,a,a,on,,yes,,m/a,o/a,,KEY,,,high,it takes levels only"
    variant = load_crosswalk(write_crosswalk(tmp_path, variants=(*_LINES, line))).variants[VariantId("a@on")]
    assert (variant.send("litellm"), variant.send("openrouter")) == (None, {"reasoning": {"effort": "high"}})
    write_crosswalk(tmp_path, variants=(*_LINES, line.removesuffix("it takes levels only")))
    with pytest.raises(UsageError, match=r"variants\.csv:4: column effort_reason is ''; .* why litellm"):
        load_crosswalk(tmp_path)


@pytest.mark.parametrize(("effort", "sent"), [("on", {}), ("high", {"reasoning_effort": "high"})])
def test_a_file_from_before_the_columns_is_read_as_it_was_used(
    tmp_path: Path, write_crosswalk: Write, effort: str, sent: dict[str, str]
) -> None:
    write_crosswalk(tmp_path)
    lines = [f"a@{effort},m,a,a,{effort},,yes,,m/a,,,KEY,", "a@none,m,a,a,none,,yes,,m/a,,,KEY,"]
    lines += ["b@none,m,b,b,none,,yes,,m/b,,,KEY,", *(line.rsplit(",", 3)[0] for line in _LINES)]
    (tmp_path / "variants.csv").write_text("\n".join((",".join(FORMER_COLUMNS), *lines)) + "\n")
    variants = load_crosswalk(tmp_path).variants
    assert variants[VariantId(f"a@{effort}")].send("litellm") == sent
    assert variants[VariantId("a@none")].send("litellm") == {"reasoning_effort": "none"}
    assert variants[VariantId("b@none")].send("litellm") == {}
    assert variants[VariantId("b@none")].send("openrouter") is None
