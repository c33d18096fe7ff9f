"""From a report to what the check page shows: the text with marks, and why. Pure functions that give HTML.

Every string is escaped here, and passes Gradio's sanitizer as well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.verifier.reports import CheckedClaim, CheckedSentence, CheckReport, ReportEvidence
from ui.checking import MARKS
from ui.escaping import citation_attribute, html_text
from ui.strings import PageLanguage, say


def marked_text(text: str, report: CheckReport, language: PageLanguage) -> str:
    """The pasted text, every sentence marked by its verdict and linked to its evidence, then the findings.

    Args:
        text: as it was pasted.
        report: what was found, its sentences in the text's order.
        language: of the words around it.
    """
    waiting = list(report.sentences)
    paragraphs = []
    for line in text.splitlines():
        marks = list(_marks_of(line, waiting, language))
        if marks:
            paragraphs.append(f"<p>{' '.join(marks)}</p>")
    findings = "".join(_finding(claim, language) for sentence in report.sentences for claim in sentence.claims)
    heading = f"<h2>{say(language, 'check_findings')}</h2>"
    return f'<div class="marked">{"".join(paragraphs)}</div>{heading}<ol class="findings">{findings}</ol>'


def counted(report: CheckReport, language: PageLanguage) -> str:
    """How many sentences fared how."""
    verdicts = [sentence.verdict for sentence in report.sentences]
    total = say(language, "check_sentence") if len(verdicts) == 1 else say(language, "check_sentences", n=len(verdicts))
    parts = [f"{verdicts.count(verdict)} {say(language, verdict)}" for verdict in MARKS if verdict in verdicts]
    return f"{total}: {', '.join(parts)}"


def _marks_of(line: str, waiting: list[CheckedSentence], language: PageLanguage) -> Iterator[str]:
    """The sentences at the head of `waiting` that `line` holds, marked; they are taken off."""
    at = 0
    while waiting and (place := line.find(waiting[0].text, at)) >= 0:
        sentence = waiting.pop(0)
        at = place + len(sentence.text)
        yield _mark(sentence, language)


def _mark(sentence: CheckedSentence, language: PageLanguage) -> str:
    weakest = min(sentence.claims, key=lambda claim: (claim.verdict != sentence.verdict, claim.score))
    evidence = weakest.evidence or sentence.evidence
    told = f'<span class="sr-only-page">{say(language, sentence.verdict)}: </span>'
    inside = f'{told}{html_text(sentence.text)}\u00a0<span class="sign">{MARKS[sentence.verdict]}</span>'
    if not evidence:
        return f'<span class="claim {sentence.verdict}">{inside}</span>'
    return f'<a class="claim {sentence.verdict}" href="{_attribute(evidence[0])}">{inside}</a>'


def _finding(claim: CheckedClaim, language: PageLanguage) -> str:
    percent = round(100 * claim.score)
    return (
        f'<li class="{claim.verdict}"><p><strong>{MARKS[claim.verdict]} {say(language, claim.verdict)}</strong> '
        f'<span class="meta">{say(language, "check_score", percent=percent)}</span></p>'
        f"<p>{html_text(claim.text)}</p>"
        f'<p class="meta">{html_text(claim.reason)}</p>{_places(claim.evidence)}</li>'
    )


def _places(evidence: Sequence[ReportEvidence]) -> str:
    links = []
    for place in evidence:
        shown = f"“{place.sentence}”" if place.end > place.start else place.title
        links.append(f'<p><a class="quote" href="{_attribute(place)}">{html_text(shown)}</a></p>')
    return "".join(dict.fromkeys(links))


def _attribute(place: ReportEvidence) -> str:
    return citation_attribute(place.paper_id, place.start, place.end)
