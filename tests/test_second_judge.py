"""A language model as second judge: asked only where the verifier is unsure, believed only with a true quotation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import SettingError
from rag.settings import Settings, load_settings
from rag.verifier.verifier import Verifier
from tests.fakes.llm_server import Asked, LlmServer, running
from ui.compose import open_verifier
from ui.language_model import open_second_judge

PASSAGE = "For a final evaluation, the agents of the participants competed against each other in a tournament."
QUOTE = "the agents of the participants competed against each other"
SUPPORTED = "The programs that people had trained were set to play one another at the end."


def says(quote: str, *, supported: bool = True) -> str:
    return json.dumps({"supported": supported, "quote": quote})


@pytest.fixture(scope="module")
def server() -> Iterator[LlmServer]:
    yield from running(lambda _: says(QUOTE))


@pytest.fixture
def settings(server: LlmServer, home: Path) -> Settings:
    server.reset(lambda _: says(QUOTE))
    changes = {"home": home, "openai_base_url": server.url, "model": "fake-1", "cache": False, "timeout": 10.0}
    return load_settings().model_copy(update=changes)


@pytest.fixture
def alone(settings: Settings) -> Verifier:
    return open_verifier(settings)


@pytest.fixture
def both(alone: Verifier, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Verifier:
    """With a second judge, and unsure of everything that is not refuted, so that no score decides these tests."""
    monkeypatch.setattr("rag.verifier.verifier.UNSURE", 0.0)
    return alone.with_second(open_second_judge(settings).quote_for)


def test_an_unsure_claim_passes_with_a_quotation_that_stands(alone: Verifier, both: Verifier) -> None:
    assert alone.check_pair(SUPPORTED, [PASSAGE]).verdict != "supported"
    verdict = both.check_pair(SUPPORTED, [PASSAGE])
    assert (verdict.verdict, verdict.by) == ("supported", "second judge")
    assert QUOTE in verdict.reason and verdict.score == both.threshold


@pytest.mark.parametrize(
    "reply",
    [
        says("the agents of the participants won a prize"),
        says("the agents"),
        says(""),
        says(QUOTE, supported=False),
        "I think it is supported.",
        json.dumps({"supported": "yes!", "quote": QUOTE, "more": 1}),
    ],
)
def test_a_judge_without_a_true_quotation_is_not_believed(reply: str, both: Verifier, server: LlmServer) -> None:
    server.reply = lambda _: reply
    assert both.check_pair(SUPPORTED, [PASSAGE]).verdict != "supported"


@pytest.mark.parametrize(
    "claim",
    [
        "The 37 agents of the participants competed against each other in a tournament.",
        "The agents of the participants competed against AlphaZero in a tournament.",
    ],
)
def test_what_a_hard_check_refutes_is_not_even_asked(claim: str, both: Verifier, server: LlmServer) -> None:
    assert both.check_pair(claim, [PASSAGE]).verdict != "supported"
    assert server.asked == []


def test_a_sure_verdict_and_a_copied_sentence_cost_no_call(both: Verifier, server: LlmServer) -> None:
    assert both.check_pair(PASSAGE, [PASSAGE]).by == "identity"
    assert server.asked == []


def test_claim_and_passages_are_fenced(both: Verifier, server: LlmServer) -> None:
    seen: list[Asked] = server.asked
    both.check_pair(SUPPORTED, [PASSAGE])
    assert seen[0].prompt.count("<<end ") == 2


def test_an_outage_leaves_the_verdict_as_it_was(alone: Verifier, both: Verifier, server: LlmServer) -> None:
    server.manner = "500"
    assert both.check_pair(SUPPORTED, [PASSAGE]) == alone.check_pair(SUPPORTED, [PASSAGE])


def test_without_a_model_it_says_what_to_set(home: Path) -> None:
    with pytest.raises(SettingError, match="OPENAI_BASE_URL"):
        open_second_judge(load_settings().model_copy(update={"home": home}))
