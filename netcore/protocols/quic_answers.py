"""The answers that make no handshake: Retry and Version Negotiation, of each of which one may come.

The library acts on the first of each and passes over the others, so that a server that gives no
other answer looks like one that is silent. Here they are looked at before it has them.
"""

from __future__ import annotations

from netcore.errors import FetchError
from netcore.protocols import quic_errors as errors
from netcore.protocols.quic_fences import FencedConnection
from netcore.protocols.quic_packets import kind_of, listed_versions

_HEADER_OCTETS = 64  # the connection IDs stand in these


class Answers:
    """What came of them on one connection."""

    def __init__(self, quic: FencedConnection) -> None:
        self._quic = quic
        self._listed: list[int] = []  # versions, by the last Version Negotiation
        self._negotiated = False
        self._retries: set[bytes] = set()

    def look(self, datagram: bytes) -> FetchError | None:
        """What makes a handshake impossible, None if nothing does."""
        kind = kind_of(datagram)
        if not kind or self._quic.host_cid not in datagram[:_HEADER_OCTETS]:
            return None
        if kind == "retry":
            known = datagram in self._retries
            self._retries.add(datagram)
            return errors.retried_again() if self._quic.retries and not known else None
        self._listed, self._negotiated = listed_versions(datagram), True
        again = self._quic._version_negotiated_incompatible
        if again or not set(self._listed) & set(self._offered):
            return errors.no_common_version(self._offered, self._listed, again=again)
        return None

    def silence(self) -> FetchError | None:
        """What the only answers were, where none was one that a handshake is made of."""
        if self._quic._remote_initial_source_connection_id is not None:
            return None
        if self._retries and not self._quic.retries:
            return errors.unfit_retry()
        if self._negotiated and not self._quic._version_negotiated_incompatible:
            return errors.pointless_negotiation(self._listed)
        return None

    @property
    def _offered(self) -> list[int]:
        return [int(each) for each in self._quic.configuration.supported_versions]
