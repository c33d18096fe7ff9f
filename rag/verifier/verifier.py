"""The verifier: claims against passages, texts against a profile.

Order of the checks: a sentence that stands in the passages passes; a claim about the records is computed; a
number or a versioned name that the evidence refutes fails; then the network's odds, with what words tell,
decide. Nothing that a hard check refuted can pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from rag.models import Paper, Profile
from rag.verifier import evidence as find
from rag.verifier.case import Case, case_of, verdict_score
from rag.verifier.claims import of_the_authors, split_text
from rag.verifier.fusion import Calibration, load_calibration
from rag.verifier.lexical import ACCEPTED
from rag.verifier.network import Network, open_network
from rag.verifier.opposites import difference
from rag.verifier.record_claims import check_records
from rag.verifier.reports import (
    CheckedClaim,
    CheckedSentence,
    CheckReport,
    EvidenceSentence,
    PairVerdict,
    ReportEvidence,
)

CANDIDATES = 3
"""Papers that a claim is read against."""
CLEARLY = 0.8
"""The network's probability from which a claim that isn't supported is called contradicted. Of the dev claims it
and the hard checks then call 24 of 80 false ones so and 1 of 80 true ones; at 0.5 it was 42 and 9."""


SecondJudge = Callable[[str, Sequence[str]], str | None]
"""Of a claim and passages: the words of a passage that state it, None where none do."""
UNSURE = 0.25
"""The share of the threshold from which on a score is one of being unsure."""


class Verifier:
    """Checks claims; without the network's file or its embedder by words alone, which `without_model` then
    says.

    Args:
        network: reads a claim with sentences; None for words alone.
        calibration: probabilities and thresholds.
        without_model: why there is no network.
        second: is asked about a claim that no hard check refutes and of which the score is unsure.
    """

    def __init__(
        self,
        network: Network | None,
        calibration: Calibration,
        without_model: str = "",
        second: SecondJudge | None = None,
    ) -> None:
        self._network = network
        self._calibration = calibration
        self.without_model = without_model
        self._second = second

    def with_second(self, second: SecondJudge) -> Verifier:
        """The same verifier with a second judge."""
        return Verifier(self._network, self._calibration, self.without_model, second)

    @classmethod
    def open(cls, models_dir: Path) -> Verifier:
        """The verifier that ships.

        Args:
            models_dir: where the files derived from the embedder's weights are kept.

        Raises:
            DamagedModelError: the calibration that ships can't be read.
        """
        network, why = open_network(models_dir)
        return cls(network, load_calibration(), why)

    @classmethod
    def by_words(cls, why: str) -> Verifier:
        """A verifier without the network, and why it has none."""
        return cls(None, load_calibration(), why)

    @property
    def threshold(self) -> float:
        """The score from which a claim passes."""
        return self._calibration.threshold if self._network else ACCEPTED

    def check_pair(self, claim: str, passages: Sequence[str]) -> PairVerdict:
        """The verdict on one claim against the passages together; see `check_pairs`."""
        return self.check_pairs([(claim, passages)])[0]

    def check_pairs(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> list[PairVerdict]:
        """The verdicts on claims, each against its own passages, in order.

        Args:
            pairs: a claim and the passages that are to carry it; without passages nothing is supported.
        """
        cases = [case_of(claim, find.sentences_of(passages)) for claim, passages in pairs]
        return self._judge(cases)

    def _judge(self, cases: Sequence[Case]) -> list[PairVerdict]:
        shares = self._shares(cases)
        return [self._verdict(case, share) for case, share in zip(cases, shares, strict=True)]

    def _shares(self, cases: Sequence[Case]) -> list[np.ndarray | None]:
        if self._network is None:
            return [None] * len(cases)
        asked = [index for index, case in enumerate(cases) if case.copied is None and case.sentences]
        found: list[np.ndarray | None] = [None] * len(cases)
        judged = self._network.judge([(cases[index].told, cases[index].texts) for index in asked])
        for index, shares in zip(asked, judged, strict=True):
            found[index] = shares
        return found

    def score(self, claim: str, passages: Sequence[str]) -> float:
        """The calibrated probability that the passages support the claim."""
        return self.check_pair(claim, passages).score

    def _verdict(self, case: Case, shares: np.ndarray | None) -> PairVerdict:
        if not case.sentences:
            return PairVerdict(verdict="not_found", score=0.0, reason="there is no passage", by="words")
        if case.copied is not None:
            place = case.sentences[case.copied]
            return PairVerdict(
                verdict="supported", score=1.0, reason="the passage has this sentence",
                evidence=(place.as_evidence(),), by="identity",
            )  # fmt: skip
        evidence = self._evidence(case)
        score = verdict_score(case, shares, self._calibration)
        refuted = case.refuted
        if refuted is not None:
            return PairVerdict(verdict="contradicted", score=score, reason=refuted, evidence=evidence, by="hard check")
        if case.lacking is not None:
            return PairVerdict(
                verdict="not_found", score=score, reason=case.lacking, evidence=evidence, by="hard check"
            )
        return self._soft_verdict(case, shares, score, evidence)

    def _soft_verdict(
        self, case: Case, shares: np.ndarray | None, score: float, evidence: tuple[EvidenceSentence, ...]
    ) -> PairVerdict:
        by = "words" if shares is None else "model"
        if shares is None and case.foreign:
            reason = "without the model only claims in the passage's language can be checked"
            return PairVerdict(verdict="not_found", score=score, reason=reason, evidence=evidence, by="words")
        if score >= self.threshold:
            reason = "the passage says so in other words"
            return PairVerdict(verdict="supported", score=score, reason=reason, evidence=evidence, by=by)
        quote = self._second(case.claim, case.texts) if self._second and score >= UNSURE * self.threshold else None
        if quote is not None:
            reason = f"a language model finds it said: “{quote}”"
            return PairVerdict(
                verdict="supported", score=self.threshold, reason=reason, evidence=evidence, by="second judge"
            )
        if evidence and shares is not None and shares[1] >= CLEARLY and shares[1] > shares[2]:
            told = difference(case.claim, " ".join(place.sentence for place in evidence))
            reason = told or "the passage says otherwise"
            return PairVerdict(verdict="contradicted", score=score, reason=reason, evidence=evidence, by=by)
        reason = "no passage says this"
        if case.names:
            reason = f"the passage doesn't mention {case.names[0]}"
        elif score >= self.threshold / 2:
            reason = "the passage doesn't say this clearly"
        return PairVerdict(verdict="not_found", score=score, reason=reason, evidence=evidence, by=by)

    def _evidence(self, case: Case) -> tuple[EvidenceSentence, ...]:
        likeness = self._network.likeness(case.claim, case.texts) if self._network else [0.0] * len(case.texts)
        chosen = find.best_sentences(case.claim, case.texts, likeness)
        return tuple(case.sentences[index].as_evidence() for index in chosen)

    def check_text(self, text: str, profile: Profile) -> CheckReport:
        """Every sentence of `text` and every claim in it against the profile's records and abstracts.

        Args:
            text: anything about the researcher; each line is a paragraph of its own.
            profile: what it is checked against.
        """
        library = find.Library(profile, self._network)
        sentences = split_text(text)
        claims = list(dict.fromkeys(claim.resolved for sentence in sentences for claim in sentence.claims))
        checked = dict(zip(claims, self._check_claims(claims, profile, library), strict=True))
        return CheckReport(
            sentences=tuple(
                _combine(sentence.span.text, [checked[claim.resolved] for claim in sentence.claims])
                for sentence in sentences
            )
        )

    def _check_claims(self, claims: Sequence[str], profile: Profile, library: find.Library) -> list[CheckedClaim]:
        """Computed from the records where they are of that kind, else read against the nearest papers, all
        at once."""
        found: dict[str, CheckedClaim] = {}
        waiting: list[tuple[str, Paper, Case]] = []
        for claim in claims:
            computed = check_records(claim, profile)
            if computed is not None:
                found[claim] = computed
                continue
            papers = library.candidates(claim, CANDIDATES)
            told = of_the_authors(claim, profile.person)
            waiting.extend(
                (claim, paper, case_of(told, library.sentences(paper), (profile.person, *paper.authors)))
                for paper in papers
            )
        verdicts = self._judge([case for _claim, _paper, case in waiting])
        for claim in claims:
            own = [
                (paper, verdict)
                for (asked, paper, _case), verdict in zip(waiting, verdicts, strict=True)
                if asked == claim
            ]
            if claim not in found:
                found[claim] = _of_papers(claim, own)
        return [found[claim] for claim in claims]


def _of_papers(claim: str, verdicts: Sequence[tuple[Paper, PairVerdict]]) -> CheckedClaim:
    """The verdict of the paper that tells most about the claim."""
    if not verdicts:
        return CheckedClaim(text=claim, verdict="not_found", score=0.0, reason="the profile has no abstracts")
    paper, verdict = verdicts[_most_telling([verdict for _paper, verdict in verdicts])]
    told = tuple(
        ReportEvidence(paper_id=paper.id, title=paper.title, sentence=place.sentence, start=place.start, end=place.end)
        for place in verdict.evidence
        if place.passage == 0 or len(verdict.evidence) == 1
    )
    return CheckedClaim(text=claim, verdict=verdict.verdict, score=verdict.score, reason=verdict.reason, evidence=told)


def _most_telling(verdicts: Sequence[PairVerdict]) -> int:
    """The best supported; where none is, the paper that was found first, unless another clearly
    contradicts."""
    best = max(
        range(len(verdicts)),
        key=lambda index: (verdicts[index].verdict == "supported", verdicts[index].score),
    )
    if verdicts[best].verdict == "supported":
        return best
    return 0 if verdicts[0].verdict == "contradicted" else best


def _combine(text: str, claims: Sequence[CheckedClaim]) -> CheckedSentence:
    """A sentence is worth its weakest claim."""
    rank = {"contradicted": 0, "not_found": 1, "supported": 2}
    weakest = min(claims, key=lambda claim: (rank[claim.verdict], claim.score))
    evidence = tuple(dict.fromkeys(place for claim in claims for place in claim.evidence))
    return CheckedSentence(
        text=text, verdict=weakest.verdict, score=weakest.score, reason=weakest.reason, evidence=evidence,
        claims=tuple(claims),
    )  # fmt: skip
