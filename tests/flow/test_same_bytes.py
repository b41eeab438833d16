"""The same week gives the same bytes: in another process, from shuffled rows, from an answer in pages."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.example import ROOT, SECOND_WEEK, Example

if TYPE_CHECKING:
    from collections.abc import Callable

    Rows: TypeAlias = list[dict[str, object]]

LISTS = ("rows", "data", "prices")
INDEX = "2026-08-06-artificial-analysis.json"
PAGES = 4


def proposal(example: Example) -> bytes:
    return (example.folder / "reviews/2026-W33/proposal.json").read_bytes()


def without_captures(body: bytes) -> dict[str, object]:
    """What is proposed; other bytes were read, so their digests differ."""
    told: dict[str, object] = json.loads(body)
    inputs = told["inputs"]
    assert isinstance(inputs, list)
    return {**told, "inputs": [one for one in inputs if not one["name"].startswith("capture:")]}


def rewrite(example: Example, change: Callable[[Rows], Rows]) -> int:
    """Rewrite every list of rows of the second week's captures; returns how many there were."""
    found = 0
    for path in sorted((example.folder / "data/sample/2026-W33").iterdir()):
        document = json.loads(path.read_bytes())
        for name in LISTS:
            if name in document:
                document[name] = change(document[name])
                found += 1
        path.write_text(json.dumps(document))
    return found


@pytest.mark.parametrize(("hash_seed", "threads"), [("1", "1"), ("4242", "2")])
def test_another_process_with_other_hashes_and_threads_writes_the_same_bytes(
    ran: Example, example: Example, hash_seed: str, threads: str
) -> None:
    captures = str(example.folder / "data/sample/2026-W33")
    options = ["--captures", captures, *SECOND_WEEK, "--workspace", str(example.folder)]
    counts = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.cli", "run", *options],
        cwd=ROOT,
        env={**os.environ, **counts, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 10, done.stderr
    assert proposal(example) == proposal(ran)


def test_the_order_of_the_rows_of_a_capture_does_not_matter(ran: Example, example: Example) -> None:
    order = random.Random(33)  # noqa: S311 - a test order
    assert rewrite(example, lambda rows: order.sample(rows, len(rows))) == len(
        list((example.folder / "data/sample/2026-W33").iterdir())
    )
    assert example.run().code == 10
    assert without_captures(proposal(example)) == without_captures(proposal(ran))


def test_an_answer_in_pages_says_what_it_says_in_one_file(ran: Example, example: Example) -> None:
    whole = example.folder / "data/sample/2026-W33" / INDEX
    document = json.loads(whole.read_bytes())
    rows, size = document["data"], -(-len(document["data"]) // PAGES)
    whole.unlink()
    for page in range(1, PAGES + 1):
        paging = {"page": page, "page_size": size, "total_pages": PAGES, "has_more": page < PAGES}
        part = {**document, "data": rows[(page - 1) * size : page * size], "pagination": paging}
        name = INDEX.replace(".json", f"-page{page}of{PAGES}.json")
        whole.with_name(name).write_text(json.dumps(part))
    assert example.run().code == 10
    read = [one["name"] for one in json.loads(proposal(example))["inputs"]]
    assert sum(name.startswith("capture:artificial-analysis:") for name in read) == PAGES
    assert without_captures(proposal(example)) == without_captures(proposal(ran))
