"""A question taken apart: language, frames, people, papers, categories, time, and the words that are left."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property

from rag.models import AnswerType, Filter, Language
from rag.names import fold, tidy
from rag.planning import categories
from rag.planning import papers as paper_names
from rag.planning import people as people_names
from rag.planning.dates import Found, find_period
from rag.planning.frames import Frames, Span
from rag.planning.language import detect_language, is_function_word
from rag.planning.terms import ProfileTerms

# Frames that say how something is asked, never about what; they are taken off before a subject is read.
FRAMING = ("polite", "count", "list", "owner", "exists", "continue")
_LONGEST_NAME = 24
_POSSESSIVE = 2
"""Characters that a possessive 's adds to a name."""
_WORDS = re.compile(r"[^\W_]+(?:[-'.][^\W_]+)*")
_TWO_CAPITALS = re.compile(r"\b([^\W\d_a-z][^\W\d_A-Z]+) ([^\W\d_a-z][\w-]+)\b")
_ELISION = re.compile(r"^(?:[dlnmtsjc]|qu)'", re.I)
_ASKED: tuple[tuple[str, AnswerType], ...] = (
    ("asks_duration", AnswerType.DURATION),
    ("asks_reason", AnswerType.REASON),
    ("asks_place", AnswerType.PLACE),
    ("asks_date", AnswerType.DATE),
    ("asks_number", AnswerType.NUMBER),
    ("asks_name", AnswerType.NAME),
    ("asks_definition", AnswerType.DEFINITION),
    ("asks_person", AnswerType.PERSON),
    ("asks_comparison", AnswerType.COMPARISON),
    ("asks_yes_no", AnswerType.YES_NO),
    ("asks_method", AnswerType.METHOD),
    ("asks_list", AnswerType.LIST),
)
_OF_A_PAPER = frozenset(
    {
        AnswerType.NUMBER,
        AnswerType.DURATION,
        AnswerType.REASON,
        AnswerType.METHOD,
        AnswerType.DATE,
        AnswerType.DEFINITION,
        AnswerType.NAME,
    }
)
"""What may be asked of a paper that is described in the same question."""


