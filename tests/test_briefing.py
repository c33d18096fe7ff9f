"""What a briefing holds: every sentence carried by the profile, none twice, and nothing that the chat would not say."""

from __future__ import annotations

import pytest

from rag.briefing.cautions import caution_lines
from rag.briefing.changes import compare
from rag.briefing.dates import is_since, parse_since
from rag.briefing.make import make_briefing
from rag.briefing.overlap import split_interests
from rag.briefing.records import Briefing, BriefLanguage, BriefRequest, FocusKind, Reader
from rag.briefing.scene import Scene
from rag.briefing.themes import themes_of
from rag.errors import InputError
from rag.models import Answer, HeaderFigure, PaperDate, Profile, RefusalReason
from rag.verifier.composed import passing
from tests.briefing import LOOM, CarefulEngine, SmallEngine, WordyEngine, paper, profile

REQUESTS = [
    BriefRequest(),
    BriefRequest(language="de"),
    BriefRequest(kind="topic", text="governors"),
    BriefRequest(kind="person", text="Charles Babbage"),
    BriefRequest(kind="paper", text="Looms That Read", language="de"),
    BriefRequest(kind="since", text="2024"),
    BriefRequest(reader=Reader(interests=("governors", "gardening"))),
]


def made(request: BriefRequest, engine: SmallEngine | None = None) -> Briefing:
    briefing = make_briefing(request, engine or SmallEngine(profile()))
    assert isinstance(briefing, Briefing), briefing.answer
    return briefing


def refused(request: BriefRequest, over: Profile | None = None) -> Answer:
    answer = make_briefing(request, SmallEngine(over or profile()))
    assert isinstance(answer, Answer)
    assert answer.abstained
    assert answer.citations == ()
    return answer


def texts(briefing: Briefing, kind: str) -> list[str]:
    return [line.sentence.text for section in briefing.sections if section.kind == kind for line in section.lines]


# --- every page -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: f"{one.kind}-{one.language}-{bool(one.reader)}")
def test_every_sentence_passes_the_chats_own_check(request_: BriefRequest) -> None:
    briefing = made(request_)
    sentences = [line.sentence for line in briefing.lines]
    assert len(passing(sentences, briefing.citations, profile())) == len(sentences) > 5
    assert {sentence.verdict for sentence in sentences} <= {"supported", "computed"}
    assert all(sentence.citations for sentence in sentences if sentence.verdict == "supported")


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: f"{one.kind}-{one.language}-{bool(one.reader)}")
def test_citations_are_numbered_in_order_of_use_and_all_used(request_: BriefRequest) -> None:
    briefing = made(request_)
    used = [n for line in briefing.lines for n in line.sentence.citations]
    assert list(dict.fromkeys(used)) == [citation.n for citation in briefing.citations]
    for citation in briefing.citations:
        if citation.end:
            abstract = profile().paper(citation.paper_id).abstract
            assert abstract[citation.start : citation.end] == citation.passage


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: f"{one.kind}-{one.language}-{bool(one.reader)}")
def test_nothing_is_said_twice(request_: BriefRequest) -> None:
    briefing = made(request_)
    said = [line.sentence.text for line in briefing.lines]
    quoted = [line.sentence.citations for line in briefing.lines if line.sentence.verdict == "supported"]
    assert len(said) == len(set(said))
    assert len(quoted) == len(set(quoted))


def test_a_preprint_and_its_publication_are_quoted_once() -> None:
    twice = (*profile().papers, profile().papers[0].model_copy(update={"id": "again"}))
    briefing = made(BriefRequest(), SmallEngine(profile(papers=twice)))
    passages = [citation.passage for citation in briefing.citations if citation.end]
    assert len(passages) == len(set(passages))


# --- its parts ------------------------------------------------------------------------------------------


def test_who_is_computed_from_the_records() -> None:
    first, second, *_ = texts(made(BriefRequest()), "who")
    assert first == "The profile of Ada Byron holds 3 papers, from 2021 to 2024; 1 has no year."
    assert "(SY, 2)" in second


def test_questions_stand_on_a_sentence_and_were_put_to_the_chat() -> None:
    engine = SmallEngine(profile())
    briefing = made(BriefRequest(), engine)
    lines = [line for section in briefing.sections if section.kind == "questions" for line in section.lines]
    assert len(lines) == 3
    for line in lines:
        assert line.question in engine.asked
        (number,) = line.sentence.citations
        citation = briefing.citations[number - 1]
        assert citation.end > citation.start
        assert citation.title in line.question


