"""A saved profile page is read as it stands: nothing lost, nothing invented, what is off is said."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import NamedTuple

import pytest

from ingest.page import read_page
from ingest.sources import read_profile, shipped_profile_path
from rag.errors import InputError
from rag.models import Paper, Profile
from rag.sentences import split_sentences


class Expected(NamedTuple):
    """One paper as a person reads it off the page."""

    title: str
    authors: tuple[str, ...]
    cut: bool
    category: str
    date: str
    year: int | None
    month: int
    day: int
    code: bool
    links: tuple[str, ...]
    sentences: int
    first_words: str
    last_words: str


PAPERS = (
    Expected(
        title="A Comparative Study on Generative Models for High Resolution Solar Observation Imaging",
        authors=("Mehdi Cherti", "Alexander Czernik", "Stefan Kesselheim"),
        cut=True,
        category="CV",
        date="Apr 14, 2023",
        year=2023,
        month=4,
        day=14,
        code=True,
        links=("https://github.com/SLAMPAI/generative-models-for-highres-solar-images",),
        sentences=9,
        first_words="Solar activity is one of the main drivers of variability in our solar system",
        last_words=(
            "used in this study publicly available at "
            "https://github.com/SLAMPAI/generative-models-for-highres-solar-images."
        ),
    ),
    Expected(
        title="Tokenizer Choice For LLM Training: Negligible or Crucial?",
        authors=("Mehdi Ali", "Michael Fromm", "Klaudia Thellmann"),
        cut=True,
        category="LG",
        date="Oct 12, 2023",
        year=2023,
        month=10,
        day=12,
        code=False,
        links=(),
        sentences=6,
        first_words="The recent success of Large Language Models (LLMs) has been predominantly driven by",
        last_words="additional training costs of up to 68%, due to an inefficient tokenization vocabulary.",
    ),
    Expected(
        title="Teuken-7B-Base & Teuken-7B-Instruct: Towards European LLMs",
        authors=("Mehdi Ali", "Michael Fromm", "Klaudia Thellmann"),
        cut=True,
        category="CL",
        date="Sep 30, 2024",
        year=2024,
        month=9,
        day=30,
        code=False,
        links=(),
        sentences=4,
        first_words="We present two multilingual LLMs, Teuken 7B-base and Teuken 7B-instruct, designed to",
        last_words="evidenced by their performance on European versions of ARC, HellaSwag, and TruthfulQA.",
    ),
    Expected(
        title=(
            "Physics informed Neural Networks applied to the description of wave-particle resonance in "
            "kinetic simulations of fusion plasmas"
        ),
        authors=("Jai Kumar", "David Zarzoso", "Virginie Grandgirard"),
        cut=True,
        category="COMP-PH",
        date="Aug 23, 2023",
        year=2023,
        month=8,
        day=23,
        code=False,
        links=(),
        sentences=4,
        first_words="The Vlasov-Poisson system is employed in its reduced form version (1D1V) as a test bed",
        last_words="and on the automatic-integration to solve the integral equation.",
    ),
    Expected(
        title="The Amazing Stability of Flow Matching",
        authors=("Rania Briq", "Michael Kamp", "Ohad Fried"),
        cut=True,
        category="CV",
        date="Apr 21",
        year=None,
        month=4,
        day=21,
        code=False,
        links=(),
        sentences=7,
        first_words="The success of deep generative models in generating high-quality and diverse samples is",
        last_words="help explain the reliability of flow-matching models under various perturbations.",
    ),
    Expected(
        title="Training LLMs on HPC Systems: Best Practices from the OpenGPT-X Project",
        authors=("Carolin Penke", "Chelsea Maria John", "Jan Ebert"),
        cut=True,
        category="DC",
        date="May 7",
        year=None,
        month=5,
        day=7,
        code=False,
        links=(),
        sentences=5,
        first_words="The training of large language models (LLMs) requires substantial computational",
        last_words="3D parallelism during training and the impact of features such as flash attention.",
    ),
    Expected(
        title="Hearts Gym: Learning Reinforcement Learning as a Team Event",
        authors=("Jan Ebert", "Danimir T. Doncevic", "Ramona Kloß"),
        cut=True,
        category="CY",
        date="Sep 7, 2022",
        year=2022,
        month=9,
        day=7,
        code=False,
        links=(),
        sentences=6,
        first_words="Amidst the COVID-19 pandemic, the authors of this paper organized a Reinforcement",
        last_words="For a final evaluation, the agents of the participants competed against each other.",
    ),
    Expected(
        title="Machine Learning for neutron source distributions",
        authors=("Jose Ignacio Robledo", "Norberto Schmidt", "Klaus Lieutenant"),
        cut=True,
        category="INS-DET",
        date="May 12",
        year=None,
        month=5,
        day=12,
        code=False,
        links=(),
        sentences=6,
        first_words="In light of the recent advancements in machine learning, we propose a novel approach to",
        last_words="which paves the way for further advancements in this field.",
    ),
    Expected(
        title="Polynomial, trigonometric, and tropical activations",
        authors=("Ismail Khalfaoui-Hassani", "Stefan Kesselheim"),
        cut=False,
        category="LG",
        date="Feb 3, 2025",
        year=2025,
        month=2,
        day=3,
        code=True,
        links=("https://github.com/K-H-Ismail/torchortho",),
        sentences=7,
        first_words="Which functions can be used as activations in deep neural networks? This article",
        last_words="which can be accessed via: https://github.com/K-H-Ismail/torchortho.",
    ),
    Expected(
        title="Exploring and Exploiting Stability in Latent Flow Matching",
        authors=("Rania Briq", "Michael Kamp", "Ohad Fried"),
        cut=True,
        category="LG",
        date="May 8",
        year=None,
        month=5,
        day=8,
        code=False,
        links=(),
        sentences=9,
        first_words="In this work, we show that Latent Flow-Matching (LFM) models are robust to different",
        last_words="a more than two-fold inference speedup while generating comparable outputs.",
    ),
    Expected(
        title="Lossy Neural Compression for Geospatial Analytics: A Review",
        authors=("Carlos Gomes", "Isabelle Wittmann", "Damien Robert"),
        cut=True,
        category="SP",
        date="Mar 3, 2025",
        year=2025,
        month=3,
        day=3,
        code=False,
        links=(),
        sentences=11,
        first_words="Over the past decades, there has been an explosion in the amount of available Earth",
        last_words="we devise future directions relevant to applications in EO and ESM.",
    ),
    Expected(
        title="The Artificial Scientist -- in-transit Machine Learning of Plasma Simulations",
        authors=("Jeffrey Kelling", "Vicente Bolea", "Michael Bussmann"),
        cut=True,
        category="COMP-PH",
        date="Jan 6, 2025",
        year=2025,
        month=1,
        day=6,
        code=False,
        links=(),
        sentences=8,
        first_words="Increasing HPC cluster sizes and large-scale simulations that produce petabytes of data",
        last_words="We detail challenges addressed while porting and scaling to Frontier exascale system.",
    ),
    Expected(
        title="Scaling Image Tokenizers with Grouped Spherical Quantization",
        authors=("Jiangtao Wang", "Zhen Qin", "Yifan Zhang"),
        cut=True,
        category="CV",
        date="Dec 3, 2024",
        year=2024,
        month=12,
        day=3,
        code=False,
        links=(),
        sentences=7,
        first_words="Vision tokenizers have gained a lot of attraction due to their scalability and",
        last_words="GSQ-GAN achieves a 16x down-sampling with a reconstruction FID (rFID) of 0.50.",
    ),
    Expected(
        title="Optimal Scaling Needs Optimal Norm",
        authors=("Oleg Filatov", "Jiangtao Wang", "Jan Ebert"),
        cut=True,
        category="LG",
        date="Oct 4, 2025",
        year=2025,
        month=10,
        day=4,
        code=False,
        links=(),
        sentences=7,
        first_words="Despite recent progress in optimal hyperparameter transfer under model and dataset",
        last_words="logs from over two thousand runs to support research on LLM training dynamics at scale.",
    ),
    Expected(
        title=("LEPA: Learning Geometric Equivariance in Satellite Remote Sensing Data with a Predictive Architecture"),
        authors=("Erik Scheurer", "Rocco Sedona", "Stefan Kesselheim"),
        cut=True,
        category="CV",
        date="Mar 7",
        year=None,
        month=3,
        day=7,
        code=False,
        links=(),
        sentences=8,
        first_words="Geospatial foundation models provide precomputed embeddings that serve as compact",
        last_words="increases MRR to over 0.8, enabling accurate geometric adjustment without re-encoding.",
    ),
    Expected(
        title="Memory and Bandwidth are All You Need for Fully Sharded Data Parallel",
        authors=("Jiangtao Wang", "Jan Ebert", "Oleg Filatov"),
        cut=True,
        category="DC",
        date="Mar 4, 2025",
        year=2025,
        month=3,
        day=4,
        code=False,
        links=(),
        sentences=10,
        first_words="Transformer models have revolutionized a wide spectrum of disciplines, especially in",
        last_words="enhancing training efficiency for large-scale transformer models.",
    ),
    Expected(
        title="OneProt: Towards Multi-Modal Protein Foundation Models",
        authors=("Klemens Flöge", "Srisruthi Udayakumar", "Johanna Sommer"),
        cut=True,
        category="LG",
        date="Nov 7, 2024",
        year=2024,
        month=11,
        day=7,
        code=False,
        links=(),
        sentences=8,
        first_words="Recent advances in Artificial Intelligence have enabled multi-modal systems to",
        last_words="applications in drug discovery, biocatalytic reaction planning, and protein engineering.",
    ),
    Expected(
        title="Data Pruning in Generative Diffusion Models",
        authors=("Rania Briq", "Jiangtao Wang", "Stefan Kesselheim"),
        cut=False,
        category="LG",
        date="Nov 19, 2024",
        year=2024,
        month=11,
        day=19,
        code=False,
        links=(),
        sentences=8,
        first_words="Data pruning is the problem of identifying a core subset that is most beneficial to",
        last_words="in the data distribution, which is a crucial problem in generative models.",
    ),
    Expected(
        title="JUWELS Booster -- A Supercomputer for Large-Scale AI Research",
        authors=("Stefan Kesselheim", "Andreas Herten", "Kai Krajsek"),
        cut=True,
        category="DC",
        date="Jun 30, 2021",
        year=2021,
        month=6,
        day=30,
        code=False,
        links=(),
        sentences=4,
        first_words="In this article, we present JUWELS Booster, a recently commissioned high-performance",
        last_words="from various scientific fields that require such a facility.",
    ),
)


@pytest.fixture(scope="module")
def shipped() -> Profile:
    path = shipped_profile_path()
    assert path is not None, "no profile ships with the package"
    return read_profile(path)


# --- the profile that ships -----------------------------------------------------------------------------


def test_the_page_holds_nineteen_papers_in_page_order(shipped: Profile) -> None:
    assert [paper.title for paper in shipped.papers] == [expected.title for expected in PAPERS]


@pytest.mark.parametrize("row", range(19), ids=[expected.title[:32] for expected in PAPERS])
def test_every_field_of_every_paper_is_as_printed(shipped: Profile, row: int) -> None:
    paper, expected = shipped.papers[row], PAPERS[row]
    assert paper.title == expected.title
    assert paper.authors == expected.authors
    assert paper.authors_cut is expected.cut
    assert paper.category == expected.category
    assert paper.date is not None
    assert paper.date.text == expected.date
    assert paper.date.year == expected.year
    assert paper.date.month == expected.month
    assert paper.date.day == expected.day
    assert paper.year == expected.year
    assert paper.has_code is expected.code
    assert paper.links == expected.links
    assert len(split_sentences(paper.abstract)) == expected.sentences
    assert paper.abstract.startswith(expected.first_words)
    assert paper.abstract.endswith(expected.last_words)
    assert paper.venue is None


def test_the_header_is_kept_as_stated(shipped: Profile) -> None:
    assert shipped.person == "Stefan Kesselheim"
    assert shipped.name == "stefan_kesselheim"
    assert shipped.fields == ("LG",)
    assert [(figure.label, figure.value) for figure in shipped.figures] == [
        ("h-index", "45"),
        ("papers", "19"),
        ("citations", "205"),
        ("Novelty", "35%"),
        ("AI Score", "51"),
    ]


def test_latex_is_legible_and_the_raw_text_is_kept_beside_it(shipped: Profile) -> None:
    stability, norm, solar = shipped.papers[4], shipped.papers[13], shipped.papers[0]
    assert "samples generated by flow-matching models." in stability.abstract
    assert "even when pruning 50% of the dataset." in stability.abstract
    assert r"\emph{flow-matching}" in stability.raw and r"50\%" in stability.raw
    assert "learning rate/batch size pair (η*, B*) consistently has" in norm.abstract
    assert "multiple (η, B) reach the optimal norm, only a unique (η*, B*) achieves" in norm.abstract
    assert "the first measurement of (η*, B*) scaling" in norm.abstract
    assert r"$(η^{\ast}, B^{\ast})$" in norm.raw
    assert r"\url{https://github.com/SLAMPAI" in solar.raw


def test_no_latex_is_left_and_plain_signs_are_untouched(shipped: Profile) -> None:
    for paper in shipped.papers:
        assert "\\" not in paper.abstract + paper.title
        assert "$" not in paper.abstract
        assert "  " not in paper.abstract
    assert "training costs of up to 68%," in shipped.papers[1].abstract
    assert "around 60% non-English data" in shipped.papers[2].abstract
    assert "machine--to--machine communication" in shipped.papers[10].abstract
    assert 'contrasting them with "natural images", and' in shipped.papers[10].abstract
    assert "of the Kelvin- Helmholtz instability (KHI)" in shipped.papers[11].abstract


def test_every_line_of_the_page_is_in_a_record_or_in_the_header(shipped: Profile) -> None:
    path = shipped_profile_path()
    assert path is not None
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    kept = "\n".join(paper.raw for paper in shipped.papers).splitlines()
    kept = [line for line in kept if line.strip()]
    assert kept == lines[8:], "all but the eight lines above the first paper"


def test_ids_are_unique_and_made_from_titles(shipped: Profile) -> None:
    ids = [paper.id for paper in shipped.papers]
    assert len(set(ids)) == 19
    assert ids[6] == "hearts-gym-learning-reinforcement-learning-as-a-team-event"
    assert shipped.paper(ids[6]).category == "CY"
    with pytest.raises(KeyError):
        shipped.paper("no-such-paper")


def test_an_h_index_that_cannot_be_true_is_said(shipped: Profile) -> None:
    said = {finding.code: finding.message for finding in shipped.findings}
    message = said["figures_contradict"]
    for figure in ("45", "19", "2,025", "205"):
        assert figure in message


def test_what_else_is_off_is_said_with_its_numbers(shipped: Profile) -> None:
    said = {finding.code: finding.message for finding in shipped.findings}
    assert said["dates_without_year"].startswith("5 of 19 papers have no year")
    for date in ("Apr 21", "May 7", "May 12", "May 8", "Mar 7"):
        assert date in said["dates_without_year"]
    assert said["authors_cut"].startswith("17 of 19 author lists are cut")
    assert said["owner_rarely_listed"] == "Stefan Kesselheim stands in 5 of the 19 printed author lists."
    assert set(said) == {"figures_contradict", "dates_without_year", "authors_cut", "owner_rarely_listed"}


# --- other pages ----------------------------------------------------------------------------------------

HEAD = "Ada Lovelace\n\nCS\nh-index2\n2papers\n30citations\n\n2 Papers\n\n"
ENGINE = """\
CSSep 5, 2024Code
Notes on the Analytical Engine

