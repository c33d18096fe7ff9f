"""The way of a question: plan, records or evidence, draft, answer. The one public entry of this room."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.answers.computed import compute
from rag.answers.content import answer_fact, describe_papers, gather_points, give_overview, list_topic
from rag.answers.draft import render
from rag.answers.header import answer_header
from rag.answers.refusal import ask_back, introduce, refuse
from rag.evidence import EvidenceFinder
from rag.fusion import Scores
from rag.models import (
    Answer,
    AnswerType,
    Evidence,
    Explained,
    Language,
    Operation,
    Paper,
    Plan,
    Profile,
    QuestionKind,
    RefusalReason,
    Turn,
)
from rag.names import tidy
from rag.planning.planner import make_plan
from rag.planning.terms import ProfileTerms
from rag.reader import Reader
from rag.records import matches
from rag.retrieval import Found, Retriever
from rag.suggestions import example_questions, follow_ups
from rag.topics import RULE, TopicJudge

_ANSWERS = 0.35
"""Least probability at which a sentence is given as the answer."""
_FINDS = 0.12
"""The same where a paper is looked for by what it says: the sentence need not state a detail."""
_POINT = 0.25
"""The same for a point among several papers' points."""
_NEAR = 0.1
"""Least probability at which a sentence's paper is offered as what comes closest."""
_KNOWN = 0.5
"""The same where no sentence was read: the share of the question's words that the papers use."""
_ALIKE = 0.9
"""A second paper whose rank is this close to the first's is meant as well."""
_DESCRIBED = 0.9
"""Least strength (rank within 0..1 plus share of words held) at which a description means a paper."""
_MOST_READ = 60
"""Papers that are read for what several of them say."""
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_BETWEEN = re.compile(
    r"\b(?:with|and|vs\.?|versus|to|from|against|mit|und|von|gegenuber|gegenüber|avec|et|con|y)\b", re.I
)


