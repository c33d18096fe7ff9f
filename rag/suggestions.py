"""Questions that can be asked next, made from what the records hold."""

from __future__ import annotations

from rag.header import header_numbers
from rag.models import Answer, Language, Operation, Plan, Profile, QuestionKind
from rag.phrases import phrase
from rag.records import newest_first, year_counts

_MOST = 3


def example_questions(profile: Profile, language: Language) -> tuple[str, ...]:
    """Questions of different kinds for a first visit."""
    papers = newest_first(profile.papers)
    described = [paper for paper in papers if paper.abstract]
    questions = [phrase("suggest_overview", language)]
    if described:
        questions.append(phrase("suggest_about", language, title=described[0].title))
    counts = year_counts(profile.papers)
    if counts:
        busiest = max(counts, key=lambda pair: pair[1])[0]
        questions.append(phrase("suggest_year", language, year=busiest))
    questions.append(phrase("suggest_coauthors", language))
    if header_numbers(profile.figures).h_index is not None:
        questions.append(phrase("suggest_header", language))
    return tuple(questions)


def follow_ups(plan: Plan, answer: Answer, profile: Profile) -> tuple[str, ...]:
    """Up to three questions that the records or abstracts of the cited papers answer."""
    language = plan.language
    cited = [profile.paper(paper) for paper in dict.fromkeys(citation.paper_id for citation in answer.citations)]
    if answer.abstained or not cited:
        return ()
    first = cited[0]
    offers = []
    if plan.kind is not QuestionKind.FACT and first.abstract:
        offers.append(phrase("suggest_about", language, title=first.title))
    if plan.operation is not Operation.AUTHORS and first.authors:
        offers.append(phrase("suggest_who", language, title=first.title))
    if plan.operation is not Operation.DATE and first.date:
        offers.append(phrase("suggest_when", language, title=first.title))
    if first.year and plan.filter.year != first.year:
        offers.append(phrase("suggest_year", language, year=first.year))
    return tuple(offers[:_MOST])
