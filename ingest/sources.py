"""From a file to a profile: one reader a format, chosen by what the file is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from ingest.bibtex import count_entries, most_frequent_author, read_bibtex
from ingest.findings import find_oddities
from ingest.page import looks_like_page, read_page
from rag.errors import InputError
from rag.models import Finding, Profile
from rag.names import slug

READER_VERSION = "1"
SHIPPED = "stefan_kesselheim"

Reader = Callable[[str, str, str, str | None], Profile]


def read_profile(path: Path, owner: str | None = None) -> Profile:
    """Reads the profile in `path`.

    Args:
        path: a saved profile page, or a bibliography (.bib).
        owner: whose profile a bibliography is, as it names none; its most frequent author if not given.

    Raises:
        InputError: naming the file (and line) that can't be used, and why.
    """
    text = _read_text(path)
    reader = _READERS.get(path.suffix.lower()) or (_from_page if looks_like_page(text) else None)
    if reader is None:
        raise InputError(
            f"{path} is not a profile: it is neither a saved profile page nor a bibliography.",
            "Give the page saved as text ('CVApr 14, 2023' above each title), or a .bib file.",
        )
    return reader(text, path.name, _fingerprint(text), owner)


def source_fingerprint(path: Path) -> str:
    """What `read_profile(path)` would give as the profile's fingerprint, without reading its papers.

    Raises:
        InputError: if the file can't be read as text.
    """
    return _fingerprint(_read_text(path))


def shipped_profile_path(name: str = SHIPPED) -> Path | None:
    """Where the profile that ships under `name` lies, None if none ships under it."""
    path = Path(str(files("ingest").joinpath("data", f"{name}.txt")))
    return path if path.is_file() else None


def _fingerprint(text: str) -> str:
    return hashlib.sha256(f"{READER_VERSION}\n{text}".encode()).hexdigest()


def _read_text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path} does not exist.", "Check the path of the profile.") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder.", "Give the file that holds the profile.") from None
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror}.", "Check its permissions.") from None
    if not content.strip():
        raise InputError(f"{path} is empty.", "Give a file that holds the profile.")
    if b"\0" in content:
        raise InputError(f"{path} is not a text file.", "Save the profile as text in UTF-8.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{path}, line {line}: not UTF-8.", "Save the file as text in UTF-8.") from None


def _name(text: str) -> str:
    """A folder name for `text`, also where it has no letter of the Latin alphabet."""
    return slug(text, separator="_") or f"profile_{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _from_page(text: str, source: str, fingerprint: str, _: str | None) -> Profile:
    head, papers = read_page(text, source)
    return Profile(
        name=_name(head.person),
        person=head.person,
        fields=head.fields,
        figures=head.figures,
        papers=papers,
        source=source,
        fingerprint=fingerprint,
        findings=find_oddities(head.person, head.figures, papers),
    )


def _from_bibtex(text: str, source: str, fingerprint: str, owner: str | None) -> Profile:
    papers = read_bibtex(text, source)
    person = owner or most_frequent_author(papers)
    guessed = Finding(
        code="owner_guessed",
        message=f"A bibliography names no owner; {person} is its most frequent author.",
    )
    return Profile(
        name=_name(Path(source).stem),
        person=person,
        papers=papers,
        source=source,
        fingerprint=fingerprint,
        findings=(
            *(() if owner else (guessed,)),
            *_unread(text, len(papers)),
            *find_oddities(person, (), papers),
        ),
    )


def _unread(text: str, read: int) -> tuple[Finding, ...]:
    marked = count_entries(text)
    if marked <= read:
        return ()
    message = f"{marked - read} of {marked} entries could not be read or have no title, and are left out."
    return (Finding(code="entries_unread", message=message),)


_READERS: dict[str, Reader] = {".bib": _from_bibtex, ".bibtex": _from_bibtex}
