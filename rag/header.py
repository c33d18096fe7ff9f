"""The figures in a profile's header, and whether they can be true together."""

from __future__ import annotations

import re
from typing import NamedTuple

from rag.models import Profile


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


def header_numbers(profile: Profile) -> HeaderNumbers:
    """The numbers that the header of `profile` states."""
    return HeaderNumbers(*(_value(profile, label) for label in ("h-index", "paper", "citation")))


def _value(profile: Profile, label: str) -> int | None:
    for figure in profile.figures:
        if figure.label.lower().startswith(label):
            digits = re.sub(r"\D", "", figure.value)
            return int(digits) if digits else None
    return None
