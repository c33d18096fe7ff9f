"""Questions in disturbed forms."""

from __future__ import annotations

import random

import pytest

from evals.case import Case
from evals.robustness import FORMS, careless, change_table, changes, disturbed, framed, with_slips
from rag.models import Answer, Explained, Plan, Profile, QuestionKind, RefusalReason, Scope

QUESTION = "Which data sets were used for pruning, and why?"
PROFILE = Profile(name="p", person="A Person", papers=(), source="p.txt", fingerprint="p")


class LiteralChat:
    """Answers the one wording that it knows and refuses every other."""

    profile = PROFILE

    def explain(self, question: str, history: object = ()) -> Explained:  # noqa: ARG002
        known = question == QUESTION
        answer = Answer(
            question=question, answer="CelebA" if known else "No.", abstained=not known, kind=QuestionKind.FACT,
            language="en", scope=Scope(papers=0, abstracts=0),
            refusal_reason=None if known else RefusalReason.NOT_IN_PROFILE,
        )  # fmt: skip
        return Explained(answer=answer, plan=Plan(question=question, language="en", kind=QuestionKind.FACT))


def case(**fields: object) -> Case:
    return Case.model_validate({"id": "c", "kind": "fact", "question": QUESTION, "says": ["CelebA"], **fields})


def test_slips_keep_words_recognisable() -> None:
    for seed in range(50):
        slipped = with_slips(QUESTION, "en", random.Random(seed))
        assert slipped != QUESTION
        assert [word[0] for word in slipped.split()] == [word[0] for word in QUESTION.split()]
        assert abs(len(slipped) - len(QUESTION)) <= 2


def test_careless_and_framed_questions_keep_their_words() -> None:
    chance = random.Random(0)
    assert careless("What is GSQ-GAN, exactly?", "en", chance) == "what is gsq-gan exactly"
    assert QUESTION in framed(QUESTION, "de", chance)


def test_a_form_is_the_same_each_time_and_leaves_earlier_turns() -> None:
    conversation = case(question=None, turns=["Who wrote OneProt?", "And when was it published?"])
    for form in FORMS:
        one = disturbed(conversation, form, seed=1)
        assert one == disturbed(conversation, form, seed=1)
        assert one.turns[0] == "Who wrote OneProt?"
        assert one.turns[1] != conversation.turns[1]


def test_changed_verdicts_are_counted_by_form() -> None:
    found = changes([case()], LiteralChat())
    assert [change.form for change in found] == list(FORMS)
    assert change_table(found, 1).count("100.0%") == 3
    assert changes([case(says=[], refuses=True, question="What?")], LiteralChat()) == ()


@pytest.mark.parametrize("question", ["Why?", "", "?"])
def test_a_short_question_has_forms_too(question: str) -> None:
    for form in FORMS.values():
        assert isinstance(form(question, "en", random.Random(0)), str)
