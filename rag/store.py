"""Where built profiles are kept, and which build of a profile is the current one.

    HOME/profiles/NAME/current.json     names the current build; replaced in one step
    HOME/profiles/NAME/<build>/         one build: profile.json and the Chroma folder
    HOME/models/                        prepared model files

A build is complete before `current.json` names it, so a process that is killed while building leaves the
build before it in use.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from rag.errors import IndexDamagedError, StorageError
from rag.models import Profile, Record
from rag.whole_files import replace_whole

FORMAT_VERSION = 3


class Build(Record):
    """A complete build of a profile."""

    format: int = FORMAT_VERSION
    fingerprint: str
    source: str
    folder: str
    rows: dict[Literal["papers", "sentences"], int]
    embedder: str
    server: str | None = None
    prefix: str = "profile"


class ProfileStore:
    """The builds of one profile under `home`."""

    def __init__(self, home: Path, name: str) -> None:
        self.folder = home / "profiles" / name
        self.lock = self.folder / "build.lock"
        self._pointer = self.folder / "current.json"

    def current(self) -> Build | None:
        """The build in use, None if the profile has none that this version can read."""
        try:
            return Build.model_validate_json(self._pointer.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValidationError, UnicodeDecodeError):
            return None
        except OSError as error:
            raise StorageError(f"{self._pointer} can't be read: {error.strerror}.", "Check its permissions.") from None

    def stamp(self) -> int:
        """A number that changes whenever another build becomes the current one; 0 if there is none."""
        try:
            return self._pointer.stat().st_mtime_ns
        except OSError:
            return 0

    def build_folder(self, build: Build) -> Path:
        """The folder of `build`."""
        return self.folder / build.folder

    def index_folder(self, build: Build) -> Path:
        """The Chroma folder of `build`."""
        return self.folder / build.folder / "chroma"

    def profile(self, build: Build) -> Profile:
        """The profile as it was when `build` was made.

        Raises:
            IndexDamagedError: if its record is missing or can't be read.
        """
        path = self.folder / build.folder / "profile.json"
        try:
            return Profile.model_validate_json(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, ValidationError):
            raise IndexDamagedError(f"{path} is missing or damaged.") from None

    def earlier(self, now: Profile) -> Profile | None:
        """The newest profile of another build that was read from another source than `now`, None if none is kept."""
        paths = sorted(self.folder.glob("*/profile.json"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in paths:
            try:
                kept = Profile.model_validate_json(path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError, ValidationError):
                continue
            if kept.fingerprint != now.fingerprint:
                return kept
        return None

    def save_profile(self, folder: Path, profile: Profile) -> None:
        """Writes the profile's record into the build folder `folder`."""
        write_whole(folder / "profile.json", profile.model_dump_json(by_alias=True))

    def make_current(self, build: Build) -> None:
        """Puts `build` in use, in one step."""
        write_whole(self._pointer, build.model_dump_json(indent=1))


def stored_names(home: Path) -> tuple[str, ...]:
    """Names of the profiles that have a build under `home`."""
    return tuple(sorted(pointer.parent.name for pointer in (home / "profiles").glob("*/current.json")))


def find_by_source(home: Path, fingerprint: str) -> str | None:
    """The name of the stored profile whose current build was read from a source with `fingerprint`."""
    for name in stored_names(home):
        build = ProfileStore(home, name).current()
        if build and build.source == fingerprint:
            return name
    return None


def write_whole(path: Path, text: str) -> None:
    """Writes `text` so that a reader sees the old content or the new, never a part.

    Raises:
        StorageError: if the disk is full or the folder can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_whole(path, text.encode("utf-8"))
    except OSError as error:
        raise StorageError(
            f"{path} can't be written: {error.strerror}.",
            "Free some space, mend the permissions, or set PROFILE_CHAT_HOME to another folder.",
        ) from None
