"""The way of a question: plan, records or evidence, draft, answer. The one public entry of this room."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

import numpy as np

from rag.answer_types import may_answer
from rag.answers.computed import compute
from rag.answers.content import (
    answer_fact,
    compare_papers,
    describe_papers,
    gather_points,
    give_overview,
    list_topic,
    name_papers,
)
from rag.answers.header import answer_header
from rag.answers.parts import join_parts
from rag.answers.refusal import ask_back, introduce, refuse
from rag.evidence import EvidenceFinder
from rag.models import (
    Answer,
    AnswerType,
    Evidence,
    Explained,
    Language,
    Operation,
    Paper,
    Place,
    Plan,
    Profile,
    QuestionKind,
    RefusalReason,
    Turn,
)
from rag.paper_finder import PaperFinder
from rag.planning.parts import SEVERAL, split_parts
from rag.planning.planner import LONGEST_TOPIC, make_plan
from rag.planning.terms import ProfileTerms
from rag.reader import Reader
from rag.records import matches
from rag.retrieval import Found, Retriever
from rag.streaming import growing, wait_for_last
from rag.suggestions import example_questions, follow_ups
from rag.threads import in_thread
from rag.thresholds import Thresholds, load_thresholds
from rag.topics import RULE

if TYPE_CHECKING:
    from rag.llm.writer import Writer

_SILENT = frozenset({None, RefusalReason.NOT_IN_PROFILE, RefusalReason.DETAIL_NOT_STATED})
"""Reasons for which one part of a question may stay without an answer."""
_MAY_FIND = frozenset({AnswerType.DESCRIPTION, AnswerType.YES_NO, AnswerType.LIST, AnswerType.PLACE})
"""What a question asks for that may be a paper, though no sentence answers it."""
_ONE_OF_THEM = frozenset({AnswerType.LIST, AnswerType.PAPER})
"""What a question asks for that wants some of the papers that were shown."""
_NEAR = 0.1
"""Least probability at which a sentence's paper is offered as what comes closest."""
_KNOWN = 0.5
"""The same where no sentence was read: the share of the question's words that the papers use."""


