"""What lasts of a connection of QUIC: its secrets, and a session to resume."""

from __future__ import annotations

from typing import NamedTuple

from aioquic import tls
from aioquic.quic.connection import MAX_EARLY_DATA


class QuicSession(NamedTuple):
    """What a server gave for a later connection to go on from (RFC 9001 §4.5)."""

    ticket: tls.SessionTicket
    token: bytes  # shows on the next connection that our address is ours; b"" for none
    name: str  # whom the certificate was for
    sound: bool  # whether it was verified
    form: str = "ticket"

    @property
    def takes_early_data(self) -> bool:
        """Whether the server said that it takes requests in the first flight."""
        return self.ticket.max_early_data_size == MAX_EARLY_DATA


class KeyLog:
    """What the library writes secrets to, as to a file."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def write(self, line: str) -> int:
        """Take a line, with its line feed."""
        self._lines.append(line.rstrip("\n"))
        return len(line)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> list[str]:
        """The lines that were not taken before."""
        taken, self._lines = self._lines, []
        return taken
