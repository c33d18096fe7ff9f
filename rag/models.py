"""Every record that passes between rooms, each defined once and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Language = Literal["en", "de", "fr", "es"]
Writer = Literal["quoted", "llm"]
Verdict = Literal["supported", "computed", "frame"]


class Record(BaseModel):
    """A frozen value that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# --- what a profile holds -------------------------------------------------------------------------------


class PaperDate(Record):
    """A date with exactly the precision that the source has."""

    text: str = Field(description="as printed, e.g. 'Apr 14, 2023' or 'Apr 21'")
    year: int | None = None
    month: int | None = None
    day: int | None = None

    @property
    def order(self) -> tuple[int, int, int]:
        """Sort key for dates that have a year; a missing month or day sorts first."""
        return self.year or 0, self.month or 0, self.day or 0


class Paper(Record):
    """One paper as the profile states it."""

    id: str = Field(description="slug of the title, unique within the profile")
    title: str
    authors: tuple[str, ...] = Field(description="as printed, in order")
    authors_cut: bool = Field(description="whether the printed list ends in 'et al.' or 'and others'")
    category: str | None = Field(default=None, description="code as printed, e.g. 'CV'")
    date: PaperDate | None = None
    has_code: bool = Field(default=False, description="whether the source marks the paper as having code")
    links: tuple[str, ...] = Field(default=(), description="addresses stated by the source or the abstract")
    venue: str | None = None
    abstract: str = Field(default="", description="legible text, LaTeX resolved")
    raw: str = Field(default="", description="the entry as it stands in the source")

    @property
    def year(self) -> int | None:
        """The stated year, None where the source gives none."""
        return self.date.year if self.date else None

    @property
    def author_line(self) -> str:
        """The author list as printed, with 'et al.' where it is cut."""
        return ", ".join(self.authors) + (" et al." if self.authors_cut else "")

    @property
    def record_line(self) -> str:
        """Title, authors, date, category and venue in one line, as far as stated."""
        parts = (self.title, self.author_line, self.date.text if self.date else "", self.category, self.venue)
        return ". ".join(part for part in parts if part)


class HeaderFigure(Record):
    """A figure as the profile's header states it."""

    label: str
    value: str


class Finding(Record):
    """Something about the profile that a reader should know before trusting it."""

    code: Literal[
        "figures_contradict",
        "count_differs",
        "dates_without_year",
        "authors_cut",
        "owner_rarely_listed",
        "abstract_missing",
        "duplicate_title",
        "owner_guessed",
        "entries_unread",
    ]
    message: str


class Profile(Record):
    """A researcher's papers and what the source says about the person."""

    name: str = Field(description="short name of the profile, also its folder in the store")
    person: str
    fields: tuple[str, ...] = Field(default=(), description="category codes in the header")
    figures: tuple[HeaderFigure, ...] = ()
    papers: tuple[Paper, ...]
    source: str = Field(description="file name that it was read from")
    fingerprint: str = Field(description="sha256 of the source's bytes and of how it was read")
    findings: tuple[Finding, ...] = ()

    def paper(self, paper_id: str) -> Paper:
        """The paper with that id; KeyError if there is none."""
        for paper in self.papers:
            if paper.id == paper_id:
                return paper
        raise KeyError(paper_id)


# --- what the index holds -------------------------------------------------------------------------------


Place = tuple[str, int, int]
"""A passage's place: paper id, first character in the abstract, and one past the last; two zeros for the record."""


class Passage(Record):
    """A piece of a paper's text that can be found and cited."""

    id: str
    paper_id: str
    kind: Literal["abstract", "sentence", "record"]
    title: str = Field(description="the paper's title")
    text: str = Field(description="the text itself; a sentence is a verbatim span of the abstract")
    start: int = Field(description="first character in the abstract; 0 for a record")
    end: int = Field(description="one past the last character in the abstract; 0 for a record")
    previous_id: str | None = None
    next_id: str | None = None

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.paper_id, self.start, self.end

    @property
    def in_context(self) -> str:
        """The text as it is searched: behind its title, since many sentences say 'our method' without naming it."""
        return self.text if self.kind == "record" else f"{self.title}. {self.text}"


class Evidence(Record):
    """A sentence of an abstract, scored against a question."""

    passage_id: str
    paper_id: str
    text: str
    start: int
    end: int
    score: float = Field(description="calibrated probability that this sentence answers the question")
    relevance: float = Field(description="fused lexical and dense score in 0..1")
    lexical: float = Field(description="share of the question's words, by weight, that the sentence carries")
    dense: float = Field(description="cosine of question and sentence")

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.paper_id, self.start, self.end


# --- what a question asks -------------------------------------------------------------------------------


class QuestionKind(StrEnum):
    """What an answer has to be made of."""

    FACT = "fact"
    COMPUTED = "computed"
    TOPIC = "topic"
    SYNTHESIS = "synthesis"
    HEADER = "header"
    ABOUT = "about"
    REFUSAL = "refusal"


class Operation(StrEnum):
    """What is done: computed from the records, or (the last three) gathered from several abstracts."""

    COUNT = "count"
    LIST = "list"
    YEARS = "years"
    BUSIEST = "busiest"
    QUIETEST = "quietest"
    OLDEST = "oldest"
    NEWEST = "newest"
    AUTHORS = "authors"
    FIRST_AUTHOR = "first_author"
    AUTHOR_COUNT = "author_count"
    DATE = "date"
    CATEGORY = "category"
    CATEGORIES = "categories"
    CODE = "code"
    COAUTHORS = "coauthors"
    COAUTHOR_COUNT = "coauthor_count"
    TITLE = "title"
    CUT_LISTS = "cut_lists"
    POSITION = "position"
    COMPARE = "compare"
    OVERVIEW = "overview"
    GATHER = "gather"


