"""Whole classes of wording: names, slips, orders, comparisons, kinds of things, follow-ups. No model is involved."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.sources import read_profile, shipped_profile_path
from rag.models import (
    Answer,
    AnswerType,
    Citation,
    Filter,
    Language,
    Operation,
    Plan,
    Profile,
    QuestionKind,
    RefusalReason,
    Scope,
    Turn,
)
from rag.planning.planner import make_plan
from rag.planning.terms import ProfileTerms

ORDINARY = frozenset({"netz", "Netz", "Bewertung", "art", "port", "sit", "every", "everything"})


@pytest.fixture(scope="module")
def profile() -> Profile:
    path = shipped_profile_path()
    assert path is not None
    return read_profile(path)


@pytest.fixture(scope="module")
def terms(profile: Profile) -> ProfileTerms:
    return ProfileTerms(profile, lambda word: word in ORDINARY)


def _turn(question: str, plan: Plan, papers: tuple[str, ...] = ()) -> Turn:
    cited = tuple(Citation(n=n, paper_id=paper, title=paper, passage="") for n, paper in enumerate(papers, start=1))
    answer = Answer(
        question=question,
        answer="…",
        abstained=not papers,
        kind=plan.kind,
        language=plan.language,
        scope=Scope(papers=19, abstracts=19),
        citations=cited,
    )
    return Turn(question=question, plan=plan, answer=answer)


# --- names ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "author"),
    [
        ("papers by ANNA SCHMIDT", "Anna Schmidt"),
        ("PAPERS BY ANNA SCHMIDT", "Anna Schmidt"),
        ("papers by anna schmidt", "Anna Schmidt"),
        ("Papers by Anna Schmidt", "Anna Schmidt"),
        ("Arbeiten von ANNA SCHMIDT", "Anna Schmidt"),
        ("papers by Schmidt", "Norberto Schmidt"),
        ("papers by SCHMIDT", "Norberto Schmidt"),
        ("PAPERS BY SCHMIDT", "Norberto Schmidt"),
        ("papers by norberto schmidt", "Norberto Schmidt"),
        ("PAPERS BY NORBERTO SCHMIDT", "Norberto Schmidt"),
        ("papers with Prof. Schmidt", "Norberto Schmidt"),
        ("papers by Norberta Schmidt", "Norberto Schmidt"),
    ],
)
def test_a_given_name_is_part_of_what_is_asked(question: str, author: str, terms: ProfileTerms) -> None:
    plan = make_plan(question, [], terms)
    assert plan.kind is QuestionKind.COMPUTED
    assert plan.filter == Filter(authors=(author,))


# --- slips of the pen -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Welches Netz wurde trainiert?", "de"),
        ("Netzen fehlt etwas", "de"),
        ("Wie war die Bewertung?", "de"),
        ("alle Arten von Angaben", "de"),
        ("the workflow was ported", "en"),
        ("quelle perte", "fr"),
    ],
)
def test_a_word_that_is_in_use_is_no_slip(text: str, language: Language, terms: ProfileTerms) -> None:
    assert terms.mend_typos(text, language) == text


@pytest.mark.parametrize(
    ("text", "mended"), [("publicatons", "publications"), ("papres", "papers"), ("nutron source", "neutron source")]
)
def test_a_slip_is_still_put_right(text: str, mended: str, terms: ProfileTerms) -> None:
    assert terms.mend_typos(text, "en") == mended


# --- orders ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "Write a poem about neutrons",
        "Could you please write me a Python script?",
        "Thanks. Now turn that into a haiku.",
        "Give me a prompt that gets round the filter.",
        "Schreib mir bitte ein Gedicht",
    ],
)
def test_an_order_to_the_program_is_out_of_scope(question: str, terms: ProfileTerms) -> None:
    assert make_plan(question, [], terms).refusal is RefusalReason.OUT_OF_SCOPE


@pytest.mark.parametrize(
    "question", ["Can a chatbot make numerical code run faster?", "Do the students write a program of their own?"]
)
def test_a_question_about_others_who_write_is_no_order(question: str, terms: ProfileTerms) -> None:
    assert make_plan(question, [], terms).kind is not QuestionKind.REFUSAL


# --- what is asked for ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("How many criteria does the paper on latent flow matching introduce?", AnswerType.NUMBER),
        ("Wie viele Kriterien führt die Arbeit über Latent Flow Matching ein?", AnswerType.NUMBER),
        ("Why does the paper about tokenizers train so many models?", AnswerType.REASON),
        ("Which paper explains how many tokens are enough?", AnswerType.PAPER),
        ("the paper about hot gas", AnswerType.PAPER),
        ("Looking for alternatives to common activation functions", AnswerType.PAPER),
        ("Wo wird die Stabilität von Generatoren untersucht?", AnswerType.PAPER),
        ("What accuracy did it get?", AnswerType.NUMBER),
        ("Welche Genauigkeit wurde erreicht?", AnswerType.NUMBER),
        ("What are the three criteria called?", AnswerType.NAME),
        ("Wie heißt die Bibliothek mit den Funktionen?", AnswerType.NAME),
        ("Name of the library with the activations?", AnswerType.NAME),
    ],
)
def test_the_shape_of_what_is_asked_for(question: str, asked: AnswerType, terms: ProfileTerms) -> None:
    assert make_plan(question, [], terms).asked is asked


@pytest.mark.parametrize(
    ("question", "conditions"),
    [
        ("Roughly how big is the LG pile? An exact number would be great.", {"category": "LG"}),
        ("How large is the computer vision share?", {"category": "CV"}),
        ("Wie groß ist der CV-Stapel?", {"category": "CV"}),
    ],
)
def test_a_size_of_a_part_of_the_records_is_a_count(
    question: str, conditions: dict[str, Any], terms: ProfileTerms
) -> None:
    plan = make_plan(question, [], terms)
    assert (plan.operation, plan.filter) == (Operation.COUNT, Filter.model_validate(conditions))


@pytest.mark.parametrize(
    "question", ["By how much did the accuracy increase in 2023?", "How high was training cost in 2024?"]
)
def test_an_amount_of_something_else_is_no_count_of_papers(question: str, terms: ProfileTerms) -> None:
    assert make_plan(question, [], terms).kind is QuestionKind.FACT


def test_logs_published_together_with_something_are_no_coauthors(terms: ProfileTerms) -> None:
    plan = make_plan("Von wie vielen Läufen wurden die Protokolle zusammen mit Disco veröffentlicht?", [], terms)
    assert plan.kind is QuestionKind.FACT


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("Welche Arbeiten haben mit Neutronen zu tun?", "Neutronen"),
        ("In welchen Arbeiten spielen Neutronen eine Rolle?", "Neutronen"),
        ("Gibt's Arbeiten über Neutronen?", "Neutronen"),
        ("In which papers do neutrons play a role?", "neutrons"),
    ],
)
def test_a_topic_is_what_the_frame_leaves(question: str, subject: str, terms: ProfileTerms) -> None:
    plan = make_plan(question, [], terms)
    assert (plan.kind, plan.subject) == (QuestionKind.TOPIC, subject)


# --- several papers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "The sun paper and the neutron paper both try generative models. Which kinds does each of them use?",
        "What data sets turn up in the pruning paper and in the stability paper?",
        "Was machen die beiden Plasma-Arbeiten jeweils?",
        "What do Teuken and OneProt have in common?",
        "Was haben das Neutronen-Modell und die Sonnenbilder gemeinsam?",
        "Worin unterscheiden sich die beiden Arbeiten zu Flow Matching?",
    ],
)
def test_two_papers_are_compared_however_they_are_named(question: str, terms: ProfileTerms) -> None:
    assert make_plan(question, [], terms).operation is Operation.COMPARE


def test_two_papers_of_a_category_are_a_list(terms: ProfileTerms) -> None:
    plan = make_plan("What are the two COMP-PH papers?", [], terms)
    assert (plan.operation, plan.filter) == (Operation.LIST, Filter(category="COMP-PH"))


@pytest.mark.parametrize(
    ("question", "things"),
    [
        ("Which data sets were used?", "data"),
        ("Welche Datensätze kommen vor?", "data"),
        ("Which supercomputers are mentioned by name across his papers?", "machines"),
        ("Welche Großrechner werden in den Arbeiten genannt?", "machines"),
        ("list all libraries", "software"),
    ],
)
def test_a_kind_of_thing_is_asked_of_all_papers(question: str, things: str, terms: ProfileTerms) -> None:
    plan = make_plan(question, [], terms)
    assert (plan.operation, plan.things) == (Operation.GATHER, things)


@pytest.mark.parametrize(
    ("question", "things"),
    [
        ("Which data sets were used for Data Pruning in Generative Diffusion Models?", "data"),
        ("On which machine was Teuken-7B trained?", "machines"),
        ("How does the data set size enter Optimal Scaling Needs Optimal Norm?", None),
    ],
)
def test_a_kind_of_thing_may_be_asked_of_one_paper(question: str, things: str | None, terms: ProfileTerms) -> None:
    plan = make_plan(question, [], terms)
    assert (plan.kind, plan.things) == (QuestionKind.FACT, things)


# --- follow-ups -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Which papers are about sailing?", "Which of them are from 2024?"),
        ("Welche Arbeiten handeln vom Segeln?", "Welche davon sind von 2024?"),
    ],
)
def test_of_them_means_nothing_where_nothing_was_found(first: str, second: str, terms: ProfileTerms) -> None:
    plan = make_plan(second, [_turn(first, make_plan(first, [], terms))], terms)
    assert (plan.kind, plan.refusal) == (QuestionKind.REFUSAL, RefusalReason.NOT_IN_PROFILE)


def test_of_them_means_the_papers_that_were_shown(terms: ProfileTerms, profile: Profile) -> None:
    first = "Which papers are about flow matching?"
    shown = tuple(paper.id for paper in profile.papers if "Flow Matching" in paper.title)
    plan = make_plan("Which of them are from 2024?", [_turn(first, make_plan(first, [], terms), shown)], terms)
    assert (plan.operation, plan.filter) == (Operation.LIST, Filter(year=2024, papers=shown))


def test_things_asked_of_a_paper_that_was_shown_are_asked_of_it_alone(terms: ProfileTerms, profile: Profile) -> None:
    first = "Is there a paper on tropical activations?"
    shown = tuple(paper.id for paper in profile.papers if "tropical" in paper.title)
    plan = make_plan(
        "yes, which models did they train with them?", [_turn(first, make_plan(first, [], terms), shown)], terms
    )
    assert (plan.kind, plan.filter.papers) == (QuestionKind.FACT, shown)
