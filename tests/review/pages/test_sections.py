"""A new section is one file and one line: every form shows it."""

from __future__ import annotations

import importlib
import io
from typing import TYPE_CHECKING

from rich.console import Console

from pipeline.cli.blocks_text import blocks_text
from pipeline.review.pages.page import proposal_markdown, report_html
from pipeline.review.pages.proposal_view import proposal_view
from pipeline.review.pages.registry import SECTIONS
from pipeline.review.pages.section import drawn_sections
from pipeline.review.proposals.compose import compose_proposal

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from pipeline.review.proposals.compose import Draft

NEW = '''"""Counts the tiers of a proposal."""

from pipeline.domain.blocks import Paragraph, Title, line
from pipeline.review.pages.section import Place, Section


def _blocks(view):
    yield Title(level=2, line=line("Tiers counted"))
    yield Paragraph(line=line(f"{len(view.tiers)} tiers <b>& more"))


SECTION = Section(name="counted", place=Place.BODY, blocks=_blocks)
'''


def test_a_section_of_another_package_is_in_every_form(
    draft: Draft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "counted_sections"
    package.mkdir()
    (package / "__init__.py").write_text('"""Sections of somebody else."""\n')
    (package / "counted.py").write_text(NEW)
    monkeypatch.syspath_prepend(tmp_path)
    sections = (*SECTIONS, importlib.import_module("counted_sections.counted").SECTION)
    view = proposal_view(compose_proposal(draft))
    assert '<section id="counted">' in report_html(view, sections)
    assert "2 tiers &lt;b&gt;&amp; more" in report_html(view, sections)
    assert "## Tiers counted\n\n2 tiers \\<b\\>\\& more" in proposal_markdown(view, sections)
    screen = io.StringIO()
    for section in drawn_sections(view, sections):
        for part in blocks_text(section.blocks):
            Console(file=screen, width=80, markup=False, highlight=False).print(part, crop=False)
    assert "2 tiers <b>& more" in screen.getvalue()
    assert 'id="counted"' not in report_html(view)


def test_sections_have_names_of_their_own() -> None:
    names = [one.name for one in SECTIONS]
    assert len(names) == len(set(names))
