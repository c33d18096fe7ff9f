"""Sentences keep their place: each is a verbatim piece of the text, and none is cut inside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.sentences import split_sentences


def texts(text: str) -> list[str]:
    return [span.text for span in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("We detail, i.e., data composition. Tests.", ["We detail, i.e., data composition.", "Tests."]),
        ("See Fig. 3 of Kwiat et al. (2001). Next.", ["See Fig. 3 of Kwiat et al. (2001).", "Next."]),
        ("As J. Ebert and K. Krajsek show. They do.", ["As J. Ebert and K. Krajsek show.", "They do."]),
        ("Nets, e.g. GPT-2, vs. ConvNeXt. Both train.", ["Nets, e.g. GPT-2, vs. ConvNeXt.", "Both train."]),
        ("A rate of 0.50. Version 2.0 follows.", ["A rate of 0.50.", "Version 2.0 follows."]),
        ('He said "stop." Then he left.', ['He said "stop."', "Then he left."]),
        ("(It works.) Well enough.", ["(It works.)", "Well enough."]),
        ("It is at https://a.example/b.c?d=e. Use it.", ["It is at https://a.example/b.c?d=e.", "Use it."]),
        ("Das gilt z.B. Für alle d.h. immer. Ende.", ["Das gilt z.B. Für alle d.h. immer.", "Ende."]),
        ("Really?! Yes...", ["Really?!", "Yes..."]),
        ("An odd flow . the next one .", ["An odd flow .", "the next one ."]),
        ("One sentence without an end", ["One sentence without an end"]),
        ("  padded.   Twice.  ", ["padded.", "Twice."]),
        ("", []),
        (" \n ", []),
    ],
)  # fmt: skip
def test_where_sentences_end(text: str, sentences: list[str]) -> None:
    assert texts(text) == sentences


@pytest.mark.parametrize("word", ["AI. Then", "EO. We", "LLMs. This"])
def test_an_acronym_at_the_end_is_no_initial(word: str) -> None:
    assert len(texts(f"This is about {word} go on.")) == 2


PIECES = st.sampled_from(
    [
        "One",
        "e.g.",
        "et al.",
        "A.",
        "ends.",
        "why?",
        "0.5",
        "  ",
        "\n",
        '"quoted."',
        "(x).",
        "ß",
        "日本。",
        "!",
    ]
)


@given(st.lists(PIECES, max_size=25).map(" ".join) | st.text(max_size=60))
def test_every_sentence_is_a_verbatim_piece_and_nothing_is_lost(text: str) -> None:
    spans = split_sentences(text)
    at = 0
    for span in spans:
        assert text[span.start : span.end] == span.text
        assert span.text == span.text.strip() != ""
        assert text[at : span.start].strip() == "", "text between two sentences"
        at = span.end
    assert text[at:].strip() == "", "text behind the last sentence"
