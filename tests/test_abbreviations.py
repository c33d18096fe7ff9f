"""Abbreviations are spelled out as the text spells them out."""

from __future__ import annotations

import pytest

from rag.abbreviations import expansions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a mean reciprocal rank (MRR) below 0.2", {"mrr": "mean reciprocal rank"}),
        ("self-supervised learning (SSL) and foundation models (FM)",
         {"ssl": "self-supervised learning", "fm": "foundation models"}),
        ("large language models (LLMs)", {"llm": "large language models"}),
        ("the Department of Energy (DOE)", {"doe": "Department of Energy"}),
        ("images (see below) and values (0.5)", {}),
        ("the Jülich centre (Germany)", {}),
        ("", {}),
    ],
)  # fmt: skip
def test_long_forms(text: str, expected: dict[str, str]) -> None:
    assert expansions(text) == expected
