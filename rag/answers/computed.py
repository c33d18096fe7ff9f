"""Answers that are computed from the records: counts, lists, dates, authors, categories, code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rag.answers.conditions import (
    cut_note,
    describe,
    in_brackets,
    listing,
    names_people,
    names_years,
    owner_note,
    undated_note,
    years_note,
)
from rag.answers.draft import Draft
from rag.models import Answer, Filter, Operation, Paper, Plan, Profile, Proof, QuestionKind
from rag.phrases import join_names, phrase
from rag.records import category_counts, coauthor_counts, is_listed, select, year_counts

Computation = Callable[[Draft, Sequence[Paper]], Proof]


def compute(plan: Plan, profile: Profile, about: Sequence[Paper]) -> Answer:
    """Executes the plan's operation over the records.

    Args:
        plan: with its operation and filter.
        profile: the records.
        about: the papers that the question is about, for operations on single papers.
    """
    assert plan.operation is not None
    draft = Draft(profile, plan)
    proof = _OPERATIONS[plan.operation](draft, about)
    return draft.finish(QuestionKind.COMPUTED, proof=proof)


def _proof(draft: Draft, papers: Sequence[Paper], rule: str, notes: Sequence[str | None] = ()) -> Proof:
    said = tuple(note for note in notes if note)
    for note in said:
        draft.say(note)
    return Proof(rule=rule, filter=draft.plan.filter, rows=tuple(paper.id for paper in papers), notes=said)


# --- counts and lists -----------------------------------------------------------------------------------


def _count_or_list(draft: Draft, _: Sequence[Paper]) -> Proof:
    profile, conditions, language = draft.profile, draft.plan.filter, draft.language
    papers = select(profile.papers, conditions)
    _say_number(draft, papers, conditions)
    for line, paper in listing(papers, conditions, language):
        draft.say(line, [paper], item=True)
    return _proof(
        draft,
        papers,
        "papers that meet the filter, newest first",
        _filter_notes(profile, conditions, draft, papers),
    )


def _say_number(draft: Draft, papers: Sequence[Paper], conditions: Filter) -> None:
    language, total = draft.language, len(draft.profile.papers)
    if conditions.is_empty():
        draft.say(phrase("count_all", language, n=total))
        return
    match = phrase("match_filter", language, conditions=describe(conditions, language))
    key = {0: "count_none", 1: "count_one"}.get(len(papers), "count")
    draft.say(phrase(key, language, n=len(papers), total=total, match=match))


def _filter_notes(profile: Profile, conditions: Filter, draft: Draft, papers: Sequence[Paper]) -> list[str | None]:
    language = draft.language
    notes: list[str | None] = []
    if names_years(conditions):
        if not papers:
            notes.append(years_note(profile, language))
        notes.append(undated_note(profile, language))
    if names_people(conditions):
        unknown = [
            name
            for name in (conditions.author, *conditions.authors)
            if name and not any(is_listed(paper, name) for paper in profile.papers)
        ]
        notes += [phrase("not_listed", language, name=name) for name in unknown]
        notes.append(cut_note(profile, language))
    return notes


def _cut_lists(draft: Draft, _: Sequence[Paper]) -> Proof:
    papers = [paper for paper in draft.profile.papers if paper.authors_cut]
    draft.say(phrase("cut_lists", draft.language, n=len(papers), total=len(draft.profile.papers)), papers)
    return _proof(draft, papers, "papers whose printed author list is cut")


# --- single papers --------------------------------------------------------------------------------------


def _authors(draft: Draft, about: Sequence[Paper]) -> Proof:
    for paper in about:
        if not paper.authors:
            draft.say(phrase("no_authors", draft.language, title=paper.title), [paper])
            continue
        names = join_names(paper.authors, draft.language) if not paper.authors_cut else paper.author_line
        draft.say(
            phrase("authors_of", draft.language, authors=names, title=paper.title),
            [paper],
            item=len(about) > 1,
        )
    return _proof(draft, about, "printed author lists", [_cut_list_note(draft, about)])


def _author_count(draft: Draft, about: Sequence[Paper]) -> Proof:
    for paper in about:
        key = "author_number_cut" if paper.authors_cut else "author_number"
        names = join_names(paper.authors, draft.language)
        text = phrase(key, draft.language, n=len(paper.authors), title=paper.title, authors=names)
        draft.say(text, [paper], item=len(about) > 1)
    return _proof(draft, about, "length of the printed author list")


def _first_author(draft: Draft, about: Sequence[Paper]) -> Proof:
    for paper in about:
        if paper.authors:
            text = phrase("first_author_is", draft.language, name=paper.authors[0], title=paper.title)
        else:
            text = phrase("no_authors", draft.language, title=paper.title)
        draft.say(text, [paper], item=len(about) > 1)
    return _proof(draft, about, "first name of the printed author list")


def _position(draft: Draft, about: Sequence[Paper]) -> Proof:
    position = int(draft.plan.subject.split()[0])
    for paper in about:
        if len(paper.authors) >= position:
            name = paper.authors[position - 1]
            text = phrase("position_is", draft.language, name=name, position=position, title=paper.title)
        else:
            text = phrase("no_position", draft.language, title=paper.title, authors=paper.author_line)
        draft.say(text, [paper], item=len(about) > 1)
    return _proof(draft, about, f"name number {position} of the printed author list")


def _cut_list_note(draft: Draft, about: Sequence[Paper]) -> str | None:
    return phrase("cut_list_note", draft.language) if any(paper.authors_cut for paper in about) else None


def _date(draft: Draft, about: Sequence[Paper]) -> Proof:
    for paper in about:
        if paper.date is None:
            text = phrase("no_date", draft.language, title=paper.title)
        else:
            key = "date_is" if paper.year else "date_without_year"
            text = phrase(key, draft.language, date=paper.date.text, title=paper.title)
        draft.say(text, [paper], item=len(about) > 1)
    return _proof(draft, about, "date as printed")


def _category(draft: Draft, about: Sequence[Paper]) -> Proof:
    for paper in about:
        if paper.category:
            name = in_brackets(paper.category)
            text = phrase("category_is", draft.language, code=paper.category, name=name, title=paper.title)
        else:
            text = phrase("no_category", draft.language, title=paper.title)
        draft.say(text, [paper], item=len(about) > 1)
    return _proof(draft, about, "category as printed")


def _title(draft: Draft, about: Sequence[Paper]) -> Proof:
    for paper in about:
        draft.say(phrase("title_is", draft.language, title=paper.title), [paper], item=len(about) > 1)
    return _proof(draft, about, "title as printed")


def _code(draft: Draft, about: Sequence[Paper]) -> Proof:
    for paper in about:
        links = phrase("code_link", draft.language, links=", ".join(paper.links)) if paper.links else ""
        key = "code_yes" if paper.has_code else "code_no"
        draft.say(phrase(key, draft.language, title=paper.title, links=links), [paper], item=len(about) > 1)
    return _proof(draft, about, "code label and links as printed")


# --- over all papers ------------------------------------------------------------------------------------


def _extreme(draft: Draft, key: str, *, last: bool) -> Proof:
    profile, conditions = draft.profile, draft.plan.filter
    dated = [paper for paper in select(profile.papers, conditions) if paper.date and paper.year]
    if not dated:
        return _count_or_list(draft, ())
    edge = dated[0] if last else dated[-1]
    assert edge.date is not None
    chosen = [paper for paper in dated if paper.date and paper.date.order == edge.date.order]
    for paper in chosen:
        assert paper.date is not None
        draft.say(phrase(key, draft.language, date=paper.date.text, title=paper.title, n=len(dated)), [paper])
    rule = f"{'latest' if last else 'earliest'} date with a year among papers that meet the filter"
    return _proof(draft, chosen, rule, [undated_note(profile, draft.language)])


def _oldest(draft: Draft, _: Sequence[Paper]) -> Proof:
    return _extreme(draft, "oldest", last=False)


def _newest(draft: Draft, _: Sequence[Paper]) -> Proof:
    return _extreme(draft, "newest", last=True)


def _busiest(draft: Draft, _: Sequence[Paper]) -> Proof:
    return _year_with(draft, "busiest", max)


def _quietest(draft: Draft, _: Sequence[Paper]) -> Proof:
    return _year_with(draft, "quietest", min)


def _year_with(draft: Draft, key: str, extreme: Callable[[Iterable[int]], int]) -> Proof:
    counts = year_counts(draft.profile.papers)
    if not counts:
        return _per_year(draft, ())
    number = extreme(n for _, n in counts)
    years = [year for year, n in counts if n == number]
    papers = select([paper for paper in draft.profile.papers if paper.year in years], Filter())
    names = join_names([str(year) for year in years], draft.language)
    draft.say(phrase(key, draft.language, years=names, n=number), papers)
    draft.say(phrase("per_year", draft.language, counts=_pairs(counts)))
    rule = f"year with the {'most' if key == 'busiest' else 'fewest'} papers, from the first stated year to the last"
    return _proof(draft, papers, rule, [undated_note(draft.profile, draft.language)])


def _per_year(draft: Draft, _: Sequence[Paper]) -> Proof:
    papers = select([paper for paper in draft.profile.papers if paper.year], Filter())
    counts = _pairs(year_counts(draft.profile.papers)) or "–"
    draft.say(phrase("per_year", draft.language, counts=counts), papers)
    return _proof(draft, papers, "papers by stated year", [undated_note(draft.profile, draft.language)])


def _categories(draft: Draft, _: Sequence[Paper]) -> Proof:
    counts = category_counts(draft.profile.papers)
    if not counts:
        draft.say(phrase("no_categories", draft.language))
        return _proof(draft, (), "papers by printed category")
    pairs = _pairs(counts)
    if draft.plan.subject == "most":
        code, number = counts[0]
        papers = select(draft.profile.papers, Filter(category=code))
        text = phrase("top_category", draft.language, code=code, name=in_brackets(code), n=number, counts=pairs)
        draft.say(text, papers)
    else:
        papers = select(draft.profile.papers, Filter())
        draft.say(phrase("per_category", draft.language, counts=pairs), papers)
    return _proof(draft, papers, "papers by printed category")


def _coauthors(draft: Draft, _: Sequence[Paper]) -> Proof:
    profile, language = draft.profile, draft.language
    person = next((name for name in draft.plan.people if name != profile.person), profile.person)
    counts = coauthor_counts(profile, person)
    if not counts:
        draft.say(phrase("coauthors_none", language, person=person))
        return _proof(draft, (), "names printed beside the person", [cut_note(profile, language)])
    if draft.plan.operation is Operation.COAUTHOR_COUNT:
        shown = counts
        draft.say(phrase("coauthor_number", language, n=len(counts), person=person))
    elif draft.plan.subject == "most":
        least = max(counts[min(4, len(counts) - 1)][1], min(2, counts[0][1]))
        shown = [pair for pair in counts if pair[1] >= least]
        draft.say(phrase("coauthors_top", language, names=_pairs(shown), person=person), _papers_with(draft, shown))
    else:
        shown = counts
        draft.say(
            phrase("coauthors_list", language, n=len(counts), names=_pairs(shown), person=person),
            _papers_with(draft, shown),
        )
    notes = [owner_note(profile, language) if person == profile.person else None, cut_note(profile, language)]
    return _proof(draft, _papers_with(draft, shown), "names printed beside the person, by number of papers", notes)


def _papers_with(draft: Draft, pairs: Sequence[tuple[str, int]]) -> list[Paper]:
    return [
        paper for paper in select(draft.profile.papers, Filter()) if any(is_listed(paper, name) for name, _ in pairs)
    ]


def _pairs(counts: Sequence[tuple[object, int]]) -> str:
    return ", ".join(f"{name} ({number})" for name, number in counts)


_OPERATIONS: dict[Operation, Computation] = {
    Operation.COUNT: _count_or_list,
    Operation.LIST: _count_or_list,
    Operation.CUT_LISTS: _cut_lists,
    Operation.AUTHORS: _authors,
    Operation.AUTHOR_COUNT: _author_count,
    Operation.FIRST_AUTHOR: _first_author,
    Operation.POSITION: _position,
    Operation.DATE: _date,
    Operation.CATEGORY: _category,
    Operation.TITLE: _title,
    Operation.CODE: _code,
    Operation.OLDEST: _oldest,
    Operation.NEWEST: _newest,
    Operation.BUSIEST: _busiest,
    Operation.QUIETEST: _quietest,
    Operation.YEARS: _per_year,
    Operation.CATEGORIES: _categories,
    Operation.COAUTHORS: _coauthors,
    Operation.COAUTHOR_COUNT: _coauthors,
}
