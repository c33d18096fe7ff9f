"""One small change to a sentence that makes it say something else.

Every function takes a sentence and a seeded `random.Random`, and gives the changed sentence, or None where
the kind does not apply. What a kind makes of the label is in `KINDS`."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from evals.verifier_training import word_tables as words
from evals.verifier_training.roles import swap_roles
from evals.verifier_training.sources import CONTRADICTED, NOT_SAID
from rag.verifier.opposites import OPPOSITES

Change = Callable[[str, random.Random], str | None]

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*")
_NUMBER_WORD = re.compile(
    r"\b(" + "|".join(word for number, word in words.NUMBER_WORDS.items() if number > 1) + r")\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=\w )(?:[A-Z][\w-]*[A-Z0-9][\w-]*|[A-Z]{2,}[\w-]*|[A-Z][a-z]{3,}(?: [A-Z][a-z]{3,})?)(?![\w-])")
_RARE = re.compile(r"(?<=\w )[a-z]{8,}(?:s|ion|ity|ment|ase|oma|ics|ing)?(?=[\s,.;])")
_AUXILIARY = re.compile(
    r"\b(is|are|was|were|can|could|does|do|did|will|would|has|have|had|should|must)\b(?! not\b)",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:(is|are|was|were|can|could|will|would|has|have|had|should|must) not|cannot)\b ?")
_DO_NOT = re.compile(r"\b(?:does|do|did) not \b")
_NO_GERUND = re.compile(r"\bwithout (?=\w+ing\b)")
_FROM_TO: Final = re.compile(
    r"\bfrom (?P<one>\d[\w.,]*\d?)(?P<unit>%| [a-z]+)? (?P<gap>(?:[a-z ]{1,25} )?)to (?P<two>\d[\d.,]*\d|\d)"
    r"|\bfrom (?P<one_word>[a-zA-Z-]{3,}) to (?P<two_word>[a-zA-Z-]{3,})"
    r"(?=[,.;]| (?:in|at|by|for|with|during|on|and)\b)"
)


def swap_number(sentence: str, chance: random.Random) -> str | None:
    """Another number of about the same size, in the same spelling; or a number word for another."""
    places = [*_NUMBER.finditer(sentence), *_NUMBER_WORD.finditer(sentence)]
    if not places:
        return None
    place = chance.choice(places)
    found = place.group()
    other = _other_number_word(found, chance) if found.isalpha() else _other_number(found, chance)
    return sentence[: place.start()] + other + sentence[place.end() :]


def _other_number_word(word: str, chance: random.Random) -> str:
    others = [other for number, other in words.NUMBER_WORDS.items() if number > 1 and other != word.lower()]
    other = chance.choice(others[:10])
    return other.capitalize() if word[0].isupper() else other


def _other_number(number: str, chance: random.Random) -> str:
    digits = re.sub(r"\D", "", number)
    ways = [_another_digit]
    if len(set(digits)) > 1:
        ways.append(_digits_turned)
    if "." in number and chance.random() < 0.3:
        return number.replace(".", "", 1).lstrip("0") or "1"
    for _ in range(10):
        other = chance.choice(ways)(number, chance)
        if other != number and not re.match(r"0\d", other):
            return other
    return number + "0"


def _another_digit(number: str, chance: random.Random) -> str:
    places = [index for index, letter in enumerate(number) if letter.isdigit()]
    place = chance.choice(places[:3])
    digit = chance.choice([d for d in "123456789" if d != number[place]])
    return number[:place] + digit + number[place + 1 :]


def _digits_turned(number: str, chance: random.Random) -> str:
    places = [index for index, letter in enumerate(number) if letter.isdigit()]
    one, two = sorted(chance.sample(places, 2))
    letters = list(number)
    letters[one], letters[two] = letters[two], letters[one]
    return "".join(letters)


def swap_unit(sentence: str, chance: random.Random) -> str | None:
    """What a number counts or is measured in becomes something else."""
    table = dict(words.UNITS)
    pattern = r"((?:\d|" + "|".join(words.NUMBER_WORDS.values()) + r")\s*-?(?:[\w-]+ )?)\b("
    places = list(re.finditer(pattern + "|".join(map(re.escape, table)) + r")\b", sentence))
    if not places:
        return None
    place = chance.choice(places)
    return sentence[: place.start(2)] + table[place.group(2)] + sentence[place.end(2) :]


def names_in(sentence: str) -> list[str]:
    """Names, acronyms and model names that don't begin the sentence."""
    return [match.group() for match in _NAME.finditer(sentence)]


def nouns_in(sentence: str) -> list[str]:
    """Long words of the kind that carry the subject."""
    return [match.group() for match in _RARE.finditer(sentence)]


def swap_name(sentence: str, chance: random.Random, names: Sequence[str], nouns: Sequence[str]) -> str | None:
    """A name for another paper's name, or a long noun for another paper's.

    Args:
        sentence: what is changed.
        chance: the seeded source of chance.
        names: other papers' names.
        nouns: other papers' nouns.
    """
    own_names = names_in(sentence)
    own = own_names or nouns_in(sentence)
    if not own:
        return None
    gone = chance.choice(own)
    pool = names if own_names else [noun for noun in nouns if noun[-2:] == gone[-2:]]
    for _ in range(8):
        if not pool:
            return None
        other = chance.choice(pool)
        if other.lower() not in sentence.lower():
            return _replaced(gone, other, sentence)
    return None


