"""Opens the packets of a QUIC connection, in the order in which they crossed (RFC 9001).

Theory of operation. Which keys open a packet depends on those before it: Initial keys follow from a
connection id of the client's, which a Retry replaces; the others from secrets of TLS, which a key
log names by the random of a ClientHello that stood in an Initial packet. After a Retry, or when a
version was refused, a client may send another hello with another random, so all randoms that were
seen count, the newest first. The cipher suite stands in the ServerHello; before it, for 0-RTT, all
that fit the secret are tried, and the tag tells which it was. Any secret may be missing: then the
packet stays closed and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from netcore.decrypt.keylog import Secrets
from netcore.decrypt.quic import (
    SUITES,
    VERSIONS,
    Keys,
    Unprotected,
    initial_keys,
    is_known,
    open_unmasked,
    traffic_keys,
    unmask,
)
from netcore.dissect.quic_packet import HANDSHAKE, INITIAL, NAMES, ONE_RTT, ZERO_RTT
from netcore.registries.quic import version_name

_MOST_IDS: Final = 8  # connection ids that Initial keys are derived from
_LABELS: Final = {
    (ZERO_RTT, "sent"): "CLIENT_EARLY_TRAFFIC_SECRET",
    (HANDSHAKE, "sent"): "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    (HANDSHAKE, "received"): "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    (ONE_RTT, "sent"): "CLIENT_TRAFFIC_SECRET_0",
    (ONE_RTT, "received"): "SERVER_TRAFFIC_SECRET_0",
}
SPACES: Final = {INITIAL: 0, HANDSHAKE: 1, ZERO_RTT: 2, ONE_RTT: 2}
"""Kind of packet -> its packet number space (RFC 9000 §12.3)."""


class Sealed(NamedTuple):
    """A packet under protection."""

    direction: str  # "sent" or "received"
    kind: int  # INITIAL, ZERO_RTT, HANDSHAKE or ONE_RTT
    version: int
    dcid: bytes
    octets: bytes
    number_at: int  # where the packet number begins


class Opening:
    """What is known of the keys of one connection, while its packets are read in order."""

    def __init__(self, secrets: Mapping[bytes, Secrets]) -> None:
        """`secrets` are those of all connections, by the random of a ClientHello."""
        self._secrets = secrets
        self._initial_ids: list[bytes] = []  # the newest first
        self._initial: dict[tuple[bytes, int], tuple[Keys, Keys]] = {}
        self._chosen: dict[tuple[int, str, int], Keys] = {}  # that opened a packet of this kind
        self._tried: dict[tuple[str, bytes, str, int], list[Keys]] = {}
        self._updates: dict[str, list[Keys]] = {}  # direction -> keys of each generation
        self._phase: dict[str, int] = {}  # direction -> the newest generation that opened anything
        self._largest: dict[tuple[str, int], int] = {}
        self.randoms: list[bytes] = []  # of ClientHellos, the newest first
        self.cipher_suite = ""  # by its registered name, once a ServerHello was there

    def meet(self, random: bytes) -> None:
        """A ClientHello was read."""
        if random not in self.randoms:
            self.randoms.insert(0, random)

    def open(self, packet: Sealed) -> Unprotected | str:
        """The packet without its protection, or a sentence that says why it stays closed."""
        if not is_known(packet.version):
            name = version_name(packet.version)
            return f"not decrypted: version {packet.version:#010x} ({name}) is not read here"
        keys = list(self._initial_keys(packet) if packet.kind == INITIAL else self._keys(packet))
        if not keys:
            return f"not decrypted: {self._why_no_key(packet)}"
        space = packet.direction, SPACES[packet.kind]
        for tried in keys:
            found = unmask(tried, packet.octets, packet.number_at)
            if found is None:
                return "not decrypted: it is too short to hold a sample and a tag"
            largest = self._largest.get(space, -1)
            generations = [(0, tried)]
            if packet.kind == ONE_RTT:
                generations = self._generations(packet.direction, tried, found.key_phase)
            opened = open_unmasked(found, packet.octets, largest, generations)
            if opened is not None:
                self._largest[space] = max(largest, opened.packet_number)
                self._keep(packet, tried, opened.generation)
                return opened
        return f"not decrypted: its tag does not verify with {_named(keys[0], packet)}"

    def _keep(self, packet: Sealed, keys: Keys, generation: int) -> None:
        """Remember what opened a packet, to be tried first from now on."""
        if packet.kind != INITIAL:
            self._chosen[packet.kind, packet.direction, packet.version] = keys
            self._phase[packet.direction] = max(self._phase.get(packet.direction, 0), generation)
        elif packet.dcid not in self._initial_ids and keys in self._own(packet):
            self._initial_ids = [packet.dcid, *self._initial_ids][:_MOST_IDS]

    def _own(self, packet: Sealed) -> tuple[Keys, ...]:
        """The Initial keys of the connection id that a client's packet carries."""
        of_client = packet.direction == "sent"
        return self._initial.get((packet.dcid, packet.version), ()) if of_client else ()

    def _initial_keys(self, packet: Sealed) -> Iterator[Keys]:
        own = [packet.dcid] if packet.direction == "sent" else []
        # A client that goes over to another version has been seen to seal with the old keys.
        versions = dict.fromkeys((packet.version, *VERSIONS))
        for version in versions:
            for dcid in dict.fromkeys(self._initial_ids + own):
                both = self._initial.get((dcid, version))
                if both is None:
                    both = self._initial[dcid, version] = initial_keys(dcid, version)
                yield both[packet.direction == "received"]

    def _keys(self, packet: Sealed) -> Iterator[Keys]:
        chosen = self._chosen.get((packet.kind, packet.direction, packet.version))
        if chosen is not None:
            yield chosen
            return
        label = _LABELS.get((packet.kind, packet.direction), "")
        for random in self.randoms:
            secret = self._secrets.get(random, {}).get(label)
            if secret is None:
                continue
            suite = "" if packet.kind == ZERO_RTT else self.cipher_suite
            key = (label, secret, suite, packet.version)
            if key not in self._tried:
                self._tried[key] = traffic_keys(secret, suite, packet.version, label)
            yield from self._tried[key]

    def _generations(self, direction: str, keys: Keys, key_phase: int) -> list[tuple[int, Keys]]:
        """The keys that a phase can mean: of now, or of the update before or behind (§6.3)."""
        known = self._updates.get(direction)
        if known is None or known[0] is not keys:
            known = self._updates[direction] = [keys]
        now = self._phase.get(direction, 0)
        wanted = [now] if now & 1 == key_phase else [now + 1, now - 1]
        while len(known) <= max(wanted):
            known.append(known[-1].updated())
        return [(number, known[number]) for number in wanted if number >= 0]

    def _why_no_key(self, packet: Sealed) -> str:
        if packet.kind == INITIAL:
            return "no Initial packet of the client was recorded that its keys follow from"
        label = _LABELS.get((packet.kind, packet.direction))
        if label is None:
            return f"a server sends no {NAMES[packet.kind]} packets"
        if not self.randoms:
            return "no ClientHello was recorded that would name its secrets"
        if self.cipher_suite and self.cipher_suite not in SUITES:
            return f"{self.cipher_suite} is not one that is decrypted here"
        return f"no {label} was recorded for this connection"


def _named(keys: Keys, packet: Sealed) -> str:
    return keys.label or f"keys of the connection id {packet.dcid.hex() or 'of length 0'}"
