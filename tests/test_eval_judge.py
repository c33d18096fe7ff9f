"""A language model that rates answers: what it is believed, and how its agreement with people is counted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evals.judge.agreement import agreement, labelled_answers
from tests.fakes.llm_server import Asked, LlmServer, Reply, running
from ui.cli import main

Judge = Callable[..., dict[str, Any]]


def by_people(asked: Asked) -> str:
    """The grades that a person gave, with the answer's first words as proof."""
    rated = (label for label in labelled_answers() if f"\n{label.answer}\n<<end" in asked.prompt)
    label = next(label for label in rated if label.question in asked.prompt)
    quote = " ".join(label.answer.split()[:4]) if label.complete or label.direct else ""
    return json.dumps({"complete": label.complete, "direct": label.direct, "quote": quote})


@pytest.fixture(scope="module")
def server() -> Iterator[LlmServer]:
    yield from running(by_people)


@pytest.fixture
def judge(
    server: LlmServer, fresh_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Judge:
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("PROFILE_CHAT_MODEL", "fake-1")

    def run(reply: Reply = by_people) -> dict[str, Any]:
        server.reset(reply)
        assert main(["eval", "judge", "--labels-only", "--json"]) == 0
        figures: dict[str, Any] = json.loads(capsys.readouterr().out)
        return figures

    return run


def test_a_judge_that_grades_as_people_do_agrees_wholly(judge: Judge) -> None:
    found = judge()
    assert found["agreement"]["complete"] == {"of": found["labelled"], "same": 1.0, "kappa": 1.0}


def test_grades_without_words_of_the_answer_count_for_nothing(judge: Judge) -> None:
    found = judge(lambda _: '{"complete": 2, "direct": 2, "quote": "words that no answer has"}')
    assert found["agreement"]["complete"]["of"] == 0


@pytest.mark.parametrize("reply", ["very good", '{"complete": 7, "direct": 2, "quote": "x"}'])
def test_what_cannot_be_read_counts_for_nothing(reply: str, judge: Judge) -> None:
    assert judge(lambda _: reply)["agreement"]["direct"]["of"] == 0


def test_weighted_kappa() -> None:
    assert agreement([0, 1, 2, 2], [0, 1, 2, 2]).kappa == 1
    assert agreement([0, 2, 0, 2], [2, 0, 2, 0]).kappa == -1
    near, far = agreement([0, 1, 2, 0], [0, 1, 2, 1]), agreement([0, 1, 2, 0], [0, 1, 2, 2])
    assert near.same == far.same == 0.75
    assert near.kappa is not None and far.kappa is not None and near.kappa > far.kappa
    assert agreement([2, 2], [2, 2]).kappa is None


def test_without_a_model_it_says_what_to_set(fresh_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "judge"]) == 2
    assert "OPENAI_BASE_URL" in capsys.readouterr().err


def test_people_rated_answers_of_every_grade() -> None:
    labels = labelled_answers()
    assert len(labels) >= 25
    assert {label.complete for label in labels} == {label.direct for label in labels} == {0, 1, 2}


def test_a_model_that_cannot_be_used_is_said_and_is_no_figure(
    fresh_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fresh_home
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("PROFILE_CHAT_MODEL", "fake-1")
    assert main(["eval", "judge", "--labels-only"]) == 3
    told = capsys.readouterr()
    assert told.out == "" and "can't be reached" in told.err
