"""What a reader has in common with the profile: interests in words, or the reader's own papers."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from rag.answers.draft import Draft
from rag.answers.key_sentences import evidence_of
from rag.briefing.scene import Scene
from rag.briefing.themes import WORD
from rag.lexical import tokenize
from rag.models import Answer, Evidence, Paper, QuestionKind
from rag.names import canonical_names, fold, same_person
from rag.phrases import join_names, phrase
from rag.records import is_listed, newest_first
from rag.sentences import split_sentences

_INTERESTS = 4
_OF_AN_INTEREST = 2
_SHARED = 3
_RARE = 0.34
"""A run of words that more of the profile's papers hold is what it is about as a whole, not what is shared."""


def split_interests(text: str) -> tuple[str, ...]:
    """'graph learning, protein design and fusion' -> its parts, each once, in order."""
    parts = re.split(r"[,;\n]+|\s(?:and|und)\s", text)
    return tuple(dict.fromkeys(part.strip(" .") for part in parts if part.strip(" .")))


def interests_answer(scene: Scene, interests: Sequence[str]) -> Answer:
    """For each interest the papers that treat it, as the chat finds them, and in the end what none treats."""
    draft = scene.draft()
    missing = []
    for interest in interests[:_INTERESTS]:
        explained = scene.engine.quote(phrase("brief_ask_topic", scene.language, topic=interest))
        answer = explained.answer
        if answer.abstained or answer.kind not in (QuestionKind.TOPIC, QuestionKind.SYNTHESIS, QuestionKind.FACT):
            missing.append(interest)
            continue
        best = {one.paper_id: one for one in reversed(explained.evidence)}
        papers = list(dict.fromkeys(cited.paper_id for cited in answer.citations))
        key = "brief_interest_one" if len(papers) == 1 else "brief_interest"
        draft.say(scene.say(key, interest=interest, n=len(papers), total=len(scene.profile.papers)))
        _quote_some(scene, draft, papers, best)
    if missing:
        scope = {"papers": len(scene.profile.papers), "abstracts": sum(bool(p.abstract) for p in scene.profile.papers)}
        draft.say(scene.say("brief_no_interest", interests=join_names(missing, scene.language), **scope))
    return scene.finish(draft)


def _quote_some(scene: Scene, draft: Draft, papers: Sequence[str], best: Mapping[str, Evidence]) -> None:
    shown = 0
    for paper_id in papers:
        evidence = best.get(paper_id)
        if evidence and shown < _OF_AN_INTEREST and scene.is_free(evidence):
            draft.quote(scene.take(evidence), f"{scene.titled(scene.profile.paper(paper_id))}: ", item=True)
            shown += 1


def papers_answer(scene: Scene, own: Sequence[Paper]) -> Answer:
    """What the reader's papers share with the profile: papers, names, and rare words of their titles."""
    draft = scene.draft()
    for sentence, papers in (_same_papers(scene, own), _same_people(scene, own)):
        if sentence:
            draft.say(sentence, papers)
    for words, number, evidence in _same_words(scene, own):
        paper = scene.profile.paper(evidence.paper_id)
        key = "brief_shared_words_one" if number == 1 else "brief_shared_words"
        draft.say(scene.say(key, words=words, n=number))
        draft.quote(scene.take(evidence), f"{scene.titled(paper)}: ", item=True)
    answer = scene.finish(draft)
    if not answer.sentences:
        draft.say(scene.say("brief_nothing_shared", n=len(own), papers=len(scene.profile.papers)))
        return scene.finish(draft)
    return answer


def _same_papers(scene: Scene, own: Sequence[Paper]) -> tuple[str, list[Paper]]:
    titles = {fold(paper.title) for paper in own}
    shared = [paper for paper in scene.profile.papers if fold(paper.title) in titles]
    if not shared:
        return "", []
    key = "brief_shared_paper" if len(shared) == 1 else "brief_shared_papers"
    return scene.say(key, n=len(shared), title=shared[0].title), shared[:_SHARED]


def _same_people(scene: Scene, own: Sequence[Paper]) -> tuple[str, list[Paper]]:
    canonical = canonical_names(author for paper in own for author in paper.authors)
    counts = Counter(name for paper in own for name in dict.fromkeys(canonical[author] for author in paper.authors))
    # The reader is taken to be the one who stands in most of the lists, and is nobody that both have met.
    reader = counts.most_common(1)[0][0] if counts else ""
    shared = []
    for name, number in counts.most_common():
        here = [paper for paper in scene.profile.papers if is_listed(paper, name)]
        if here and name != reader and not same_person(name, scene.profile.person):
            shared.append((name, number, newest_first(here)))
    if not shared:
        return "", []
    named = [scene.say("brief_shared_name", name=name, own=n, here=len(here)) for name, n, here in shared[:_SHARED]]
    papers = list(dict.fromkeys(here[0] for _, _, here in shared[:_SHARED]))
    return scene.say("brief_shared_people", names="; ".join(named)), papers


def _same_words(scene: Scene, own: Sequence[Paper]) -> list[tuple[str, int, Evidence]]:
    """Pairs of words that stand side by side in the reader's titles and in few of the profile's papers."""
    mine: Counter[tuple[str, ...]] = Counter()
    spelled: dict[tuple[str, ...], str] = {}
    for paper in own:
        pairs = _pairs(paper.title)
        mine.update(pairs.keys())
        for pair, text in pairs.items():
            spelled.setdefault(pair, text)
    holders: dict[tuple[str, ...], list[Evidence]] = defaultdict(list)
    for paper in scene.profile.papers:
        seen: set[tuple[str, ...]] = set()
        for span in split_sentences(paper.abstract):
            for pair in _pairs(span.text).keys() & mine.keys() - seen:
                seen.add(pair)
                holders[pair].append(evidence_of(paper, span))
    rare = [pair for pair, held in holders.items() if len(held) <= max(1, _RARE * len(scene.profile.papers))]
    chosen: list[tuple[str, int, Evidence]] = []
    papers: set[str] = set()
    for pair in sorted(rare, key=lambda pair: (-mine[pair], len(holders[pair]), pair)):
        evidence = next((one for one in holders[pair] if one.paper_id not in papers and scene.is_free(one)), None)
        if evidence and len(chosen) < _SHARED:
            papers.add(evidence.paper_id)
            chosen.append((spelled[pair], mine[pair], evidence))
    return chosen


def _pairs(text: str) -> dict[tuple[str, ...], str]:
    """Neighbouring words of content, by their stems, as they are spelled."""
    found: dict[tuple[str, ...], str] = {}
    words = list(WORD.finditer(text))
    for one, other in pairwise(words):
        stems = (tokenize(one.group()), tokenize(other.group()))
        beside = text[one.end() : other.start()] in (" ", "-")
        if beside and all(stems) and not (one.group() + other.group()).isdigit():
            found.setdefault((*stems[0], *stems[1]), text[one.start() : other.end()])
    return found
