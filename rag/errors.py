"""Errors whose text is shown to the user: what is wrong, and the mend.

ProfileChatError            base; exit status 2
├── InputError              a file, row or argument that can't be used
├── SettingError            an unknown setting, a wrong value
├── IndexDamagedError       a stored index that can't be read
├── DamagedModelError       model weights that are not what they should be
├── StorageError            a folder that can't be written
└── UnreachableError        a service that doesn't answer; exit status 3
"""


class ProfileChatError(Exception):
    """A condition that the user can mend.

    Args:
        message: one sentence that names the file, line or setting and what is wrong with it.
        mend: one sentence that says what to do about it.
    """

    exit_status = 2

    def __init__(self, message: str, mend: str) -> None:
        super().__init__(message, mend)
        self.message = message
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.message} {self.mend}"


class InputError(ProfileChatError):
    """A file, row or argument that can't be used."""


class SettingError(ProfileChatError):
    """An unknown setting or a wrong value."""


class IndexDamagedError(ProfileChatError):
    """A stored index that can't be read; it is mended by building it again."""

    def __init__(self, message: str, mend: str = "Run `profile-chat ingest --rebuild` to build it again.") -> None:
        super().__init__(message, mend)


class DamagedModelError(ProfileChatError):
    """Model weights that are missing or not what they should be."""


class StorageError(ProfileChatError):
    """A folder that can't be written."""


class UnreachableError(ProfileChatError):
    """A service that doesn't answer."""

    exit_status = 3
