"""The same sentence in other words: what a true claim looks like."""

from __future__ import annotations

import random
import re

from evals.verifier_training import word_tables as words
from evals.verifier_training.corruptions import swap_from
from evals.verifier_training.shortening import shorten


def reword(sentence: str, chance: random.Random, *, cut: bool = True) -> str:
    """The same in other words: lead-in off, some synonyms, 'the authors' for 'we', numbers in words or
    digits.

    With `cut`, brackets and a closing clause may be left out as well.
    """
    text = _without_lead_in(sentence)
    if cut and chance.random() < 0.7:
        text = _without_brackets(text)
    if cut and chance.random() < 0.35:
        text = _cut_tail(text, chance)
    if cut and chance.random() < 0.6:
        text = shorten(text, chance)
    for _ in range(chance.randint(0, 4)):
        text = swap_from(text, chance, words.SYNONYMS) or text
    if chance.random() < 0.5:
        text = re.sub(r"\b[Ww]e\b", "the authors", text)
        text = re.sub(r"\b[Oo]ur\b", "their", text)
    if chance.random() < 0.5:
        text = _numbers_in_words(text)
    return text[:1].upper() + text[1:]


def _without_lead_in(text: str) -> str:
    for lead_in in words.LEAD_INS:
        if text.lower().startswith(lead_in + " ") and len(text) > len(lead_in) + 25:
            return text[len(lead_in) + 1 :]
    return text


def _without_brackets(text: str) -> str:
    return re.sub(r" \([^()]{1,60}\)", "", text)


def _cut_tail(text: str, chance: random.Random) -> str:
    """Leaves a closing clause out; what's left of a true sentence is true."""
    places = [match.start() for match in re.finditer(r", (?:which|while|whereas|thus|and thereby|leading)\b", text)]
    places = [place for place in places if place > 40]
    return text[: chance.choice(places)] + "." if places else text


def _numbers_in_words(text: str) -> str:
    text = re.sub(r"(?<=\d)\s?%", " percent", text)
    small = {str(number): word for number, word in words.NUMBER_WORDS.items() if number > 1}
    return re.sub(r"(?<![\w.,(=<>-])\d{1,2}(?= [a-z])", lambda match: small.get(match.group(), match.group()), text)


def in_part_german(text: str, chance: random.Random, share: float) -> str:
    """Words of `text` replaced by German ones: Qin et al., "CoSDA-ML" (IJCAI 2020)."""

    def turn(match: re.Match[str]) -> str:
        word = match.group()
        german = words.GERMAN.get(word.lower())
        return german if german and chance.random() < share else word

    return re.sub(r"(?<![\w-])[A-Za-z]+(?![\w-])", turn, text)
