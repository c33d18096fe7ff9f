"""Conditions and notes on the records, in words."""

from __future__ import annotations

from collections.abc import Sequence

from rag.models import Filter, Language, Paper, Profile
from rag.phrases import join_names, month_name, phrase
from rag.planning.categories import category_name
from rag.records import is_listed, year_counts


def describe(conditions: Filter, language: Language) -> str:
    """The conditions as a list of words, '' where none is set."""

    def say(key: str, **values: object) -> str:
        return phrase(key, language, **values)

    parts = []
    if conditions.category:
        parts.append(say("cond_category", code=conditions.category, name=in_brackets(conditions.category)))
    if conditions.month:
        parts.append(say("cond_month", month=month_name(conditions.month, language)))
    parts += _years(conditions, language)
    for name in (conditions.author, *conditions.authors):
        if name:
            parts.append(say("cond_author", name=name))
    if conditions.first_author:
        parts.append(say("cond_first", name=conditions.first_author))
    if conditions.has_code is not None:
        parts.append(say("cond_code" if conditions.has_code else "cond_no_code"))
    if conditions.title_word:
        parts.append(say("cond_title", word=conditions.title_word))
    if conditions.undated is not None:
        parts.append(say("cond_undated" if conditions.undated else "cond_dated"))
    if conditions.papers is not None:
        parts.append(say("cond_papers"))
    if conditions.exclude:
        parts.append(say("cond_not", conditions=describe(conditions.exclude, language)))
    return ", ".join(parts)


def in_brackets(code: str) -> str:
    """' (Computer Vision …)' for a category code with a known name, else ''."""
    name = category_name(code)
    return f" ({name})" if name else ""


def names_years(conditions: Filter) -> bool:
    """Whether a year decides which papers match, here or in what is left out."""
    own = any((conditions.year, conditions.year_from, conditions.year_to))
    return own or (conditions.exclude is not None and names_years(conditions.exclude))


def names_people(conditions: Filter) -> bool:
    """Whether printed author lists decide which papers match, here or in what is left out."""
    own = bool(conditions.author or conditions.authors)
    return own or (conditions.exclude is not None and names_people(conditions.exclude))


def undated_note(profile: Profile, language: Language) -> str | None:
    """How many papers have no year, None where all have one."""
    undated = [paper for paper in profile.papers if paper.year is None]
    if not undated:
        return None
    dates = ", ".join(paper.date.text if paper.date else "–" for paper in undated)
    return phrase("undated_note", language, n=len(undated), dates=dates)


def years_note(profile: Profile, language: Language) -> str | None:
    """Which years there are, None where no paper has one."""
    years = [str(year) for year, number in year_counts(profile.papers) if number]
    return phrase("years_there_are", language, years=join_names(years, language)) if years else None


def cut_note(profile: Profile, language: Language) -> str | None:
    """How many author lists are cut, None where none is."""
    cut = sum(paper.authors_cut for paper in profile.papers)
    return phrase("cut_note", language, cut=cut, total=len(profile.papers)) if cut else None


def owner_note(profile: Profile, language: Language) -> str | None:
    """In how few lists the profile's own person stands, None where in all."""
    listed = sum(is_listed(paper, profile.person) for paper in profile.papers)
    if listed == len(profile.papers):
        return None
    return phrase("owner_note", language, person=profile.person, n=listed, total=len(profile.papers))


def details(paper: Paper, conditions: Filter) -> str:
    """What a list shows behind a title: the date, and the authors where they were asked for."""
    parts = [paper.date.text if paper.date else ""]
    if names_people(conditions) or conditions.first_author:
        parts.append(paper.author_line)
    elif conditions.category is None and paper.category:
        parts.append(paper.category)
    shown = "; ".join(part for part in parts if part)
    return f" ({shown})" if shown else ""


def listing(papers: Sequence[Paper], conditions: Filter, language: Language) -> list[tuple[str, Paper]]:
    """Each paper as a line of a list."""
    return [
        (phrase("item", language, title=paper.title, details=details(paper, conditions)), paper) for paper in papers
    ]


def _years(conditions: Filter, language: Language) -> list[str]:
    first, last = conditions.year_from, conditions.year_to
    if conditions.year:
        return [phrase("cond_year", language, year=conditions.year)]
    if first and last:
        return [phrase("cond_years", language, first=first, last=last)]
    if first:
        return [phrase("cond_from", language, year=first)]
    if last:
        return [phrase("cond_to", language, year=last)]
    return []
