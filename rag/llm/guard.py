"""What of a model's sentences may be shown: each is checked against its passages before anyone sees it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from rag.llm.passages import Passage
from rag.llm.replies import Told
from rag.models import Language, Profile
from rag.planning.language import detect_language, words
from rag.verifier.claims import of_the_authors, resolve, split_sentence
from rag.verifier.hedges import lost_hedge
from rag.verifier.language import differ
from rag.verifier.named import missing_names
from rag.verifier.verifier import Verifier

_MARKUP = re.compile(r"https?:|www\.|\]\(|!\[|<[a-zA-Z/!]|`|\bjavascript:|\bdata:", re.IGNORECASE)
_TELLING_WORDS = 6
"""Words from which on a sentence's language can be told."""
_LONGEST = 600


class Passed(NamedTuple):
    """A sentence that its passages carry."""

    text: str
    passages: tuple[Passage, ...]
    score: float


class Failed(NamedTuple):
    """A sentence that is not shown, and why."""

    text: str
    passages: tuple[Passage, ...]
    reason: str


class Guard:
    """Checks a model's sentences with the verifier and with what only matters for text that was generated.

    Args:
        verifier: judges claims.
        profile: whose papers they are about.
    """

    def __init__(self, verifier: Verifier, profile: Profile) -> None:
        self._verifier = verifier
        self._profile = profile

    def check(self, told: Told, passages: Sequence[Passage], language: Language, before: str = "") -> Passed | Failed:
        """Whether a sentence may be shown, and on what it rests.

        Where the passages that the model gives don't carry it, the others are tried: a wrong number is mended,
        a wrong sentence isn't.

        Args:
            told: the model's sentence.
            passages: all that the model was given.
            language: that it should be in.
            before: the sentence in front of it, for what "it" stands for.
        """
        text = told.text.strip()
        given = tuple(passage for passage in passages if passage.n in told.numbers)
        reason = _unfit(text, language)
        if reason:
            return Failed(text, given, reason)
        first = self._against(text, given, before) if given else None
        if isinstance(first, Passed):
            return first
        nearest = self._nearest(text, passages)
        if first is not None and nearest == given:
            return first
        second = self._against(text, nearest, before) if nearest else Failed(text, given, "no passage says this")
        return second if isinstance(second, Passed) or first is None else first

    def _nearest(self, text: str, passages: Sequence[Passage]) -> tuple[Passage, ...]:
        """The one or two passages that tell most about a sentence, whatever the model says."""
        verdict = self._verifier.check_pair(text, [passage.text for passage in passages])
        return tuple(passages[place.passage] for place in verdict.evidence)

    def _against(self, text: str, given: tuple[Passage, ...], before: str) -> Passed | Failed:
        titles = list(dict.fromkeys(passage.paper.title for passage in given))
        read = [*(passage.text for passage in given), *(title.rstrip(".") + "." for title in titles)]
        claims = [of_the_authors(resolve(claim, before), self._profile.person) for claim in split_sentence(text)]
        verdicts = self._verifier.check_pairs([(claim, read) for claim in claims])
        rests: dict[int, Passage] = {}
        for claim, verdict in zip(claims, verdicts, strict=True):
            own = [given[place.passage] for place in verdict.evidence if place.passage < len(given)]
            evidence = [passage.text for passage in own]
            if verdict.verdict != "supported":
                return Failed(text, given, verdict.reason)
            reason = self._unsaid(claim, evidence, titles, own)
            if reason:
                return Failed(text, given, reason)
            rests.update((passage.n, passage) for passage in own)
        if not rests:
            return Failed(text, given, "only the title says this")
        return Passed(text, tuple(rests[n] for n in sorted(rests)), min(verdict.score for verdict in verdicts))

    def _unsaid(self, claim: str, evidence: Sequence[str], titles: Sequence[str], own: Sequence[Passage]) -> str | None:
        """A name that neither the sentence nor the record has, or caution that was dropped."""
        english = not differ(claim, " ".join(evidence))
        authors = [name for passage in own for name in passage.paper.authors]
        names = missing_names(claim, [*evidence, *titles, *authors, self._profile.person], english=english)
        if names:
            return f"the passage doesn't mention {names[0]}"
        return lost_hedge(claim, evidence)


def _unfit(text: str, language: Language) -> str | None:
    """Why a text is no sentence to show at all."""
    if _MARKUP.search(text):
        return "it holds markup or an address"
    if len(text) > _LONGEST or len(words(text)) < 2:
        return "it is no sentence"
    if len(words(text)) >= _TELLING_WORDS and detect_language(text, language) != language:
        return "it is in another language than the question"
    return None
