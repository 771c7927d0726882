"""Packets of QUIC: keys, header protection, packet numbers and the AEAD (RFC 9001 §5, RFC 9369).

Theory of operation. A packet hides its number and its last flag bits under a mask that is made
from a sample of its own ciphertext; so first the mask comes off, then the AEAD opens the payload
and verifies the header with it. Initial packets have keys that follow from a connection id which
everyone can read: their protection stops accidents, not onlookers. All other keys follow from
secrets of TLS, each of which may be missing. A bit of the short header says in which phase of the
key updates a packet was sealed.

Everything here is a function of octets and secrets. Nothing is given out whose tag was not
verified, but for Retry, which has nothing that is secret.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from netcore.decrypt.keys import hkdf_expand_label
from netcore.decrypt.suites import Suite, suite_of
from netcore.registries.quic import V1, V2

SAMPLE: Final = 16  # octets (RFC 9001 §5.4.2)
MOST_NUMBER: Final = 4  # octets of a packet number on the wire
TAG: Final = 16
INITIAL_SUITE: Final = "TLS_AES_128_GCM_SHA256"
SUITES: Final = (INITIAL_SUITE, "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
_IV: Final = 12


class _Version(NamedTuple):
    """What differs between the versions."""

    salt: bytes  # of the Initial secrets
    prefix: str  # of the labels that keys are derived with
    retry_key: bytes
    retry_nonce: bytes


_VERSIONS: Final = {
    V1: _Version(  # RFC 9001 §5.2 and §5.8
        bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"),
        "quic",
        bytes.fromhex("be0c690b9f66575a1d766b54e368c84e"),
        bytes.fromhex("461599d35d632bf2239825bb"),
    ),
    V2: _Version(  # RFC 9369 §3.3
        bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9"),
        "quicv2",
        bytes.fromhex("8fb4b01b56ac48e260fbcbcead7ccc92"),
        bytes.fromhex("d86969bc2d7c6d9990efb04a"),
    ),
}


VERSIONS: Final = tuple(_VERSIONS)
"""Versions whose packets can be opened here."""


def is_known(version: int) -> bool:
    """Whether packets of a version can be opened here."""
    return version in _VERSIONS


class Unmasked(NamedTuple):
    """The header of a packet without its protection; nothing is verified yet."""

    header: bytes  # with the packet number at its end
    number: int  # as it stands on the wire
    octets: int  # of the packet number
    mask: bytes  # five octets, of which the header used as many as it needed
    sample_at: int  # octets from the beginning of the packet

    @property
    def key_phase(self) -> int:
        """Of a short header: in which phase of the key updates it was sealed (RFC 9001 §6)."""
        return self.header[0] >> 2 & 1


class Unprotected(NamedTuple):
    """A packet without its protection. Its tag was verified."""

    unmasked: Unmasked
    payload: bytes
    packet_number: int  # the whole number
    generation: int  # how many key updates had come before
    label: str  # of the secret that its keys come from; "" for an Initial packet
    version: int  # whose keys they are

    @property
    def octets(self) -> bytes:
        """The packet as it was before it was protected."""
        return self.unmasked.header + self.payload


class Keys:
    """What one direction protects packets of one kind with."""

    def __init__(self, suite: Suite, secret: bytes, version: int, label: str) -> None:
        """`label` is the name of the secret in a key log; of Initial packets it is none."""
        self.label = label
        self.secret = secret
        self._suite, self.version = suite, version
        prefix = _VERSIONS[version].prefix
        key = hkdf_expand_label(secret, f"{prefix} key", suite.key_octets, suite.digest)
        iv = hkdf_expand_label(secret, f"{prefix} iv", _IV, suite.digest)
        self.hp = hkdf_expand_label(secret, f"{prefix} hp", suite.key_octets, suite.digest)
        self.key, self.iv = key, iv
        # RFC 9001 has single blocks of AES here, which is what ECB is.
        self._block = (
            None
            if suite.mode == "CHACHA20"
            else Cipher(algorithms.AES(self.hp), modes.ECB()).encryptor()  # noqa: S305
        )
        self._aead = suite.aead(key)
        self._nonce = int.from_bytes(iv, "big")

    def mask(self, sample: bytes) -> bytes:
        """Five octets to be put over a header (RFC 9001 §5.4.3 and §5.4.4)."""
        if self._block is not None:
            return self._block.update(sample)[:5]
        cipher = Cipher(algorithms.ChaCha20(self.hp, sample), mode=None)
        return cipher.encryptor().update(bytes(5))

    def decrypt(self, packet_number: int, header: bytes, ciphertext: bytes) -> bytes | None:
        """The payload; None if the tag does not verify (RFC 9001 §5.3)."""
        nonce = (self._nonce ^ packet_number).to_bytes(_IV, "big")
        try:
            return self._aead.decrypt(nonce, ciphertext, header)
        except InvalidTag:
            return None

    def updated(self) -> Keys:
        """The next generation, but for header protection, which keeps its key (RFC 9001 §6.1)."""
        size, label = len(self.secret), f"{_VERSIONS[self.version].prefix} ku"
        secret = hkdf_expand_label(self.secret, label, size, self._suite.digest)
        return Keys(self._suite, secret, self.version, self.label)


def initial_keys(dcid: bytes, version: int) -> tuple[Keys, Keys]:
    """The client's and the server's keys of Initial packets (RFC 9001 §5.2).

    In: the Destination Connection ID of the client's first Initial packet, or of the first one
    after a Retry. Raises: KeyError for a version that is not known.
    """
    suite = suite_of(INITIAL_SUITE)
    assert suite is not None
    secret = hmac.digest(_VERSIONS[version].salt, dcid, "sha256")
    client, server = (
        hkdf_expand_label(secret, label, 32, "sha256") for label in ("client in", "server in")
    )
    return Keys(suite, client, version, ""), Keys(suite, server, version, "")


def traffic_keys(secret: bytes, cipher_suite: str, version: int, label: str) -> list[Keys]:
    """The keys that a secret of TLS gives with a cipher suite, by its registered name.

    Without a suite all those that the secret's length fits, one of which opens the packets.
    """
    names = [cipher_suite] if cipher_suite else SUITES
    suites = [suite for name in names if (suite := suite_of(name)) is not None]
    fit = {"sha256": 32, "sha384": 48}
    return [
        Keys(suite, secret, version, label)
        for suite in suites
        if fit.get(suite.digest) == len(secret) and suite.mode not in ("CBC", "CCM_8")
    ]


def whole_number(truncated: int, octets: int, largest: int) -> int:
    """The packet number of which the last octets were sent (RFC 9000 appendix A.3).

    In: the largest number that was read before in this space, -1 for none.
    """
    expected, window = largest + 1, 1 << (octets * 8)
    candidate = (expected & ~(window - 1)) | truncated
    if candidate <= expected - window // 2 and candidate < (1 << 62) - window:
        return candidate + window
    if candidate > expected + window // 2 and candidate >= window:
        return candidate - window
    return candidate


def unmask(keys: Keys, packet: bytes, number_at: int) -> Unmasked | None:
    """Take header protection off (RFC 9001 §5.4.1).

    In: a whole packet, and where its packet number begins. None: it is too short for a sample.
    """
    sample_at = number_at + MOST_NUMBER
    sample = packet[sample_at : sample_at + SAMPLE]
    if len(sample) < SAMPLE:
        return None
    mask = keys.mask(sample)
    first = packet[0] ^ (mask[0] & (0x0F if packet[0] & 0x80 else 0x1F))
    octets = (first & 3) + 1
    protected = int.from_bytes(packet[number_at : number_at + octets], "big")
    number = protected ^ int.from_bytes(mask[1 : 1 + octets], "big")
    header = bytes([first]) + packet[1:number_at] + number.to_bytes(octets, "big")
    return Unmasked(header, number, octets, mask, sample_at)


def open_unmasked(
    found: Unmasked, packet: bytes, largest: int, keys: Iterable[tuple[int, Keys]]
) -> Unprotected | None:
    """Open one packet whose header is known; None if no tag verifies.

    In: the whole packet; the largest packet number before; the keys to be tried, each with its
    generation.
    """
    number = whole_number(found.number, found.octets, largest)
    ciphertext = packet[len(found.header) :]
    for generation, tried in keys:
        payload = tried.decrypt(number, found.header, ciphertext)
        if payload is not None:
            return Unprotected(found, payload, number, generation, tried.label, tried.version)
    return None


def is_retry_genuine(packet: bytes, original_dcid: bytes, version: int) -> bool:
    """Whether the integrity tag of a Retry packet verifies (RFC 9001 §5.8).

    In: the Destination Connection ID that the client's first Initial packet had.
    """
    known = _VERSIONS.get(version)
    if known is None or len(packet) < TAG:
        return False
    pseudo = bytes([len(original_dcid)]) + original_dcid + packet[:-TAG]
    sealed = AESGCM(known.retry_key).encrypt(known.retry_nonce, b"", pseudo)
    return hmac.compare_digest(sealed, packet[-TAG:])
