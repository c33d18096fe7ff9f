"""Measures what a question costs beside its two bare parts: embedding it, and one query of Chroma.

All figures come from one run over one index. The three are timed in turn, question by question, so that other
work on the machine slows them alike. No question is asked twice, and the bare embedding gets the words of the
question in reverse order: as long as the question, but nothing that would fill a cache for it.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.embedding import Embedder
from rag.models import Answer, Paper, Profile
from rag.names import slug
from rag.sentences import split_sentences
from rag.store import ProfileStore

Progress = Callable[[int, int], None]

NEAREST = 10
"""Passages that the bare query asks of Chroma."""
WARM_UP = 3
"""Questions that are asked before the clock runs, so that models and graphs are in memory."""
_BY_WORD_PAIR = 30
_LONGEST_TITLE = 16


class Asked(Protocol):
    """What is measured."""

    def ask(self, question: str) -> Answer:
        """The answer to a question."""


Opener = Callable[[Profile, Embedder, Path, Progress | None], Asked]


def run(
    profile: Profile,
    papers: int | None,
    embedder: Embedder,
    open_in_folder: Opener,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Indexes the profile in a folder of its own and asks it questions of every kind.

    Args:
        profile: what is asked.
        papers: over how many papers, see `resize`; None for the profile as it is.
        embedder: makes the vectors.
        open_in_folder: builds an index in a folder and gives a chat over it.
        progress: called with (done, in all), first for passages, then for questions.

    Returns:
        `{"papers", "embed_query_ms", "chroma_query_ms", "ask_ms_p50", "ask_ms_p95", "ratio", "peak_mb"}`.
        The bare times are medians. `ratio` is the median question to the sum of the two. `peak_mb` is this
        process's, so it spans the building of the index; None on a system that doesn't tell.
    """
    asked_of = profile if papers is None else resize(profile, papers)
    with tempfile.TemporaryDirectory(prefix="profile-chat-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        chat = open_in_folder(asked_of, embedder, home, progress)
        embed, chroma, ask = _time(chat, embedder, _open_collection(home, asked_of.name), asked_of, progress)
    embed_ms, chroma_ms, ask_ms = (round(median(times), 3) for times in (embed, chroma, ask))
    return {
        "papers": len(asked_of.papers),
        "embed_query_ms": embed_ms,
        "chroma_query_ms": chroma_ms,
        "ask_ms_p50": ask_ms,
        "ask_ms_p95": round(float(np.percentile(ask, 95)), 3),
        "ratio": round(ask_ms / (embed_ms + chroma_ms), 3),
        "peak_mb": peak_mb(),
    }


def peak_mb() -> float | None:
    """The most memory that this process has held so far, in MB; None on Windows, which doesn't tell."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3), 1)


# --- a profile of another size --------------------------------------------------------------------------


def resize(profile: Profile, papers: int) -> Profile:
    """The profile with exactly `papers` papers; the same input gives the same papers.

    Fewer: the first ones. More: all of them, then made-up ones. Such a paper has the beginning of one title
    and the end of another, authors, category and date of papers drawn at random, and an abstract of whole
    sentences of other abstracts, as many as some real abstract has. So passages, author lists and dates are
    as long and as varied as the real ones, while the vocabulary does not grow, and far more papers share a
    topic than in a real profile: answers that list papers are longer than they would be.
    """
    made = tuple(islice(_made_up(profile), max(papers - len(profile.papers), 0)))
    return profile.model_copy(
        update={
            "papers": (*profile.papers[:papers], *made),
            "fingerprint": f"{profile.fingerprint}-{papers}",
            "findings": (),
        }
    )


def _made_up(profile: Profile) -> Iterator[Paper]:
    chance = random.Random(0)
    abstracts = [[span.text for span in split_sentences(paper.abstract)] for paper in profile.papers]
    sentences = [sentence for abstract in abstracts for sentence in abstract]
    number = len(profile.papers)
    while True:
        number += 1
        first, second, people, dated = (chance.choice(profile.papers) for _ in range(4))
        title = f"{_joined(first.title, second.title)} ({number})"
        drawn = chance.sample(sentences, min(len(chance.choice(abstracts)), len(sentences)))
        yield people.model_copy(
            update={
                "id": slug(title),
                "title": title,
                "date": dated.date,
                "category": dated.category,
                "abstract": " ".join(drawn),
                "links": (),
                "raw": "",
            }
        )


def _joined(first: str, second: str) -> str:
    """The first half of one title and the second half of another."""
    start, end = first.split(), second.split()
    return " ".join([*start[: (len(start) + 1) // 2], *end[len(end) // 2 :]][:_LONGEST_TITLE])


# --- questions ------------------------------------------------------------------------------------------

_BY_WORDS = (
    "How does {a} help with {b}?",
    "Which papers are about {a} and {b}?",
    "Why is {a} important for {b}?",
    "What is known about {a} of {b}?",
    "What has been found on {a}, {b} included?",
    "Which {a} was used with {b}?",
    "Wie hängt {a} mit {b} zusammen?",
    "How many {a} were compared with {b}?",
    "Welche Arbeiten handeln von {a} und {b}?",
    "Does {a} do better than {b}?",
)
_BY_TITLE = (
    "What is {title} about?",
    "What are the results of {title}?",
    "Who wrote {title}?",
    "Worum geht es in {title}?",
    "Which data does {title} use?",
    "How long did the training in {title} take?",
    "When was {title} published?",
    "Why was {title} written?",
    "Was ist das Ergebnis von {title}?",
    "Compare {title} with the other papers.",
)
_GENERAL = (
    "How many papers are there?",
    "Which papers were published in 2024?",
    "Who are the most frequent co-authors?",
    "What is the newest paper?",
    "Which papers have code?",
    "Wie viele Arbeiten gibt es aus dem Jahr 2023?",
    "What are the main themes of this research?",
    "What is the h-index?",
    "What is the capital of France?",
    "Write a poem about the sea.",
)


def make_questions(profile: Profile) -> tuple[str, ...]:
    """Fifty distinct questions: 30 by words of one sentence, 10 by title, 10 general.

    The last, and some of those by title, are computed from the records without any search. They would flatter
    the figures, so they stay a minority.
    """
    by_words = [
        _BY_WORDS[place % len(_BY_WORDS)].format(a=first, b=second)
        for place, (first, second) in enumerate(islice(_word_pairs(profile), _BY_WORD_PAIR))
    ]
    questions: list[str] = []
    for place, (by_title, general) in enumerate(zip(_BY_TITLE, _GENERAL, strict=True)):
        title = profile.papers[place % len(profile.papers)].title
        questions += [*by_words[3 * place : 3 * place + 3], by_title.format(title=title), general]
    return tuple(questions)


def _word_pairs(profile: Profile) -> Iterator[tuple[str, str]]:
    """Pairs of long words of one sentence, no word twice; words without meaning once they run out."""
    seen: set[str] = set()
    texts = [span.text for paper in profile.papers for span in split_sentences(paper.abstract)]
    for words in map(_long_words, texts[::3] + texts[1::3] + texts[2::3]):
        new = [word for word in words if word.lower() not in seen][:2]
        if len(new) == 2:
            seen.update(word.lower() for word in new)
            yield new[0], new[1]
    for number in range(_BY_WORD_PAIR):
        yield f"method {number}", f"sample {number}"


def _long_words(sentence: str) -> list[str]:
    words = dict.fromkeys(word.strip(".,;:()'\"") for word in sentence.split()[1:])
    return sorted((word for word in words if word.isalpha() and len(word) > 5), key=len, reverse=True)


# --- timing ---------------------------------------------------------------------------------------------


def _time(
    chat: Asked, embedder: Embedder, collection: Any, profile: Profile, progress: Progress | None
) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of each bare embedding, each bare query of Chroma, and each question."""
    questions = make_questions(profile)
    embed: list[float] = []
    chroma: list[float] = []
    ask: list[float] = []
    for place, question in enumerate(questions):
        started = time.perf_counter()
        vector = embedder.embed_query(" ".join(reversed(question.split())))
        embedded = time.perf_counter()
        _query(collection, vector)
        queried = time.perf_counter()
        chat.ask(question)
        answered = time.perf_counter()
        if place >= WARM_UP:
            embed.append(1e3 * (embedded - started))
            chroma.append(1e3 * (queried - embedded))
            ask.append(1e3 * (answered - queried))
        if progress is not None:
            progress(place + 1, len(questions))
    return embed, chroma, ask


def _query(collection: Any, vector: NDArray[np.float32]) -> None:
    collection.query(query_embeddings=[vector], n_results=NEAREST)


def _open_collection(home: Path, name: str) -> Any:
    """The collection of sentences that the chat in `home` searches."""
    import chromadb
    from chromadb.config import Settings

    store = ProfileStore(home, name)
    build = store.current()
    assert build is not None, "open_in_folder builds an index"
    client = chromadb.PersistentClient(str(store.index_folder(build)), settings=Settings(anonymized_telemetry=False))
    return client.get_collection(f"{build.prefix}-sentences", embedding_function=None)
