"""`GET /v1/brief`: a briefing as a file, for the page's downloads and for programs."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import FastAPI, Query
from fastapi.responses import JSONResponse, Response

from rag.briefing.records import BriefLanguage, FocusKind
from rag.models import Answer
from ui.brief_maker import LONGEST_FIELD, BriefMaker, request_of
from ui.server import Chat

_TYPES = {
    "md": "text/markdown; charset=utf-8",
    "html": "application/octet-stream",  # as text/html it would be taken for a page of ours and get its head
    "json": "application/json",
    "pdf": "application/pdf",
    "bib": "text/plain; charset=utf-8",
    "csl": "application/vnd.citationstyles.csl+json",
}


def add_brief_api(server: FastAPI, chat: Chat, maker: BriefMaker) -> None:
    """Adds the address of a briefing's files."""

    @server.get("/v1/brief")
    def brief(
        kind: FocusKind = "whole",
        text: Annotated[str, Query(max_length=LONGEST_FIELD)] = "",
        reader: Annotated[str, Query(alias="for", max_length=LONGEST_FIELD)] = "",
        lang: BriefLanguage = "en",
        form: Annotated[Literal["md", "html", "json", "pdf", "bib", "csl"], Query(alias="format")] = "md",
    ) -> Response:
        """A briefing as a file to keep; a refusal is an answer as JSON."""
        from ui.brief_shown import file_name
        from ui.briefs import exported

        made = maker.make(request_of(kind, text, reader, lang))
        if isinstance(made, Answer):
            return JSONResponse(made.model_dump(mode="json", by_alias=True))
        content = exported(made, chat.profile, form)
        name = file_name(made, chat.profile, form)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type=_TYPES[form], headers=headers)
