"""Papers named in a question: by title, by the head of a title, or by a name coined in one."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import DamerauLevenshtein

from rag.lexical import tokenize
from rag.models import Paper, Profile
from rag.names import fold
from rag.planning.frames import Span

_WORD = re.compile(r"[^\W_]+(?:[-.][^\W_]+)*")
_COINED = re.compile(r"[A-Za-z]*\d+[A-Za-z]+\d*|[A-Za-z]+\d+\w*|[a-z]*[A-Z][a-z]*[A-Z]\w*|[A-Z]{2,}\w*")
_TITLE_LIKENESS = 90
_FEW = 2
"""A coined name that more papers use is a topic, not the name of one."""


class Mention(NamedTuple):
    """A stretch of the question that names papers; not `by_title` where only an abstract holds the name."""

    span: Span
    papers: tuple[str, ...]
    by_title: bool = True


class PaperNames:
    """How the papers of a profile are called."""

    def __init__(self, profile: Profile) -> None:
        self._titles = [(paper.id, fold(paper.title)) for paper in profile.papers]
        self._heads: list[tuple[tuple[str, ...], str]] = []
        in_titles: dict[str, set[str]] = defaultdict(set)
        anywhere: dict[str, set[str]] = defaultdict(set)
        for paper in profile.papers:
            head = _head(paper)
            if head:
                self._heads.append((head, paper.id))
            for name in coined_names(paper.title):
                in_titles[name].add(paper.id)
            for name in coined_names(f"{paper.title} {paper.abstract}"):
                anywhere[name].add(paper.id)
        texts = [tokenize(f"{paper.title} {paper.abstract}") for paper in profile.papers]
        for paper in profile.papers:
            self._heads += [(start, paper.id) for start in _starts(paper.title, texts)]
        ordinary = {word for paper in profile.papers for word in _WORD.findall(paper.abstract) if word.islower()}
        for names in (in_titles, anywhere):
            for name in ordinary & names.keys():
                del names[name]
        self._coined = {name: ids for name, ids in anywhere.items() if len(ids) == 1 and len(name) > 2}
        self._in_titles = {
            name: ids for name, ids in in_titles.items() if len(anywhere[name]) <= _FEW and len(name) > 2
        }
        self._coined |= self._in_titles

    def find(self, question: str) -> tuple[Mention, ...]:
        """Mentions in `question`, which keeps its case and length under folding."""
        folded = fold(question)
        whole = self._by_title(folded)
        if whole:
            return whole
        words = [(match.group(), match.span()) for match in _WORD.finditer(folded)]
        mentions = [*self._by_head(words), *self._by_coined_name(words)]
        return tuple(_without_overlaps(mentions))

    def _by_title(self, folded: str) -> tuple[Mention, ...]:
        found = []
        for paper_id, title in self._titles:
            if len(title) < 12 or len(title) > len(folded) + 4:
                continue
            alignment = fuzz.partial_ratio_alignment(title, folded, score_cutoff=_TITLE_LIKENESS)
            if alignment:
                found.append(Mention((alignment.dest_start, alignment.dest_end), (paper_id,)))
        return tuple(_without_overlaps(found))

    def _by_head(self, words: list[tuple[str, Span]]) -> list[Mention]:
        mentions = []
        for head, paper_id in self._heads:
            for first in range(len(words) - len(head) + 1):
                run = words[first : first + len(head)]
                if all(_same(typed, own) for (typed, _), own in zip(run, head, strict=True)):
                    mentions.append(Mention((run[0][1][0], run[-1][1][1]), (paper_id,)))
        return mentions

    def _by_coined_name(self, words: list[tuple[str, Span]]) -> list[Mention]:
        mentions = []
        for word, span in words:
            for candidate in dict.fromkeys((word, word.removesuffix("s"), *word.split("-"))):
                papers = self._coined.get(candidate) or self._nearly(candidate)
                if papers:
                    mentions.append(Mention(span, tuple(sorted(papers)), candidate in self._in_titles))
                    break
        return mentions

    def _nearly(self, word: str) -> set[str]:
        if len(word) < 5:
            return set()
        for name, papers in self._coined.items():
            if len(name) >= 5 and name[0] == word[0] and _same(word, name):
                return papers
        return set()


def coined_names(text: str) -> set[str]:
    """Folded words of `text` whose spelling marks them as names: OneProt, LEPA, GPT-2, JUWELS, 3D.

    A hyphenated name counts whole and, where a part is marked itself, by that part.
    """
    names: set[str] = set()
    for word in _WORD.findall(text):
        parts = word.split("-")
        marked = [part for part in parts if _COINED.fullmatch(part) and len(part) > 1]
        if marked or any(part.isdigit() for part in parts[1:]):
            names.add(fold(word))
            names.update(fold(part) for part in marked if len(part) > 2)
            names.update(fold(part) for part in parts if len(part) > 4 and part[0].isupper())
    return {name.removesuffix("s") if len(name) > 3 else name for name in names}


def _head(paper: Paper) -> tuple[str, ...]:
    """The words before a title's colon or dash where they are few enough to serve as its name."""
    head, separator, _ = re.sub(r"\s--\s|\s[–—]\s", ": ", paper.title).partition(":")
    words = tuple(word for word in _WORD.findall(fold(head)) if word not in {"the", "a", "an"})
    return words if separator and 1 <= len(words) <= 6 and tokenize(head) else ()


def _starts(title: str, texts: list[list[str]]) -> list[tuple[str, ...]]:
    """The first words of a title up to its second and third word of content, where no other text has them so."""
    words = _WORD.findall(fold(title))
    starts = []
    for length in range(2, min(len(words), 7)):
        terms = tokenize(" ".join(words[:length]))
        if len(terms) in (2, 3) and tokenize(words[length - 1]):
            holders = sum(_holds(text, terms) for text in texts)
            if holders == 1:
                starts.append(tuple(words[:length]))
    return starts


def _holds(text: list[str], terms: list[str]) -> bool:
    return any(text[i : i + len(terms)] == terms for i in range(len(text) - len(terms) + 1))


def _same(typed: str, own: str) -> bool:
    if typed == own:
        return True
    if len(own) < 5 or len(typed) < 5:
        return False
    allowed = 1 if len(own) < 9 else 2
    return DamerauLevenshtein.distance(typed, own, score_cutoff=allowed) <= allowed


def _without_overlaps(mentions: list[Mention]) -> list[Mention]:
    """Longest mentions first, those inside a longer one dropped, in order of place."""
    kept: list[Mention] = []
    for mention in sorted(mentions, key=lambda m: (m.span[0] - m.span[1], len(m.papers))):
        if all(mention.span[1] <= other.span[0] or mention.span[0] >= other.span[1] for other in kept):
            kept.append(mention)
    return sorted(kept, key=lambda mention: mention.span)
