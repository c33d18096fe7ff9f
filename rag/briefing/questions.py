"""Questions worth asking the researcher: what an abstract raises and the profile leaves open.

Each stands on one sentence of an abstract. It is put to the chat before it is offered: where the chat probably answers
it with anything but that sentence, the profile may tell already, and the question is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rag.answers.key_sentences import evidence_of
from rag.briefing.records import Line
from rag.briefing.results import telling_text
from rag.briefing.scene import Scene, distinct
from rag.models import AnswerSentence, Citation, Evidence, Paper
from rag.sentences import split_sentences

WANTED = 3
_MOST_RUN = 6
"""Questions that are put to the chat at most."""
_LONGEST = 45
_ANSWERS = 0.5
"""Probability from which a sentence that the chat quotes is taken for an answer."""


class Cue(NamedTuple):
    """What in a sentence raises a question, the question's phrase, and how much it is worth."""

    name: str
    pattern: re.Pattern[str]
    worth: float


_CUES = tuple(
    Cue(name, re.compile(pattern, re.I if name != "beyond" else 0), worth)
    for name, pattern, worth in (
        ("surprise", r"\b(?:surprising\w*|contrary to|unexpected\w*|counter-?intuitive\w*)\b", 3.0),
        ("at_most", r"\bup to (?:a factor of )?(?P<what>\d[\d.,]*\s?(?:%|x\b|×|-?fold))", 2.6),
        ("future", r"\bfuture (?:directions?|work|research)\b|\bopen (?:questions?|problems?)\b", 2.8),
        ("limit", r"\bnot always\b|\bnecessary but not sufficient\b|\bbottlenecks?\b|\bshortcomings?\b", 2.5),
        (
            "beyond",
            r"\b(?:on|over|using) (?:the )?(?P<what>[A-Z][\w/.-]*(?:(?:, | and |, and )[A-Z][\w/.-]*)*)"
            r"(?= (?:datasets?|benchmarks?|imagery|data)\b)",
            2.4,
        ),
        ("challenge", r"\bchallenges\b", 1.6),
        ("next", r"\bpav(?:es?|ing) the way\b|\bopens? (?:up|the door)\b|\bfoundation for\b", 1.8),
        ("made", r"\bwe (?:\w+ )?(?:introduc|propos|present|develop|releas|organi[sz]|report)\w*", 1.2),
        (
            "shown",
            r"\b(?:we (?:have )?(?:\w+ )?|results )(?:show|f[io]u?nd|demonstrat|observ|measur|achiev|creat)\w*",
            1.0,
        ),
        ("explored", r"\b(?:we|to) (?:\w+ )?(?:investigate|explore|evaluate|examine|experiment|study|studied)\b", 0.8),
    )
)


_OF_THE_FIELD = frozenset({"limit", "challenge"})
_CONCEDES = re.compile(r"(?:while|although|though|despite|existing|current)\b", re.I)
"""How a sentence begins that tells of the field, not of the paper."""


class Raised(NamedTuple):
    """A question with the sentence that raises it."""

    text: str
    cue: str
    paper: Paper
    evidence: Evidence
    worth: float


def question_lines(scene: Scene) -> tuple[list[Line], list[Citation]]:
    """Up to three questions, from different papers as far as there are, with citations numbered from 1.

    Each cites the sentence that it stands on; the references quote it.
    """
    lines: list[Line] = []
    citations: list[Citation] = []
    for raised in _offered(scene):
        citations.append(scene.cite(raised.evidence, len(citations) + 1))
        sentence = AnswerSentence(text=raised.text, citations=(len(citations),), verdict="computed", item=True)
        lines.append(Line(sentence=sentence, question=raised.text))
    return lines, citations


def _offered(scene: Scene) -> list[Raised]:
    offered: list[Raised] = []
    waiting = sorted(_raised(scene), key=lambda one: -one.worth)
    for _ in range(_MOST_RUN):
        fresh = _freshest(waiting, offered)
        if fresh is None or len(offered) == WANTED:
            break
        waiting.remove(fresh)
        if _is_left_open(scene, fresh):
            offered.append(fresh)
    return offered


def _freshest(waiting: list[Raised], offered: list[Raised]) -> Raised | None:
    """The best that repeats neither a paper nor a kind of question; else one that repeats only one of them."""
    papers, cues = {one.paper.id for one in offered}, {one.cue for one in offered}
    said = {one.evidence.start for one in offered}

    def repeats(one: Raised) -> tuple[bool, bool]:
        return one.paper.id in papers, one.cue in cues

    left = [one for one in waiting if not (one.paper.id in papers and one.evidence.start in said)]
    return min(left, key=lambda one: (sum(repeats(one)), -one.worth), default=None)


def _raised(scene: Scene) -> Iterator[Raised]:
    for age, paper in enumerate(distinct(scene.papers)):
        for span in split_sentences(paper.abstract):
            evidence = evidence_of(paper, span)
            if len(span.text.split()) > _LONGEST or "http" in span.text:
                continue
            for cue in _CUES:
                match = cue.pattern.search(span.text)
                if match and not (cue.name in _OF_THE_FIELD and _CONCEDES.match(span.text)):
                    what = match.groupdict().get("what") or ""
                    text = scene.say(f"brief_ask_{cue.name}", title=paper.title, what=what.strip(" ,"))
                    worth = cue.worth + 0.2 * telling_text(span.text) - 0.01 * age
                    yield Raised(text, cue.name, paper, evidence, worth)
                    break


def _is_left_open(scene: Scene, raised: Raised) -> bool:
    """Whether the chat takes the question for one on that paper, and knows no more than the sentence it stands on.

    It quotes what comes closest in a paper that is named; what it holds for improbable is no answer here.
    """
    explained = scene.engine.quote(raised.text)
    about = explained.plan.papers or explained.plan.filter.papers or ()
    if raised.paper.id not in about:
        return False
    answer = explained.answer
    if answer.abstained or {cited.place for cited in answer.citations} <= {raised.evidence.place}:
        return True
    return bool(explained.evidence) and explained.evidence[0].score < _ANSWERS
