"""The figures in a profile's header, and whether they can be true together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from rag.models import HeaderFigure


class HeaderNumbers(NamedTuple):
    """The stated numbers that can be reasoned about; None where the header states none."""

    h_index: int | None
    papers: int | None
    citations: int | None

    def too_few_papers(self) -> bool:
        """Whether the h-index exceeds the number of papers: h papers have at least h citations each."""
        return self.h_index is not None and self.papers is not None and self.h_index > self.papers

    def too_few_citations(self) -> bool:
        """Whether the h-index squared exceeds the citations: h papers have at least h citations each."""
        return self.h_index is not None and self.citations is not None and self.h_index**2 > self.citations


def header_numbers(figures: Sequence[HeaderFigure]) -> HeaderNumbers:
    """The numbers among the figures that a header states."""
    return HeaderNumbers(*(_value(figures, label) for label in ("h-index", "paper", "citation")))


def _value(figures: Sequence[HeaderFigure], label: str) -> int | None:
    for figure in figures:
        if figure.label.lower().startswith(label):
            digits = re.sub(r"\D", "", figure.value)
            return int(digits) if digits else None
    return None
