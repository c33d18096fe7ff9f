"""Every text of the page, in English and German. Quotes from papers are never translated."""

from __future__ import annotations

from typing import Literal

PageLanguage = Literal["en", "de"]

_ENGLISH = {
    "product": "Profile Chat",
    "papers": "{count} papers",
    "paper": "1 paper",
    "without_year": "{count} without a year",
    "no_model": "no model: answers are quotes",
    "model": "model: {model}",
    "doubtful": "What is doubtful on the page",
    "figures": "As the page states it",
    "ask": "Ask",
    "stop": "Stop",
    "box_label": "Question about the papers",
    "box_hint": "Ask about the papers …",
    "box_note": "Answers come only from these {count} papers.",
    "again": "New chat",
    "marked": "Kept in the data folder, sent nowhere. profile-chat eval add lists what readers marked.",
    "welcome": "What would you like to know about the papers?",
    "searching": "Searching {count} papers …",
    "empty_question": "Type a question first.",
    "too_long": "This question has {length} characters; the limit is {limit}. Shorten it, then ask again.",
    "failed": "The answer failed because of an error in Profile Chat (id {id}; the log has the details). "
    "The question is back in the box: ask again, or put it in other words.",
    "stopped": "Stopped. What stands here was checked; the rest is missing.",
    "stopped_early": "Stopped before the first sentence.",
    "sources": "Sources",
    "authors_cut": "list cut on the page",
    "no_date": "no date on the page",
    "rows": "{count} papers",
    "row": "1 paper",
    "column_title": "Title",
    "column_date": "Date as printed",
    "column_category": "Category",
    "copy": "Copy with references",
    "references": "References",
    "checked": "{supported} of {claims} sentences checked against their passage",
    "checked_one": "the sentence was checked against its passage",
    "computed": "computed from {papers} records",
    "stated": "figures as the page states them",
    "searched": "{papers} titles, {abstracts} abstracts searched",
    "searched_part": "{papers} papers searched",
    "by_quote": "quoted",
    "by_model": "worded by a model",
    "why": "Why this answer",
    "why_taken_as": "Taken as",
    "why_searched": "Searched for",
    "why_rules": "Rules that fired",
    "why_filter": "Papers looked at",
    "why_evidence": "Sentences found, best first",
    "why_none": "No sentence was looked up for this.",
    "score": "Score",
    "sentence": "Sentence",
}

_GERMAN = {
    "product": "Profile Chat",
    "papers": "{count} Arbeiten",
    "paper": "1 Arbeit",
    "without_year": "{count} ohne Jahr",
    "no_model": "kein Modell: Antworten sind Zitate",
    "model": "Modell: {model}",
    "doubtful": "Was auf der Seite zweifelhaft ist",
    "figures": "Wie es auf der Seite steht",
    "ask": "Fragen",
    "stop": "Stopp",
    "box_label": "Frage zu den Arbeiten",
    "box_hint": "Frage zu den Arbeiten …",
    "box_note": "Antworten kommen nur aus diesen {count} Arbeiten.",
    "again": "Neuer Chat",
    "marked": "Im Datenordner gemerkt, nirgendwohin gesandt. profile-chat eval add zeigt, was Leser markiert haben.",
    "welcome": "Was möchten Sie über die Arbeiten wissen?",
    "searching": "{count} Arbeiten werden durchsucht …",
    "empty_question": "Bitte zuerst eine Frage eingeben.",
    "too_long": "Diese Frage hat {length} Zeichen; höchstens {limit} sind möglich. Bitte kürzen.",
    "failed": "Die Antwort ist an einem Fehler in Profile Chat gescheitert (Kennung {id}; Näheres im Log). "
    "Die Frage steht wieder im Feld: noch einmal fragen, oder mit anderen Worten.",
    "stopped": "Gestoppt. Was hier steht, ist geprüft; der Rest fehlt.",
    "stopped_early": "Vor dem ersten Satz gestoppt.",
    "sources": "Quellen",
    "authors_cut": "Liste auf der Seite gekürzt",
    "no_date": "kein Datum auf der Seite",
    "rows": "{count} Arbeiten",
    "row": "1 Arbeit",
    "column_title": "Titel",
    "column_date": "Datum wie gedruckt",
    "column_category": "Kategorie",
    "copy": "Mit Quellen kopieren",
    "references": "Quellen",
    "checked": "{supported} von {claims} Sätzen an ihrer Textstelle geprüft",
    "checked_one": "der Satz wurde an seiner Textstelle geprüft",
    "computed": "aus {papers} Einträgen berechnet",
    "stated": "Zahlen, wie die Seite sie angibt",
    "searched": "{papers} Titel, {abstracts} Abstracts durchsucht",
    "searched_part": "{papers} Arbeiten durchsucht",
    "by_quote": "zitiert",
    "by_model": "von einem Modell formuliert",
    "why": "Warum diese Antwort",
    "why_taken_as": "Verstanden als",
    "why_searched": "Gesucht wurde",
    "why_rules": "Regeln, die griffen",
    "why_filter": "Betrachtete Arbeiten",
    "why_evidence": "Gefundene Sätze, beste zuerst",
    "why_none": "Hierfür wurde kein Satz nachgeschlagen.",
    "score": "Wert",
    "sentence": "Satz",
}

