"""Small profiles and an engine over them, for what briefings and receipts are tested with."""

from __future__ import annotations

import re

from rag.answers.computed import compute
from rag.answers.content import describe_papers, list_topic
from rag.answers.header import answer_header
from rag.answers.key_sentences import evidence_of
from rag.answers.refusal import refuse
from rag.models import (
    Answer,
    AnswerSentence,
    AnswerType,
    Evidence,
    Explained,
    HeaderFigure,
    Operation,
    Paper,
    PaperDate,
    Plan,
    Profile,
    QuestionKind,
    RefusalReason,
)
from rag.sentences import split_sentences
from rag.verifier.reports import CheckReport
from rag.verifier.verifier import Verifier

ENGINE = (
    "Engines often stall on steep hills. We show that two governors keep an engine steady on hills of up to 12%. "
    "Surprisingly, a third governor may slow it down. Future work will try other fuels."
)
LOOM = "We present a loom that reads cards. In our experiments the loom weaves 40 patterns a day."
SIEVE = "This paper studies sieves for wet sand. Our results show that fine sieves are not always slower."


def paper(title: str, abstract: str, authors: tuple[str, ...], date: PaperDate | None, **more: object) -> Paper:
    """A paper with an id made of its title."""
    slug = "-".join(title.lower().split())
    given = {"id": slug, "title": title, "abstract": abstract, "authors": authors, "date": date, "authors_cut": False}
    return Paper.model_validate({**given, **more})


def profile(**changes: object) -> Profile:
    """Ada's profile: three papers, one undated, one list cut, an h-index that can't be true."""
    papers = (
        paper(
            "Steady Engines",
            ENGINE,
            ("Ada Byron", "Charles Babbage"),
            PaperDate(text="May 4, 2024", year=2024, month=5, day=4),
            category="SY",
            links=("https://example.org/engines",),
        ),
        paper(
            "Looms That Read",
            LOOM,
            ("Joseph Jacquard", "Charles Babbage"),
            PaperDate(text="Jul 1", month=7, day=1),
            authors_cut=True,
            category="RO",
        ),
        paper("Fine Sieves", SIEVE, ("Ada Byron",), PaperDate(text="2021", year=2021), category="SY"),
    )
    given = {
        "name": "ada",
        "person": "Ada Byron",
        "figures": (HeaderFigure(label="h-index", value="9"), HeaderFigure(label="papers", value="3")),
        "papers": papers,
        "source": "ada.txt",
        "fingerprint": "f" * 64,
    }
    return Profile.model_validate({**given, **changes})


class SmallEngine:
    """Answers by words alone, with the product's own composers: topics, the header, and questions on named papers."""

    def __init__(self, over: Profile, knows: tuple[str, ...] = ()) -> None:
        self.profile = over
        self.asked: list[str] = []
        self._knows = knows
        self._verifier = Verifier.by_words("a test")

    model: str | None = None

    def explain(self, question: str) -> Explained:
        """The same: there is no model."""
        return self.quote(question)

    def quote(self, question: str) -> Explained:
        """A topic where no title is named, the header, or a fact of the paper that is."""
        self.asked.append(question)
        german = question.startswith(("Welche", "Kann", "„", "Gilt", "Was", "Wo"))
        plan = Plan(question=question, language="de" if german else "en", kind=QuestionKind.TOPIC)
        named = [one for one in self.profile.papers if one.title in question]
        if "h-index" in question.lower():
            return Explained(answer=answer_header(plan, self.profile), plan=plan)
        if named:
            return self._of_paper(plan, named[0])
        return self._topic(plan)

    def check(self, text: str) -> CheckReport:
        """See `Verifier.check_text`."""
        return self._verifier.check_text(text, self.profile)

    def _of_paper(self, plan: Plan, named: Paper) -> Explained:
        plan = plan.model_copy(update={"papers": (named.id,), "kind": QuestionKind.FACT})
        if named.title in self._knows:  # the profile tells more of it than the sentence that raised the question
            answer = compute(plan.model_copy(update={"operation": Operation.AUTHORS}), self.profile, [named])
            return Explained(answer=answer, plan=plan)
        return Explained(answer=refuse(plan, self.profile, RefusalReason.DETAIL_NOT_STATED), plan=plan)

    def _topic(self, plan: Plan) -> Explained:
        topic = re.split(r"\b(?:about|zu)\b", plan.question.lower().rstrip("?"))[-1]
        words = [word for word in topic.split() if len(word) > 3]
        best: dict[str, Evidence] = {}
        for one in self.profile.papers:
            for span in split_sentences(one.abstract):
                if all(word in f"{one.title} {span.text}".lower() for word in words):
                    best.setdefault(one.id, evidence_of(one, span))
        if not best:
            return Explained(answer=refuse(plan, self.profile, RefusalReason.NOT_IN_PROFILE), plan=plan)
        papers = [self.profile.paper(one) for one in best]
        plan = plan.model_copy(update={"asked": AnswerType.LIST})
        answer: Answer = list_topic(plan, self.profile, papers, best, "words")
        return Explained(answer=answer, plan=plan, evidence=tuple(best.values()))


class CarefulEngine(SmallEngine):
    """Finds supported only what stands in an abstract word by word."""

    def check(self, text: str) -> CheckReport:
        """See `SmallEngine.check`."""
        report = super().check(text)
        abstracts = " ".join(one.abstract for one in self.profile.papers)
        return CheckReport(
            sentences=tuple(
                one if one.text in abstracts else one.model_copy(update={"verdict": "not_found"})
                for one in report.sentences
            )
        )


class WordyEngine(SmallEngine):
    """Has a model that words what the chat quotes first."""

    model = "wordy"

    def explain(self, question: str) -> Explained:
        """A sentence in other words that cites the first passage of the first abstract."""
        quoted = describe_papers(
            Plan(question=question, language="en", kind=QuestionKind.FACT),
            self.profile,
            self.profile.papers[:1],
            QuestionKind.FACT,
        )
        told = AnswerSentence(text="Two governors hold an engine steady.", citations=(1,), verdict="supported")
        words = {"writer": "llm", "sentences": (told,), "citations": quoted.citations[:1], "answer": told.text}
        return Explained(answer=quoted.model_copy(update=words), plan=self.quote(question).plan)
