"""Makes thirty briefings with the real engine and says whether each is what a briefing has to be.

    python3 -m tests.brief_pages other.bib another.bib

Ten are of the profile that ships in English, ten in German, the others of the profiles that are named; every other
one is for a reader. Each is one A4 page, holds no sentence that does not pass the check or is said twice, and takes
no more than twice the computing time of its parts as questions to the chat. Then a hundred characters are changed in
exported files, one in each, and a hundred files are left as they are."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from rag.briefing.make import make_briefing
from rag.briefing.records import Briefing, BriefLanguage, BriefRequest, Reader
from rag.models import Language, Profile
from rag.phrases import phrase
from rag.receipts.make import export, receipt_of
from rag.receipts.records import Format
from rag.receipts.verify import verify
from rag.records import coauthor_counts, newest_first
from rag.settings import load_settings
from rag.verifier.composed import passing
from tests.test_receipts import changed, places_in
from ui.compose import LiveChat, open_chat
from ui.pdf import pdf_file

FORMS: tuple[Format, ...] = ("md", "html", "json")
_EACH = 10


class Made(NamedTuple):
    """A briefing, how long it took, and how long its parts took as questions."""

    briefing: Briefing
    seconds: float
    parts: float


def requests(profile: Profile, language: BriefLanguage) -> Iterator[BriefRequest]:
    """Ten requests of every kind; every other one with a reader's interests, which are topics of the profile."""
    papers = [paper for paper in newest_first(profile.papers) if paper.abstract]
    topics = [" ".join(paper.title.replace(":", " ").split()[:3]) for paper in papers]
    names = [name for name, _ in coauthor_counts(profile, profile.person)]
    years = sorted(paper.year for paper in papers if paper.year)
    asked: list[tuple[str, str]] = [
        ("whole", ""),
        ("whole", ""),
        ("topic", topics[0]),
        ("topic", topics[len(topics) // 2]),
        ("topic", topics[-1]),
        ("person", names[0]),
        ("person", names[-1]),
        ("paper", papers[0].title),
        ("paper", papers[-1].title),
        ("since", str(years[len(years) // 2])),
    ]
    for number, (kind, text) in enumerate(asked):
        reader = Reader(interests=(topics[1], topics[-2], "gardening")) if number % 2 else None
        yield BriefRequest.model_validate({"kind": kind, "text": text, "language": language, "reader": reader})


def make(chat: LiveChat, request: BriefRequest) -> Made | None:
    """The briefing with its times, None where the profile does not hold what was asked for."""
    # Once beforehand: what is read or embedded for the first time would be counted on one side alone.
    briefing = make_briefing(request, chat)
    if not isinstance(briefing, Briefing):
        return None
    claims = "\n".join(line.not_said for line in briefing.lines if line.not_said)
    started = time.process_time()
    for question in _parts(briefing, request):
        chat.ask(question)
    chat.check(claims)
    asked = time.process_time()
    make_briefing(request, chat)
    return Made(briefing, time.process_time() - asked, asked - started)


def _parts(briefing: Briefing, request: BriefRequest) -> Iterator[str]:
    """What the page tells, as questions."""
    language: Language = briefing.language
    yield from (phrase(f"suggest_{name}", language) for name in ("overview", "coauthors", "header"))
    yield {"en": "How many papers are there?", "de": "Wie viele Arbeiten gibt es?"}[briefing.language]
    yield {"en": "Which paper is the newest?", "de": "Welche Arbeit ist die neueste?"}[briefing.language]
    if briefing.kind == "topic":
        yield phrase("brief_ask_topic", language, topic=briefing.focus)
    for interest in request.reader.interests if request.reader else ():
        yield phrase("brief_ask_topic", language, topic=interest)
    shown = dict.fromkeys(citation.title for citation in briefing.citations if citation.end > citation.start)
    yield from (phrase("suggest_about", language, title=title) for title in shown)
    yield from (line.question for line in briefing.lines if line.question)


def faults(briefing: Briefing, profile: Profile) -> list[str]:
    """What is wrong with a briefing, nothing where it is as it has to be."""
    sentences = [line.sentence for line in briefing.lines]
    found = []
    if len(passing(sentences, briefing.citations, profile)) < len(sentences):
        found.append("a sentence does not pass the check")
    if any(sentence.verdict == "supported" and not sentence.citations for sentence in sentences):
        found.append("a sentence is not cited")
    said = [sentence.text for sentence in sentences]
    quoted = [citation.passage for citation in briefing.citations if citation.end > citation.start]
    if len(said) > len(set(said)) or len(quoted) > len(set(quoted)):
        found.append("something is said twice")
    if pages_of(pdf_file(receipt_of(briefing, profile, date.today()))) != 1:
        found.append("not one page")
    return found


def pages_of(content: bytes) -> int:
    """How many pages a PDF has, by its own count."""
    import re

    counts = re.findall(rb"/Count (\d+)", BytesIO(content).read())
    return max(map(int, counts))


def run(profiles: list[str]) -> int:
    """Makes, judges and verifies; gives the exit status."""
    rows: list[tuple[Made, Profile]] = []
    refused = wrong = 0
    plan: list[tuple[str | None, BriefLanguage]] = [(None, "en"), (None, "de"), *((one, "en") for one in profiles)]
    for place, language in plan:
        settings = load_settings()
        chat = open_chat(settings.model_copy(update={"profile": place}) if place else settings)
        chat.check("Warm.")
        count = _EACH if place is None else -(-_EACH // max(len(profiles), 1))
        for request in list(requests(chat.profile, language))[:count] if place is None else _spread(chat, count):
            made = make(chat, request)
            name = f"{chat.profile.name:<18}{language} {request.kind:<7}{'for ' if request.reader else '    '}"
            if made is None:
                refused += 1
                sys.stdout.write(f"{name} refused: {request.text}\n")
                continue
            rows.append((made, chat.profile))
            found = faults(made.briefing, chat.profile)
            wrong += bool(found)
            ratio = made.seconds / made.parts
            told = ", ".join(found) or "as it has to be"
            lines = f"{len(made.briefing.lines):>3} lines"
            sys.stdout.write(f"{name} {lines} {made.seconds:.2f} s, {ratio:.2f} × its parts: {told}\n")
    ratios = sorted(made.seconds / made.parts for made, _ in rows)
    sentences = sum(len(made.briefing.lines) for made, _ in rows)
    sys.stdout.write(
        f"{len(rows)} pages, {refused} refused, {wrong} wrong, {sentences} sentences; "
        f"time {ratios[len(ratios) // 2]:.2f} × the parts, at most {ratios[-1]:.2f} ×\n"
    )
    found, passed = edits(rows)
    sys.stdout.write(f"{found} of 100 changed characters found, {passed} of 100 untouched files pass\n")
    return int(wrong > 0 or found < 100 or passed < 100)


def _spread(chat: LiveChat, count: int) -> list[BriefRequest]:
    """Some of the ten requests, of every kind."""
    asked = list(requests(chat.profile, "en"))
    return [asked[number] for number in (0, 3, 5, 8, 9, 1, 2, 4, 6, 7)][:count]


def edits(rows: list[tuple[Made, Profile]]) -> tuple[int, int]:
    """How many of a hundred changed characters are found, and how many of a hundred untouched files pass."""
    chance = random.Random(4)
    found = passed = 0
    for number in range(100):
        made, profile = rows[number % len(rows)]
        form = FORMS[number % 3]
        text = export(made.briefing, profile, form, date.today())
        passed += not verify(text, lambda _, held=profile: held).is_damaged
        place = chance.choice(places_in(text, receipt_of(made.briefing, profile, date.today())))
        found += verify(changed(text, place, chance), lambda _, held=profile: held).is_damaged
    return found, passed


def parser() -> argparse.ArgumentParser:
    """What it is called with."""
    made = argparse.ArgumentParser(prog="python3 -m tests.brief_pages", description=__doc__)
    made.add_argument("profiles", nargs="*", metavar="FILE", help="other profiles: saved pages or .bib files")
    return made


if __name__ == "__main__":
    sys.exit(run([str(Path(one)) for one in parser().parse_args().profiles]))
