"""Checking a text from the command line: the report as JSON, or the text with a mark at each sentence."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from rag.errors import InputError
from rag.verifier.reports import CheckedClaim, CheckedSentence, CheckReport, Ruling

MARKS: Final[Mapping[Ruling, str]] = {"supported": "✓", "contradicted": "✗", "not_found": "?"}
WORDS: Final[Mapping[Ruling, str]] = {
    "supported": "supported",
    "contradicted": "contradicted",
    "not_found": "not found",
}
_COLOURS: Final[Mapping[Ruling, str]] = {"supported": "32", "contradicted": "31", "not_found": "33"}


def read_text(source: str) -> str:
    """The text of the file `source`, '-' for standard input.

    Raises:
        InputError: it can't be read, isn't UTF-8, or says nothing.
    """
    place = "Standard input" if source == "-" else source
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{source} can't be read: {error.strerror}.", "Check the path.") from None
    except UnicodeDecodeError:
        raise InputError(f"{place} is not UTF-8 text.", "Save it as plain text in UTF-8.") from None
    if not text.strip():
        raise InputError(f"{place} holds no text.", "Give a text with the sentences to check.")
    return text


def report_text(report: CheckReport, *, colour: bool = False) -> str:
    """Every sentence with its mark, why, and the sentences that the verdict rests on; a count at the end."""
    parts = [_sentence_text(sentence, colour) for sentence in report.sentences]
    return "\n".join([*parts, "", summary(report)])


def summary(report: CheckReport) -> str:
    """How many sentences fared how: '3 sentences: 1 supported, 1 contradicted, 1 not found'."""
    verdicts = [sentence.verdict for sentence in report.sentences]
    counts = [f"{verdicts.count(verdict)} {word}" for verdict, word in WORDS.items() if verdict in verdicts]
    sentences = "1 sentence" if len(verdicts) == 1 else f"{len(verdicts)} sentences"
    return f"{sentences}: {', '.join(counts)}" if counts else "no sentences"


def _sentence_text(sentence: CheckedSentence, colour: bool) -> str:
    mark = _coloured(f"{MARKS[sentence.verdict]} {sentence.text}", sentence.verdict, colour)
    several = len(sentence.claims) > 1
    lines = [line for claim in sentence.claims for line in _claim_lines(claim, several)]
    return "\n".join([mark, *lines])


def _claim_lines(claim: CheckedClaim, several: bool) -> list[str]:
    told = f"{MARKS[claim.verdict]} {claim.text} " if several else ""
    lines = [f"    {told}{WORDS[claim.verdict]} ({claim.score:.2f}): {claim.reason}"]
    seen = set()
    for place in claim.evidence:
        quote = f": “{place.sentence}”" if place.end > place.start else ""
        line = f"    {place.title}{quote}"
        if line not in seen:
            lines.append(line)
        seen.add(line)
    return lines


def _coloured(text: str, verdict: Ruling, colour: bool) -> str:
    return f"\033[{_COLOURS[verdict]}m{text}\033[0m" if colour else text
