"""Answers quoted from the abstracts: facts, topics, comparisons, overviews."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answers.conditions import details
from rag.answers.draft import Draft
from rag.answers.key_sentences import key_sentences
from rag.models import Answer, Evidence, Filter, Paper, Plan, Profile, Proof, QuestionKind
from rag.phrases import phrase
from rag.records import category_counts, newest_first, select

_THEMES = 5
_OF_EACH = 2
_TO_THE_POINT = 0.05
"""Least probability of a sentence that is quoted for what is asked of both of two papers."""
_SURE = 0.7
"""Probability from which on a sentence needs no other beside it, unless that is as good."""
_AS_GOOD = 0.8
_SECOND = 0.1
"""Least probability of a sentence that is quoted beside one that is not sure."""


def answer_fact(plan: Plan, profile: Profile, evidence: Sequence[Evidence]) -> Answer:
    """Quotes the sentence that answers, and the next one of its paper where neither stands out.

    Args:
        plan: what is asked.
        profile: whose papers.
        evidence: most probable first; the first answers.
    """
    draft = Draft(profile, plan)
    first = evidence[0]
    draft.quote(first)
    second = next((one for one in evidence[1:] if one.paper_id == first.paper_id), None)
    least = _SECOND if first.score < _SURE else _AS_GOOD * first.score
    if second is not None and second.score >= least:
        draft.quote(second)
    return draft.finish(QuestionKind.FACT)


def name_papers(plan: Plan, profile: Profile, evidence: Sequence[Evidence]) -> Answer:
    """The papers that were looked for, each named in front of the sentence that shows it best."""
    draft = Draft(profile, plan)
    for one in evidence:
        draft.quote(one, _named(profile.paper(one.paper_id), plan), item=len(evidence) > 1)
    return draft.finish(QuestionKind.FACT)


def describe_papers(
    plan: Plan, profile: Profile, papers: Sequence[Paper], kind: QuestionKind, sentences: int = 2
) -> Answer:
    """What each paper does and found, in its own words, with at most `sentences` from each."""
    draft = Draft(profile, plan)
    for paper in papers:
        chosen = key_sentences(paper, sentences)
        if not chosen:
            draft.say(phrase("item", plan.language, title=paper.title, details=details(paper, Filter())), [paper])
        for number, sentence in enumerate(chosen):
            lead = _named(paper, plan) if len(papers) > 1 and number == 0 else ""
            draft.quote(sentence, lead, item=bool(lead))
    return draft.finish(kind)


def compare_papers(plan: Plan, profile: Profile, papers: Sequence[Paper], evidence: Sequence[Evidence]) -> Answer:
    """What each paper says to the question, or else what it does and found: two sentences of each.

    Args:
        plan: what is asked.
        profile: whose papers.
        papers: those that are compared, in the order of the question.
        evidence: the best sentence of each for the question; those that hardly answer are left out.
    """
    draft = Draft(profile, plan)
    answering = {one.paper_id: one for one in evidence if one.score >= _TO_THE_POINT}
    for paper in papers:
        point = answering.get(paper.id)
        own = [one for one in key_sentences(paper) if point is None or one.start != point.start]
        chosen = [*([point] if point else []), *own][:_OF_EACH]
        if not chosen:
            draft.say(phrase("item", plan.language, title=paper.title, details=details(paper, Filter())), [paper])
        for number, sentence in enumerate(sorted(chosen, key=lambda one: one.start)):
            draft.quote(sentence, "" if number else _named(paper, plan), item=not number)
    return draft.finish(QuestionKind.SYNTHESIS)


def list_topic(plan: Plan, profile: Profile, papers: Sequence[Paper], best: dict[str, Evidence], rule: str) -> Answer:
    """The papers on a topic, newest first, each with the sentence that says so.

    Args:
        plan: what is asked.
        profile: whose papers.
        papers: those on the topic.
        best: each paper's best sentence, by paper id; a paper without one is cited by its record.
        rule: how the papers were chosen.
    """
    draft = Draft(profile, plan)
    ordered = newest_first(papers)
    key = "topic_one" if len(ordered) == 1 else "topic"
    draft.say(phrase(key, plan.language, n=len(ordered), total=len(profile.papers)))
    for paper in ordered:
        if paper.id in best:
            draft.quote(best[paper.id], _named(paper, plan), item=True)
        else:
            draft.say(
                phrase("item", plan.language, title=paper.title, details=details(paper, Filter())),
                [paper],
                item=True,
            )
    proof = Proof(rule=rule, filter=plan.filter, rows=tuple(paper.id for paper in ordered))
    return draft.finish(QuestionKind.TOPIC, proof=proof)


def gather_points(plan: Plan, profile: Profile, evidence: Sequence[Evidence]) -> Answer:
    """What several papers say on a subject: one point a paper, newest first."""
    draft = Draft(profile, plan)
    best: dict[str, Evidence] = {}
    for one in evidence:
        best.setdefault(one.paper_id, one)
    for paper in newest_first(profile.paper(paper_id) for paper_id in best):
        draft.quote(best[paper.id], _named(paper, plan), item=len(best) > 1)
    return draft.finish(QuestionKind.SYNTHESIS)


def give_overview(plan: Plan, profile: Profile) -> Answer:
    """The categories with their counts, and for the most frequent ones what the newest paper does."""
    draft = Draft(profile, plan)
    counts = category_counts(profile.papers)
    if counts:
        pairs = ", ".join(f"{code} ({number})" for code, number in counts)
        draft.say(phrase("overview", plan.language, n=len(profile.papers), counts=pairs))
        chosen = [select(profile.papers, Filter(category=code))[0] for code, _ in counts[:_THEMES]]
    else:
        draft.say(phrase("count_all", plan.language, n=len(profile.papers)))
        chosen = [paper for paper in newest_first(profile.papers) if paper.abstract][:_THEMES]
    for paper in chosen:
        for sentence in key_sentences(paper, limit=1):
            draft.quote(sentence, _named(paper, plan), item=True)
    return draft.finish(QuestionKind.SYNTHESIS)


def _named(paper: Paper, plan: Plan) -> str:
    date = f" ({paper.date.text})" if paper.date else ""
    return f"{phrase('item', plan.language, title=paper.title, details=date)}: "
