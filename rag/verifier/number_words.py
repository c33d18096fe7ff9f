"""Numbers as English and German write them out, and the units that they count."""

from __future__ import annotations

import re
from typing import Final

_SMALL: Final = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11,
    "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9,
    "zehn": 10, "elf": 11, "zwölf": 12, "dreizehn": 13, "vierzehn": 14, "fünfzehn": 15, "sechzehn": 16,
    "siebzehn": 17, "achtzehn": 18, "neunzehn": 19,
}  # fmt: skip
_TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
    "zwanzig": 20, "dreißig": 30, "vierzig": 40, "fünfzig": 50, "sechzig": 60, "siebzig": 70, "achtzig": 80,
    "neunzig": 90,
}  # fmt: skip
SCALES: Final = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "millions": 1e6, "billion": 1e9, "billions": 1e9,
    "trillion": 1e12, "hundert": 1e2, "tausend": 1e3, "millionen": 1e6, "milliarde": 1e9, "milliarden": 1e9,
    "billionen": 1e12, "mio": 1e6, "mrd": 1e9, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12,
}  # fmt: skip
FRACTIONS: Final = {
    "half": 50.0, "halve": 50.0, "halved": 50.0, "halves": 50.0, "hälfte": 50.0, "halbiert": 50.0,
    "third": 100 / 3,
    "drittel": 100 / 3, "quarter": 25.0, "viertel": 25.0, "fifth": 20.0, "fünftel": 20.0, "tenth": 10.0,
    "zehntel": 10.0,
}  # fmt: skip
"""Shares in percent; "three fifths" is three times the share. "first", "third" as an order is left to the
reader."""
FACTORS: Final = {
    "twice": 2.0, "double": 2.0, "doubled": 2.0, "doubles": 2.0, "doppelt": 2.0, "doppelte": 2.0,
    "verdoppelt": 2.0,
    "triple": 3.0, "tripled": 3.0, "verdreifacht": 3.0, "dreifach": 3.0, "vervierfacht": 4.0,
}  # fmt: skip
_GERMAN_TIMES: Final = re.compile(r"^(\w+?)(?:mal|fach(?:e[rnsm]?)?)$")
_ENGLISH_FOLD: Final = re.compile(r"^(\w+?)-?fold$")

UNITS: Final = {
    "token": "tokens", "tokens": "tokens", "parameter": "parameters", "parameters": "parameters",
    "parametern": "parameters", "parameterscale": "parameters", "gpu": "gpus", "gpus": "gpus",
    "languages": "languages",
    "sprachen": "languages", "amtssprachen": "languages", "runs": "runs", "läufe": "runs", "läufen": "runs",
    "hours": "hours", "stunden": "hours", "hour": "hours", "stunde": "hours", "days": "days", "tage": "days",
    "tagen": "days", "day": "days", "tag": "days", "weeks": "weeks", "wochen": "weeks", "months": "months",
    "monate": "months", "monaten": "months", "years": "years", "jahre": "years", "jahren": "years",
    "jahr": "years",
    "second": "seconds", "minute": "minutes", "week": "weeks", "woche": "weeks", "month": "months",
    "monat": "months", "year": "years",
    "minutes": "minutes", "minuten": "minutes", "seconds": "seconds", "sekunden": "seconds",
    "sekunde": "seconds",
    "patients": "patients", "patienten": "patients", "participants": "participants",
    "teilnehmer": "participants",
    "teilnehmende": "participants", "images": "images", "bilder": "images", "bildern": "images",
    "papers": "papers",
    "arbeiten": "papers", "layers": "layers", "schichten": "layers", "mg": "mg", "kg": "kg", "g": "g",
    "ml": "ml",
    "mm": "mm", "cm": "cm", "km": "km", "gb": "gb", "tb": "tb", "mb": "mb", "euro": "euro",
    "dollars": "dollars",
    "models": "models", "modelle": "models", "modellen": "models", "sprachmodelle": "models",
    "llms": "models",
}  # fmt: skip
"""Words behind a number that say what it counts, English and German on one name."""

AT_MOST: Final = (
    "up to", "at most", "no more than", "as many as", "as much as", "less than", "fewer than", "below",
    "under",
    "bis zu", "höchstens", "maximal", "weniger als", "unter",
)  # fmt: skip
AT_LEAST: Final = (
    "at least", "more than", "no less than", "above", "over", "exceeding", "mindestens", "mehr als",
    "wenigstens",
    "über",
)  # fmt: skip
ABOUT: Final = (
    "about", "around", "roughly", "approximately", "nearly", "almost", "some", "close to", "etwa", "rund",
    "ungefähr",
    "circa", "ca.", "knapp", "fast", "gut",
)  # fmt: skip


def small_number(word: str) -> float | None:
    """The value of a number word below a million, None for anything else; "one" is too often a pronoun to
    count."""
    word = word.lower()
    value = _SMALL.get(word) or _TENS.get(word)
    if value is not None:
        return float(value)
    if "-" in word:
        tens, _, ones = word.partition("-")
        if tens in _TENS and (ones in _SMALL or ones == "one"):
            return float(_TENS[tens] + _SMALL.get(ones, 1))
        return None
    return _german_compound(word)


def _german_compound(word: str) -> float | None:
    """ "einundzwanzig", "zweihundert", "zweitausend", "zwanzigtausend"."""
    if "tausend" in word:
        before, _, behind = word.partition("tausend")
        factor = 1.0 if before in ("", "ein") else small_number(before)
        rest = small_number(behind) if behind else 0.0
        return None if factor is None or rest is None else factor * 1000 + rest
    if "hundert" in word:
        before, _, behind = word.partition("hundert")
        factor = 1.0 if before in ("", "ein") else small_number(before)
        rest = small_number(behind) if behind else 0.0
        return None if factor is None or rest is None else factor * 100 + rest
    ones, joint, tens = word.partition("und")
    if joint and tens in _TENS:
        value = 1 if ones == "ein" else _SMALL.get(ones)
        return None if value is None else float(_TENS[tens] + value)
    return None


def factor_word(word: str) -> float | None:
    """The value of "twofold", "dreimal", "verdoppelt", None for anything else."""
    word = word.lower()
    if word in FACTORS:
        return FACTORS[word]
    found = _ENGLISH_FOLD.match(word) or _GERMAN_TIMES.match(word)
    return small_number(found.group(1)) if found else None
