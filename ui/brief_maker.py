"""Briefings for the web: made once for the page and for each of its downloads."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from rag.briefing.make import make_briefing
from rag.briefing.overlap import split_interests
from rag.briefing.records import Briefing, BriefLanguage, BriefRequest, Engine, FocusKind, Reader
from rag.errors import InputError
from rag.models import Answer

LONGEST_FIELD = 2_000
_KEPT = 16


class BriefMaker:
    """Makes briefings and keeps the last few, so that a download is the page that was seen.

    Args:
        chat: the engine that they are made with.
    """

    def __init__(self, chat: Engine) -> None:
        self._chat = chat
        self._made: OrderedDict[tuple[str, BriefRequest], Briefing | Answer] = OrderedDict()
        self._lock = Lock()

    def make(self, request: BriefRequest) -> Briefing | Answer:
        """The page that was asked for, or a refusal; see `make_briefing`."""
        key = (self._chat.profile.fingerprint, request)
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]
        made = make_briefing(request, self._chat)
        with self._lock:
            self._made[key] = made
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
        return made


def request_of(kind: FocusKind, text: str, reader: str, language: BriefLanguage) -> BriefRequest:
    """What a form asks for.

    Raises:
        InputError: a field is longer than any page could need.
    """
    for field in (text, reader):
        if len(field) > LONGEST_FIELD:
            raise InputError(f"A field has {len(field):,} characters; the limit is {LONGEST_FIELD:,}.", "Shorten it.")
    interests = split_interests(reader)
    return BriefRequest(
        kind=kind,
        text="" if kind == "whole" else text.strip(),
        language=language,
        reader=Reader(interests=interests) if interests else None,
    )
