"""What the page shows for an answer: input and expected text side by side."""

from __future__ import annotations

import pytest

from rag.models import (
    Answer,
    AnswerSentence,
    Citation,
    Evidence,
    Explained,
    Filter,
    Finding,
    HeaderFigure,
    Paper,
    PaperDate,
    Plan,
    Profile,
    Proof,
    QuestionKind,
    Scope,
    Usage,
    Verdict,
)
from ui.escaping import citation_href, html_text, markdown_text
from ui.explained import explanation
from ui.header import page_header, profile_facts
from ui.page_data import page_data
from ui.render import answer_message, answer_text, proof_table, source_list, tools
from ui.safe_page import content_policy
from ui.strings import SCRIPT_STRINGS, STRINGS, page_language

TEUKEN = Paper(
    id="teuken",
    title="Teuken & <friends>",
    authors=("M. Ali", "M. Fromm"),
    authors_cut=True,
    category="CL",
    date=PaperDate(text="Sep 30, 2024", year=2024, month=9, day=30),
    links=("https://example.org/teuken", "javascript:alert(1)"),
    abstract="It has 24 languages. It is open.",
)
NORM = Paper(
    id="norm",
    title="Norm",
    authors=("O. Filatov",),
    authors_cut=False,
    date=PaperDate(text="Apr 21", month=4, day=21),
    abstract="One norm. It is optimal.",
)
PROFILE = Profile(
    name="s_k",
    person="S. <K>",
    figures=(HeaderFigure(label="h-index", value="45"),),
    papers=(TEUKEN, NORM),
    source="page.txt",
    fingerprint="0",
    findings=(Finding(code="authors_cut", message="1 of 2 author lists are cut."),),
)
FIRST = Citation(n=1, paper_id="teuken", title=TEUKEN.title, passage="It has 24 languages.", start=0, end=20)
SECOND = Citation(n=1, paper_id="teuken", title=TEUKEN.title, passage="It is open.", start=21, end=32)
OTHER = Citation(n=2, paper_id="norm", title=NORM.title, passage="Norm")


def answer(text: str, *citations: Citation, verdict: Verdict = "supported", **given: object) -> Answer:
    sentences = [AnswerSentence(text="-", citations=(c.n,), verdict=verdict) for c in citations]
    fields = {
        "question": "?",
        "answer": text,
        "kind": QuestionKind.FACT,
        "language": "en",
        "scope": Scope(papers=2, abstracts=2),
        "citations": citations,
        "sentences": sentences,
    }
    return Answer.model_validate(fields | given)


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("24 languages", "24 languages"),
        ("# head", r"\# head"),
        ("    code", "code"),
        ("![x](http://h/i.png)", r"\!\[x\]\(http\:\/\/h\/i\.png\)"),
        ("<img src=x>", r"&lt;img src\=x&gt;"),
        ("a & b; &lt;", r"a &amp; b\; &amp;lt\;"),
        ("$$x^2$$", r"\$\$x\^2\$\$"),
        ("1. one\n2. two", "1\\. one\n2\\. two"),
        ("user@host www.host.org", r"user\@host www\.host\.org"),
        ("back\\slash", r"back\\slash"),
        ("nul\x00 bell\x07 turned\u202e", "nul bell turned"),
    ],
)
def test_markdown_shows_the_text_and_nothing_else(text: str, markdown: str) -> None:
    assert markdown_text(text) == markdown


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<b> \"x\" & 'y'", "&lt;b&gt; &quot;x&quot; &amp; &#x27;y&#x27;"),
        ("two\n\nlines", "two&#10;&#10;lines"),
    ],
)
def test_html_shows_the_text_on_one_line(text: str, html: str) -> None:
    assert html_text(text) == html


def test_citation_links_name_paper_and_span() -> None:
    assert citation_href("teuken", 10, 94) == "#p=teuken&s=10-94"
    assert citation_href("teuken") == "#p=teuken"
    assert citation_href('a"&s=1-2 b') == "#p=a%22%26s%3D1-2%20b"


