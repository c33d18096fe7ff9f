"""Bibliographies: what BibTeX writes in its own way is read as a person would read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.build import index_fingerprint
from ingest.sources import read_profile
from rag.errors import InputError
from rag.models import Paper, Profile
from rag.names import canonical_names, same_person
from rag.records import coauthor_counts, is_listed


def read(tmp_path: Path, text: str, owner: str | None = None, name: str = "papers.bib") -> Profile:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_profile(path, owner)


def only(tmp_path: Path, text: str) -> Paper:
    (paper,) = read(tmp_path, text).papers
    return paper


def test_every_field_of_an_entry(tmp_path: Path) -> None:
    paper = only(
        tmp_path,
        r"""
        @article{weber2021,
          title    = {Measuring {Quantum} States of {\"O}l Drops},
          author   = {Weber, J{\"u}rgen and Anna M{\"{u}}ller},
          journal  = {Journal of Drops},
          year     = {2021},
          month    = jun,
          doi      = {10.1000/xyz123},
          url      = {https://drops.example/paper},
          abstract = {We measure 50\% of all drops. The code is at \url{https://drops.example/code}.},
        }
        """,
    )
    assert paper.title == "Measuring Quantum States of Öl Drops"
    assert paper.authors == ("Jürgen Weber", "Anna Müller")
    assert paper.authors_cut is False
    assert paper.venue == "Journal of Drops"
    assert paper.date is not None
    assert (paper.date.text, paper.date.year, paper.date.month, paper.date.day) == ("Jun 2021", 2021, 6, None)
    assert paper.links == (
        "https://drops.example/paper",
        "https://doi.org/10.1000/xyz123",
        "https://drops.example/code",
    )
    assert paper.abstract == "We measure 50% of all drops. The code is at https://drops.example/code."
    assert paper.category is None, "a bibliography states no category"
    assert paper.id == "measuring-quantum-states-of-ol-drops"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("purity &gt; 90\\% and error &lt;1", "purity > 90% and error <1"),
        ("drops \\&amp; bubbles", "drops & bubbles"),
        ("a &#8211; b &#x2013; c", "a – b – c"),
        ("R\\&D; S & T; AT\\&T", "R&D; S & T; AT&T"),
    ],
)
def test_what_was_written_for_a_web_page_is_read_as_text(tmp_path: Path, written: str, shown: str) -> None:
    paper = only(tmp_path, f"@article{{a, title = {{T}}, author = {{Ada B}}, abstract = {{{written}.}}}}")
    assert paper.abstract == f"{shown}."


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (r"M{\"u}ller, Anna", "Anna Müller"),
        (r"M\"uller, Anna", "Anna Müller"),
        (r"M\"{u}ller, Anna", "Anna Müller"),
        ("Müller, Anna", "Anna Müller"),
        ("Anna Müller", "Anna Müller"),
        (r"Stra{\ss}er, Jos{\'e}", "José Straßer"),
        (r"{\O}rsted, Bj{\o}rn", "Bjørn Ørsted"),
        (r"{\v{S}}kvor, Ji{\v r}{\'i}", "Jiří Škvor"),
        ("van der Berg, Jan", "Jan van der Berg"),
        ("Kwiat, P. G.", "P. G. Kwiat"),
        ("{The Drop Collaboration}", "The Drop Collaboration"),
        ("Weber, J*", "J Weber"),
    ],
)
def test_names_are_read_in_both_orders_with_their_accents(tmp_path: Path, written: str, name: str) -> None:
    assert only(tmp_path, f"@misc{{a, title={{T}}, author={{{written}}}}}").authors == (name,)


def test_names_over_several_lines(tmp_path: Path) -> None:
    paper = only(tmp_path, "@misc{a, title={T}, author={Weber, J\n   and\n  Braun, Lea and\nAnna Klein}}")
    assert paper.authors == ("J Weber", "Lea Braun", "Anna Klein")


def test_and_others_is_a_cut_and_no_person(tmp_path: Path) -> None:
    paper = only(tmp_path, "@misc{a, title={T}, author={Weber, Jan and Klein, Anna and others}}")
    assert (paper.authors, paper.authors_cut) == (("Jan Weber", "Anna Klein"), True)
    assert paper.author_line == "Jan Weber, Anna Klein et al."


def test_initials_and_full_names_are_one_person(tmp_path: Path) -> None:
    profile = read(
        tmp_path,
        """
        @misc{a, title={First},  author={Kwiat, P. G. and Klein, Anna}}
        @misc{b, title={Second}, author={Paul G. Kwiat and Anna Klein}}
        @misc{c, title={Third},  author={Kwiat, Paul and Braun, Lea}}
        """,
    )
    assert profile.person == "Paul G. Kwiat"
    assert [is_listed(paper, "P. Kwiat") for paper in profile.papers] == [True, True, True]
    assert coauthor_counts(profile, "Paul Kwiat") == [("Anna Klein", 2), ("Lea Braun", 1)]


def test_an_initial_that_two_people_share_stays_by_itself() -> None:
    names = ("J. Smith", "Jane Smith", "John Smith")
    assert canonical_names(names) == {name: name for name in names}
    assert not same_person("Jane Smith", "John Smith")
    assert not same_person("P. G. Kwiat", "Paul H. Kwiat")
    assert not same_person("Paul Kwiat", "Paul Klein")
    assert same_person("Klemens Flöge", "Klemens Floge")


def test_the_owner_is_guessed_and_said_or_taken_as_given(tmp_path: Path) -> None:
    text = """
        @misc{a, title={First},  author={Ada Klein and Lea Braun}}
        @misc{b, title={Second}, author={Lea Braun and Ada Klein}}
        @misc{c, title={Third},  author={Braun, L.}}
        """
    guessed = read(tmp_path, text)
    assert guessed.person == "Lea Braun"
    assert [f.message for f in guessed.findings if f.code == "owner_guessed"] == [
        "A bibliography names no owner; Lea Braun is its most frequent author."
    ]
    given = read(tmp_path, text, owner="Ada Klein")
    assert given.person == "Ada Klein"
    assert "owner_guessed" not in {finding.code for finding in given.findings}
    assert index_fingerprint(given, "e") != index_fingerprint(guessed, "e")


def test_entries_with_one_key_are_all_kept(tmp_path: Path) -> None:
    profile = read(
        tmp_path,
        """
        @misc{same, title={First},  author={A B}, year=2001}
        @misc{same, title={Second}, author={A B}, year=2002}
        @misc{same, title={Second}, author={A B}, year=2003}
        """,
    )
    assert [(paper.title, paper.year) for paper in profile.papers] == [
        ("First", 2001),
        ("Second", 2002),
        ("Second", 2003),
    ]
    assert len({paper.id for paper in profile.papers}) == 3
    assert "duplicate_title" in {finding.code for finding in profile.findings}


@pytest.mark.parametrize(
    ("written", "month", "text"),
    [
        ("jan", 1, "Jan 2020"),
        ("dec", 12, "Dec 2020"),
        ("{September}", 9, "Sep 2020"),
        ('"May"', 5, "May 2020"),
        ("{7}", 7, "Jul 2020"),
        ("{07}", 7, "Jul 2020"),
        ("{13}", None, "2020"),
        ("{Spring}", None, "2020"),
        ("{}", None, "2020"),
    ],
)
def test_months_as_macros_words_and_numbers(tmp_path: Path, written: str, month: int | None, text: str) -> None:
    paper = only(tmp_path, f"@misc{{a, title={{T}}, author={{A B}}, year={{2020}}, month={written}}}")
    assert paper.date is not None
    assert (paper.date.year, paper.date.month, paper.date.text) == (2020, month, text)


@pytest.mark.parametrize("field", ["", "year={},", "year={in press},", "month=jan,"])
def test_no_year_is_invented(tmp_path: Path, field: str) -> None:
    profile = read(tmp_path, f"@misc{{a, {field} title={{T}}, author={{A B}}}}")
    assert profile.papers[0].year is None
    assert "dates_without_year" in {finding.code for finding in profile.findings}


def test_an_entry_without_a_title_is_left_out_and_the_rest_is_read(tmp_path: Path) -> None:
    profile = read(tmp_path, "@misc{a, author={A B}}\n@misc{b, title={Kept}, author={A B}}\n@comment{jabref}")
    assert [paper.title for paper in profile.papers] == ["Kept"]


def test_an_entry_without_authors_or_abstract_is_read(tmp_path: Path) -> None:
    paper = only(tmp_path, "@misc{a, title={Alone}}")
    assert (paper.authors, paper.authors_cut, paper.abstract, paper.date) == ((), False, "", None)


def test_string_macros_are_resolved(tmp_path: Path) -> None:
    paper = only(tmp_path, '@string{jod = "Journal of Drops"}\n@article{a, title={T}, journal=jod, author={A B}}')
    assert paper.venue == "Journal of Drops"


def test_a_file_without_entries_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"papers\.bib holds no entry with a title\. Give a BibTeX file"):
        read(tmp_path, "This is a letter, no bibliography.\n")


@pytest.mark.parametrize(
    "broken",
    [
        "@article{b, title={Never closed, author={A B}",
        "@article{b title={No comma}}",
        "@article{b, title={Odd}, author={A B} year=2000}",
    ],
)
def test_a_broken_entry_costs_none_of_the_entries_around_it(tmp_path: Path, broken: str) -> None:
    before, after = "@misc{a, title={Before}, author={A B}}", "@misc{c, title={After}, author={A B}}"
    titles = [paper.title for paper in read(tmp_path, f"{before}\n{broken}\n{after}\n").papers]
    assert (titles[0], titles[-1]) == ("Before", "After")


@pytest.mark.parametrize("broken", ["@@article{b, title={Left Out}}", "@article{b, year={2020}}"])
def test_entries_that_are_left_out_are_counted(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "papers.bib"
    path.write_text(f"@article{{a, title={{Read}}, author={{Doe, Jane}}}}\n\n{broken}\n", "utf-8")
    messages = [finding.message for finding in read_profile(path).findings]
    assert "1 of 2 entries could not be read or have no title, and are left out." in messages


def test_an_undefined_macro_is_said_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"papers\.bib can't be read as BibTeX: .*joqd.* Mend the entry"):
        read(tmp_path, "@article{b, title={T}, journal=joqd, author={A B}}")


def test_every_kind_of_entry_and_of_file_name_is_read(tmp_path: Path) -> None:
    text = "@software{a, title={Tool}, author={A B}}\n@Dataset{b, title={Data}, author={A B}}"
    profile = read(tmp_path, text, name="My Papers.BIB")
    assert [paper.title for paper in profile.papers] == ["Tool", "Data"]
    assert profile.name == "my_papers"
