"""Receipts: what is exported can be read again, an untouched file passes, and one changed character is found."""

from __future__ import annotations

import json
import random
import re
from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.bibtex import read_bibtex
from rag.answers.computed import compute
from rag.answers.content import describe_papers
from rag.briefing.make import make_briefing
from rag.briefing.records import BriefRequest
from rag.errors import InputError
from rag.models import Answer, Operation, PaperDate, Plan, Profile, QuestionKind, Turn
from rag.receipts.bibliography import bibtex, csl_json
from rag.receipts.make import Exported, export, receipt_of
from rag.receipts.records import Format, Receipt, VerifyReport
from rag.receipts.seal import sealed
from rag.receipts.shown import html_file, json_file, markdown_file
from rag.receipts.verify import read_receipt, verify
from tests.briefing import SmallEngine, WordyEngine, paper, profile

DAY = date(2026, 11, 24)
FILES: tuple[Format, ...] = ("md", "html", "json")
HOSTILE = 'A *title* with <b>tags</b> & [links](x) `code` | "quotes" 1. -->'


def computed() -> Answer:
    plan = Plan(question="How many papers?", language="en", kind=QuestionKind.COMPUTED, operation=Operation.LIST)
    return compute(plan, profile(), ())


def quoted(question: str = "What are they about?") -> Answer:
    plan = Plan(question=question, language="de", kind=QuestionKind.FACT)
    return describe_papers(plan, profile(), profile().papers, QuestionKind.FACT)


def conversation() -> list[Turn]:
    return [
        Turn(question="How many papers?", answer=computed()),
        Turn(question="A question that was stopped"),
        Turn(question=HOSTILE, answer=quoted(HOSTILE)),
    ]


def briefing(language: str = "en") -> Exported:
    made = make_briefing(BriefRequest.model_validate({"language": language}), SmallEngine(profile()))
    assert not isinstance(made, Answer)
    return made


def exported(content: Exported, form: Format) -> str:
    return export(content, profile(), form, DAY)


def checked(text: str, over: Profile | None = None) -> VerifyReport:
    return verify(text, lambda _: over or profile())


CONTENTS = {"answer": computed(), "quoted": quoted(), "conversation": conversation(), "briefing": briefing()}


# --- untouched ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_an_untouched_file_holds_claim_by_claim(content: Exported, form: Format) -> None:
    report = checked(exported(content, form))
    assert not report.is_damaged
    assert {claim.held for claim in report.claims} == {"holds"}
    sentences = sum(len(part.claims) for part in receipt_of(content, profile(), DAY).parts)
    assert len(report.claims) == sentences > 0


@pytest.mark.parametrize("form", FILES)
def test_line_ends_and_trailing_space_say_nothing(form: Format) -> None:
    text = exported(briefing(), form)
    mailed = "\ufeff" + text.replace("\n", "  \r\n").rstrip()
    assert not checked(mailed).is_damaged


def test_json_may_be_indented_otherwise() -> None:
    assert not checked(json.dumps(json.loads(exported(briefing(), "json")), indent=4)).is_damaged


@pytest.mark.parametrize("form", FILES)
def test_the_same_is_exported_to_the_same_bytes(form: Format) -> None:
    assert exported(briefing("de"), form) == exported(briefing("de"), form)


@settings(deadline=None)  # how long it takes says nothing
@given(st.text(min_size=1, max_size=60), st.sampled_from(FILES))
def test_whatever_a_question_holds_its_file_passes(question: str, form: Format) -> None:
    turns = [Turn(question=question, answer=quoted().model_copy(update={"question": question}))]
    assert not checked(exported(turns, form)).is_damaged


# --- edited ---------------------------------------------------------------------------------------------


def places_in(text: str, receipt: Receipt) -> list[int]:
    """Where letters and digits of claims and quotes stand in a file."""
    pieces = {piece for part in receipt.parts for claim in part.claims for piece in _words(claim.text)}
    pieces |= {piece for passage in receipt.citations for piece in _words(passage.passage)}
    return [
        place
        for piece in sorted(pieces)
        for match in re.finditer(rf"(?<!\w){re.escape(piece)}(?!\w)", text)
        for place in range(match.start(), match.end())
    ]


