"""What is made of the reader's probabilities: weights, thresholds, two sentences, names and numbers, titles."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.reader_training.combining import fit_answering, fit_treating, to_toml
from evals.reader_training.thresholds import RememberingReader
from rag.answer_types import may_answer
from rag.answers.content import answer_fact, compare_papers
from rag.combining import Answering, Combination, Treating, load_combination, logit
from rag.evidence import PaperScore, Signals
from rag.models import AnswerType, Evidence, Paper, Plan, Profile, QuestionKind
from rag.named_things import rows_that_name
from rag.thresholds import load_thresholds
from rag.topics import TopicJudge

TEXT = "We study tea. Green tea cools fast. Black tea cools slowly. Results show that cups matter."


def _paper(title: str, abstract: str = TEXT) -> Paper:
    name = title.lower().replace(" ", "-")
    return Paper(id=name, title=title, authors=(), authors_cut=False, abstract=abstract)


def _profile(*papers: Paper) -> Profile:
    return Profile(name="tea", person="A. Nonymous", papers=papers, source="tea.bib", fingerprint="0")


def _evidence(paper: Paper, text: str, score: float) -> Evidence:
    start = paper.abstract.index(text)
    return Evidence(
        passage_id=text, paper_id=paper.id, text=text, start=start, end=start + len(text),
        score=score, relevance=0.5, lexical=0.5, dense=0.5,
    )  # fmt: skip


PLAN = Plan(question="How does tea cool?", language="en", kind=QuestionKind.FACT)


# --- the weights ----------------------------------------------------------------------------------------


def test_both_heads_have_a_say() -> None:
    weights = load_combination().answering
    assert weights.probability(0.5, 0.9) > weights.probability(0.5, 0.1)
    assert weights.probability(0.9, 0.5) > weights.probability(0.1, 0.5)
    assert 0 < weights.probability(0.0, 0.0) < weights.probability(1.0, 1.0) < 1


def test_a_paper_that_stands_out_for_the_second_encoder_is_meant_more_probably() -> None:
    weights = load_combination().treating
    assert weights.probability(0.3, 3.0) > 0.3 > weights.probability(0.3, 0.0)
    assert weights.probability(0.9, 2.0) > weights.probability(0.1, 2.0)
    assert weights.probability(0.3, 100.0) == weights.probability(0.3, 4.0)


def test_the_weights_of_two_opinions_are_found_again_in_what_they_made() -> None:
    made = Treating(read=0.0, apart=1.0, constant=-1.0)
    read = [
        (own, apart, made.probability(own, apart) > threshold)
        for own in (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98)
        for apart in (-2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
        for threshold in (0.05, 0.2, 0.4, 0.6, 0.8, 0.95)
    ]
    fitted = fit_treating(read)
    assert fitted.apart > 0.5
    assert abs(fitted.read) < 0.1


def test_the_weights_are_found_again_in_what_they_made() -> None:
    made = Answering(sentence=1.0, paper=0.0, constant=0.0)
    grid = [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98]
    judged = [
        (Signals(own, paper), made.probability(own, paper) > threshold)
        for own in grid
        for paper in grid
        for threshold in (0.05, 0.2, 0.4, 0.6, 0.8, 0.95)
    ]
    fitted = fit_answering(judged)
    assert fitted.sentence > 0.5
    assert abs(fitted.paper) < 0.1


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    import tomllib

    combination = Combination(
        answering=Answering(sentence=0.5, paper=0.25, constant=-1.0),
        treating=Treating(read=0.5, apart=1.25, constant=-2.0),
    )
    path = tmp_path / "combination.toml"
    path.write_text(to_toml(combination), "utf-8")
    assert Combination.model_validate(tomllib.loads(path.read_text("utf-8"))) == combination


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_a_certain_probability_has_a_finite_logit(probability: float) -> None:
    assert abs(logit(probability)) < 20


def test_a_remembering_reader_chooses_as_its_own_does() -> None:
    class Reader:
        calls = 0
        second = None

        def preselect(self, _found: object, rows: list[int], limit: int) -> list[int]:
            self.calls += 1
            return rows[::-1][:limit]

    class Found:
        query = "tea"

    own = Reader()
    reader = RememberingReader(own)  # type: ignore[arg-type]
    assert [reader.preselect(Found(), [1, 2, 3], 2) for _ in range(2)] == [[3, 2], [3, 2]]  # type: ignore[arg-type]
    assert reader.preselect(Found(), [1, 2, 3], 1) == [3]  # type: ignore[arg-type]
    assert own.calls == 2


# --- the sentence or two --------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "second", "quoted"), [(0.5, 0.2, 2), (0.5, 0.05, 1), (0.9, 0.2, 1), (0.9, 0.85, 2)])
def test_a_second_sentence_is_quoted_where_the_first_is_not_sure(first: float, second: float, quoted: int) -> None:
    paper = _paper("Tea")
    evidence = [_evidence(paper, "Green tea cools fast.", first), _evidence(paper, "Black tea cools slowly.", second)]
    answer = answer_fact(PLAN, _profile(paper), evidence)
    assert len(answer.sentences) == quoted
    assert answer.sentences[0].text == "Green tea cools fast."


def test_the_second_sentence_is_of_the_same_paper() -> None:
    tea, cups = _paper("Tea"), _paper("Cups")
    evidence = [
        _evidence(tea, "Green tea cools fast.", 0.5),
        _evidence(cups, "Black tea cools slowly.", 0.45),
        _evidence(tea, "We study tea.", 0.3),
    ]
    answer = answer_fact(PLAN, _profile(tea, cups), evidence)
    assert {citation.paper_id for citation in answer.citations} == {"tea"}
    assert [sentence.text for sentence in answer.sentences] == ["Green tea cools fast.", "We study tea."]


# --- a number, a name -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "text", "may"),
    [
        (AnswerType.NUMBER, "We load arbitrary trajectories from driving data.", False),
        (AnswerType.NUMBER, "It holds 155 tasks.", True),
        (AnswerType.NUMBER, "The overhead is negligible.", True),
        (AnswerType.NUMBER, "We use two kinds of data.", True),
        (AnswerType.DURATION, "Handoff works in roughly a minute.", True),
        (AnswerType.DURATION, "Training was done on a large machine.", False),
        (AnswerType.NAME, "We introduce three scoring criteria and evaluate them.", False),
        (AnswerType.NAME, "The functions are in the torchOrtho library.", True),
        (AnswerType.REASON, "We load arbitrary trajectories from driving data.", True),
    ],
)
def test_a_sentence_without_a_thing_of_the_kind_can_not_answer(asked: AnswerType, text: str, may: bool) -> None:
    assert may_answer(asked, "What is it called?", text) is may


def test_a_share_is_no_count() -> None:
    text = "Around 60% of the data is not in English."
    assert not may_answer(AnswerType.NUMBER, "How many tokens was it trained on?", text)
    assert may_answer(AnswerType.NUMBER, "How much of the data is not in English?", text)
    assert may_answer(AnswerType.NUMBER, "How many percent are not in English?", text)


def test_a_name_that_the_question_holds_already_is_none() -> None:
    text = "We present the Teuken models and the Rhine models."
    assert may_answer(AnswerType.NAME, "What are the models called?", text)
    assert not may_answer(AnswerType.NAME, "What are the Teuken and the Rhine models called?", text)


# --- topics ---------------------------------------------------------------------------------------------


def test_a_title_that_names_the_topic_counts_and_one_that_holds_its_words_apart_does_not() -> None:
    profile = _profile(_paper("Green Tea in Cups"), _paper("Tea in Green Cups"), _paper("Coffee"))
    judge = TopicJudge(profile, load_thresholds())
    assert judge.titled("green tea") == ["green-tea-in-cups"]
    assert judge.titled("tea") == ["green-tea-in-cups", "tea-in-green-cups"]
    assert judge.titled("") == []


def test_a_topic_needs_one_sure_paper_before_others_join_it() -> None:
    profile = _profile(_paper("One"), _paper("Two"))
    least = load_thresholds().model_copy(
        update={"treats_first": 0.7, "treats": 0.4, "treats_alone": 0.6, "treats_with_words": 0.1}
    )
    judge = TopicJudge(profile, least)
    sure = [PaperScore("one", 0.8), PaperScore("two", 0.5)]
    unsure = [PaperScore("one", 0.6), PaperScore("two", 0.5)]
    assert judge.papers_on("sailing ships", sure, "en") == ["one", "two"]
    assert judge.papers_on("Segelschiffe", sure, "de") == ["one"]
    assert judge.papers_on("sailing ships", unsure, "en") == []
    assert judge.papers_on("green tea", [PaperScore("two", 0.15)], "en") == ["two"]


# --- several papers -------------------------------------------------------------------------------------


def test_each_compared_paper_has_two_sentences_and_the_one_to_the_point_is_among_them() -> None:
    tea, cups = _paper("Tea"), _paper("Cups")
    point = _evidence(tea, "Black tea cools slowly.", 0.6)
    hardly = _evidence(cups, "Black tea cools slowly.", 0.01)
    answer = compare_papers(PLAN, _profile(tea, cups), [tea, cups], [point, hardly])
    of_tea = [s.text for s in answer.sentences if answer.citations[s.citations[0] - 1].paper_id == "tea"]
    of_cups = [s.text for s in answer.sentences if answer.citations[s.citations[0] - 1].paper_id == "cups"]
    assert len(of_tea) == len(of_cups) == 2
    assert any("Black tea" in text for text in of_tea)
    assert not any("Black tea" in text for text in of_cups)


def test_named_things_are_found_beside_their_kind_and_then_anywhere() -> None:
    sentences = [
        "We test on the LeafNet dataset.",
        "LeafNet-2 pictures are sharp.",
        "The dataset size matters for Adam.",
        "Leaves are sharp.",
    ]
    assert set(rows_that_name("data", sentences)) == {0, 1}


def test_an_abbreviation_of_a_field_is_no_named_thing() -> None:
    sentences = [
        "Reinforcement learning (RL) benchmarks are hard.",
        "RL is hard.",
        "We scale to the Frontier exascale system.",
    ]
    assert rows_that_name("data", sentences) == {}
    assert set(rows_that_name("machines", sentences)) == {2}
