"""A question that leans on the turns before it, completed so that it can be planned alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.models import Filter, Operation, Plan, QuestionKind, RefusalReason, Turn
from rag.planning.reading import Reading, filter_of
from rag.planning.shown import by_place, of_all_shown, shown_papers, without_some

PlanAlone = Callable[[str], Plan]
_OF_MANY = frozenset({Operation.COUNT, Operation.LIST, Operation.OLDEST, Operation.NEWEST})


def complete(reading: Reading, history: Sequence[Turn], plan_alone: PlanAlone) -> Plan | None:
    """The plan of a follow-up, None if the question stands alone.

    Args:
        reading: the new question.
        history: the turns before, oldest first.
        plan_alone: plans a question without history.
    """
    last = history[-1]
    if last.plan is None or last.answer is None:
        return None
    if last.answer.abstained and reading.frames.has("of_them") and not shown_papers(history):
        return Plan(
            question=reading.text,
            language=reading.language,
            kind=QuestionKind.REFUSAL,
            refusal=RefusalReason.NOT_IN_PROFILE,
            refers_back=True,
            because=("follow-up: of papers that were not found",),
        )
    narrowed = by_place(reading, history)
    if narrowed:
        reading, history = narrowed
    for rule in (
        _accepted_offer,
        _all_shown,
        _all_but,
        _shifted_year,
        _corrected,
        _others_of_first_author,
        _same_question_of_another,
        _about_the_same,
    ):
        plan = rule(reading, history, plan_alone)
        if plan:
            return plan.model_copy(
                update={
                    "refers_back": True,
                    "because": (f"follow-up: {rule.__name__.strip('_').replace('_', ' ')}", *plan.because),
                }
            )
    return None


def _accepted_offer(reading: Reading, history: Sequence[Turn], plan_alone: PlanAlone) -> Plan | None:
    answer = history[-1].answer
    if answer and answer.related and reading.frames.is_whole("yes"):
        return plan_alone(answer.related[0])
    return None


def _all_shown(reading: Reading, history: Sequence[Turn], _: PlanAlone) -> Plan | None:
    return of_all_shown(reading, shown_papers(history))


def _all_but(reading: Reading, history: Sequence[Turn], _: PlanAlone) -> Plan | None:
    last = history[-1].plan
    return without_some(reading, last) if last else None


def _shifted_year(reading: Reading, history: Sequence[Turn], _: PlanAlone) -> Plan | None:
    step = -1 if reading.frames.has("year_before") else 1 if reading.frames.has("year_after") else 0
    if not step or len(reading.left_over("year_before", "year_after", "paper", "published")) > 1:
        return None
    for turn in reversed(history):
        plan = turn.plan
        if plan and plan.filter.year:
            shifted = plan.filter.model_copy(update={"year": plan.filter.year + step})
            return plan.model_copy(update={"filter": shifted, "question": reading.text, "language": reading.language})
    return None


def _corrected(reading: Reading, history: Sequence[Turn], plan_alone: PlanAlone) -> Plan | None:
    """'No, I meant …' and 'the other one': the same question of something else."""
    last = history[-1].plan
    if last is None:
        return None
    frames = reading.frames
    other = frames.has("other")
    few_words = len(reading.text.split())
    corrects = frames.opens_with("no") or (frames.has("no") and few_words <= 6) or (other and few_words <= 8)
    if not corrects:
        return None
    if other:
        remaining = _other_papers(history)
        if remaining:
            return _of_papers(_asked_before(reading, history, plan_alone), remaining, reading)
    alone = plan_alone(reading.text)
    if alone.people or alone.papers or not alone.filter.is_empty():
        return _with_new_target(_asked_before(reading, history, plan_alone), alone, reading)
    return None


def _others_of_first_author(reading: Reading, history: Sequence[Turn], _: PlanAlone) -> Plan | None:
    """'What else did the first author write?': the papers of the one printed first on the paper shown."""
    papers = shown_papers(history)
    if not (reading.frames.has("first_author") and reading.frames.has("else") and len(papers) == 1):
        return None
    authors = reading.terms.profile.paper(papers[0]).authors
    if not authors:
        return None
    return Plan(
        question=reading.text,
        language=reading.language,
        kind=QuestionKind.COMPUTED,
        operation=Operation.LIST,
        filter=Filter(authors=(authors[0],)),
    )


def _asked_before(reading: Reading, history: Sequence[Turn], plan_alone: PlanAlone) -> Plan:
    """The plan that a correction applies to: its own operation if it states one, else the last one."""
    alone = plan_alone(reading.text)
    last = history[-1].plan
    assert last is not None
    return alone if alone.of_single_papers else last


def _other_papers(history: Sequence[Turn]) -> tuple[str, ...]:
    """What 'the other one' leaves of the papers that were in question."""
    current = shown_papers(history)
    for turn in reversed(history):
        groups = [tuple(dict.fromkeys(c.paper_id for c in turn.answer.citations))] if turn.answer else []
        if turn.plan:
            groups.append(turn.plan.papers)
        for group in groups:
            if len(group) > 1:
                latest = current if len(current) < len(group) else group[:1]
                rest = tuple(paper for paper in group if paper not in latest)
                if rest:
                    return rest
    return ()


def _same_question_of_another(reading: Reading, history: Sequence[Turn], plan_alone: PlanAlone) -> Plan | None:
    """'And CV?', 'and in 2022?', 'what about Ebert?': the last question with another target."""
    last = history[-1].plan
    if last is None or not (reading.frames.opens_with("continue") or len(reading.text.split()) <= 4):
        return None
    alone = plan_alone(reading.text)
    target = filter_of(reading)
    spans = (
        *(mention.span for mention in reading.people),
        *(mention.span for mention in reading.categories),
        *(mention.span for mention in reading.papers),
        *(reading.period.spans if reading.period else ()),
    )
    left = reading.left_over(
        "continue", "paper", "published", "category", "person_link", "about_topic", "the_paper", but=spans
    )
    has_target = bool(reading.paper_ids()) or not target.is_empty()
    if not has_target or left or reading.frames.has("who", "when", "code", "back"):
        return None
    return _with_new_target(last, alone, reading)


def _with_new_target(last: Plan, alone: Plan, reading: Reading) -> Plan:
    """`last` with the papers or conditions that `reading` names in place of its own."""
    common = {"question": reading.text, "language": reading.language}
    papers = reading.paper_ids()
    if papers and (last.of_single_papers or last.kind is QuestionKind.FACT):
        question = f"{last.question} {reading.text}" if last.kind is QuestionKind.FACT else reading.text
        return last.model_copy(
            update={
                **common,
                "papers": papers,
                "question": question,
                "subject": last.subject if last.kind is QuestionKind.FACT else "",
            }
        )
    if last.operation in _OF_MANY:
        new = filter_of(reading)
        conditions = _replaced(last.filter, new)
        return last.model_copy(update={**common, "filter": conditions, "people": alone.people})
    return alone


def _replaced(old: Filter, new: Filter) -> Filter:
    """`old` with the kinds of condition that `new` sets put in their place."""
    changes = {name: value for name, value in new if value not in (None, ())}
    if changes.keys() & {"year", "year_from", "year_to"}:
        changes = {"year": None, "year_from": None, "year_to": None, "month": None, **changes}
    return old.model_copy(update=changes)


def _about_the_same(reading: Reading, history: Sequence[Turn], plan_alone: PlanAlone) -> Plan | None:
    """'Who wrote it?', 'which of them …', 'and the authors?': a new question about the papers shown."""
    papers = shown_papers(history)
    if not papers or not set(reading.paper_ids()) <= set(papers):
        return None
    frames = reading.frames
    of_them = frames.has("back")
    opens = frames.opens_with("continue") or frames.is_whole("continue")
    alone = plan_alone(reading.text)
    if alone.operation is Operation.OVERVIEW and of_them and len(papers) == 1 and not alone.subject:
        alone = alone.model_copy(update={"kind": QuestionKind.FACT, "operation": None, "general": True})
    if alone.operation is Operation.GATHER and of_them:
        alone = alone.model_copy(update={"kind": QuestionKind.FACT, "operation": None})
    if alone.kind in {QuestionKind.REFUSAL, QuestionKind.ABOUT, QuestionKind.HEADER} or (
        alone.kind is QuestionKind.SYNTHESIS and not of_them
    ):
        return None
    if frames.is_whole("continue"):
        return _of_papers(alone.model_copy(update={"kind": QuestionKind.FACT, "operation": None}), papers, reading)
    bare = _bare_operation(reading, alone)
    if bare:
        return _of_papers(bare, papers, reading)
    if alone.of_single_papers and not alone.subject and not alone.papers:
        return _of_papers(alone, papers, reading)
    if alone.of_single_papers and of_them and len(alone.subject.split()) <= 1:
        return _of_papers(alone.model_copy(update={"subject": ""}), papers, reading)
    narrowing = (opens or _only(reading)) and not alone.filter.is_empty()
    if alone.operation in _OF_MANY and (of_them or narrowing):
        return alone.model_copy(update={"filter": alone.filter.model_copy(update={"papers": papers})})
    if alone.kind in {QuestionKind.TOPIC, QuestionKind.FACT} and (of_them or opens or not _has_own_subject(reading)):
        conditions = alone.filter.model_copy(update={"papers": papers})
        return alone.model_copy(
            update={"filter": conditions, "kind": QuestionKind.FACT if len(papers) == 1 else alone.kind}
        )
    return None


def _bare_operation(reading: Reading, alone: Plan) -> Plan | None:
    """The operation of a question that is hardly more than its name: 'the authors?', 'and when?', 'code?'."""
    if reading.left_over(
        "who",
        "when",
        "code",
        "category",
        "paper",
        "published",
        "first_author",
        "back",
        "coauthor",
        "the_paper",
        "code_link",
        "title",
        "year_word",
    ):
        return None
    frames = reading.frames
    for concept, operation in (
        ("first_author", Operation.FIRST_AUTHOR),
        ("who", Operation.AUTHORS),
        ("coauthor", Operation.AUTHORS),
        ("when", Operation.DATE),
        ("code", Operation.CODE),
        ("category", Operation.CATEGORY),
        ("title", Operation.TITLE),
    ):
        if frames.has(concept):
            if (
                concept == "code"
                and alone.operation in _OF_MANY
                and (frames.has("list") or frames.has("count"))
                and frames.has("back")
            ):
                return None
            return alone.model_copy(
                update={
                    "operation": operation,
                    "kind": QuestionKind.COMPUTED,
                    "filter": Filter(),
                    "subject": "",
                }
            )
    return None


def _of_papers(plan: Plan, papers: tuple[str, ...], reading: Reading) -> Plan:
    return plan.model_copy(
        update={
            "papers": papers,
            "filter": plan.filter.model_copy(update={"papers": papers}),
            "language": reading.language,
        }
    )


def _only(reading: Reading) -> bool:
    return any(word in reading.folded.split() for word in ("only", "just", "nur", "bloss", "seulement", "solo"))


def _has_own_subject(reading: Reading) -> bool:
    return len(reading.left_over("back", "continue", "who", "when", "published", "paper")) >= 3
