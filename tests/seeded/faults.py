"""Twenty seeded faults, what each of them touches, and the comparison that has to find it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from evals.case import Case
from evals.compare import Change, Comparison, compare
from evals.run import Judged, Task, ask_case
from evals.stored import End, Header, Run
from rag.models import Explained, Profile, QuestionKind
from tests.seeded import answers, products
from tests.seeded.products import Altered, Product

Touches = Callable[[Case, Explained, Profile], bool]
_TOP = 10


class Fault(NamedTuple):
    """A fault, and which answers of the right product it spoils."""

    name: str
    touches: Touches
    spoil: answers.Spoil | None = None
    seed: products.Seed | None = None


class Found(NamedTuple):
    """What a comparison made of a fault."""

    comparison: Comparison
    worse: int
    top_touched: float
    """The share of the first ten cases that got worse which the fault can have spoiled."""

    @property
    def is_found(self) -> bool:
        """Whether it was called worse, with the right cases at the top."""
        return bool(self.comparison.reasons) and self.top_touched >= 0.8


def _cites_place(*places: int) -> Touches:
    def touches(case: Case, explained: Explained, profile: Profile) -> bool:
        ids = {profile.papers[place].id for place in places}
        cited = {citation.paper_id for citation in explained.answer.citations}
        return bool(cited & ids) or case.count is not None or case.kind == "header"

    return touches


def _every(case: Case, explained: Explained, profile: Profile) -> bool:
    return True


def _answers_given(case: Case, explained: Explained, profile: Profile) -> bool:
    return not explained.answer.abstained


def _refusals(case: Case, explained: Explained, profile: Profile) -> bool:
    return explained.answer.abstained


def _searched(case: Case, explained: Explained, profile: Profile) -> bool:
    """Whether a search takes part: papers of computed answers are described too."""
    computed = explained.answer.kind in (QuestionKind.COMPUTED, QuestionKind.HEADER, QuestionKind.ABOUT)
    return explained.plan.of_single_papers or not computed or len(case.asked) > 1


def _quoted(case: Case, explained: Explained, profile: Profile) -> bool:
    return any(citation.end > citation.start for citation in explained.answer.citations)


def _numbers(case: Case, explained: Explained, profile: Profile) -> bool:
    return any(letter.isdigit() for letter in explained.answer.answer)


def _conversations(case: Case, explained: Explained, profile: Profile) -> bool:
    return len(case.asked) > 1


def _years(case: Case, explained: Explained, profile: Profile) -> bool:
    conditions = explained.plan.filter
    return any((conditions.year, conditions.year_from, conditions.year_to)) or "year" in str(explained.plan.operation)


def _not_english(case: Case, explained: Explained, profile: Profile) -> bool:
    return case.language != "en"


def _records_cited(case: Case, explained: Explained, profile: Profile) -> bool:
    cut = {paper.id for paper in profile.papers if paper.authors_cut}
    return any(c.paper_id in cut and c.end == c.start for c in explained.answer.citations) or not _quoted(
        case, explained, profile
    )


FAULTS = (
    Fault("a paper dropped from the index", _cites_place(0), seed=products.paper_dropped),
    Fault("two abstracts swapped", _cites_place(0, 1), seed=products.abstracts_swapped),
    Fault("every number changed by one digit", _numbers, answers.numbers_changed),
    Fault("citations shifted by one", _answers_given, answers.citations_shifted),
    Fault("verifier off", _quoted, answers.verifier_off),
    Fault("refusal off", _refusals, seed=products.refusal_off),
    Fault("refusal always", _answers_given, answers.refused_always),
    Fault("follow-up memory off", _conversations, seed=products.memory_off),
    Fault("BM25 off", _searched, seed=products.bm25_off),
    Fault("dense off", _searched, seed=products.dense_off),
    Fault("the wrong year filter", _years, seed=products.wrong_year),
    Fault("cut author lists ignored", _records_cited, seed=products.cut_lists_ignored),
    Fault("German off", _not_english, seed=products.german_off),
    Fault("a prompt that allows outside knowledge", _refusals, answers.outside_knowledge),
    Fault("a model that answers from memory", _answers_given, answers.from_memory),
    Fault("a slow stage (10 times)", _every, seed=products.slow_stage),
    Fault("duplicated sentences", _answers_given, answers.sentences_doubled),
    Fault("empty answers for one kind", _every, answers.headers_empty),
    Fault("the highlight span shifted", _quoted, answers.highlight_shifted),
    Fault("the wrong language", _every, answers.wrong_language),
)


def ask_all(cases: Sequence[Case], chat: Altered | products.ProfileChat, name: str) -> tuple[Run, list[Judged]]:
    """Asks every case in this process; a whole run with the answers behind it."""
    judged = [ask_case(Task(case), chat) for case in cases]
    header = Header(profile=chat.profile.name, fingerprint="", papers=len(chat.profile.papers), cases=len(cases))
    end = End(finished="", seconds=0.0)
    return Run(path=Path(name), header=header, answers=tuple(one.answer for one in judged), end=end), judged


def find(fault: Fault, product: Product, cases: Sequence[Case], right: Run, held: Sequence[Judged]) -> Found:
    """Runs the product with the fault in it, and compares the run with the right one's."""
    if fault.spoil is not None:
        spoiled = iter([_spoiled(fault.spoil, case, one, product) for case, one in zip(cases, held, strict=True)])
        spoiled_chat = Altered(product.chat.profile, lambda question, history: next(spoiled))
        whole = [case.model_copy(update={"turns": (), "question": case.asked[-1]}) for case in cases]
        faulty, _ = ask_all(whole, spoiled_chat, fault.name)
        same = {case.id: case.digest for case in cases}
        faulty = faulty.model_copy(
            update={
                "answers": tuple(
                    answer.model_copy(update={"case": answer.case.model_copy(update={"digest": same[answer.case.id]})})
                    for answer in faulty.answers
                )
            }
        )
    else:
        assert fault.seed is not None
        with fault.seed(product) as chat:
            faulty, _ = ask_all(cases, chat, fault.name)
    comparison = compare(right, faulty)
    explained = {case.id: (case, one.explained) for case, one in zip(cases, held, strict=True)}
    worse = comparison.of(Change.WORSE)
    touched = []
    for pair in worse[:_TOP]:
        case, before = explained[pair.new[0].case.id]
        touched.append(before is not None and fault.touches(case, before, product.chat.profile))
    return Found(comparison, len(worse), sum(touched) / len(touched) if touched else 1.0)


def _spoiled(spoil: answers.Spoil, case: Case, one: Judged, product: Product) -> Explained:
    assert one.explained is not None
    return spoil(case, one.explained, product.chat.profile)