class ProfileChat:
    """Answers questions about one profile.

    Args:
        profile: the records.
        retriever: over the profile's index.
        reader: judges whether a sentence answers a question.
        thresholds: from which probability on something is answered; None for the fitted ones.
        writer: words answers with a language model; None quotes.
    """

    def __init__(
        self,
        profile: Profile,
        retriever: Retriever,
        reader: Reader,
        thresholds: Thresholds | None = None,
        writer: Writer | None = None,
    ) -> None:
        self.profile = profile
        self._least = thresholds or load_thresholds()
        self._retriever = retriever
        self._terms = ProfileTerms(profile, retriever.is_word)
        self._finder = EvidenceFinder(profile, retriever, reader)
        self._papers = PaperFinder(profile, retriever, self._finder, self._terms, self._least)
        self._writer = writer

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """The answer to `question` in the conversation `history`, oldest turn first."""
        return self.explain(question, history).answer

    async def stream(self, question: str, history: Sequence[Turn] = ()) -> AsyncGenerator[Explained, None]:
        """The answer as it grows: each has one sentence more than the one before, the last is whole.

        The event loop stays free: what takes the processor is done in a few threads, however many questions there
        are. Closing the iterator ends what was asked of a language model.
        """
        explained = await in_thread(self.quote, question, tuple(history))
        if self._writer is None:
            for grown in growing(explained):
                yield grown
            return
        async with aclosing(self._writer.write(explained, history, self)) as written:
            async for grown in written:
                yield grown

    def explain(self, question: str, history: Sequence[Turn] = ()) -> Explained:
        """The answer with the plan and the evidence that led to it."""
        if self._writer is None:
            return self.quote(question, history)
        return wait_for_last(self.stream(question, history))

    def quote(self, question: str, history: Sequence[Turn] = ()) -> Explained:
        """The same without a language model: quoted, computed or refused."""
        parts = split_parts(question)
        if len(parts) > 1:
            in_parts = self._explain_parts(question, parts, history)
            if in_parts is not None:
                return in_parts
        return self._explain_whole(question, history)

    def _explain_parts(self, question: str, parts: Sequence[str], history: Sequence[Turn]) -> Explained | None:
        """Each part as a question behind the ones before; None where no part is answered, or one is out of place."""
        turns = list(history)
        explained: list[Explained] = []
        for part in parts:
            explained.append(self._explain_whole(part, turns))
            turns.append(Turn(question=part, plan=explained[-1].plan, answer=explained[-1].answer))
        answers = [one.answer for one in explained]
        if any(answer.refusal_reason not in _SILENT for answer in answers) or all(a.abstained for a in answers):
            return None
        if answers[0].abstained and any(one.plan.refers_back for one in explained[1:]):
            return None  # 'Which had the lowest error, and what was it?' asks one thing.
        first = explained[0]
        timings = {name: sum(a.timings_ms.get(name, 0.0) for a in answers) for name in first.answer.timings_ms}
        joined = join_parts(question, list(zip(parts, answers, strict=True)), self.profile)
        return Explained(
            answer=joined.model_copy(update={"timings_ms": timings}),
            plan=first.plan.model_copy(update={"because": (SEVERAL, *first.plan.because)}),
            evidence=tuple(one for explanation in explained for one in explanation.evidence),
        )

    def _explain_whole(self, question: str, history: Sequence[Turn]) -> Explained:
        started = time.perf_counter()
        plan = make_plan(question, self._planned(history), self._terms)
        return self.quote_as(question, plan, 1e3 * (time.perf_counter() - started))

    def quote_as(self, question: str, plan: Plan, planning_ms: float = 0.0) -> Explained:
        """The quoted answer to `question` taken to mean `plan`, which took so many milliseconds to make."""
        started = time.perf_counter()
        answer, evidence = _ANSWERERS[plan.kind](self, plan)
        answering_ms = 1e3 * (time.perf_counter() - started)
        related = answer.related or follow_ups(plan, answer, self.profile)
        timings = {"plan": planning_ms, "answer": answering_ms, "total": planning_ms + answering_ms}
        answer = answer.model_copy(
            update={
                "question": question,
                "related": related,
                "timings_ms": {name: round(value, 3) for name, value in timings.items()},
            }
        )
        return Explained(answer=answer, plan=plan, evidence=evidence)

    def plan_alone(self, question: str) -> Plan:
        """What `question` asks by the rules, without a conversation."""
        return make_plan(question, (), self._terms)

    def compare(self, question: str, place: Place, text: str) -> tuple[float, float] | None:
        """See `EvidenceFinder.compare`."""
        return self._finder.compare(question, place, text)

    def examples(self, language: Language = "en") -> tuple[str, ...]:
        """Four questions of different kinds, each tried and found to be answered."""
        answered = (
            question
            for question in example_questions(self.profile, language)
            if not self.quote(question).answer.abstained
        )
        return tuple(question for question, _ in zip(answered, range(4), strict=False))

    # --- one way of answering each ----------------------------------------------------------------------

    def _computed(self, plan: Plan) -> tuple[Answer, tuple[Evidence, ...]]:
        about = self._papers.meant(plan)
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

    def _fact(self, plan: Plan, found: Found | None = None) -> tuple[Answer, tuple[Evidence, ...]]:
        named = self._papers_allowed(plan)
        if named and plan.general:
            return describe_papers(plan, self.profile, named[:3], QuestionKind.FACT), ()
        found = found or self._retriever.search(plan.question)
        among = len(plan.filter.papers or ()) > 1 and plan.asked in _ONE_OF_THEM
        if among or (plan.asked is AnswerType.PAPER and not named):
            return self._find(plan, found)
        evidence = self._finder.find(plan, found, tuple(paper.id for paper in named))
        least = self._least.answers
        if named:
            least = self._least.answers_of_shown if plan.refers_back else self._least.answers_of_named
        answering = [one for one in evidence if may_answer(plan.asked, plan.question, one.text)]
        if not answering or answering[0].score < least:
            if not named and plan.asked in _MAY_FIND:
                return self._find(plan, found)
            return self._refused(plan, self._reason(plan, evidence), found, evidence)
        return answer_fact(plan, self.profile, answering), evidence

    def _find(self, plan: Plan, found: Found) -> tuple[Answer, tuple[Evidence, ...]]:
        """The paper that is looked for by what it says, among those of an earlier answer or among all."""
        meant, closest = self._papers.sought(plan, found)
        if not meant:
            return self._refused(plan, RefusalReason.NOT_IN_PROFILE, closest=closest)
        evidence = self._finder.find_in_each(found, plan, meant)
        return name_papers(plan, self.profile, evidence), evidence

    def _topic(self, plan: Plan) -> tuple[Answer, tuple[Evidence, ...]]:
        on_topic = self._papers.on_topic(plan)
        papers = on_topic.papers
        if not papers and len(plan.subject.split()) > LONGEST_TOPIC:
            return self._fact(plan.model_copy(update={"kind": QuestionKind.FACT}))
        if not papers:
            return self._refused(plan, RefusalReason.NOT_IN_PROFILE, closest=on_topic.closest)
        best = self._papers.saying_so(plan, on_topic)
        return list_topic(plan, self.profile, papers, best, RULE), tuple(best[p.id] for p in papers if p.id in best)

    def _synthesis(self, plan: Plan) -> tuple[Answer, tuple[Evidence, ...]]:
        if plan.operation is Operation.COMPARE:
            papers = self._papers.compared(plan)
            if len(papers) < 2 and not plan.papers:
                # What is compared may be within one paper: 'GANs or diffusion: which came out ahead?'
                return self._fact(plan.model_copy(update={"kind": QuestionKind.FACT, "operation": None}))
            found = self._retriever.search(plan.question)
            if len(papers) < 2:
                return self._refused(plan, RefusalReason.NOT_IN_PROFILE, found)
            evidence = self._finder.find_in_each(found, plan, [paper.id for paper in papers])
            return compare_papers(plan, self.profile, papers, evidence), evidence
        if plan.operation is Operation.OVERVIEW:
            return self._overview(plan)
        if plan.things:
            points = self._finder.naming(plan.things)
            named = gather_points(plan, self.profile, points) if points else None
            return (named, points) if named else self._refused(plan, RefusalReason.NOT_IN_PROFILE)
        found = self._retriever.search(plan.question)
        ways = [self._points_on_topic, self._points_anywhere]
        if plan.asked is AnswerType.LIST:
            ways.reverse()
        points = ways[0](plan, found) or ways[1](plan, found)
        if not points:
            return self._fact(plan.model_copy(update={"kind": QuestionKind.FACT, "operation": None}), found)
        return gather_points(plan, self.profile, points), points

    def _points_on_topic(self, plan: Plan, found: Found) -> tuple[Evidence, ...]:
        papers = self._papers.on_topic(plan).papers
        return self._finder.find_in_each(found, plan, [paper.id for paper in papers]) if papers else ()

    def _points_anywhere(self, plan: Plan, found: Found) -> tuple[Evidence, ...]:
        evidence = self._finder.find_in_each(found, plan, self._papers.near(found))
        return tuple(one for one in evidence if one.score >= self._least.point)

    def _overview(self, plan: Plan) -> tuple[Answer, tuple[Evidence, ...]]:
        if not plan.subject:
            return give_overview(plan, self.profile), ()
        on_topic = self._papers.on_topic(plan)
        if not on_topic.papers:
            return self._refused(plan, RefusalReason.NOT_IN_PROFILE, closest=on_topic.closest)
        return describe_papers(plan, self.profile, on_topic.papers, QuestionKind.SYNTHESIS, sentences=1), ()

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
        closest: str | None = None,
    ) -> tuple[Answer, tuple[Evidence, ...]]:
        nearest: list[Paper] = []
        if plan.papers or closest:
            nearest = [self.profile.paper(plan.papers[0] if plan.papers else str(closest))]
        elif evidence and evidence[0].score >= _NEAR:
            nearest = [self.profile.paper(evidence[0].paper_id)]
        elif found is not None and not evidence and self.profile.papers and found.known >= _KNOWN:
            nearest = [self.profile.papers[int(np.argmax(found.papers))]]
        return refuse(plan, self.profile, reason, nearest), evidence


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