def test_a_question_that_the_profile_answers_is_not_offered() -> None:
    engine = SmallEngine(profile(), knows=("Steady Engines",))
    questions = [line.question for line in made(BriefRequest(), engine).lines if line.question]
    assert any("Steady Engines" in asked for asked in engine.asked)
    assert questions
    assert not any("Steady Engines" in question for question in questions)


def test_what_is_not_to_be_claimed_fails_the_check_and_what_holds_passes() -> None:
    engine = SmallEngine(profile())
    lines = [line for line in made(BriefRequest(), engine).lines if line.not_said]
    assert {line.ruling for line in lines} <= {"contradicted", "not_found"}
    claims = [line.not_said for line in lines]
    assert "Ada Byron has an h-index of 9." in claims
    assert "Ada Byron is an author of “Looms That Read”." in claims
    for line in lines:
        (sentence,) = engine.check(line.not_said).sentences
        # The page states the h-index; that it can't be true is computed.
        assert sentence.verdict != "supported" or "h-index" in line.not_said


def test_a_figure_that_may_be_true_is_no_caution() -> None:
    figures = (HeaderFigure(label="h-index", value="2"), HeaderFigure(label="papers", value="3"))
    lines = made(BriefRequest(), SmallEngine(profile(figures=figures))).lines
    assert not any("h-index" in line.not_said for line in lines)


def test_a_hedge_that_is_dropped_is_a_caution() -> None:
    sieves = paper(
        "Sieves", "We find that fine sieves are not always slower than coarse ones in wet sand.", ("Ada Byron",), None
    )
    engine = CarefulEngine(profile(papers=(sieves,), figures=()))
    scene = Scene(engine, engine.profile, "en", "whole", "", engine.profile.papers)
    lines, truths = caution_lines(scene)
    (line,) = [line for line in lines if "sieves" in line.not_said]
    assert line.not_said == "We find that fine sieves are not slower than coarse ones in wet sand."
    assert line.sentence.text == "The abstract says ‘not always’."
    assert truths[lines.index(line)].citations[0].passage == sieves.abstract


def test_what_the_check_calls_supported_is_no_caution() -> None:
    sieves = paper(
        "Sieves", "We find that fine sieves are not always slower than coarse ones in wet sand.", ("Ada Byron",), None
    )
    engine = SmallEngine(profile(papers=(sieves,), figures=()))  # by words alone a lost hedge is not seen
    scene = Scene(engine, engine.profile, "en", "whole", "", engine.profile.papers)
    assert not any("sieves" in line.not_said for line in caution_lines(scene)[0])


def test_gaps_name_undated_papers_and_cut_lists() -> None:
    told = " ".join(texts(made(BriefRequest()), "gaps"))
    assert "(Jul 1)" in told
    assert "1 of the 3 printed author lists are cut" in told
    assert "an h-index of 9 needs at least 9 papers" in told


def test_the_readers_interests_lead_the_page() -> None:
    briefing = made(BriefRequest(reader=Reader(interests=("governors", "gardening"))))
    assert briefing.sections[0].kind == "overlap"
    told = texts(briefing, "overlap")
    assert told[0] == "“governors”: 1 of the 3 papers."
    assert "two governors keep an engine steady" in told[1]
    assert told[-1] == "Nothing was found in the 3 titles and 3 abstracts on: gardening."


def test_the_readers_papers_share_papers_people_and_words() -> None:
    own = (
        paper("Steady Engines", "", ("Mary Somerville", "Charles Babbage"), None),
        paper("Wet Sand in Mills", "", ("Mary Somerville", "Ada Byron"), None),
    )
    told = texts(made(BriefRequest(reader=Reader(papers=own))), "overlap")
    assert told[0] == "One paper stands in both lists: “Steady Engines”."
    assert told[1] == "Names in both lists: Charles Babbage (in 1 of yours, in 2 here)."
    assert told[2] == "“Wet Sand” stands in one of your titles, and here:"
    assert told[3].endswith("This paper studies sieves for wet sand.")


def test_a_reader_with_nothing_in_common_is_told_so() -> None:
    own = (paper("Bees", "", ("Karl Frisch",), None),)
    told = texts(made(BriefRequest(reader=Reader(papers=own))), "overlap")
    assert told == ["Your papers (1) and these (3) share no paper, no printed co-author and no rare pair of words."]


