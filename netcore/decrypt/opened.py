"""What an opener gives for a record, and an opener of records that stay closed."""

from __future__ import annotations

from typing import NamedTuple, Protocol

HEADER = 5
CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA = 20, 21, 22, 23


class Protection(NamedTuple):
    """What a record was verified with."""

    secret: str  # the label of the secret that its keys come from: "CLIENT_TRAFFIC_SECRET_0"
    sequence_number: int  # of the record under these keys, from 0
    generation: int = 0  # how many KeyUpdate messages had replaced the secret (RFC 8446 §7.2)


class Opened(NamedTuple):
    """A record that was decrypted and verified, or the reason why it was not."""

    form: str  # of `octets`, by the dissector that reads them: "tls_inner_plaintext"
    octets: bytes  # everything that had been encrypted
    content_type: int  # what the content is; of a closed record 0, or what it must have been
    content: int  # so many of the octets, the first ones, are the content
    error: str = ""  # a sentence for a reader; then there are no octets
    protection: Protection | None = None  # None if it was not opened


class Opener(Protocol):
    """Opens the protected records of one direction, which it must be given in order."""

    def open(self, record: bytes | memoryview) -> Opened:
        """Decrypt one whole record, its header included. Never raises."""
        ...


def closed(reason: str, content_type: int = 0) -> Opened:
    """A record that stays as it is."""
    return Opened("", b"", content_type, 0, f"not decrypted: {reason}")


class Closed:
    """Opens nothing, for one reason."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def open(self, record: bytes | memoryview) -> Opened:
        """The reason. The type on the outside is the true one in TLS 1.2 and may be in 1.3."""
        return closed(self._reason, record[0] if record else 0)