# What the script in the page says; shipped to it as JSON.
_SCRIPT_ENGLISH = {
    "evidence": "Evidence",
    "hint": "Click a number in an answer to read the passage that it stands on.",
    "all": "All papers",
    "passage": "Passage",
    "back": "Back to the answer",
    "close": "Close",
    "authors_cut": "list cut on the page",
    "no_date": "no date on the page",
    "no_abstract": "The page gives no abstract.",
    "has_code": "code",
    "links": "Links",
    "copy_quote": "Copy quote",
    "copied": "Copied.",
    "copy_failed": "Copying is not allowed here. Select the text and copy it.",
    "source": "Source",
    "you": "You asked",
    "answer": "Answer",
    "searching": "Searching",
    "transcript": "Questions and answers",
    "unknown": "The profile has no such paper.",
}
_SCRIPT_GERMAN = {
    "evidence": "Beleg",
    "hint": "Klicken Sie auf eine Nummer in einer Antwort, um die Textstelle zu lesen, auf der sie beruht.",
    "all": "Alle Arbeiten",
    "passage": "Textstelle",
    "back": "Zurück zur Antwort",
    "close": "Schließen",
    "authors_cut": "Liste auf der Seite gekürzt",
    "no_date": "kein Datum auf der Seite",
    "no_abstract": "Die Seite gibt keinen Abstract an.",
    "has_code": "Code",
    "links": "Links",
    "copy_quote": "Zitat kopieren",
    "copied": "Kopiert.",
    "copy_failed": "Kopieren ist hier nicht erlaubt. Bitte den Text markieren und kopieren.",
    "source": "Quelle",
    "you": "Ihre Frage",
    "answer": "Antwort",
    "searching": "Suche läuft",
    "transcript": "Fragen und Antworten",
    "unknown": "Diese Arbeit gibt es im Profil nicht.",
}

STRINGS: dict[PageLanguage, dict[str, str]] = {"en": _ENGLISH, "de": _GERMAN}
SCRIPT_STRINGS: dict[PageLanguage, dict[str, str]] = {"en": _SCRIPT_ENGLISH, "de": _SCRIPT_GERMAN}


def say(language: PageLanguage, key: str, **values: object) -> str:
    """The text under `key` with its {places} filled; KeyError for an unknown key."""
    return STRINGS[language][key].format(**values)


def page_language(accepted: str, wanted: str = "") -> PageLanguage:
    """The page's language: `wanted` (from the address) if there is one, else the browser's first choice.

    Args:
        accepted: value of the header Accept-Language, e.g. 'de-DE,de;q=0.9,en;q=0.8'.
        wanted: value of `?lang=`, '' if the address has none.
    """
    first = (wanted or accepted).split(",")[0].strip().lower()
    return "de" if first.startswith("de") else "en"