def _replaced(old: str, new: str, sentence: str) -> str:
    return re.sub(rf"(?<![\w-]){re.escape(old)}(?![\w-])", lambda _match: new, sentence)


def negate(sentence: str, chance: random.Random) -> str | None:
    """A 'not' put in, or taken out where there is one."""
    if found := _NOT.search(sentence):
        verb = found.group(1) or "can"
        return sentence[: found.start()] + verb + " " + sentence[found.end() :]
    if found := _DO_NOT.search(sentence):
        return sentence[: found.start()] + sentence[found.end() :]
    if (found := _NO_GERUND.search(sentence)) and chance.random() < 0.5:
        return sentence[: found.start()] + "by " + sentence[found.end() :]
    places = list(_AUXILIARY.finditer(sentence))
    if not places:
        return None
    place = chance.choice(places)
    word = chance.choices(("not", "never", "no longer"), (8, 1, 1))[0]
    return f"{sentence[: place.end()]} {word}{sentence[place.end() :]}"


def turn_direction(sentence: str, chance: random.Random) -> str | None:
    """A word becomes its opposite."""
    return swap_from(sentence, chance, [*OPPOSITES, *((two, one) for one, two in OPPOSITES)])


def widen_scope(sentence: str, chance: random.Random) -> str | None:
    """'some' becomes 'all', 'up to' becomes 'at least', 'only' is put in or taken out."""
    found = swap_from(sentence, chance, words.SCOPES)
    if found is not None and chance.random() < 0.7:
        return found
    if re.search(r"\bonly ", sentence):
        return re.sub(r"\bonly ", "", sentence, count=1)
    place = re.search(r"\b(is|are|was|were|can|for|in|by|on)\b(?= \w)", sentence)
    if place is None or chance.random() < 0.3:
        return found
    return f"{sentence[: place.start()]}{_only(place.group())}{sentence[place.end() :]}"


def _only(word: str) -> str:
    return f"{word} only" if word in ("is", "are", "was", "were", "can") else f"only {word}"


def drop_hedge(sentence: str, chance: random.Random) -> str | None:
    """What was said with care is said outright."""
    return swap_from(sentence, chance, words.HEDGES)


def swap_from_to(sentence: str, chance: random.Random) -> str | None:
    """'from A to B' becomes 'from B to A'."""
    places = list(_FROM_TO.finditer(sentence))
    if not places:
        return None
    place = chance.choice(places)
    kind = "_word" if place["one_word"] else ""
    (start, stop), (then, end) = place.span("one" + kind), place.span("two" + kind)
    turned = place["two" + kind] + sentence[stop:then] + place["one" + kind]
    return None if place["one" + kind] == place["two" + kind] else sentence[:start] + turned + sentence[end:]


def add_detail(sentence: str, chance: random.Random) -> str | None:
    """Something that the passage doesn't say is put at the end."""
    bare, stop = sentence.rstrip(" ."), "." if sentence.rstrip().endswith(".") else ""
    return f"{bare} {chance.choice(words.ADDITIONS)}{stop}"


def swap_two_numbers(sentence: str, chance: random.Random) -> str | None:
    """Two numbers of the sentence change places: each is in the passage, and what they belong to is wrong."""
    places = list(_NUMBER.finditer(sentence))
    if len({place.group() for place in places}) < 2:
        return None
    one, two = sorted(chance.sample(places, 2), key=lambda place: place.start())
    if one.group() == two.group():
        return None
    middle = sentence[one.end() : two.start()]
    return sentence[: one.start()] + two.group() + middle + one.group() + sentence[two.end() :]


KINDS: Final[dict[str, tuple[Change, int]]] = {
    "number": (swap_number, CONTRADICTED),
    "number_place": (swap_two_numbers, CONTRADICTED),
    "unit": (swap_unit, CONTRADICTED),
    "negation": (negate, CONTRADICTED),
    "direction": (turn_direction, CONTRADICTED),
    "scope": (widen_scope, CONTRADICTED),
    "role": (swap_roles, CONTRADICTED),
    "from_to": (swap_from_to, CONTRADICTED),
    "hedge": (drop_hedge, NOT_SAID),
    "addition": (add_detail, NOT_SAID),
}
"""Kinds that need nothing but the sentence; names (`swap_name`) need other papers."""


def swap_from(text: str, chance: random.Random, table: Iterable[tuple[str, str]]) -> str | None:
    """One word of `table` that is in `text` replaced, its capital kept; None where there is none."""
    lowered = f" {re.sub(r'[^a-z0-9]+', ' ', text.lower())} "
    options = [(old, new) for old, new in table if f" {old} " in lowered]
    chance.shuffle(options)
    for old, new in options:
        places = list(re.finditer(rf"(?<![\w-]){re.escape(old)}(?![\w-])", text, re.IGNORECASE))
        if places:
            place = chance.choice(places)
            new = new.capitalize() if place.group()[0].isupper() else new
            return text[: place.start()] + new + text[place.end() :]
    return None