class ProfileChat:
    """Answers questions about one profile.

    Args:
        profile: the records.
        retriever: over the profile's index.
        reader: judges whether a sentence answers a question.
    """

    def __init__(self, profile: Profile, retriever: Retriever, reader: Reader) -> None:
        self.profile = profile
        self._retriever = retriever
        self._terms = ProfileTerms(profile, retriever.is_word)
        self._finder = EvidenceFinder(profile, retriever, reader)
        self._topics = TopicJudge(profile)

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """The answer to `question` in the conversation `history`, oldest turn first."""
        return self.explain(question, history).answer

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Iterator[Answer]:
        """The answer sentence by sentence: each has one sentence more than the one before, the last is whole."""
        answer = self.ask(question, history)
        for number in range(1, len(answer.sentences)):
            shown = answer.sentences[:number]
            cited = {n for sentence in shown for n in sentence.citations}
            yield answer.model_copy(
                update={
                    "sentences": shown,
                    "answer": render(shown),
                    "citations": tuple(citation for citation in answer.citations if citation.n in cited),
                    "related": (),
                    "proof": None,
                }
            )
        yield answer

    def explain(self, question: str, history: Sequence[Turn] = ()) -> Explained:
        """The answer with the plan and the evidence that led to it."""
        started = time.perf_counter()
        plan = make_plan(question, self._planned(history), self._terms)
        planned = time.perf_counter()
        answer, evidence = _ANSWERERS[plan.kind](self, plan)
        done = time.perf_counter()
        related = answer.related or follow_ups(plan, answer, self.profile)
        timings = {
            "plan": 1e3 * (planned - started),
            "answer": 1e3 * (done - planned),
            "total": 1e3 * (done - started),
        }
        answer = answer.model_copy(
            update={
                "question": question,
                "related": related,
                "timings_ms": {name: round(value, 3) for name, value in timings.items()},
            }
        )
        return Explained(answer=answer, plan=plan, evidence=evidence)

    def examples(self, language: Language = "en") -> tuple[str, ...]:
        """Four questions of different kinds, each tried and found to be answered."""
        answered = (
            question for question in example_questions(self.profile, language) if not self.ask(question).abstained
        )
        return tuple(question for question, _ in zip(answered, range(4), strict=False))

    # --- one way of answering each ----------------------------------------------------------------------

    def _computed(self, plan: Plan) -> tuple[Answer, tuple[Evidence, ...]]:
        about = self._papers_meant(plan)
        if plan.of_single_papers and not about:
            return self._refused(plan, RefusalReason.NOT_IN_PROFILE)
        return compute(plan, self.profile, about), ()

    def _header(self, plan: Plan) -> tuple[Answer, tuple[Evidence, ...]]:
        return answer_header(plan, self.profile), ()

    def _about(self, plan: Plan) -> tuple[Answer, tuple[Evidence, ...]]:
        return introduce(plan, self.profile, example_questions(self.profile, plan.language)[:4]), ()

    def _refusal(self, plan: Plan) -> tuple[Answer, tuple[Evidence, ...]]:
        if plan.refusal is RefusalReason.AMBIGUOUS:
            return ask_back(plan, self.profile, plan.people), ()
        return refuse(plan, self.profile, plan.refusal or RefusalReason.OUT_OF_SCOPE), ()

    def _fact(self, plan: Plan) -> tuple[Answer, tuple[Evidence, ...]]:
        named = self._papers_allowed(plan)
        if named and plan.general:
            return describe_papers(plan, self.profile, named[:3], QuestionKind.FACT), ()
        found = self._retriever.search(plan.question)
        evidence = self._finder.find(plan, found, tuple(paper.id for paper in named))
        if not evidence or evidence[0].score < _least_score(plan):
            return self._refused(plan, self._reason(plan, evidence), found, evidence)
        return answer_fact(plan, self.profile, evidence), evidence

    def _topic(self, plan: Plan) -> tuple[Answer, tuple[Evidence, ...]]:
        papers, best, found = self._papers_on(plan)
        if not papers:
            return self._refused(plan, RefusalReason.NOT_IN_PROFILE, found)
        return list_topic(plan, self.profile, papers, best, RULE), tuple(best[p.id] for p in papers if p.id in best)

    def _synthesis(self, plan: Plan) -> tuple[Answer, tuple[Evidence, ...]]:
        if plan.operation is Operation.COMPARE:
            papers = self._papers_compared(plan)
            if len(papers) < 2:
                return self._refused(plan, RefusalReason.NOT_IN_PROFILE, self._retriever.search(plan.question))
            return describe_papers(plan, self.profile, papers, QuestionKind.SYNTHESIS), ()
        if plan.operation is Operation.OVERVIEW:
            return self._overview(plan)
        found = self._retriever.search(plan.question)
        evidence = self._finder.find_in_each(found, plan, self._papers_near(found))
        sure = tuple(one for one in evidence if one.score >= _POINT)
        if not sure:
            return self._refused(plan, RefusalReason.NOT_IN_PROFILE, found)
        return gather_points(plan, self.profile, sure), sure

    def _overview(self, plan: Plan) -> tuple[Answer, tuple[Evidence, ...]]:
        if not plan.subject:
            return give_overview(plan, self.profile), ()
        papers, _, found = self._papers_on(plan)
        if not papers:
            return self._refused(plan, RefusalReason.NOT_IN_PROFILE, found)
        return describe_papers(plan, self.profile, papers, QuestionKind.SYNTHESIS, sentences=1), ()

    # --- helpers ----------------------------------------------------------------------------------------

    def _planned(self, history: Sequence[Turn]) -> list[Turn]:
        """The turns with the plans of those that came without one."""
        turns: list[Turn] = []
        for turn in history:
            plan = turn.plan or make_plan(turn.question, turns, self._terms)
            turns.append(turn.model_copy(update={"plan": plan}))
        return turns

    def _papers_allowed(self, plan: Plan) -> list[Paper]:
        """The papers that a question about content is limited to; none means all."""
        ids = plan.filter.papers or plan.papers
        if ids:
            return [self.profile.paper(paper) for paper in ids]
        conditions = plan.filter
        return [] if conditions.is_empty() else [p for p in self.profile.papers if matches(p, conditions)]

    def _papers_on(self, plan: Plan) -> tuple[list[Paper], dict[str, Evidence], Found]:
        """The papers on the plan's topic, the sentences that say so, and the search; of 'a / b' those on either."""
        papers: dict[str, Paper] = {}
        best: dict[str, Evidence] = {}
        for topic in plan.subject.split(" / "):
            found = self._retriever.search(topic)
            held = self._finder.match_papers(found)
            on_topic = self._topics.papers_on(topic, found, held.matched, self._allowed(plan))
            papers |= {paper.id: paper for paper in on_topic if paper.id not in papers}
            best = held.best | best
        return list(papers.values()), best, found

    def _allowed(self, plan: Plan) -> NDArray[np.bool_]:
        return np.array([matches(paper, plan.filter) for paper in self.profile.papers], bool)

    def _papers_near(self, found: Found) -> list[str]:
        """Ids of the papers that a search brings up, best first; all of them in a small profile."""
        order = np.argsort(-found.papers, kind="stable")[:_MOST_READ]
        return [self.profile.papers[row].id for row in order]

    def _papers_compared(self, plan: Plan) -> list[Paper]:
        """The papers that a comparison names or describes, in the order of the question."""
        chosen = list(plan.filter.papers or plan.papers)
        parts = [part for part in _BETWEEN.split(plan.question) if part.strip()]
        years = _YEAR.findall(plan.question)
        if len(years) == 2:
            parts = [f"{plan.subject} {year}" for year in years]
        elif len(parts) < 2:
            parts = [plan.subject] * 2
        for part in parts:
            if len(chosen) >= 2 or any(self._is_named(part, paper) for paper in plan.papers):
                continue
            strength = self._described_by(part)
            strength[~self._dated_as(part)] = -1
            order = np.argsort(-strength, kind="stable")
            best = next((row for row in order if self.profile.papers[row].id not in chosen), None)
            if best is not None and strength[best] >= _DESCRIBED:
                chosen.append(self.profile.papers[best].id)
        return [self.profile.paper(paper) for paper in dict.fromkeys(chosen)]

    def _described_by(self, text: str) -> Scores:
        """How well `text` describes each paper, shape (papers,), 0 to 2: its rank and the share of words held."""
        return self._retriever.search(text).papers + self._topics.coverage(text)

    def _dated_as(self, text: str) -> NDArray[np.bool_]:
        """Which papers are of a year that `text` names; all where it names none."""
        years = {int(year) for year in _YEAR.findall(text)}
        return np.array([not years or paper.year in years for paper in self.profile.papers], bool)

    def _is_named(self, text: str, paper: str) -> bool:
        return any(paper in mention.papers for mention in self._terms.papers.find(tidy(text)))

    def _papers_meant(self, plan: Plan) -> list[Paper]:
        """The papers that a question about single papers is about, by name or by what it says of them."""
        ids = plan.papers or plan.filter.papers or ()
        if ids or not plan.of_single_papers:
            return [self.profile.paper(paper) for paper in ids]
        subject = " ".join(word for word in plan.subject.split() if not word.isdigit())
        if not subject:
            return []
        strength = self._described_by(subject)
        order = np.argsort(-strength, kind="stable")
        best = float(strength[order[0]])
        if best < _DESCRIBED:
            return []
        return [self.profile.papers[row] for row in order[:3] if strength[row] >= _ALIKE * best]

    def _reason(self, plan: Plan, evidence: Sequence[Evidence]) -> RefusalReason:
        """Whether the topic is there and the detail is not, or nothing of it is."""
        near = plan.papers or (evidence and evidence[0].lexical >= 0.3)
        return RefusalReason.DETAIL_NOT_STATED if near else RefusalReason.NOT_IN_PROFILE

    def _refused(
        self,
        plan: Plan,
        reason: RefusalReason,
        found: Found | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> tuple[Answer, tuple[Evidence, ...]]:
        nearest: list[Paper] = []
        if plan.papers:
            nearest = [self.profile.paper(plan.papers[0])]
        elif evidence and evidence[0].score >= _NEAR:
            nearest = [self.profile.paper(evidence[0].paper_id)]
        elif found is not None and not evidence and self.profile.papers and found.known >= _KNOWN:
            nearest = [self.profile.papers[int(np.argmax(found.papers))]]
        return refuse(plan, self.profile, reason, nearest), evidence


def _least_score(plan: Plan) -> float:
    return _FINDS if plan.asked is AnswerType.PAPER else _ANSWERS


Answerer = Callable[[ProfileChat, Plan], tuple[Answer, tuple[Evidence, ...]]]
_ANSWERERS: dict[QuestionKind, Answerer] = {
    QuestionKind.COMPUTED: ProfileChat._computed,
    QuestionKind.HEADER: ProfileChat._header,
    QuestionKind.ABOUT: ProfileChat._about,
    QuestionKind.REFUSAL: ProfileChat._refusal,
    QuestionKind.FACT: ProfileChat._fact,
    QuestionKind.TOPIC: ProfileChat._topic,
    QuestionKind.SYNTHESIS: ProfileChat._synthesis,
}
