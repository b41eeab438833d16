"""Counts lines, files, their median and the share of imports: `python -m tests.bench.house_size`."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parents[2] / "pipeline"


def import_lines(text: str) -> int:
    """Count the lines that import statements take, wherever they stand."""
    nodes = (node for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.Import, ast.ImportFrom)))
    return sum((node.end_lineno or node.lineno) - node.lineno + 1 for node in nodes)


def main() -> None:
    """Print the four numbers beside their targets."""
    texts = [file.read_text("utf-8") for file in sorted(PACKAGE.rglob("*.py"))]
    lines = [len(text.splitlines()) for text in texts]
    share = sum(map(import_lines, texts)) / sum(lines)
    print(  # noqa: T201 - a table for people
        f"lines {sum(lines)} (target 29000); files {len(lines)} (230); "
        f"median {statistics.median(lines):g} (115-150); imports {share:.1%} (8 %)"
    )


if __name__ == "__main__":
    main()
