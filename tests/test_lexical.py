"""Terms and BM25: what meets what, and what it's worth."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from rag.lexical import BM25, K1, B, Vocabulary, tokenize


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jülich", "Juelich"),
        ("Jülich", "Julich"),
        ("Ju\u0308lich", "Jülich"),
        ("naïve", "naive"),
        ("Straße", "strasse"),
        ("Erdős", "Erdos"),
        ("Łukasz", "Lukasz"),
        ("IL-6", "IL6"),
        ("multi-modal", "multimodal"),
        ("10mg", "10 mg"),
        ("10,000 papers", "10000 papers"),
        ("the author's networks", "author network"),
        ("studies", "study"),
        ("TRANSFORMER", "transformers"),
        ("ﬁeld", "field"),
    ],
)
def test_two_spellings_of_one_thing_meet(one: str, other: str) -> None:
    assert set(tokenize(one)) & set(tokenize(other))


@pytest.mark.parametrize(
    ("one", "other"), [("0.5", "5"), ("p53", "p63"), ("1,5", "15"), ("H100", "H200"), ("cat", "dog")]
)
def test_different_things_stay_apart(one: str, other: str) -> None:
    assert not set(tokenize(one)) & set(tokenize(other))


def test_a_compound_is_closer_to_itself_than_to_its_kin() -> None:
    scores = BM25(["we trained GPT-4", "we trained GPT-3"]).scores("GPT-3")
    assert scores[1] > scores[0] > 0


def test_terms_of_a_sentence() -> None:
    assert tokenize("How were the 3 agents of IL-6 evaluated?") == ["3", "agent", "il", "6", "il6", "evalu"]


@pytest.mark.parametrize("text", ["", "   ", "the of and", "?!…", "\ud800", "\x00"])
def test_text_without_content_has_no_terms(text: str) -> None:
    assert tokenize(text) == []


def test_scores_are_the_formula() -> None:
    index = BM25(["cat cat dog", "dog", "bird bird"])
    # "cat" is in 1 of 3 documents, twice in the first, which has 3 terms; the mean is 2.
    idf = log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    saturation = K1 * (1 - B + B * 3 / 2)
    expected = idf * 2 * (K1 + 1) / (2 + saturation)
    assert index.scores("cat") == pytest.approx([expected, 0, 0], rel=1e-6)


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    index = BM25(["graph attention", "graph network", "graph kernel"])
    rare, common = index.scores("attention").max(), index.scores("graph").max()
    assert rare > common > 0


def test_scores_come_in_the_order_of_the_documents() -> None:
    documents = [f"paper {number} about topic{number}" for number in range(50)]
    assert int(np.argmax(BM25(documents).scores("topic37"))) == 37


def test_no_shared_word_scores_zero() -> None:
    assert BM25(["cats sleep", "dogs bark"]).scores("quantum") == pytest.approx([0, 0])


@pytest.mark.parametrize("documents", [[], [""], ["the", "of"]])
def test_collections_without_words_score_zero(documents: list[str]) -> None:
    index = BM25(documents)
    assert index.scores("anything").tolist() == [0] * len(documents)
    assert index.known("anything") == 0


def test_known_is_the_seen_part_of_the_question() -> None:
    index = BM25(["graph kernels", "deep networks"])
    assert index.known("graph kernels?") == 1
    assert index.known("Wie funktionieren Wärmepumpen") == 0
    # Known "graph" (1 of 2 documents) and unknown "zebra" (0 of 2), each weighed by its idf.
    seen, unseen = log(1 + 1.5 / 1.5), log(1 + 2.5 / 0.5)
    assert index.known("graph zebra") == pytest.approx(seen / (seen + unseen))


def test_a_question_of_stop_words_has_nothing_unknown() -> None:
    assert BM25(["graph"]).known("what is it?") == 1


def test_document_frequency() -> None:
    index = BM25(["graphs and graphs", "a graph", "a tree"])
    assert [index.document_frequency(term) for term in ("graph", "tree", "zebra")] == [2, 1, 0]


# --- German words of an English collection ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "terms"),
    [
        ("Neutronen", ["neutron"]),
        ("Tokenizern", ["token"]),
        ("Diffusionsmodelle", ["diffus", "model"]),
        ("Plasmasimulationen", ["plasma", "simul"]),
        ("Quantencomputer", ["quanten", "comput"]),
        ("counterfactual", ["counterfactu"]),
        ("neutrons", ["neutron"]),
    ],
)
def test_a_word_is_taken_as_what_the_collection_has_of_it(word: str, terms: list[str]) -> None:
    texts = "neutron sources, tokenizers, diffusion models, plasma simulations, computers"
    assert Vocabulary(tokenize(texts)).terms_of(word) == terms


def test_a_part_that_the_collection_lacks_stays_unknown() -> None:
    documents = ["fast computers", "slow models"]
    assert BM25(documents).known("Computer") == 1.0
    assert 0 < BM25(documents).known("Quantencomputer") < 1
    assert BM25(documents).scores("Quantencomputern")[0] > 0
