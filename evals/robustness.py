"""Does an answer change when its question is worded more carelessly? Three disturbed forms of each question."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from evals.case import Case
from evals.run import Asked, Task, ask_case
from evals.stored import StoredAnswer

_SHORTEST = 5
"""Letters of a word that a slip is made in."""
_SLIPS = 2
_WORD = re.compile(r"[^\W\d_]+")
_FRAMES = {
    "en": ("Could you tell me: {}", "I'd like to know: {}", "Quick question: {}"),
    "de": ("Kannst du mir sagen: {}", "Ich würde gerne wissen: {}", "Kurze Frage: {}"),
    "fr": ("Je voudrais savoir : {}",),
    "es": ("Me gustaría saber: {}",),
}


def with_slips(question: str, language: str, chance: random.Random) -> str:  # noqa: ARG001
    """Two words of the question with a slip each: letters swapped, one left out, or one doubled.

    The first letter of a word stays, as it does for most who type.
    """
    words = [match.span() for match in _WORD.finditer(question) if match.end() - match.start() >= _SHORTEST]
    chosen = sorted(chance.sample(words, min(_SLIPS, len(words))), reverse=True)
    for start, end in chosen:
        place = chance.randrange(start + 1, end - 1)
        one, other = question[place], question[place + 1]
        slip = chance.choice([other + one, other, one + one + other])
        question = question[:place] + slip + question[place + 2 :]
    return question


def careless(question: str, language: str, chance: random.Random) -> str:  # noqa: ARG001
    """The question in lower case, without punctuation at its end or between words."""
    return re.sub(r"[?!.,;:]+(?=\s|$)", "", question).lower()


def framed(question: str, language: str, chance: random.Random) -> str:
    """The question inside a polite frame."""
    return chance.choice(_FRAMES[language]).format(question)


FORMS: dict[str, Callable[[str, str, random.Random], str]] = {
    "slips of the pen": with_slips,
    "lower case, no punctuation": careless,
    "a polite frame": framed,
}


class Change(NamedTuple):
    """A case whose verdict a disturbed form changed."""

    form: str
    before: StoredAnswer
    after: StoredAnswer


def disturbed(case: Case, form: str, seed: int) -> Case:
    """The case with its last question in another form; the same seed gives the same form."""
    chance = random.Random(f"{seed} {case.id} {form}")
    *before, last = case.asked
    text = FORMS[form](last, case.language, chance)
    return case.model_copy(update={"turns": (*before, text)} if case.turns else {"question": text})


def changes(cases: Sequence[Case], chat: Asked, seed: int = 0) -> tuple[Change, ...]:
    """Asks every case as it is and in each form, and gives those whose verdict (right or not) changed."""
    plain = [ask_case(Task(case), chat).answer for case in cases]
    return tuple(
        Change(form, before, after)
        for form in FORMS
        for case, before in zip(cases, plain, strict=True)
        if (after := ask_case(Task(disturbed(case, form, seed)), chat).answer).is_right != before.is_right
    )


def change_table(found: Iterable[Change], cases: int) -> str:
    """For each form how many of the `cases` changed their verdict, and how many for the worse."""
    held = list(found)
    lines = [f"{'':<28}{'changed':>9}{'share':>8}{'worse':>7}"]
    for form in FORMS:
        own = [change for change in held if change.form == form]
        worse = sum(change.before.is_right for change in own)
        lines.append(f"{form:<28}{len(own):>9}{len(own) / max(cases, 1):>8.1%}{worse:>7}")
    return "\n".join(lines)
