"""What is measured of one answer beside right or wrong. Pure functions; a measure that doesn't apply is left out.

fact_recall         facts said / facts asked for
citation_recall     papers cited that must be / papers that must be cited
citation_precision  papers cited that may be / papers cited
claims_supported    sentences about the research that their citations carry / all such sentences
computed_exact      1 where the number or list that the records give is the one shown
truth               1 right, 0 refused, -1 wrong
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from evals.case import Case
from evals.contract import is_carried
from evals.scoring import Score, computed_fault, names, says_fact, spoken
from rag.models import Answer, Profile
from rag.records import select

Support = Callable[[str, Sequence[str]], bool]
"""Whether passages carry a sentence that is worded freely."""


def measure(
    case: Case, answer: Answer, score: Score, profile: Profile, support: Support | None = None
) -> Mapping[str, float]:
    """Every measure that applies to `answer`, by name, from 0 to 1 (`truth`: from -1).

    Args:
        case: what is asked of the answer.
        answer: as it was given.
        score: how it fared.
        profile: whose records hold the truth.
        support: judges sentences that are no quotations; without it they are not measured.
    """
    values = {
        "fact_recall": fact_recall(case, answer),
        "citation_recall": citation_recall(case, answer, profile),
        "citation_precision": citation_precision(case, answer, profile),
        "claims_supported": claims_supported(answer, support),
        "computed_exact": computed_exact(case, answer, profile),
        "truth": 1.0 if score.is_right else 0.0 if answer.abstained else -1.0,
    }
    return {name: round(value, 4) for name, value in values.items() if value is not None}


def fact_recall(case: Case, answer: Answer) -> float | None:
    """Facts said / facts asked for, as nugget recall counts them (Voorhees, TREC 2003 QA track)."""
    text = spoken(answer)
    said = [re.search(pattern, text, re.IGNORECASE) is not None for pattern in case.says]
    said += [says_fact(fact, text) for fact in case.facts]
    return sum(said) / len(said) if said else None


def citation_recall(case: Case, answer: Answer, profile: Profile) -> float | None:
    """Papers cited that must be / papers that must be cited: recall over the answer's set of papers.

    Manning, Raghavan and Schütze, "Introduction to Information Retrieval" (2008), chapter 8.
    """
    cited = {citation.paper_id for citation in answer.citations}
    if case.lists is not None:
        wanted = {paper.id for paper in select(profile.papers, case.lists)}
        return len(cited & wanted) / len(wanted) if wanted else None
    found = [any(names(paper, one) for one in cited) for paper in case.cites]
    return sum(found) / len(found) if found else None


def citation_precision(case: Case, answer: Answer, profile: Profile) -> float | None:
    """Papers cited that may be / papers cited; only where a case names all that may be cited.

    The counterpart of `citation_recall`; an answer that cites nothing has no precision.
    """
    cited = {citation.paper_id for citation in answer.citations}
    if not cited:
        return None
    if case.lists is not None:
        allowed = {paper.id for paper in select(profile.papers, case.lists)}
        return len(cited & allowed) / len(cited)
    wanted = (*case.cites, *case.may_cite)
    if not wanted or not (case.cites_only or case.may_cite):
        return None
    return sum(any(names(paper, one) for paper in wanted) for one in cited) / len(cited)


def claims_supported(answer: Answer, support: Support | None = None) -> float | None:
    """Sentences about the research that their citations carry / all such sentences.

    The share of supported facts of Min et al., "FActScore" (EMNLP 2023), over sentences. What the records give
    (`computed`) is carried by them, a quotation by its passage; what frames an answer says nothing.
    """
    citations = {citation.n: citation for citation in answer.citations}
    carried = []
    for sentence in answer.sentences:
        if sentence.verdict == "computed":
            carried.append(True)
        elif sentence.verdict == "supported" and answer.writer == "quoted":
            carried.append(is_carried(sentence, citations))
        elif sentence.verdict == "supported" and support is not None:
            passages = [citations[n].passage for n in sentence.citations if n in citations]
            carried.append(support(sentence.text, passages))
    return sum(carried) / len(carried) if carried else None


def computed_exact(case: Case, answer: Answer, profile: Profile) -> float | None:
    """1 where the number or the list that the records give is the one shown: exact match.

    Rajpurkar et al., "SQuAD" (EMNLP 2016), with numbers and sets in place of strings.
    """
    if case.count is None and case.lists is None:
        return None
    cited = {citation.paper_id for citation in answer.citations}
    return 0.0 if answer.abstained or computed_fault(case, answer, profile, cited) else 1.0