Ada Lovelace, Charles Babbage

The engine weaves algebraic patterns. It has no pretensions to originate anything.
"""
LOOM = """\
LGJul 1
Punched cards for looms

Joseph Jacquard, Ada Lovelace et al.

A loom reads cards. Each card lifts threads.
"""


def read(tmp_path: Path, text: str, name: str = "page.txt") -> Profile:
    path = tmp_path / name
    path.write_bytes(text.encode())
    return read_profile(path)


def only(tmp_path: Path, block: str) -> Paper:
    (paper,) = read(tmp_path, HEAD + textwrap.dedent(block)).papers
    return paper


def codes(profile: Profile) -> set[str]:
    return {finding.code for finding in profile.findings}


def test_a_page_of_another_person_is_read_the_same_way(tmp_path: Path) -> None:
    profile = read(tmp_path, HEAD + ENGINE + "\n" + LOOM)
    assert (profile.person, profile.name, profile.fields) == ("Ada Lovelace", "ada_lovelace", ("CS",))
    engine, loom = profile.papers
    assert (engine.title, engine.authors, engine.authors_cut) == (
        "Notes on the Analytical Engine",
        ("Ada Lovelace", "Charles Babbage"),
        False,
    )
    assert engine.has_code and not loom.has_code
    assert (loom.date and loom.date.text, loom.year, loom.authors_cut) == ("Jul 1", None, True)
    assert codes(profile) == {"dates_without_year", "authors_cut"}, "2 papers and 30 citations allow an h-index of 2"


@pytest.mark.parametrize(
    ("label", "month", "day", "year"),
    [
        ("CVSept 7, 2022", 9, 7, 2022),
        ("CVSeptember 7, 2022", 9, 7, 2022),
        ("CVJune 30, 2021", 6, 30, 2021),
        ("CVJanuary 06, 2025", 1, 6, 2025),
        ("CVMay 12", 5, 12, None),
        ("CVDecember 1", 12, 1, None),
        ("CVJan. 6, 2025", 1, 6, 2025),
    ],
)
def test_months_may_be_written_out(tmp_path: Path, label: str, month: int, day: int, year: int | None) -> None:
    paper = only(tmp_path, ENGINE.replace("CSSep 5, 2024Code", label))
    assert paper.category == "CV"
    assert paper.date is not None
    assert (paper.date.month, paper.date.day, paper.date.year) == (month, day, year)
    assert paper.date.text == label.removeprefix("CV")


@pytest.mark.parametrize(
    ("label", "category"),
    [
        ("Sep 5, 2024", None),
        ("Sep 5, 2024Code", None),
        ("May 5", None),
        ("cs.LGSep 5, 2024", "cs.LG"),
        ("HEP-THMar 5", "HEP-TH"),
        ("MASep 5, 2024Code", "MA"),
    ],
)
def test_the_category_is_what_stands_before_the_date(tmp_path: Path, label: str, category: str | None) -> None:
    paper = only(tmp_path, ENGINE.replace("CSSep 5, 2024Code", label))
    assert paper.category == category
    assert paper.has_code is label.endswith("Code")
    assert paper.title == "Notes on the Analytical Engine"


def test_a_paper_without_an_abstract_keeps_its_record(tmp_path: Path) -> None:
    profile = read(tmp_path, HEAD + "CSSep 5, 2024\nNotes\n\nAda Lovelace, Charles Babbage\n\n" + LOOM)
    notes, loom = profile.papers
    assert (notes.title, notes.authors, notes.abstract) == ("Notes", ("Ada Lovelace", "Charles Babbage"), "")
    assert loom.title == "Punched cards for looms"
    said = {finding.code: finding.message for finding in profile.findings}
    assert said["abstract_missing"] == "1 of 2 papers have no abstract, among them 'Notes'."


def test_a_paper_without_authors_does_not_take_its_abstract_for_names(tmp_path: Path) -> None:
    paper = only(
        tmp_path,
        """\
        CSSep 5, 2024
        Notes on the Analytical Engine

        The engine weaves algebraic patterns, as a loom weaves flowers, and it originates nothing. It ends.
        """,
    )
    assert (paper.authors, paper.authors_cut) == ((), False)
    assert paper.abstract == (
        "The engine weaves algebraic patterns, as a loom weaves flowers, and it originates nothing. It ends."
    )


def test_a_paper_with_a_title_alone_is_a_paper(tmp_path: Path) -> None:
    paper = only(tmp_path, "CSSep 5, 2024\nNotes on the Analytical Engine\n")
    assert (paper.title, paper.authors, paper.abstract) == ("Notes on the Analytical Engine", (), "")


def test_an_abstract_of_two_paragraphs_is_kept_whole(tmp_path: Path) -> None:
    paper = only(tmp_path, ENGINE + "\nA second paragraph follows.\n")
    assert paper.abstract == (
        "The engine weaves algebraic patterns. It has no pretensions to originate anything. A second paragraph follows."
    )


def test_a_title_that_only_looks_like_a_date_starts_no_paper(tmp_path: Path) -> None:
    paper = only(tmp_path, ENGINE.replace("Notes on the Analytical Engine", "Mayflower 12"))
    assert paper.title == "Mayflower 12"


def test_a_single_author_and_names_with_and(tmp_path: Path) -> None:
    assert only(tmp_path, ENGINE.replace(", Charles Babbage", "")).authors == ("Ada Lovelace",)
    assert only(tmp_path, ENGINE.replace(", Charles", " and Charles")).authors == (
        "Ada Lovelace",
        "Charles Babbage",
    )


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    text = HEAD + ENGINE + "\n" + LOOM
    plain = read(tmp_path, text)
    windows = read(tmp_path, "\ufeff" + text.replace("\n", "\r\n"), "windows.txt")
    assert (windows.person, windows.fields, windows.figures) == (plain.person, plain.fields, plain.figures)
    assert windows.papers == plain.papers


def test_two_papers_of_one_title_stay_apart_and_are_said(tmp_path: Path) -> None:
    profile = read(tmp_path, HEAD + ENGINE + "\n" + ENGINE)
    assert [paper.id for paper in profile.papers] == [
        "notes-on-the-analytical-engine",
        "notes-on-the-analytical-engine-2",
    ]
    assert "duplicate_title" in codes(profile)


def test_a_header_that_counts_differently_is_said(tmp_path: Path) -> None:
    profile = read(tmp_path, HEAD + ENGINE)
    assert [f.message for f in profile.findings if f.code == "count_differs"] == [
        "The header states 2 papers; the page lists 1."
    ]


def test_a_header_without_figures_claims_nothing(tmp_path: Path) -> None:
    profile = read(tmp_path, "Ada Lovelace\n\n" + ENGINE)
    assert (profile.person, profile.figures, profile.fields, profile.findings) == ("Ada Lovelace", (), (), ())


def test_prices_and_percentages_are_not_taken_for_latex(tmp_path: Path) -> None:
    paper = only(tmp_path, ENGINE.replace("The engine weaves", "It costs $5 or $10, 20% of A & B, ~ weaves"))
    assert paper.abstract.startswith("It costs $5 or $10, 20% of A & B, ~ weaves algebraic patterns.")


def test_accents_written_in_latex_become_letters(tmp_path: Path) -> None:
    paper = only(tmp_path, ENGINE.replace("Charles Babbage", r"G{\"o}del, Paul Erd\H{o}s"))
    assert paper.authors == ("Ada Lovelace", "Gödel", "Paul Erdős")


def test_a_page_without_papers_is_refused_with_its_name() -> None:
    with pytest.raises(InputError, match=r"page\.txt holds no paper.*Save the profile page"):
        read_page("Ada Lovelace\n\nCS\nh-index2\n0papers\n", "page.txt")


def test_a_label_without_a_title_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"page\.txt, line 10: no title follows 'CSSep 5, 2024'"):
        read(tmp_path, HEAD + "CSSep 5, 2024\n\n" + LOOM)


def test_a_page_without_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"page\.txt, line 1: no name stands above the first paper"):
        read(tmp_path, ENGINE)
