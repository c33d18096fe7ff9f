"""The address that the server listens on."""

from __future__ import annotations

import os
import socket

from rag.errors import SettingError


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens on the address, so that no other program can take it between check and start.

    Raises:
        SettingError: the port is in use, or the address isn't one of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    if os.name != "nt":  # there it would let two programs share the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise _cannot_listen(host, port, error) from None
    return listener


def page_address(host: str, port: int) -> str:
    """The address to open in a browser; a server that listens everywhere is opened on this machine."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{shown}]:{port}/" if ":" in shown else f"http://{shown}:{port}/"


def _cannot_listen(host: str, port: int, error: OSError) -> SettingError:
    if isinstance(error, PermissionError):
        return SettingError(
            f"Port {port} on {host} needs rights that this user lacks.",
            "Give one above 1023 with --port, or set PROFILE_CHAT_PORT.",
        )
    if isinstance(error, socket.gaierror) or "assign" in str(error).lower():
        return SettingError(
            f"{host} is not an address of this machine.",
            "Give another with --host, or set PROFILE_CHAT_HOST.",
        )
    return SettingError(f"Port {port} on {host} is in use.", "Give another with --port, or set PROFILE_CHAT_PORT.")
