"""Text to claims: sentences, the statements that one sentence joins, and what "it" or "the model" stands for.

A reference is resolved only where one thing can be meant: the subject of the sentence before, if it is a
name and the only one there. Otherwise the claim stays as it is and is checked as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.sentences import Span, split_sentences
from rag.verifier.language import is_german
from rag.verifier.named import capital_names, shaped_names

SHORTEST_WORDS = 3
"""A part with fewer words is no claim of its own."""

_VERBS = (
    r"(?:is|are|was|were|has|have|had|can|could|will|does|do|did|shows?|showed|uses?|used|reach(?:es|ed)?|needs?|"
    r"gives?|outperforms?|beats?|improves?|improved|reduces?|reduced|contains?|covers?|supports?|stays?|remains?|"
    r"ist|sind|war|waren|hat|haben|wird|werden|wurde|wurden|kann|können|zeigt|zeigen|nutzt|nutzen|erreicht|bleibt)"
)
_VERB = re.compile(rf"\b{_VERBS}\b", re.IGNORECASE)
# Behind the joint has to stand a subject and then a verb, with no word between that opens a clause of its
# own.
_JOINT = re.compile(
    r"(?:;\s+|,?\s+(?:and|while|whereas|but|und|während|aber|sowie)\s+(?=(?!(?:on|in|at|by|for|from|of|to|with|how|why|"
    r"which|that|what|whether|auf|in|im|bei|mit|von|zu|für|wie|warum|dass|ob)\b)"
    r"(?:(?!(?:when|if|that|which|who|where|because|wenn|dass|weil|wo)\b)[\w'’-]+\s+){1,8}?" + _VERBS + r"\b))",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"^(?P<word>it|they|this (?:model|method|paper|work|approach|system)|"
    r"the (?:model|method|approach|system|authors)"
    r"|es|sie|das (?:modell|verfahren|system)|die (?:methode|arbeit))\b",
    re.IGNORECASE,
)
_OTHERS = (
    r"(?: et al\.?| and (?:his |her |their )?(?:colleagues|co-?authors|team)|"
    r" und (?:Kolleg\w+|Mitautor\w+))?"
)
_RUNNING_ON = re.compile(r"^(?:it|they|its|their|this|these|es|sie|dies|diese)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Claim:
    """A statement of a sentence. `text` stands as given, `resolved` has its reference put in."""

    text: str
    resolved: str


@dataclass(frozen=True)
class Sentence:
    """A sentence of the text, as given, and its claims: the sentence itself where it says one thing."""

    span: Span
    claims: tuple[Claim, ...]


def split_text(text: str) -> list[Sentence]:
    """Sentences and claims of `text`, in order; each line is a paragraph of its own."""
    found: list[Sentence] = []
    start = 0
    for line in text.split("\n"):
        before = ""
        for span in split_sentences(line):
            placed = Span(span.text, span.start + start, span.end + start)
            claims = tuple(Claim(part, resolve(part, before)) for part in split_sentence(span.text))
            found.append(Sentence(placed, claims))
            before = span.text
        start += len(line) + 1
    return found


def split_sentence(sentence: str) -> list[str]:
    """The statements that `sentence` joins, each with a subject and a verb of its own; at least one.

    Parts that lean on what stands before ("it was …", too few words) are left joined to it, so that nothing
    is checked that the sentence doesn't say."""
    parts: list[str] = []
    at = 0
    for match in _JOINT.finditer(sentence):
        behind = sentence[match.end() :]
        if len(sentence[at : match.start()].split()) < SHORTEST_WORDS or len(behind.split()) < SHORTEST_WORDS:
            continue
        if not _VERB.search(sentence[at : match.start()]):
            continue
        if _RUNNING_ON.match(behind) or _is_open(sentence[at : match.start()]):
            continue
        parts.append(sentence[at : match.start()].strip(" ,;"))
        at = match.end()
    parts.append(sentence[at:].strip())
    return [part if part[-1:] in ".!?" else f"{part}." for part in parts]


def _is_open(part: str) -> bool:
    """Whether brackets, quotes or a clause with a condition are still open at the part's end."""
    if part.count("(") != part.count(")") or part.count('"') % 2:
        return True
    return bool(re.match(r"(?:if|when|although|because|since|both|either|wenn|obwohl|weil|da|sowohl)\b", part, re.I))


def resolve(claim: str, before: str) -> str:
    """`claim` with the reference at its start replaced by the one name of the sentence before, where that
    is safe."""
    found = _REFERENCE.match(claim)
    if found is None or not before:
        return claim
    if found["word"].lower() in ("they", "the authors", "sie"):
        return claim
    names = _subjects(before)
    if len(names) != 1:
        return claim
    return names[0] + claim[found.end() :]


def of_the_authors(claim: str, person: str) -> str:
    """`claim` with the researcher ("Jo Wang and colleagues", "Wang et al.", "She") as the authors, as in abstracts."""
    if person.strip():
        names = "|".join(map(re.escape, (person, person.split()[-1])))
        known = re.compile(rf"(?:Dr\.? |Prof\.? )*(?<!\w)(?:{names})(?![\w’'-]){_OTHERS}")
        claim = known.sub("die Autoren" if is_german(claim) else "the authors", claim)
    claim = re.sub(r"^(?:He|She) (?=[a-z])", "The authors ", claim)
    return claim[:1].upper() + claim[1:]


def _subjects(sentence: str) -> list[str]:
    first = re.match(r"[\w.-]+(?: [A-Z0-9][\w.-]*)*", sentence)
    names = dict.fromkeys([*shaped_names(sentence), *capital_names(sentence)])
    opening = first.group() if first else ""
    if opening and any(name in opening for name in names):
        rest = [name for name in names if name not in opening]
        return [opening] if not rest or _is_subject(sentence, opening) else list(names)
    return list(names)


def _is_subject(sentence: str, opening: str) -> bool:
    """Whether a verb follows the opening at once: then it is what the sentence is about."""
    return bool(
        re.match(
            r" (?:is|are|was|were|has|have|uses|used|shows|reaches|"
            r"needs|can|ist|sind|war|wird|wurde|hat|nutzt)\b",
            sentence[len(opening) :],
        )
    )
