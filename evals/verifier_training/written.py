"""Claims written for abstracts of other people, in English and German: free rewordings, and false ones by one change.

None of these papers is in the profile that ships or in a part that measures; they teach how people reword."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from evals.verifier_training.abstracts import Abstract
from evals.verifier_training.sources import CONTRADICTED, NOT_SAID, SUPPORTED, Pair, read_rows

_FILE = "written_claims.jsonl"
_UNSAID = ("addition", "hedge")


def written_claims(abstracts: Sequence[Abstract]) -> list[Pair]:
    """The claims whose papers are among `abstracts`, each against title and abstract, and the abstract alone."""
    known = {abstract.title.rstrip("."): abstract for abstract in abstracts}
    pairs: list[Pair] = []
    for row in read_rows(files("evals.verifier_training") / _FILE):  # type: ignore[arg-type]
        abstract = known.get(row["title"])
        if abstract is None:
            continue
        label = SUPPORTED if row["supported"] else NOT_SAID if row["kind"] in _UNSAID else CONTRADICTED
        titled = (abstract.title.rstrip(".") + ".", *abstract.sentences)
        pairs.extend(Pair(told, row["claim"], label, "written", row["kind"]) for told in (titled, abstract.sentences))
    return pairs