def _words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z]{4,}|\d+", text)


def changed(text: str, place: int, chance: random.Random) -> str:
    """`text` with another letter for a letter, or another digit for a digit, at `place`."""
    old = text[place]
    others = "0123456789" if old.isdigit() else "abcdefghijklmnopqrstuvwxyz"
    return text[:place] + chance.choice([other for other in others if other != old.lower()]) + text[place + 1 :]


@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_one_changed_character_is_found(content: Exported, form: Format) -> None:
    chance = random.Random(9)
    text = exported(content, form)
    places = places_in(text, receipt_of(content, profile(), DAY))
    for place in chance.sample(places, 40):
        assert checked(changed(text, place, chance)).is_damaged, text[place - 40 : place + 40]


@pytest.mark.parametrize("form", FILES)
def test_a_changed_digit_is_found_at_its_claim(form: Format) -> None:
    text = exported(quoted(), form)
    report = checked(text.replace("40 patterns", "50 patterns", 1))
    broken = [claim.text for claim in report.claims if claim.held == "broken"]
    assert len(broken) == 1
    assert "patterns a day." in broken[0]
    assert sum(claim.held == "holds" for claim in report.claims) == len(report.claims) - 1


@pytest.mark.parametrize("form", ["md", "html"])
def test_a_quote_changed_in_the_references_breaks_its_claim(form: Format) -> None:
    text = exported(quoted(), form)
    head, _, tail = text.partition("Quellen")
    report = checked(f"{head}Quellen{tail.replace('40 patterns', '50 patterns', 1)}")
    assert [claim.held for claim in report.claims if "patterns" in claim.text] == ["broken"]