_OF_A_PAPER = frozenset(
    {
        Operation.AUTHORS,
        Operation.FIRST_AUTHOR,
        Operation.AUTHOR_COUNT,
        Operation.DATE,
        Operation.CATEGORY,
        Operation.CODE,
        Operation.TITLE,
        Operation.POSITION,
    }
)


class AnswerType(StrEnum):
    """The shape of what is asked for."""

    NUMBER = "number"
    PERSON = "person"
    DATE = "date"
    PLACE = "place"
    LIST = "list"
    REASON = "reason"
    METHOD = "method"
    DEFINITION = "definition"
    COMPARISON = "comparison"
    YES_NO = "yes_no"
    DURATION = "duration"
    PAPER = "paper"
    NAME = "name"
    THING = "thing"
    DESCRIPTION = "description"


class RefusalReason(StrEnum):
    """Why a question isn't answered."""

    NOT_IN_PROFILE = "not_in_profile"
    DETAIL_NOT_STATED = "detail_not_stated"
    OUT_OF_SCOPE = "out_of_scope"
    AMBIGUOUS = "ambiguous"
    UNSAFE = "unsafe"


class Filter(Record):
    """Conditions on papers; all of them must hold. An empty filter matches every paper."""

    category: str | None = None
    year: int | None = None
    year_from: int | None = None
    year_to: int | None = None
    month: int | None = None
    author: str | None = None
    authors: tuple[str, ...] = ()
    first_author: str | None = None
    has_code: bool | None = None
    title_word: str | None = None
    undated: bool | None = None
    papers: tuple[str, ...] | None = Field(default=None, description="ids, e.g. of an earlier answer's papers")
    exclude: Filter | None = Field(default=None, alias="not", description="papers that match this are left out")

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    def is_empty(self) -> bool:
        """Whether no condition is set."""
        return self == Filter()


class Turn(Record):
    """A question that was asked before, with what it was taken to mean and what was answered."""

    question: str
    plan: Plan | None = None
    answer: Answer | None = None


class Plan(Record):
    """What a question was understood to ask."""

    question: str = Field(description="as it will be searched: a follow-up is completed from the turns before")
    language: Language
    kind: QuestionKind
    operation: Operation | None = None
    filter: Filter = Filter()
    papers: tuple[str, ...] = Field(default=(), description="ids of papers that the question names")
    people: tuple[str, ...] = Field(default=(), description="names that the question names, as printed")
    subject: str = Field(default="", description="content words that are left once the frame is taken off")
    asked: AnswerType = AnswerType.DESCRIPTION
    general: bool = Field(default=False, description="asks what named papers are about, nothing in particular")
    things: str | None = Field(default=None, description="kind of thing that papers name, see rag/named_things.toml")
    refers_back: bool = False
    refusal: RefusalReason | None = None
    because: tuple[str, ...] = Field(default=(), description="the rules that fired, in order")

    @property
    def of_single_papers(self) -> bool:
        """Whether something of single papers is computed, which the question must name or describe."""
        return self.operation in _OF_A_PAPER


# --- what is answered -----------------------------------------------------------------------------------


class Scope(Record):
    """What was looked at for an answer."""

    papers: int
    abstracts: int
    how: Literal["all", "retrieved"] = "all"


class Citation(Record):
    """A numbered reference to a passage of one paper."""

    n: int
    paper_id: str
    title: str
    passage: str
    start: int = 0
    end: int = 0
    url: str | None = None

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.paper_id, self.start, self.end

    @property
    def is_quote(self) -> bool:
        """Whether it is a sentence of the abstract, not the record."""
        return self.end > self.start


class AnswerSentence(Record):
    """One sentence of an answer with the citations that carry it."""

    text: str
    citations: tuple[int, ...] = ()
    verdict: Verdict
    score: float = 1.0
    item: bool = Field(default=False, description="whether it stands on a line of its own, as part of a list")


class Proof(Record):
    """How a computed answer came about: the rule, the conditions and the rows."""

    rule: str
    filter: Filter
    rows: tuple[str, ...] = Field(description="paper ids, in the order shown")
    notes: tuple[str, ...] = ()


class Usage(Record):
    """What a language model was asked for and what it cost; all zero where none was asked."""

    model: str | None = None
    calls: int = 0
    kept: int = Field(default=0, description="replies that were kept from an earlier call and cost nothing")
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = Field(default=None, description="in the money that the prices are set in")
    prompts: Mapping[str, str] = Field(default_factory=dict, description="versions of the prompts, by name")


class Answer(Record):
    """What is shown for a question."""

    id: str | None = None
    question: str
    answer: str = Field(description="text with [n] markers")
    abstained: bool = False
    kind: QuestionKind
    language: Language
    scope: Scope
    refusal_reason: RefusalReason | None = None
    citations: tuple[Citation, ...] = ()
    sentences: tuple[AnswerSentence, ...] = ()
    notices: tuple[str, ...] = ()
    related: tuple[str, ...] = Field(default=(), description="questions that can be answered next")
    writer: Writer = "quoted"
    proof: Proof | None = None
    timings_ms: Mapping[str, float] = Field(default_factory=dict)
    usage: Usage = Usage()


class Unsaid(Record):
    """A sentence that a language model wrote and that is not shown."""

    text: str
    reason: str


class Explained(Record):
    """An answer with everything that led to it."""

    answer: Answer
    plan: Plan
    evidence: tuple[Evidence, ...] = ()
    unsaid: tuple[Unsaid, ...] = ()


Turn.model_rebuild()