@dataclass(frozen=True)
class Reading:
    """What is in a question, before it is decided what it asks.

    `text` is tidied and its typos mended; spans count characters of `text`, which folding keeps.
    """

    text: str
    language: Language
    terms: ProfileTerms = field(repr=False)

    @cached_property
    def folded(self) -> str:
        """Lower case, without accents."""
        return fold(self.text)

    @cached_property
    def frames(self) -> Frames:
        """The frames of the question, those inside a paper's title left out."""
        return Frames(self.frame_text, self.language)

    @cached_property
    def frame_text(self) -> str:
        """`folded` with titles of papers blanked out, since a title's words frame nothing."""
        text = self.folded
        for mention in self.papers:
            start, end = mention.span
            if end - start > _LONGEST_NAME:
                text = text[:start] + "_" * (end - start) + text[end:]
        return text

    @cached_property
    def people(self) -> tuple[people_names.Mention, ...]:
        """Names of people whom the profile prints."""
        return self.terms.people.find(self.text)

    @cached_property
    def papers(self) -> tuple[paper_names.Mention, ...]:
        """Papers that are named."""
        return self.terms.papers.find(self.text)

    @cached_property
    def categories(self) -> tuple[categories.Mention, ...]:
        """Categories that are named, those inside a paper's name left out."""
        announced = self.frames.has("category")
        return tuple(
            mention
            for mention in categories.find_categories(self.text, self.terms.categories)
            if (mention.by_code or announced or mention.code in self.terms.categories or mention.code in self.text)
            and not any(_inside(mention.span, paper.span) for paper in self.papers)
        )

    @cached_property
    def period(self) -> Found | None:
        """The time that is named."""
        return find_period(self.folded, self.language)

    @cached_property
    def asked(self) -> AnswerType:
        """The shape of what is asked for: a paper, or what the first word that asks says.

        'The paper on X' looks for a paper, but not behind another word that asks: 'How many did the paper on X use?'
        """
        places = [(span[0], order) for order, (concept, _) in enumerate(_ASKED) if (span := self.frames.first(concept))]
        first = _ASKED[min(places)[1]][1] if places else AnswerType.DESCRIPTION
        paper = self.frames.first("asks_paper")
        if paper is None:
            return first
        asks_before = bool(places) and min(places)[0] < paper[0] and first in _OF_A_PAPER
        return first if asks_before and not self.frames.has("which_papers") else AnswerType.PAPER

    @cached_property
    def bare(self) -> str:
        """The question without the polite words around it, as it is searched."""
        start, end = 0, len(self.text)
        spans = sorted(self.frames.spans("polite"))
        for first, last in spans:
            if not re.search(r"\w", self.text[start:first]):
                start = max(start, last)
        for first, last in reversed(spans):
            if first > start and not re.search(r"\w", self.text[last:end]):
                end = min(end, first)
        bare = self.text[start:end].strip(" ,.;:!-")
        return bare if re.search(r"\w", bare) else self.text

    def people_but_owner(self) -> tuple[people_names.Mention, ...]:
        """Mentions of others than the profile's own person."""
        return tuple(mention for mention in self.people if not self.names_owner(mention))

    def names_owner(self, mention: people_names.Mention) -> bool:
        """Whether a mention means the profile's own person alone."""
        return len(mention.names) == 1 and self.terms.people.is_owner(mention.names[0])

    def paper_ids(self, *, by_title: bool = False) -> tuple[str, ...]:
        """Ids of the papers that are named, each once; `by_title` leaves out names that only abstracts hold."""
        mentions = [mention for mention in self.papers if mention.by_title or not by_title]
        return tuple(dict.fromkeys(paper for mention in mentions for paper in mention.papers))

    def left_over(self, *concepts: str, but: tuple[Span, ...] = ()) -> list[str]:
        """Words with a subject that no frame of `concepts` and none of the spans `but` covers, as typed."""
        covered = [*self.frames.spans(*FRAMING, *concepts), *but]
        kept = []
        for match in _WORDS.finditer(self.text):
            if _is_covered(match.span(), covered) or self._in_title(match.span()):
                continue
            word = _ELISION.sub("", match.group())
            folded = fold(word)
            if not is_function_word(folded, self.language) and not folded.isdigit() and folded:
                kept.append(word)
        return kept

    def stranger(self) -> str | None:
        """A name of two capitalised words that is neither printed in the profile nor made of its words."""
        taken = [*(mention.span for mention in self.people), *(mention.span for mention in self.papers)]
        for match in _TWO_CAPITALS.finditer(self.text):
            inside = any(start < match.end() and match.start() < end for start, end in taken)
            if not inside and all(fold(word) not in self.terms.known for word in match.groups()):
                return match.group()
        return None

    def _in_title(self, span: Span) -> bool:
        return self.frame_text[span[0] : span[1]].startswith("_")

    def split_exclusion(self) -> tuple[Reading, Reading | None]:
        """The question before and after 'but not', 'without' …; None where nothing is excluded."""
        span = self.frames.first("exclude")
        if span is None or span[0] == 0:
            return self, None
        return replace(self, text=self.text[: span[0]]), replace(self, text=self.text[span[1] :].strip(" ?.!,"))


def read(question: str, terms: ProfileTerms, default: Language = "en") -> Reading:
    """Takes `question` apart; `default` is the language where the question does not tell."""
    text = tidy(question)
    language = detect_language(text, default)
    return Reading(terms.mend_typos(text, language), language, terms)


def filter_of(reading: Reading) -> Filter:
    """The conditions on records that a question or a part of one names."""
    period = reading.period.period if reading.period else None
    names = [mention.names[0] for mention in reading.people if len(mention.names) == 1]
    codes = [mention.code for mention in reading.categories]
    return Filter(
        category=codes[0] if codes else None,
        year=period.year if period else None,
        year_from=period.year_from if period else None,
        year_to=period.year_to if period else None,
        month=period.month if period else None,
        authors=tuple(dict.fromkeys(name for name in names if not reading.terms.people.is_owner(name))),
        has_code=True if reading.frames.has("code") else None,
        undated=True if reading.frames.has("undated") else None,
    )


def _is_covered(word: Span, covered: list[Span]) -> bool:
    """Whether a word is inside one of the spans, or is a compound that one of them opens or closes."""
    return any(
        _inside(word, (span[0], span[1] + _POSSESSIVE))
        or (_inside(span, word) and (span[0] == word[0] or span[1] == word[1]))
        for span in covered
    )


def _inside(inner: Span, outer: Span) -> bool:
    return inner[0] >= outer[0] and inner[1] <= outer[1]
