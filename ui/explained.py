"""'Why this answer': the plan and the evidence behind an answer, as HTML that folds away."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.models import Answer, AnswerSentence, Evidence, Explained, Filter, Plan
from ui.escaping import citation_attribute, html_text
from ui.strings import PageLanguage, say

SHOWN_EVIDENCE = 5
_MARKERS = re.compile(r"\s*\[\d{1,3}\]")


def explanation(explained: Explained, language: PageLanguage) -> str:
    """What the question was taken to mean and which sentences were found, folded away."""
    plan = explained.plan
    facts = [
        ("why_taken_as", _taken_as(plan)),
        ("why_searched", plan.question),
        ("why_filter", _filter_words(plan.filter)),
        ("why_rules", "; ".join(plan.because)),
    ]
    listed = "".join(f"<dt>{say(language, key)}</dt><dd>{html_text(value)}</dd>" for key, value in facts if value)
    found = _evidence_table(explained.evidence[:SHOWN_EVIDENCE], language)
    checked = _verdicts(explained.answer, language)
    return f'<details class="why"><summary>{say(language, "why")}</summary><dl>{listed}</dl>{checked}{found}</details>'


def _verdicts(answer: Answer, language: PageLanguage) -> str:
    """Each sentence that states something, with what its check found."""
    rows = "".join(
        f"<tr><td>{_verdict(sentence, language)}</td><td>{html_text(_MARKERS.sub('', sentence.text))}</td></tr>"
        for sentence in answer.sentences
        if sentence.verdict != "frame"
    )
    if not rows:
        return ""
    heads = f"<th>{say(language, 'verdict')}</th><th>{say(language, 'sentence')}</th>"
    return (
        f'<p class="meta">{say(language, "why_checked")}</p>'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _verdict(sentence: AnswerSentence, language: PageLanguage) -> str:
    word = say(language, f"verdict_{sentence.verdict}")
    return f"✓ {word}" if sentence.score >= 1 else f"✓ {word}, {sentence.score:.0%}"


def _evidence_table(evidence: Sequence[Evidence], language: PageLanguage) -> str:
    if not evidence:
        return f'<p class="meta">{say(language, "why_none")}</p>'
    rows = "".join(
        f"<tr><td>{item.score:.2f}</td>"
        f'<td><a class="quote" href="{citation_attribute(*item.place)}">{html_text(item.text)}</a></td></tr>'
        for item in evidence
    )
    heads = f"<th>{say(language, 'score')}</th><th>{say(language, 'sentence')}</th>"
    return (
        f'<p class="meta">{say(language, "why_evidence")}</p>'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _taken_as(plan: Plan) -> str:
    parts = [
        plan.kind.value,
        plan.operation.value if plan.operation else "",
        plan.asked.value.replace("_", " "),
    ]
    return ", ".join(part for part in parts if part)


def _filter_words(conditions: Filter) -> str:
    """'category: LG, year: 2024, not (has code: yes)'."""
    given = conditions.model_dump(exclude_none=True, exclude_defaults=True, exclude={"exclude", "papers"})
    words = [f"{name.replace('_', ' ')}: {_value(value)}" for name, value in given.items()]
    if conditions.papers is not None:
        words.append(f"{len(conditions.papers)} of the answer before")
    if conditions.exclude:
        words.append(f"not ({_filter_words(conditions.exclude)})")
    return ", ".join(words)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