@pytest.mark.parametrize(
    ("text", "citations", "markdown"),
    [
        ("It has 24 [1].", (FIRST,), "It has 24\u00a0[1](#p=teuken&s=0-20)\\."),
        ("A [1]. B [1].", (FIRST, SECOND),
         "A\u00a0[1](#p=teuken&s=0-20)\\. B\u00a0[1](#p=teuken&s=21-32)\\."),
        ("A [1][2]", (FIRST, OTHER), "A\u00a0[1](#p=teuken&s=0-20)[2](#p=norm)"),
        ("A [7] b", (FIRST,), "A  b"),
        ("Two:\n- A [1]\n- B [2]\nEnd", (FIRST, OTHER),
         "Two\\:\n\n- A\u00a0[1](#p=teuken&s=0-20)\n- B\u00a0[2](#p=norm)\n\nEnd"),
        ("1. A\n2. B", (), "- A\n- B"),
        ("[x](javascript:alert) [1]", (FIRST,),
         "\\[x\\]\\(javascript\\:alert\\)\u00a0[1](#p=teuken&s=0-20)"),
    ],
)  # fmt: skip
def test_markers_become_links_to_their_passages(text: str, citations: tuple[Citation, ...], markdown: str) -> None:
    assert answer_text(answer(text, *citations)) == markdown


def test_sources_are_the_cited_papers_once_each() -> None:
    assert source_list(answer("A [1] B [1]", FIRST, SECOND), PROFILE, "en") == (
        '<div class="sources"><h2>Sources</h2><ul>'
        '<li><span class="n">1</span> <span>'
        '<a class="title" href="#p=teuken&amp;s=0-20">Teuken &amp; &lt;friends&gt;</a> '
        '<span class="meta">M. Ali, M. Fromm et al. · Sep 30, 2024 · CL</span></span></li></ul></div>'
    )
    assert source_list(answer("The papers do not say this."), PROFILE, "en") == ""


def test_computed_answer_shows_rows_with_their_count() -> None:
    proof = Proof(rule="count", filter=Filter(), rows=("norm", "teuken"), notes=("1 paper has no year.",))
    counted = answer("2 papers [1]", FIRST, verdict="computed", proof=proof)
    assert proof_table(counted, PROFILE, "en") == (
        '<details class="proof" open><summary>2 papers</summary><table class="rows"><thead><tr>'
        '<th>#</th><th><button class="sort">Title</button></th>'
        '<th><button class="sort by-date">Date as printed</button></th>'
        '<th><button class="sort">Category</button></th></tr></thead><tbody>'
        '<tr><td></td><td><a class="title" href="#p=norm">Norm</a></td><td>Apr 21</td><td></td></tr>'
        '<tr><td>1</td><td><a class="title" href="#p=teuken">Teuken &amp; &lt;friends&gt;</a></td>'
        "<td>Sep 30, 2024</td><td>CL</td></tr></tbody></table>"
        '<p class="meta sum">2 here = 2 papers</p><p class="meta">1 paper has no year.</p></details>'
    )
    assert "sources" not in answer_message(counted, PROFILE, "en")


def test_message_says_what_was_checked_and_how() -> None:
    message = answer_message(
        answer("A [1].", FIRST, SECOND, notices=("5 <undated>",), timings_ms={"total": 7.6}), PROFILE, "en"
    )
    assert '<p class="notice">5 &lt;undated&gt;</p>' in message
    assert "2 titles, 2 abstracts searched · 2 of 2 sentences checked against their passage · quoted · 8 ms" in message


@pytest.mark.parametrize(
    ("conditions", "rows", "told"),
    [
        ({"year": 2024}, ("teuken",), "1 here + 1 without a year = 2 papers"),
        ({"category": "CL"}, ("teuken",), "1 here + 1 others = 2 papers"),
        ({"year": 2020}, ("norm",), "1 here + 1 others = 2 papers"),
    ],
)
def test_rows_and_the_rest_add_up_to_all_papers(
    conditions: dict[str, object], rows: tuple[str, ...], told: str
) -> None:
    proof = Proof(rule="list", filter=Filter.model_validate(conditions), rows=rows)
    assert f'<p class="meta sum">{told}</p>' in proof_table(answer("x", proof=proof), PROFILE, "en")


def test_refusal_leads_to_the_paper_that_it_names_as_near() -> None:
    refusal = answer("Not stated. Closest is “Teuken & <friends>”, not “other”.", abstained=True, kind="refusal")
    message = answer_message(refusal, PROFILE, "en")
    assert '“<a class="title near" href="#p=teuken">Teuken &amp; &lt;friends&gt;</a>”' in message
    assert message.count("<a ") == 1


def test_only_answers_can_be_copied_and_only_the_last_asked_again() -> None:
    refusal = answer("No.", abstained=True, kind="refusal")
    assert [
        name for name in ("copy-answer", "copy-link", "ask-again") if name in tools(refusal, "0", "en", is_last=True)
    ]
    assert "copy-answer" not in tools(refusal, "0", "en", is_last=True)
    assert "copy-answer" in tools(answer("A [1].", FIRST), "0", "en", is_last=False)
    assert "ask-again" not in tools(answer("A [1].", FIRST), "0", "en", is_last=False)
    assert "copy" not in tools(None, "0", "en", is_last=True)