def test_quotes_stay_as_they_are_in_a_german_page() -> None:
    briefing = made(BriefRequest(language="de"))
    assert briefing.sections[0].heading == "Wer"
    assert any("In our experiments the loom weaves 40 patterns a day." in line.sentence.text for line in briefing.lines)


def test_a_model_words_the_page_in_short_and_nothing_else() -> None:
    briefing = made(BriefRequest(), WordyEngine(profile()))
    worded = [section.kind for section in briefing.sections if "hold an engine" in section.lines[0].sentence.text]
    assert worded == ["summary"]
    assert texts(briefing, "summary") == ["Two governors hold an engine steady."]
    without = made(BriefRequest())
    rest = [section for section in briefing.sections if section.kind != "summary"]
    assert [[line.sentence.text for line in section.lines] for section in rest] == [
        [line.sentence.text for line in section.lines] for section in without.sections
    ]


# --- what it is about -----------------------------------------------------------------------------------


def test_a_person_by_part_of_the_name() -> None:
    briefing = made(BriefRequest(kind="person", text="Babbage"))
    assert briefing.focus == "Charles Babbage"
    assert texts(briefing, "themes")[0] == "2 of the 3 printed author lists name Charles Babbage."


def test_a_paper_whose_best_sentence_leads_the_page_is_still_listed() -> None:
    request = BriefRequest(kind="person", text="Charles Babbage", reader=Reader(interests=("loom",)))
    briefing = made(request)
    (first, *_) = [line.sentence.text for line in briefing.sections[0].lines if line.sentence.item]
    assert first.startswith("“Looms That Read”")
    assert any(text.startswith("“Looms That Read”") for text in texts(briefing, "themes"))


def test_what_a_sentence_concedes_of_the_field_raises_no_question() -> None:
    sieves = paper("Sieves", "While sieves have bottlenecks, we like them. We present a sieve.", ("Ada Byron",), None)
    asked = [line.question for line in made(BriefRequest(), SmallEngine(profile(papers=(sieves,)))).lines]
    assert not any("limit" in question for question in asked)
    assert any("introduces" in question for question in asked)


def test_a_misspelt_person_is_read_and_the_page_says_so() -> None:
    briefing = made(BriefRequest(kind="person", text="Charles Babage"))
    assert briefing.focus == "Charles Babbage"
    assert briefing.notices == ("“Charles Babage” was read as Charles Babbage.",)


def test_the_profiles_own_person_gives_the_whole_page() -> None:
    assert made(BriefRequest(kind="person", text="Ada Byron")).kind == "whole"


def test_an_unknown_person_is_refused_with_near_names() -> None:
    answer = refused(BriefRequest(kind="person", text="Charlie Cabbage"))
    assert "No printed author list names Charlie Cabbage." in answer.answer
    assert "Charles Babbage" in answer.answer
    assert "cut" in answer.answer


def test_a_name_that_fits_two_people_is_asked_back() -> None:
    papers = (*profile().papers, paper("Mills", "We present a mill.", ("Mary Babbage",), None))
    answer = refused(BriefRequest(kind="person", text="Babbage"), profile(papers=papers))
    assert answer.refusal_reason is RefusalReason.AMBIGUOUS
    assert "Charles Babbage, Mary Babbage" in answer.answer


def test_a_topic_that_is_not_there_is_refused() -> None:
    assert refused(BriefRequest(kind="topic", text="gardening")).refusal_reason is RefusalReason.NOT_IN_PROFILE


def test_a_paper_that_is_not_there_is_refused() -> None:
    refused(BriefRequest(kind="paper", text="gardening"))


def test_a_date_to_come_is_refused_with_the_newest() -> None:
    answer = refused(BriefRequest(kind="since", text="2031-01-01"))
    assert "“Steady Engines” (May 4, 2024)" in answer.answer
    assert "Jul 1" in answer.answer


@pytest.mark.parametrize(("kind", "text"), [("topic", "  "), ("person", ""), ("paper", "x" * 501), ("since", "May")])
def test_what_can_not_be_looked_for_is_an_error(kind: FocusKind, text: str) -> None:
    with pytest.raises(InputError):
        make_briefing(BriefRequest(kind=kind, text=text), SmallEngine(profile()))


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_topic_of_300_characters_gives_a_page_or_a_refusal(language: BriefLanguage) -> None:
    text = "governors " * 30
    assert make_briefing(BriefRequest(kind="topic", text=text, language=language), SmallEngine(profile()))


