"""Conditions over the records: whatever is asked, the numbers are exactly those of the papers that match."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.models import Filter, Paper, PaperDate, Profile
from rag.records import (
    category_counts,
    coauthor_counts,
    has_title_word,
    is_listed,
    matches,
    newest_first,
    select,
    year_counts,
)

NAMES = ("Ada Lovelace", "A. Lovelace", "Klemens Flöge", "Lea Braun", "Jan van der Berg", "J. Berg")
CATEGORIES = ("LG", "CV", "cs.LG", "COMP-PH")
WORDS = ("Scaling", "Norm", "Models", "for", "Plasma", "Élan", "Norms")
YEARS = st.integers(2018, 2026)

dates = st.builds(
    lambda year, month, day: PaperDate(
        text="as printed", year=year, month=month, day=day if month is not None else None
    ),
    st.none() | YEARS,
    st.none() | st.integers(1, 12),
    st.none() | st.integers(1, 28),
)
paper_fields = st.tuples(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join),
    st.lists(st.sampled_from(NAMES), max_size=4, unique=True).map(tuple),
    st.booleans(),
    st.none() | st.sampled_from(CATEGORIES),
    st.none() | dates,
    st.booleans(),
)


def _papers(
    rows: list[tuple[str, tuple[str, ...], bool, str | None, PaperDate | None, bool]],
) -> tuple[Paper, ...]:
    return tuple(
        Paper(
            id=f"paper-{number}",
            title=title,
            authors=authors,
            authors_cut=cut,
            category=category,
            date=date,
            has_code=code,
        )
        for number, (title, authors, cut, category, date, code) in enumerate(rows)
    )


papers_lists = st.lists(paper_fields, max_size=12).map(_papers)
ids = st.lists(st.integers(0, 14).map(lambda number: f"paper-{number}"), max_size=5).map(tuple)
plain_filters = st.builds(
    Filter,
    category=st.none() | st.sampled_from(CATEGORIES),
    year=st.none() | YEARS,
    year_from=st.none() | YEARS,
    year_to=st.none() | YEARS,
    month=st.none() | st.integers(1, 12),
    author=st.none() | st.sampled_from(NAMES),
    authors=st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
    first_author=st.none() | st.sampled_from(NAMES),
    has_code=st.none() | st.booleans(),
    title_word=st.none() | st.sampled_from(WORDS),
    undated=st.none() | st.booleans(),
    papers=st.none() | ids,
)
# One condition alone matches some papers far more often than many at once do.
single_filters = st.one_of(
    st.builds(Filter, category=st.sampled_from(CATEGORIES)),
    st.builds(Filter, year=YEARS),
    st.builds(Filter, year_from=YEARS, year_to=YEARS),
    st.builds(Filter, author=st.sampled_from(NAMES)),
    st.builds(Filter, has_code=st.booleans()),
    st.builds(Filter, undated=st.booleans()),
    st.builds(Filter, title_word=st.sampled_from(WORDS)),
)
filters = single_filters | plain_filters
NOWHERE = (
    Filter(category="XX"),
    Filter(category="L"),
    Filter(year=1850),
    Filter(year_from=2100),
    Filter(year_to=1850),
    Filter(year_from=2024, year_to=2019),
    Filter(author="Nobody Known"),
    Filter(author="Ada"),
    Filter(authors=("Ada Lovelace", "Nobody Known")),
    Filter(first_author="Nobody Known"),
    Filter(title_word="zeppelin"),
    Filter(papers=()),
    Filter(papers=("no-such-paper",)),
    Filter(exclude=Filter()),
)


@given(papers_lists)
def test_a_condition_that_nothing_meets_gives_nothing_and_never_everything(papers: tuple[Paper, ...]) -> None:
    for condition in NOWHERE:
        assert select(papers, condition) == (), condition


@given(papers_lists)
def test_no_condition_gives_every_paper_once(papers: tuple[Paper, ...]) -> None:
    assert sorted(paper.id for paper in select(papers, Filter())) == sorted(paper.id for paper in papers)
    assert Filter().is_empty()


@given(papers_lists, filters)
def test_what_is_given_is_what_matches_each_once(papers: tuple[Paper, ...], condition: Filter) -> None:
    given_ids = [paper.id for paper in select(papers, condition)]
    assert len(given_ids) == len(set(given_ids)) == sum(matches(paper, condition) for paper in papers)
    assert set(given_ids) <= {paper.id for paper in papers}


@given(papers_lists, filters)
def test_exclude_is_the_complement(papers: tuple[Paper, ...], condition: Filter) -> None:
    inside = {paper.id for paper in select(papers, condition)}
    outside = {paper.id for paper in select(papers, Filter(exclude=condition))}
    assert inside | outside == {paper.id for paper in papers}
    assert not inside & outside
    twice = select(papers, Filter(exclude=Filter(exclude=condition)))
    assert {paper.id for paper in twice} == inside


@given(papers_lists, filters, single_filters)
def test_one_condition_more_never_gives_more(papers: tuple[Paper, ...], condition: Filter, more: Filter) -> None:
    narrowed = condition.model_copy(update={"exclude": more})
    both = {paper.id for paper in select(papers, narrowed)}
    assert both <= {paper.id for paper in select(papers, condition)}


@given(papers_lists, YEARS, YEARS)
def test_an_undated_paper_counts_for_no_year(papers: tuple[Paper, ...], year: int, other: int) -> None:
    undated = {paper.id for paper in papers if paper.date is None or paper.date.year is None}
    for condition in (
        Filter(year=year),
        Filter(year_from=year),
        Filter(year_to=year),
        Filter(year_from=min(year, other), year_to=max(year, other)),
        Filter(undated=False),
    ):
        assert not undated & {paper.id for paper in select(papers, condition)}
    assert {paper.id for paper in select(papers, Filter(undated=True))} == undated
    assert {paper.id for paper in select(papers, Filter(year_from=0))} == {p.id for p in papers} - undated


@given(papers_lists, YEARS)
def test_years_before_in_and_after_add_up(papers: tuple[Paper, ...], year: int) -> None:
    parts = (Filter(year_to=year - 1), Filter(year=year), Filter(year_from=year + 1), Filter(undated=True))
    assert sum(len(select(papers, part)) for part in parts) == len(papers)


@given(papers_lists, filters)
def test_newest_come_first_and_undated_last_as_printed(papers: tuple[Paper, ...], condition: Filter) -> None:
    shown = select(papers, condition)
    keys = [
        (paper.date.year, paper.date.month or 0, paper.date.day or 0)
        for paper in shown
        if paper.date and paper.date.year
    ]
    assert keys == sorted(keys, reverse=True)
    assert [paper.year is None for paper in shown] == [False] * len(keys) + [True] * (len(shown) - len(keys))
    places = {paper.id: place for place, paper in enumerate(papers)}
    tail = [places[paper.id] for paper in shown[len(keys) :]]
    assert tail == sorted(tail), "undated papers stay in the order of the page"
    for one, other in pairwise(shown):
        if one.date and other.date and one.year and one.date.order == other.date.order:
            assert places[one.id] < places[other.id], "papers of one day stay in the order of the page"


@given(papers_lists)
def test_counts_add_up_and_years_have_no_gap(papers: tuple[Paper, ...]) -> None:
    years = year_counts(papers)
    assert sum(number for _, number in years) == sum(paper.year is not None for paper in papers)
    assert all(number == len(select(papers, Filter(year=year))) for year, number in years)
    if years:
        assert [year for year, _ in years] == list(range(years[0][0], years[-1][0] + 1))
        assert years[0][1] and years[-1][1]
    categories = category_counts(papers)
    assert sum(number for _, number in categories) == sum(paper.category is not None for paper in papers)
    assert categories == sorted(categories, key=lambda pair: (-pair[1], pair[0]))
    assert all(number == len(select(papers, Filter(category=code))) for code, number in categories)


@given(papers_lists, st.sampled_from(NAMES))
def test_coauthors_are_those_listed_beside_a_person(papers: tuple[Paper, ...], name: str) -> None:
    profile = _profile(papers, person="Someone Else")
    counts = coauthor_counts(profile, name)
    beside = [paper for paper in papers if is_listed(paper, name)]
    assert name not in dict(counts)
    assert all(1 <= number <= len(beside) for _, number in counts)
    assert counts == sorted(counts, key=lambda pair: (-pair[1], pair[0]))
    if not beside:
        assert counts == []


@given(papers_lists, filters)
def test_the_same_question_gives_the_same_result(papers: tuple[Paper, ...], condition: Filter) -> None:
    assert select(papers, condition) == select(list(papers), condition) == select(iter(papers), condition)
    profile = _profile(papers)
    assert coauthor_counts(profile, profile.person) == coauthor_counts(profile, profile.person)


RUN = """
from tests.test_records import _papers, _profile, NAMES
from rag.records import category_counts, coauthor_counts
rows = [("T", NAMES[n % 3:] + NAMES[: n % 2], False, "LG" if n % 2 else "CV", None, False) for n in range(8)]
profile = _profile(_papers([(t, tuple(dict.fromkeys(a)), c, k, d, o) for t, a, c, k, d, o in rows]))
print(coauthor_counts(profile, profile.person), category_counts(profile.papers))
"""


def test_every_run_of_the_program_gives_the_same_order() -> None:
    outputs = set()
    for seed in ("1", "2"):
        ran = subprocess.run(
            [sys.executable, "-c", RUN],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.add(ran.stdout)
    assert len(outputs) == 1 and "Klemens Flöge" in outputs.pop()


@pytest.mark.parametrize(
    ("title", "word", "found"),
    [
        ("Optimal Scaling Needs Optimal Norm", "norm", True),
        ("Optimal Scaling Needs Optimal Norm", "norms", True),
        ("Large Language Models", "model", True),
        ("Large Language Models", "language models", True),
        ("Normal forms", "norm", False),
        ("Enormous", "norm", False),
        ("Jülich Booster", "julich", True),
        ("Negligible or Crucial?", "s", False),
    ],
)
def test_title_words_are_whole_words_in_any_case(title: str, word: str, found: bool) -> None:
    assert has_title_word(title, word) is found


def test_newest_first_takes_the_finer_date_into_account() -> None:
    rows = [("T", (), False, None, PaperDate(text="", year=2024, month=m, day=d), False) for m, d in
            [(None, None), (3, 2), (3, 9), (12, 1)]]  # fmt: skip
    assert [paper.id for paper in newest_first(_papers(rows))] == ["paper-3", "paper-2", "paper-1", "paper-0"]


def _profile(papers: tuple[Paper, ...], person: str = "Ada Lovelace") -> Profile:
    return Profile(name="someone", person=person, papers=papers, source="page.txt", fingerprint="0")
