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


@pytest.mark.parametrize(
    ("question", "conditions"),
    [
        ("Which papers did Rania Briq not write?", {"not": {"authors": ["Rania Briq"]}}),
        ("Welche Arbeiten hat Rania Briq nicht geschrieben?", {"not": {"authors": ["Rania Briq"]}}),
        ("Which papers have neither code nor a year?", {"has_code": False, "undated": True}),
    ],
)
def test_what_is_denied_is_left_out(question: str, conditions: dict[str, Any], terms: ProfileTerms) -> None:
    plan = make_plan(question, [], terms)
    assert (plan.operation, plan.filter) == (Operation.LIST, Filter.model_validate(conditions))


@pytest.mark.parametrize("question", ["Which month has the most papers?", "Who appears most often as first author?"])
def test_what_is_not_counted_is_not_answered_with_something_else(question: str, terms: ProfileTerms) -> None:
    assert make_plan(question, [], terms).kind is not QuestionKind.COMPUTED


def test_partners_of_a_project_are_no_coauthors(terms: ProfileTerms) -> None:
    assert make_plan("How many partners take part in OpenGPT-X?", [], terms).kind is QuestionKind.FACT


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


@pytest.fixture(scope="module")
def two(profile: Profile) -> tuple[str, ...]:
    return tuple(paper.id for paper in profile.papers if "Flow Matching" in paper.title)


def _after_two(question: str, two: tuple[str, ...], terms: ProfileTerms) -> Plan:
    first = "Which papers are about flow matching?"
    return make_plan(question, [_turn(first, make_plan(first, [], terms), two)], terms)


@pytest.mark.parametrize(
    ("question", "operation", "place"),
    [
        ("Who wrote the first one?", Operation.AUTHORS, 0),
        ("And who wrote the second?", Operation.AUTHORS, 1),
        ("When was the last one published?", Operation.DATE, 1),
        ("Wer hat die erste geschrieben?", Operation.AUTHORS, 0),
        ("Und wann ist die zweite Arbeit erschienen?", Operation.DATE, 1),
        ("Summarise the first.", None, 0),
        ("What is the second paper about?", None, 1),
    ],
)
def test_a_paper_is_meant_by_its_place(
    question: str, operation: Operation | None, place: int, two: tuple[str, ...], terms: ProfileTerms
) -> None:
    plan = _after_two(question, two, terms)
    assert (plan.operation, plan.filter.papers) == (operation, (two[place],))


@pytest.mark.parametrize("question", ["Who is the first author?", "Who wrote the fifth one?"])
def test_no_place_is_meant_by_another_noun_or_beyond_the_last(
    question: str, two: tuple[str, ...], terms: ProfileTerms
) -> None:
    assert _after_two(question, two, terms).filter.papers in (two, None)


@pytest.mark.parametrize(
    ("question", "operation"),
    [
        ("Compare them.", Operation.COMPARE),
        ("What do they have in common?", Operation.COMPARE),
        ("Was haben sie gemeinsam?", Operation.COMPARE),
        ("List them.", Operation.LIST),
        ("How many is that?", Operation.COUNT),
        ("Und wie viele sind das?", Operation.COUNT),
    ],
)
def test_all_papers_that_were_shown_are_meant(
    question: str, operation: Operation, two: tuple[str, ...], terms: ProfileTerms
) -> None:
    plan = _after_two(question, two, terms)
    assert (plan.operation, plan.filter) == (operation, Filter(papers=two))


@pytest.mark.parametrize("question", ["How many papers are there in total?", "Wie viele Arbeiten gibt es insgesamt?"])
def test_a_question_about_all_papers_does_not_lean_on_those_shown(
    question: str, two: tuple[str, ...], terms: ProfileTerms
) -> None:
    plan = _after_two(question, two, terms)
    assert (plan.operation, plan.filter) == (Operation.COUNT, Filter())


@pytest.mark.parametrize(
    ("question", "unwanted"),
    [
        ("without Jiangtao Wang", {"authors": ["Jiangtao Wang"]}),
        ("but not those from 2025", {"year": 2025}),
        ("und ohne Jiangtao Wang", {"authors": ["Jiangtao Wang"]}),
    ],
)
def test_what_is_left_out_is_left_out_of_the_last_list(
    question: str, unwanted: dict[str, Any], terms: ProfileTerms, two: tuple[str, ...]
) -> None:
    first = "papers by Jan Ebert"
    plan = make_plan(question, [_turn(first, make_plan(first, [], terms), two)], terms)
    assert plan.filter == Filter.model_validate({"authors": ["Jan Ebert"], "not": unwanted})


# --- overviews ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "operation", "subject"),
    [
        ("What topics does this researcher cover?", Operation.OVERVIEW, ""),
        ("What are the common threads in his work?", Operation.OVERVIEW, ""),
        ("Summarise his research.", Operation.OVERVIEW, ""),
        ("Summarise what he has done on image generation.", Operation.OVERVIEW, "image generation"),
        ("Fasse zusammen, was die Arbeiten über Sprachmodelle sagen.", Operation.OVERVIEW, "Sprachmodelle"),
        ("Gib einen Überblick über die Arbeiten zu Sprachmodellen.", Operation.OVERVIEW, "Sprachmodellen"),
        ("What did they learn about scaling?", Operation.GATHER, "scaling"),
        ("What is known about the stability of generators?", Operation.GATHER, "stability generators"),
        ("What are the main findings on scaling?", Operation.GATHER, "scaling"),
        ("Was hat er zum Thema Skalierung herausgefunden?", Operation.GATHER, "Skalierung"),
    ],
)
def test_an_overview_keeps_its_subject(question: str, operation: Operation, subject: str, terms: ProfileTerms) -> None:
    plan = make_plan(question, [], terms)
    assert (plan.operation, plan.subject) == (operation, subject)


def test_a_summary_of_one_paper_says_what_it_is_about(terms: ProfileTerms) -> None:
    for question in ("Summarise OneProt.", "Fasse OneProt zusammen."):
        assert make_plan(question, [], terms).general


def test_a_summary_of_two_papers_compares_them(terms: ProfileTerms) -> None:
    assert make_plan("Summarize the two plasma papers.", [], terms).operation is Operation.COMPARE


@pytest.mark.parametrize(
    ("question", "conditions"),
    [
        ("Which papers have no year and are filed under LG?", Filter(undated=True, category="LG")),
        ("Which undated papers have code?", Filter(undated=True, has_code=True)),
        ("How many papers have a year?", Filter(undated=False)),
        ("Wie viele datierte Arbeiten gibt es?", Filter(undated=False)),
        ("Welche Arbeiten ohne Jahreszahl gibt es?", Filter(undated=True)),
    ],
)
def test_with_or_without_a_year_goes_with_other_conditions(
    question: str, conditions: Filter, terms: ProfileTerms
) -> None:
    plan = make_plan(question, (), terms)
    assert (plan.kind, plan.filter) == (QuestionKind.COMPUTED, conditions)


def test_dated_with_a_period_is_the_period(terms: ProfileTerms) -> None:
    assert make_plan("How many papers are dated 2023?", (), terms).filter == Filter(year=2023)
