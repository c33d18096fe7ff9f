"""Faults of the product: each patches one part of it, so that the cases have to be asked again."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from rag.embedding import Embedder
from rag.lexical import BM25
from rag.models import Explained, Filter, Profile, Turn
from rag.pipeline import ProfileChat
from rag.thresholds import Thresholds, load_thresholds
from ui.compose import open_in_folder


class Product(NamedTuple):
    """The right product, and what is needed to open it over other records."""

    chat: ProfileChat
    embedder: Embedder
    folder: Path

    def over(self, profile: Profile, name: str) -> ProfileChat:
        """A chat over other records, with an index of its own."""
        return open_in_folder(profile, self.embedder, self.folder / name, None)


class Altered:
    """A chat that is judged by the records of the right one.

    Args:
        profile: whose records hold the truth.
        explain: answers.
    """

    def __init__(self, profile: Profile, explain: Callable[[str, Sequence[Turn]], Explained]) -> None:
        self.profile = profile
        self._explain = explain

    def explain(self, question: str, history: Sequence[Turn] = ()) -> Explained:
        return self._explain(question, history)


Seed = Callable[[Product], contextlib.AbstractContextManager[Altered]]


def _patched(target: str, make: Callable[[Any], Any]) -> Seed:
    """The product with `target` replaced by what `make` gives for it."""

    @contextlib.contextmanager
    def seed(product: Product) -> Iterator[Altered]:
        with pytest.MonkeyPatch.context() as patch:
            module, _, name = target.rpartition(".")
            owner = pytest.importorskip(module) if ":" not in module else _attribute(module)
            patch.setattr(owner, name, make(getattr(owner, name)))
            yield Altered(product.chat.profile, product.chat.explain)

    return seed


def _attribute(path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(pytest.importorskip(module), name)


@contextlib.contextmanager
def paper_dropped(product: Product) -> Iterator[Altered]:
    """The first paper is missing from the index."""
    papers = product.chat.profile.papers[1:]
    chat = product.over(product.chat.profile.model_copy(update={"papers": papers}), "dropped")
    yield Altered(product.chat.profile, chat.explain)


@contextlib.contextmanager
def abstracts_swapped(product: Product) -> Iterator[Altered]:
    """Two papers have each other's abstract."""
    first, second, *others = product.chat.profile.papers
    swapped = (
        first.model_copy(update={"abstract": second.abstract}),
        second.model_copy(update={"abstract": first.abstract}),
        *others,
    )
    chat = product.over(product.chat.profile.model_copy(update={"papers": swapped}), "swapped")
    yield Altered(product.chat.profile, chat.explain)


@contextlib.contextmanager
def cut_lists_ignored(product: Product) -> Iterator[Altered]:
    """Author lists that the source cuts are taken as whole."""
    papers = tuple(paper.model_copy(update={"authors_cut": False}) for paper in product.chat.profile.papers)
    chat = product.over(product.chat.profile.model_copy(update={"papers": papers}), "uncut")
    yield Altered(product.chat.profile, chat.explain)


@contextlib.contextmanager
def memory_off(product: Product) -> Iterator[Altered]:
    """A follow-up doesn't know the turns before it."""
    yield Altered(product.chat.profile, lambda question, history: product.chat.explain(question))


@contextlib.contextmanager
def refusal_off(product: Product) -> Iterator[Altered]:
    """Whatever is found is given as the answer; what more a topic's list takes in stays as it is."""
    deciding = [name for name in Thresholds.model_fields if name.startswith(("answers", "finds", "treats_first"))]
    nothing_is_too_little = load_thresholds().model_copy(update=dict.fromkeys(deciding, 0.0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rag.pipeline.load_thresholds", lambda: nothing_is_too_little)
        chat = product.over(product.chat.profile, "never-silent")
    yield Altered(product.chat.profile, chat.explain)


@contextlib.contextmanager
def bm25_off(product: Product) -> Iterator[Altered]:
    """The search by words finds nothing and knows no word."""
    with pytest.MonkeyPatch.context() as patch:
        scores = BM25.scores
        patch.setattr(BM25, "scores", lambda self, query: np.zeros_like(scores(self, query)))
        patch.setattr(BM25, "known", lambda self, query: 0.0)
        yield Altered(product.chat.profile, product.chat.explain)


def _no_meaning(similarities: Any) -> Any:
    return lambda self, vector, limit: np.full_like(similarities(self, vector, limit), 0.5)


def _year_after(make_plan: Any) -> Any:
    def plan(*given: Any) -> Any:
        made = make_plan(*given)
        return made.model_copy(update={"filter": _later(made.filter)})

    return plan


def _later(conditions: Filter) -> Filter:
    years = {name: getattr(conditions, name) for name in ("year", "year_from", "year_to")}
    return conditions.model_copy(update={name: year + 1 for name, year in years.items() if year is not None})


def _english_only(detect: Any) -> Any:
    return lambda *given, **named: "en"


def _slow(make_plan: Any) -> Any:
    def plan(*given: Any) -> Any:
        started = time.perf_counter()
        made = make_plan(*given)
        time.sleep(max(0.008, 9 * (time.perf_counter() - started)))
        return made

    return plan


dense_off = _patched("rag.index:PassageIndex.similarities", _no_meaning)
wrong_year = _patched("rag.pipeline.make_plan", _year_after)
german_off = _patched("rag.planning.reading.detect_language", _english_only)
slow_stage = _patched("rag.pipeline.make_plan", _slow)