@pytest.mark.parametrize("form", ["md", "html"])
@pytest.mark.parametrize("added", ["\nThe loom weaves 90 patterns.\n", "\n<p>The loom won a prize.</p>\n"])
def test_text_that_was_added_is_found(form: Format, added: str) -> None:
    text = exported(quoted(), form)
    place = text.index("\n", len(text) // 4)
    for edited in (text[:place] + added + text[place:], text + added):
        report = checked(edited)
        assert report.is_damaged
        assert report.damage


def test_a_claim_that_was_cut_out_is_found() -> None:
    lines = exported(quoted(), "md").split("\n")
    kept = [line for line in lines if not line.startswith("- „Looms")]
    assert len(kept) == len(lines) - 1
    assert checked("\n".join(kept)).is_damaged


@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize("old", ["2026-11-24", "f" * 64, '"papers":'])
def test_what_stands_around_the_claims_is_guarded_too(form: Format, old: str) -> None:
    text = exported(quoted(), form)
    edited = text.replace(old, old[:-1] + "5" if old[-1] != ":" else '"paperz":')
    assert edited != text or old == '"papers":'
    assert edited == text or checked(edited).is_damaged


@pytest.mark.parametrize("form", FILES)
def test_a_receipt_that_was_cut_off_is_damage(form: Format) -> None:
    text = exported(quoted(), form)
    report = checked(text[: len(text) - 200])
    assert report.is_damaged
    assert report.damage == ("The receipt in the file can't be read: it was edited or cut off.",)


@pytest.mark.parametrize("text", ["", "Just a text.", "[1, 2]", '{"a": 1}', "# Title\n\nA page of somebody else.\n"])
def test_a_text_without_a_receipt_is_no_export(text: str) -> None:
    with pytest.raises(InputError, match="receipt"):
        checked(text)


# --- made up with fresh digests --------------------------------------------------------------------------


@pytest.mark.parametrize("write", [markdown_file, html_file, json_file], ids=FILES)
def test_a_made_up_quote_is_found_though_all_digests_fit(write) -> None:  # noqa: ANN001
    receipt = receipt_of(quoted(), profile(), DAY)
    content = json.dumps(receipt.model_dump()).replace("40 patterns", "90 patterns")
    forged = sealed(Receipt.model_validate_json(content))
    report = checked(write(forged))
    (broken,) = [claim for claim in report.claims if claim.held == "broken"]
    assert "90 patterns" in broken.text
    assert broken.reason == "the profile does not have the passage that it cites"


def test_a_quote_at_another_place_is_found() -> None:
    receipt = receipt_of(quoted(), profile(), DAY)
    moved = [one.model_copy(update={"start": one.start + 1, "end": one.end + 1}) for one in receipt.citations]
    report = checked(markdown_file(sealed(receipt.model_copy(update={"citations": tuple(moved)}))))
    assert {claim.held for claim in report.claims} == {"broken"}


def test_text_that_does_not_fit_the_receipt_is_found_though_that_is_whole() -> None:
    mine, other = exported(quoted(), "md"), exported(computed(), "md")
    shown = other.partition("<!-- profile-chat")[0]
    assert checked(shown + mine[mine.index("<!-- profile-chat") :]).is_damaged


def test_a_models_words_hold_as_long_as_their_passages_stand() -> None:
    worded = WordyEngine(profile()).explain("What is this?").answer
    text = exported(worded, "md")
    assert [claim.reason for claim in checked(text).claims] == [
        "worded by a language model from passages that stand in the abstracts"
    ]
    moved = receipt_of(worded, profile(), DAY)
    passage = moved.citations[0].model_copy(update={"start": 1, "end": 1 + len(moved.citations[0].passage)})
    assert checked(markdown_file(sealed(moved.model_copy(update={"citations": (passage,)})))).is_damaged
    assert checked(text.replace("Two governors hold", "Six governors hold", 1)).is_damaged


# --- a profile that changed -----------------------------------------------------------------------------


def test_after_a_change_quotes_still_hold_and_counts_can_not_be_told() -> None:
    newer = profile(fingerprint="e" * 64)
    report = checked(exported(conversation(), "md"), newer)
    assert not report.same_profile
    assert not report.is_damaged
    assert {claim.held for claim in report.claims if "patterns" in claim.text} == {"holds"}
    assert {claim.held for claim in report.claims if claim.text.startswith("The profile holds")} == {"changed"}


def test_a_quote_that_was_edited_in_the_profile_is_changed_not_broken() -> None:
    engines, looms, sieves = profile().papers
    edited = looms.model_copy(update={"abstract": looms.abstract.replace("40", "41")})
    newer = profile(papers=(engines, edited, sieves), fingerprint="e" * 64)
    report = checked(exported(quoted(), "html"), newer)
    assert [claim.held for claim in report.claims if "patterns" in claim.text] == ["changed"]


def test_a_paper_that_is_gone_is_changed() -> None:
    newer = profile(papers=profile().papers[:1], fingerprint="e" * 64)
    report = checked(exported(quoted(), "json"), newer)
    assert [claim.held for claim in report.claims if "patterns" in claim.text] == ["changed"]


# --- what a file shows ----------------------------------------------------------------------------------


class Visible(HTMLParser):
    """The text of a page without its head and data."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.tags = "", []
        self._silent = 0

    def handle_starttag(self, tag, attrs):  # noqa: ANN001, ANN201, ARG002
        self.tags.append(tag)
        self._silent += tag in {"script", "style", "title"}

    def handle_endtag(self, tag):  # noqa: ANN001, ANN201
        self._silent -= tag in {"script", "style", "title"}

    def handle_data(self, data):  # noqa: ANN001, ANN201
        self.text += "" if self._silent else data


def visible(text: str) -> Visible:
    page = Visible()
    page.feed(text)
    return page


def test_html_shows_every_claim_and_quote_and_runs_nothing() -> None:
    text = exported(conversation(), "html")
    page = visible(text)
    for part in receipt_of(conversation(), profile(), DAY).parts:
        assert part.heading in page.text
        assert all(claim.text in page.text for claim in part.claims)
    assert "b" not in page.tags
    assert page.tags.count("script") == 1
    assert not re.search(r'(?:src|href)="(?!#|https://example\.org)', text)


def test_markdown_shows_claims_with_their_numbers() -> None:
    text = exported(quoted(), "md")
    assert "- „Looms That Read“ (Jul 1): We present a loom that reads cards. [3]\n" in text
    assert "In our experiments the loom weaves 40 patterns a day. " in text


def test_markdown_of_hostile_text_forms_nothing() -> None:
    text = exported(conversation(), "md").partition("<!-- profile-chat")[0]
    assert r"\*title\* with \<b\>tags\</b\> &amp; \[links\](x) \`code\` \|" in text
    assert "-->" not in text.replace("--\\>", "")


def test_conversations_number_passages_once() -> None:
    receipt = receipt_of([*conversation(), *conversation()], profile(), DAY)
    keys = [(one.paper_id, one.start, one.end) for one in receipt.citations]
    assert len(keys) == len(set(keys))
    assert [one.n for one in receipt.citations] == list(range(1, len(keys) + 1))
    assert [part.heading for part in receipt.parts][:2] == ["How many papers?", HOSTILE]


def test_a_receipt_can_be_read_back() -> None:
    receipt = receipt_of(briefing(), profile(), DAY)
    for form in FILES:
        assert read_receipt(exported(briefing(), form)) == receipt


def test_the_form_of_a_file_is_pinned() -> None:
    """A file is checked by writing it once more, so whoever changes this line raises the number of the receipt."""
    text = exported(computed(), "md")
    assert text.startswith("# Ada Byron\n\n## How many papers?\n\nThe profile holds 3 papers.\n\n- “Steady Engines” ")
    assert "- **[1]** Ada Byron, Charles Babbage: Steady Engines (May 4, 2024) <https://example.org/engines>\n" in text
    assert '"receipt":"profile-chat 1"' in text


# --- bibliographies -------------------------------------------------------------------------------------


def test_bibtex_is_read_back_as_it_was() -> None:
    papers = (
        paper(
            "On 50% of $5 & {braces}_x #1",
            "",
            ("Mehdi Ali", "Jan van der Berg"),
            PaperDate(text="May 4, 2024", year=2024, month=5, day=4),
            authors_cut=True,
            venue="Mills & Looms",
        ),
        paper("Flöge's looms", "", ("Ramona Kloß",), PaperDate(text="Jul 1", month=7, day=1)),
    )
    first, second = read_bibtex(bibtex(papers), "x.bib")
    assert (first.authors, first.authors_cut, first.year) == (papers[0].authors, True, 2024)
    assert first.title == "On 50% of $5 & braces_x #1"
    assert first.venue == "Mills & Looms"
    assert (second.title, second.authors, second.year) == ("Flöge's looms", ("Ramona Kloß",), None)


def test_bibtex_keys_differ() -> None:
    same = paper("Looms", "", ("Ada Byron",), PaperDate(text="2024", year=2024))
    assert re.findall(r"@misc\{(\w+),", bibtex([same, same])) == ["byron2024looms", "byron2024loomsb"]


def test_csl_json_states_what_is_stated_and_no_more() -> None:
    engines, looms, _ = json.loads(csl_json(profile().papers))
    assert engines["author"] == [{"family": "Byron", "given": "Ada"}, {"family": "Babbage", "given": "Charles"}]
    assert engines["issued"] == {"date-parts": [[2024, 5, 4]]}
    assert engines["URL"] == "https://example.org/engines"
    assert "issued" not in looms
    assert looms["note"] == "dated Jul 1, without a year; the printed list of authors is cut"


@pytest.mark.parametrize("form", ["bib", "csl"])
def test_bibliographies_hold_the_cited_papers_alone(form: Format) -> None:
    one = quoted().model_copy(update={"citations": quoted().citations[:1], "sentences": quoted().sentences[:1]})
    text = exported(one, form)
    assert "Steady Engines" in text
    assert "Looms" not in text