@pytest.mark.parametrize("text", ["2024-13", "2024-02-30", "24", "0000", "2024/05"])
def test_no_date(text: str) -> None:
    with pytest.raises(InputError, match=r"is not a date\. Write 2024, 2024-10 or 2024-10-04\."):
        parse_since(text)


@pytest.mark.parametrize(
    ("date", "since", "expected"),
    [
        (PaperDate(text="May 4, 2024", year=2024, month=5, day=4), "2024-05-04", True),
        (PaperDate(text="May 4, 2024", year=2024, month=5, day=4), "2024-05-05", False),
        (PaperDate(text="2024", year=2024), "2024", True),
        (PaperDate(text="2024", year=2024), "2024-02", False),
        (PaperDate(text="Jul 1", month=7, day=1), "1900", False),
        (None, "1900", False),
    ],
)
def test_only_what_is_certainly_not_older_is_since_a_date(date: PaperDate | None, since: str, expected: bool) -> None:
    assert is_since(paper("A", "", (), date), parse_since(since)) is expected


# --- changes --------------------------------------------------------------------------------------------


def test_changes_between_two_versions() -> None:
    engines, looms, sieves = profile().papers
    edited = looms.model_copy(update={"abstract": LOOM.replace("40", "30")})
    gone = paper("Old Mills", "We present a mill.", ("Ada Byron",), None)
    before = profile(papers=(edited, sieves, gone), figures=(HeaderFigure(label="h-index", value="8"),))
    changes = compare(before, profile())
    assert changes.new == (engines,)
    assert changes.gone == (gone,)
    assert changes.figures == (("h-index", "8", "9"), ("papers", "–", "3"))
    assert changes.edited == ((edited, looms),)
    told = texts(made(BriefRequest(earlier=before)), "changes")
    assert told[0] == "New: “Steady Engines” (May 4, 2024)."
    assert "The header stated h-index 8 and now states 9." in told
    assert "No longer listed: “Old Mills”." in told
    assert told[-1] == (
        "Changed in “Looms That Read” (abstract): In our experiments the loom weaves 40 patterns a day."
    )


def test_a_new_title_over_the_same_abstract_is_the_same_paper() -> None:
    engines = profile().papers[0]
    before = profile(
        papers=(engines.model_copy(update={"id": "x", "title": "Steadier Engines"}), *profile().papers[1:])
    )
    changes = compare(before, profile())
    assert (changes.new, changes.gone) == ((), ())
    assert [now.title for _, now in changes.edited] == ["Steady Engines"]


def test_the_same_version_is_said_to_be_the_same() -> None:
    told = texts(made(BriefRequest(earlier=profile())), "changes")
    assert told == ["Papers, figures and abstracts are the same as before."]


# --- small parts ----------------------------------------------------------------------------------------


def test_themes_are_categories_where_there_are_some() -> None:
    first, second = themes_of(profile().papers, 2)
    assert (first.name.endswith("(SY)"), len(first.papers)) == (True, 2)
    assert (second.name.endswith("(RO)"), len(second.papers)) == (True, 1)


def test_themes_are_words_of_titles_where_there_are_no_categories() -> None:
    titles = ("Optimal Transport for Maps", "Meta Optimal Transport", "On Bees", "Sliced optimal transports")
    (theme,) = themes_of(tuple(paper(title, "", (), None) for title in titles), 3)
    assert (theme.name, len(theme.papers)) == ("Optimal Transport", 3)


def test_one_title_twice_is_no_theme() -> None:
    papers = (paper("Quantum Bees", "", (), None), paper("Quantum Bees", "", (), None))
    assert themes_of(papers, 3) == ()


def test_interests_are_split() -> None:
    assert split_interests(" graph learning, protein design und bees;\nbees. ") == (
        "graph learning",
        "protein design",
        "bees",
    )


def test_an_abstract_less_paper_is_named_and_not_quoted() -> None:
    bare = (paper("Mills", "", ("Charles Babbage",), PaperDate(text="1999", year=1999)),)
    told = texts(made(BriefRequest(kind="paper", text="Mills"), SmallEngine(profile(papers=bare))), "themes")
    assert told == ["The page has no abstract of “Mills”."]
