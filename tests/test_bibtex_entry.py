"""The BibTeX entry that the page offers to copy."""

from __future__ import annotations

from rag.bibtex import bibtex_entry
from rag.models import Paper, PaperDate


def test_entry_states_what_the_profile_states() -> None:
    paper = Paper(
        id="x",
        title="Norms & 50% of {all} $x_1$",
        authors=("Oleg Filatov", "Jan Flöge"),
        authors_cut=True,
        date=PaperDate(text="Oct 4, 2025", year=2025, month=10, day=4),
        links=("javascript:alert(1)", "https://example.org/a"),
    )
    assert bibtex_entry(paper) == (
        "@misc{filatov2025norms,\n"
        "  title = {{Norms \\& 50\\% of \\{all\\} \\$x\\_1\\$}},\n"
        "  author = {Oleg Filatov and Jan Flöge and others},\n"
        "  year = {2025},\n"
        "  url = {https://example.org/a},\n"
        "  month = oct,\n"
        "}"
    )


def test_a_date_without_a_year_becomes_a_note_and_no_year() -> None:
    paper = Paper(
        id="the-id",
        title="Of",
        authors=(),
        authors_cut=False,
        venue="J",
        date=PaperDate(text="Apr 21", month=4, day=21),
    )
    assert bibtex_entry(paper) == (
        "@article{the-id,\n  title = {{Of}},\n  journal = {J},\n  note = {Dated Apr 21, without a year},\n}"
    )
