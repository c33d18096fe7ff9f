"""Shorter and rounder ways of saying a part of what a sentence says: people's claims are seldom as long as it.

Everything here keeps a true sentence true: modifiers, closing clauses, members of a list are left out, a
number is rounded and said to be rounded."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Final

from evals.verifier_training.roles import turn_truly

LEAST_WORDS = 5
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|could|may|will|does|do|did|\w{3,}ed|\w{3,}(?:es|ts|ws|ns|rs|ms|ps|ds|ves))\b"
)
_HANGING = re.compile(
    r"\b(?:of|in|on|at|by|for|to|from|with|and|or|the|a|an|that|is|are|was|were|than|as|both|not|through|between|"
    r"under|over|via|into|be|which|P =.*)[ .]*$"
)
_TAIL = re.compile(
    r",? (?:using|by [a-z]+ing|in order to|leading to|resulting in|which|where|thereby|as well as|such as|including|"
    r"especially|particularly|based on|thus \w+ing|while|whereas|suggesting|indicating|due to|because|since|so that|"
    r"when compared|followed by|together with|along with|i\.e\.|e\.g\.|and thus|and therefore)\b.*$"
)
_ADVERB = re.compile(
    r" (?:significantly|substantially|dramatically|considerably|markedly|greatly|systematically|successfully|"
    r"efficiently|effectively|currently|recently|clearly|strongly|highly|extremely|remarkably|conventionally|traditionally|"
    r"extensively|carefully|thoroughly|widely|rapidly|directly|therefore|thus|also|further)(?= [b-df-hj-np-tv-z])"
)
_LIST = re.compile(r"\b(?P<one>[A-Za-z-]+), (?P<two>[A-Za-z-]+),? (?P<link>and|or) (?P<three>[A-Za-z-]+)\b")
_HALVES = re.compile(r"(?:; |, (?:and|but|while|whereas) (?=(?:it|they|the|this|these|we|our|that|a|an|in)\b))")
_FRONT = re.compile(
    r"^(?P<word>In|For|During|With|At|Under|Among|After|On|By|Through) (?P<what>[^,]{4,55}), (?P<rest>[^,;]+)\.$"
)
_WE: Final = re.compile(
    r"^[Ww]e (?:also |then |further |first |have )?(?P<verb>propose|present|introduce|develop|describe|study|"
    r"investigate|analy[sz]e|evaluate|examine|explore|report|review|discuss|compare|developed|investigated|"
    r"examined|studied|evaluated|analy[sz]ed|compared|measured|tested|identified|found|showed|show|demonstrate|"
    r"observed?|use|used|apply|applied|derive|provide) (?P<what>.+)$"
)
_PERCENT = re.compile(r"(?<![\w.,-])(?P<whole>\d{1,2})(?:\.(?P<part>\d+))? ?(?:%|percent\b)")
_THOUSANDS = re.compile(r"(?<![\w.,-])(?P<a>[1-9]\d{0,2})[, ]?(?P<b>\d{3})(?![\w.,]*\d)(?= [a-z])")
_TIMES = re.compile(r"\b(?:two-?fold|2-fold|twofold)\b")
_ROLE = "(?:an important|a key|a crucial|a critical|a central)"
_NOMINAL: Final = (
    (re.compile(r"\b[Aa]n increase (?:in|of) (?=[a-z])"), "higher "),
    (re.compile(r"\b[Aa] (?:decrease|reduction) (?:in|of) (?=[a-z])"), "lower "),
    (re.compile(r"\b[Tt]he (?:use|application) of (?=[a-z])"), "using "),
    (re.compile(r"\b[Tt]he presence of (?=[a-z])"), "having "),
    (re.compile(r"\ba (?:large|wide|broad) (?:number|range|variety) of\b"), "many"),
    (re.compile(r"\ba (?:small|limited) number of\b"), "few"),
    (re.compile(r"\bthe (?:majority|bulk) of\b"), "most of"),
    (re.compile(r"\bis (?:able|capable) (?:to|of) (\w+?)(?:ing)?\b"), r"can \1"),
    (re.compile(r"\bhas the (?:ability|potential) to\b"), "could"),
    (re.compile(r"\bnot significant(?=[ ,.])"), "insignificant"),
    (re.compile(r"\bno significant differences? (?:was|were) (?:found|seen)"), "there was no clear difference"),
    (re.compile(rf"\bplays {_ROLE} role in\b"), "matters a great deal for"),
    (re.compile(rf"\bplay {_ROLE} role in\b"), "matter a great deal for"),
    (re.compile(r"\bthere is a need for\b"), "what is needed is"),
    (re.compile(r"\bstate-of-the-art\b"), "best existing"),
    (re.compile(r"\bin the absence of\b"), "without"),
    (re.compile(r"\bin addition to\b"), "besides"),
    (re.compile(r"\bwith respect to\b"), "as regards"),
)  # fmt: skip
_SHARES: Final = {
    10: "a tenth", 20: "a fifth", 25: "a quarter", 33: "about a third", 50: "half", 75: "three quarters",
}  # fmt: skip
_SAYS: Final = ("The paper", "The study", "The work", "The article", "The authors")


def shorten(text: str, chance: random.Random) -> str:
    """One or two of the ways below, where they fit."""
    ways: list[Callable[[str, random.Random], str]] = [
        _without_tail, _without_adverbs, _shorter_list, _one_half, _fronted_last, _of_the_authors, _rounded, _reworded,
        _from_the_other_side,
    ]  # fmt: skip
    chance.shuffle(ways)
    left = chance.choice((1, 2, 2, 3))
    for way in ways:
        found = way(text, chance)
        if found != text and len(found.split()) >= LEAST_WORDS:
            text, left = found, left - 1
        if not left:
            break
    return text[:1].upper() + text[1:]


def _without_tail(text: str, _chance: random.Random) -> str:
    found = _TAIL.search(text, 25)
    if found is None:
        return text
    kept = text[: found.start()].rstrip(" ,;")
    return f"{kept}." if _is_whole(kept) else text


def _is_whole(part: str) -> bool:
    """Whether it can stand as a sentence: a verb, brackets closed, nothing hanging at the end."""
    closed = part.count("(") == part.count(")")
    return closed and len(part.split()) >= LEAST_WORDS and bool(_VERB.search(part)) and not _HANGING.search(part)


def _without_adverbs(text: str, _chance: random.Random) -> str:
    return _ADVERB.sub("", text)


def _shorter_list(text: str, chance: random.Random) -> str:
    found = _LIST.search(text)
    # Beside "between", "all", "both" or a number, who is left out matters.
    if found is None or re.search(r"\b(?:between|all|both|only|three|respectively|not|no)\b", text):
        return text
    two = sorted(chance.sample(("one", "two", "three"), 2), key=("one", "two", "three").index)
    return text[: found.start()] + f"{found[two[0]]} {found['link']} {found[two[1]]}" + text[found.end() :]


def _one_half(text: str, chance: random.Random) -> str:
    parts = _HALVES.split(text)
    parts = [part for part in parts if _is_whole(part) and part[0].isalpha() and " if " not in part]
    if len(parts) < 2:
        return text
    part = chance.choice(parts).strip(" ,;")
    return part if part.endswith(".") else f"{part}."


def _fronted_last(text: str, _chance: random.Random) -> str:
    found = _FRONT.match(text)
    if found is None:
        return text
    return f"{found['rest'][0].upper()}{found['rest'][1:]} {found['word'].lower()} {found['what']}."


def _of_the_authors(text: str, chance: random.Random) -> str:
    found = _WE.match(text)
    if found is None:
        return text
    verb, what = found["verb"], found["what"]
    if what.startswith(("a ", "an ")) and "," not in what and len(what.split()) < 14 and verb in ("propose", "develop"):
        return f"{what.rstrip('.')} is {verb.rstrip('e')}ed."
    subject = chance.choice(_SAYS)
    if verb.endswith("ed") or subject == "The authors" or verb in ("found", "use", "apply"):
        return f"The authors {verb} {what}"
    ending = {"study": "studies", "discuss": "discusses", "apply": "applies"}.get(verb, f"{verb}s")
    return f"{subject} {ending} {what}"


def _rounded(text: str, chance: random.Random) -> str:
    def percent(match: re.Match[str]) -> str:
        whole, part = int(match["whole"]), match["part"]
        if part is None:
            return _SHARES.get(whole, match.group())
        nearest = round(float(f"{whole}.{part}"))
        return chance.choice((f"about {nearest}%", f"roughly {nearest} percent", f"around {nearest}%"))

    def thousands(match: re.Match[str]) -> str:
        hundreds = int(match["b"]) // 100 * 100
        if int(match["b"]) == hundreds:
            return match.group()
        return f"more than {match['a']},{hundreds:03d}"

    if re.search(r"\b(?:by|from|to|of|than|about|over|nearly|least|most) [\d.]+ ?(?:%|percent)", text):
        text = re.sub(r"(?<=\bby )50 ?%", "half", text)
    else:
        text = _PERCENT.sub(percent, text, count=1)
    if chance.random() < 0.5 and not re.search(r"\b(?:19|20)\d\d\b", text):
        text = _THOUSANDS.sub(thousands, text, count=1)
    return _TIMES.sub("twice", text)


def _reworded(text: str, chance: random.Random) -> str:
    rules = [rule for rule in _NOMINAL if rule[0].search(text)]
    for pattern, new in chance.sample(rules, min(2, len(rules))):
        text = pattern.sub(new, text, count=1)
    return text


def _from_the_other_side(text: str, _chance: random.Random) -> str:
    return turn_truly(text) or text