def test_a_models_answer_names_the_model_and_what_it_used() -> None:
    class Named(Usage):
        model: str = "a<b"
        cost: float = 0.0123

    usage = Named(calls=1, prompt_tokens=1000, completion_tokens=234)
    worded = answer("A [1].", FIRST, writer="llm").model_copy(update={"usage": usage})
    assert "worded by a&lt;b · 1,234 tokens · $0.0123" in answer_message(worded, PROFILE, "en")
    plain = worded.model_copy(update={"usage": Usage()})
    assert "worded by a model</span>" in answer_message(plain, PROFILE, "en")


def test_refusal_has_no_sources() -> None:
    refusal = answer("The 2 titles and abstracts do not say this.", abstained=True, kind="refusal")
    assert answer_message(refusal, PROFILE, "en") == (
        "The 2 titles and abstracts do not say this\\.\n\n"
        '<div class="foot refusal"><span class="meta">2 titles, 2 abstracts searched</span></div>'
    )


def test_streaming_message_is_the_text_alone() -> None:
    partial = answer_message(answer("A [1].", FIRST), PROFILE, "en", complete=False)
    assert partial == "A\u00a0[1](#p=teuken&s=0-20)\\."


def test_explanation_shows_plan_and_sentences() -> None:
    plan = Plan(
        question="How many <LG>?",
        language="en",
        kind=QuestionKind.COMPUTED,
        filter=Filter.model_validate({"category": "LG", "not": {"has_code": True}}),
        because=("'how many' asks for a count",),
    )
    found = {"passage_id": "x", "paper_id": "norm", "text": "One norm.", "start": 0, "end": 9}
    evidence = Evidence.model_validate(found | {"score": 0.871, "relevance": 1, "lexical": 1, "dense": 1})
    html = explanation(Explained(answer=answer("A"), plan=plan, evidence=(evidence,)), "en")
    assert "<dt>Searched for</dt><dd>How many &lt;LG&gt;?</dd>" in html
    assert "<dt>Papers looked at</dt><dd>category: LG, not (has code: yes)</dd>" in html
    assert '<td>0.87</td><td><a class="quote" href="#p=norm&amp;s=0-9">One norm.</a></td>' in html


def test_header_counts_from_the_records_and_says_what_is_doubtful() -> None:
    assert profile_facts(PROFILE, "en") == "2 papers, 2024, 1 without a year"
    assert profile_facts(PROFILE, "de") == "2 Arbeiten, 2024, 1 ohne Jahr"
    header = page_header(PROFILE, None, "en")
    assert "<h1>S. &lt;K&gt;</h1>" in header
    assert "no model: answers are quotes" in header
    assert "<summary>What is doubtful (1)</summary>" in header
    assert "model: x&lt;y" in page_header(PROFILE, "x<y", "en")


def test_page_data_cannot_end_its_element_and_has_no_script_address() -> None:
    data = page_data(PROFILE).removeprefix('<script type="application/json" id="profile-data">')
    assert "<" not in data.removesuffix("</script>")
    assert "&" not in data
    assert "https://example.org/teuken" in data
    assert "javascript:" not in data


def test_policy_allows_the_scripts_of_the_page_only() -> None:
    policy = content_policy(b'<script src="a.js"></script><script>1</script>')
    # echo -n 1 | openssl sha256 -binary | base64
    assert "script-src 'self' 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s=';" in policy
    assert "default-src 'self'" in policy
    assert "unsafe-eval" not in policy


def test_every_text_exists_in_both_languages_with_the_same_places() -> None:
    for table in (STRINGS, SCRIPT_STRINGS):
        assert table["en"].keys() == table["de"].keys()
        for key, english in table["en"].items():
            assert sorted(_places(english)) == sorted(_places(table["de"][key])), key


def _places(text: str) -> list[str]:
    return [part.split("}")[0] for part in text.split("{")[1:]]


@pytest.mark.parametrize(
    ("accepted", "wanted", "language"),
    [("de-DE,de;q=0.9,en;q=0.8", "", "de"), ("en-US", "", "en"), ("fr", "", "en"), ("", "", "en"),
     ("de", "en", "en"), ("en", "de", "de")],
)  # fmt: skip
def test_language_of_the_page(accepted: str, wanted: str, language: str) -> None:
    assert page_language(accepted, wanted) == language
