"""Numbers as a text states them, read in digits and in words, English and German."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.verifier import number_words as words

Kind = Literal["plain", "percent", "factor"]


_TOKEN = re.compile(
    r"(?P<digits>\d+(?:[.,]\d+)*)(?P<glued>%|[a-zA-Z]+)?|(?P<word>[^\W\d_]+(?:-[^\W\d_]+)*\.?)|(?P<percent>%)"
)
_TIMES = ("x", "fold", "mal", "fach", "facher", "fache", "faches", "fachen", "fachem")
_PERCENT_WORDS = ("percent", "prozent", "per")


@dataclass(frozen=True)
class Quantity:
    """A number as a text states it. `values` has more than one where the spelling is ambiguous ("1.000")."""

    values: tuple[float, ...]
    kind: Kind
    counts: str
    following: str
    bound: Literal["", "most", "least", "about"]
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class _Token:
    text: str
    lower: str
    digits: str
    glued: str
    start: int
    end: int
    inside_name: bool


def quantities(text: str, *, inside_names: bool = False) -> list[Quantity]:
    """Numbers of `text`, in order.

    Args:
        text: any text.
        inside_names: read "7B" in "Teuken-7B" as well, but never the 2 of "GPT-2".
    """
    tokens = [_token(match, text) for match in _TOKEN.finditer(text)]
    found, at = [], 0
    while at < len(tokens):
        quantity, used = _quantity_at(tokens, at, text, inside_names)
        if quantity is not None:
            found.append(quantity)
        at += max(1, used)
    return found


def _token(match: re.Match[str], text: str) -> _Token:
    before = text[max(0, match.start() - 2) : match.start()]
    in_name = bool(match["digits"]) and bool(re.search(r"[A-Za-z]-?$|\^$", before))
    word = match.group().rstrip(".")
    return _Token(
        word, word.lower(), match["digits"] or "", (match["glued"] or "").lower(), match.start(),
        match.start() + len(word), in_name,
    )  # fmt: skip


def _quantity_at(tokens: Sequence[_Token], at: int, text: str, inside_names: bool) -> tuple[Quantity | None, int]:
    token = tokens[at]
    if token.inside_name and not (inside_names and token.glued in words.SCALES):
        return None, 1
    values, kind, used = _value_at(tokens, at)
    if not values:
        return None, 1
    end = at + used
    if kind == "plain" and end < len(tokens):
        following = tokens[end].lower
        if tokens[end].text == "%" or following in _PERCENT_WORDS:
            kind, end = "percent", end + 1
        elif following in _TIMES or following in ("times", "fach"):
            kind, end = "factor", end + 1
    if kind == "plain" and at and tokens[at - 1].lower in ("factor", "faktor"):
        kind = "factor"
    if (
        kind == "plain"
        and at > 1
        and tokens[at - 1].lower in ("of", "von")
        and tokens[at - 2].lower in ("factor", "faktor")
    ):
        kind = "factor"
    last = tokens[min(end, len(tokens)) - 1]
    counts, following = _counted(tokens, end)
    if not counts and token.glued in words.UNITS:
        counts = words.UNITS[token.glued]
    quantity = Quantity(
        values,
        kind,
        counts,
        following,
        _bound(text, token.start),
        text[token.start : last.end],
        token.start,
        last.end,
    )
    return quantity, end - at


def _value_at(tokens: Sequence[_Token], at: int) -> tuple[tuple[float, ...], Kind, int]:
    """Values, kind and how many tokens they take; no values where the token isn't a number."""
    token = tokens[at]
    if token.digits:
        return _value_in_digits(tokens, at)
    factor = words.factor_word(token.lower)
    if factor is not None:
        return (factor,), "factor", 1
    following = tokens[at + 1].lower if at + 1 < len(tokens) else ""
    if token.lower in words.FRACTIONS and not _is_order(tokens, at):
        return (words.FRACTIONS[token.lower],), "percent", 1
    value = words.small_number(token.lower)
    if value is None and following == "dozen":
        return (), "plain", 1
    if value is None:
        return (), "plain", 1
    singular = following.rstrip("s")
    if singular in words.FRACTIONS:
        return (value * words.FRACTIONS[singular],), "percent", 2
    if following == "dozen" or following == "dutzend":
        return (value * 12,), "plain", 2
    used = 1
    if following in words.SCALES and len(following) > 1:
        value, used = value * words.SCALES[following], 2
    if at + used < len(tokens) and tokens[at + used].lower in ("times", "mal", "fold"):
        return (value,), "factor", used + 1
    return (value,), "plain", used


def _is_order(tokens: Sequence[_Token], at: int) -> bool:
    """Whether "third", "quarter" … says an order ("the third experiment") and not a share ("a third of")."""
    if tokens[at].lower in ("half", "hälfte", "halved", "halve", "halves", "halbiert", "drittel", "viertel"):
        return False
    return not (at + 1 < len(tokens) and tokens[at + 1].lower in ("of", "der", "des"))


def _value_in_digits(tokens: Sequence[_Token], at: int) -> tuple[tuple[float, ...], Kind, int]:
    token = tokens[at]
    values = readings(token.digits)
    if token.glued == "%":
        return values, "percent", 1
    if token.glued in _TIMES:
        return values, "factor", 1
    if token.glued in words.SCALES:
        return tuple(value * words.SCALES[token.glued] for value in values), "plain", 1
    following = tokens[at + 1].lower if at + 1 < len(tokens) else ""
    if following in words.SCALES and (len(following) > 1 or tokens[at + 1].text in "BMK"):
        return tuple(value * words.SCALES[following] for value in values), "plain", 2
    return values, "plain", 1


def readings(digits: str) -> tuple[float, ...]:
    """ "1,024" is 1024 or 1.024; "0,50" is 0.5; "1.234,5" is 1234.5."""
    marks = re.findall(r"[.,]", digits)
    if not marks:
        return (float(digits),)
    if len(set(marks)) == 1 and len(marks) > 1:
        return (float(re.sub(r"[.,]", "", digits)),)
    whole, _mark, rest = digits.rpartition(marks[-1])
    decimal = float(re.sub(r"[.,]", "", whole) + "." + rest)
    if len(marks) == 1 and len(rest) == 3 and whole != "0":
        return (decimal, float(whole + rest))
    return (decimal,)


def _counted(tokens: Sequence[_Token], at: int) -> tuple[str, str]:
    """What the number counts, on one name for both languages, and the stem of the next longer word."""
    following = ""
    for token in tokens[at : at + 4]:
        parts = token.lower.split("-")
        for part in parts:
            if part in words.UNITS:
                return words.UNITS[part], following or part[:5]
        if token.digits or token.lower in (
            "and",
            "und",
            "to",
            "bis",
            "in",
            "on",
            "of",
            "von",
            "with",
            "mit",
            "at",
        ):
            break
        if not following and len(token.lower) > 3:
            following = token.lower[:5]
    return "", following


def _bound(text: str, start: int) -> Literal["", "most", "least", "about"]:
    before = text[max(0, start - 24) : start].lower().rstrip(" (~")
    for name, phrases in (("most", words.AT_MOST), ("least", words.AT_LEAST), ("about", words.ABOUT)):
        if any(re.search(rf"(?:^|\W){re.escape(phrase)}(?: the)?$", before) for phrase in phrases):
            return name  # type: ignore[return-value]
    return ""
