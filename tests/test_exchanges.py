"""What a browser keeps of a conversation, and what of it comes back."""

from __future__ import annotations

import html
import json

import pytest

from rag.models import Answer, Turn
from tests.test_render import FIRST, OTHER, PROFILE, answer
from ui.exchanges import Exchange, kept, messages, new_id, restored, stopped


def exchange(shown: Answer | None, question: str = "Why?") -> Exchange:
    return Exchange(Turn(question=question, answer=shown), "shown", True, new_id())


def content(told: str) -> dict[str, list[dict[str, object]]]:
    inside = told.removeprefix('<div class="kept-turns">').removesuffix("</div>")
    assert "<" not in inside
    return json.loads(html.unescape(inside))


def test_the_last_turn_is_kept_whole_and_the_others_by_id() -> None:
    first, second = exchange(answer("One [1].", FIRST)), exchange(answer("<Two> [2].", OTHER))
    told = content(kept((first, second)))
    assert told["ids"] == [first.id, second.id]
    assert [turn["id"] for turn in told["turns"]] == [second.id]
    assert content(kept(())) == {"ids": [], "turns": []}


def test_what_was_kept_comes_back_as_it_was() -> None:
    held = exchange(answer("It has 24 [1].", FIRST, related=("More?",)), "How <many>?")
    told = json.dumps(content(kept((held,)))["turns"])
    (back,), gone = restored(told, PROFILE, "en")
    assert gone == 0
    assert back.id == held.id and back.turn.question == "How <many>?" and back.turn.answer == held.turn.answer
    assert "(#p=teuken&s=0-20)" in back.shown


def test_a_stopped_answer_comes_back_as_stopped() -> None:
    held = stopped(exchange(answer("It has 24 [1].", FIRST))._replace(done=False), PROFILE, "en")
    (back,), _ = restored(json.dumps(content(kept((held,)))["turns"]), PROFILE, "en")
    assert "Stopped." in back.shown and back.stopped


@pytest.mark.parametrize(
    "change",
    [{"paper_id": "gone"}, {"passage": "It has 42 languages."}, {"start": 1}],
)
def test_an_answer_whose_passage_no_longer_stands_there_does_not_come_back(change: dict[str, object]) -> None:
    untrue = exchange(answer("It has 24 [1].", FIRST.model_copy(update=change)))
    fine = exchange(answer("Norm [2].", OTHER))
    turns = content(kept((untrue,)))["turns"] + content(kept((fine,)))["turns"]
    back, gone = restored(json.dumps(turns), PROFILE, "en")
    assert [one.id for one in back] == [fine.id]
    assert gone == 1


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"id": "<script>", "question": "x"}]', "[" * 10_000])
def test_what_is_no_conversation_gives_none(text: str) -> None:
    assert restored(text, PROFILE, "en") == ((), 0)


def test_what_goes_on_stands_under_the_last_answer_only() -> None:
    one, two = (exchange(answer("A [1].", FIRST, related=("More?",))) for _ in range(2))
    shown = messages((one, two), "en")
    assert [len(message.get("options", ())) for message in shown] == [0, 0, 0, 1]
    assert "ask-again" not in shown[1]["content"] and "ask-again" in shown[3]["content"]
