"""Steps of a key schedule: what is computed from what, by which function, as far as it is known.

Theory of operation. A `Ladder` takes the steps in order. Each one names its function and its
inputs, which are constants, octets of messages or outputs of steps before. What has all its inputs
is computed; what a key log has too is compared with it; what is only in the key log is taken from
there. Anything else is not known, says why, and so does all that follows from it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from netcore.decrypt.keylog import Secrets
from netcore.decrypt.keys import PRF_TLS10, hkdf_expand_label, prf
from netcore.decrypt.suites import suite_of
from netcore.pdu import Pdu

DERIVED, RECORDED, NOT_KNOWN = "derived", "recorded", ""

EXTRACT, EXPAND, DERIVE = "HKDF-Extract", "HKDF-Expand-Label", "Derive-Secret"
HMAC, PRF, HASH, TRANSCRIPT_HASH = "HMAC", "PRF", "Hash", "Transcript-Hash"
SLICE, CONCATENATE, XOR = "slice", "concatenate", "XOR"
AEAD_DECRYPT, CBC_DECRYPT = "AEAD-Decrypt", "CBC-Decrypt"
KEY_EXCHANGE, ELSEWHERE = "key exchange", "from another connection"  # computed by nobody here

Value = bytes | str | int | None


class Input(NamedTuple):
    """What goes into a step."""

    name: str  # the parameter in the RFC's word ("salt", "Label"), or that of a message
    value: Value  # octets, a label, a length; None if it is not known
    step: str = ""  # whose output it is
    pdu: Pdu | None = None  # the message or the record that it stands in


class Step(NamedTuple):
    """One value of a key schedule."""

    name: str  # of the output in the RFC's word, unique: "client_handshake_traffic_secret"
    kind: str  # what it is of: "traffic_secret"
    stage: str  # which part of the schedule it is of: "handshake"
    function: str
    inputs: tuple[Input, ...]
    digest: str  # of the function, as hashlib calls it; "" is MD5 and SHA-1 together
    output: bytes | None
    certainty: str  # DERIVED, RECORDED or NOT_KNOWN
    reason: str  # why it is not known
    label: str  # of the line of a key log that has it, where there could be one
    expected: bytes | None  # the same value from the key log or from the wire
    spec: str
    opens: tuple[Pdu, ...] = ()  # what was decrypted with it

    @property
    def equal(self) -> bool | None:
        """Whether it is what was recorded or received; None where there is nothing to compare."""
        if self.certainty != DERIVED or self.expected is None:
            return None
        return self.output == self.expected


class Known(NamedTuple):
    """What somebody knows besides the key log, such as the authors of a trace with its secrets."""

    shared_secret: bytes | None = None  # of (EC)DHE
    psk: bytes | None = None


class KeySchedule(NamedTuple):
    """The steps in order, or the reason why there are none."""

    steps: tuple[Step, ...] = ()
    reason: str = ""
    left_out: int = 0  # further KeyUpdates and tickets that are not told


class Ladder:
    """Takes steps in order and computes each from those before it."""

    def __init__(self, digest: str, secrets: Secrets) -> None:
        self.digest = digest
        self.stage = ""  # of the steps that are added next
        self._secrets = secrets
        self._steps: dict[str, Step] = {}

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps so far."""
        return tuple(self._steps.values())

    def __contains__(self, name: str) -> bool:
        return name in self._steps

    def of(self, name: str, step: str) -> Input:
        """The output of a step before, as the input of that name."""
        return Input(name, self._steps[step].output, step)

    def add(
        self,
        name: str,
        function: str,
        *inputs: Input,
        spec: str,
        kind: str = "",
        label: str = "",
        digest: str | None = None,
        expected: bytes | None = None,
        given: bytes | None = None,
        reason: str = "",
        opens: tuple[Pdu, ...] = (),
    ) -> None:
        """Add a step.

        Args:
            name: of its output; `kind` says what it is of, where the name is not that.
            function: one of the functions above; `inputs` are in the order of its parameters.
            spec: where it is written.
            label: of the line of a key log that may have it.
            digest: of the function, where it is not that of the schedule.
            expected: the value as it was received.
            given: the value, where it is known from elsewhere.
            reason: why it is not known, where that is not for want of an input.
            opens: what was decrypted with it.
        """
        used = self.digest if digest is None else digest
        recorded = self._secrets.get(label, given)
        output, certainty = _settled(_computed(function, used, inputs), recorded)
        why = "" if output is not None else reason or self._reason(label, inputs)
        found = recorded if expected is None else expected
        of = (name, kind or name, self.stage, function, inputs, used)
        self._steps[name] = Step(*of, output, certainty, why, label, found, spec, opens)

    def _reason(self, label: str, inputs: tuple[Input, ...]) -> str:
        missing = next((each for each in inputs if each.value is None), None)
        why = f"{(missing.step or missing.name)} is not known" if missing else "it does not verify"
        return f"no {label} was recorded for this connection, and {why}" if label else why


def messages_in(steps: tuple[Step, ...]) -> Iterator[Input]:
    """The inputs that are octets of messages and records, each once, in order of first use."""
    seen: set[str] = set()
    for each in (each for step in steps for each in step.inputs):
        if each.pdu is not None and isinstance(each.value, bytes) and each.name not in seen:
            seen.add(each.name)
            yield each


def _settled(computed: bytes | None, recorded: bytes | None) -> tuple[bytes | None, str]:
    """The value of a step and where it is known from. What was used counts, if the two differ."""
    if computed is not None and recorded in (None, computed):
        return computed, DERIVED
    return recorded, NOT_KNOWN if recorded is None else RECORDED


def _computed(function: str, digest: str, inputs: tuple[Input, ...]) -> bytes | None:
    """What the function gives; None where an input is missing, or a tag does not verify."""
    compute = _FUNCTIONS.get(function)
    values = [each.value for each in inputs]
    if compute is None or None in values:
        return None
    try:
        return compute(digest, *values)
    except InvalidTag:
        return None


def hash_of(digest: str, octets: bytes) -> bytes:
    """The hash of that name; "" is MD5 and SHA-1 side by side (RFC 2246 §7.4.9)."""
    if digest == PRF_TLS10:
        both = (hashlib.new(name, octets, usedforsecurity=False) for name in ("md5", "sha1"))
        return b"".join(each.digest() for each in both)
    return hashlib.new(digest, octets).digest()


def _extract(digest: str, salt: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt, ikm, digest)


def _expand(digest: str, secret: bytes, label: str, context: bytes, length: int) -> bytes:
    return hkdf_expand_label(secret, label, length, digest, context)


def _derive(digest: str, secret: bytes, label: str, transcript_hash: bytes) -> bytes:
    return _expand(digest, secret, label, transcript_hash, len(transcript_hash))


def _hmac(digest: str, key: bytes, *data: bytes) -> bytes:
    return hmac.digest(key, b"".join(data), digest)


def _prf(digest: str, secret: bytes, label: str, *rest: bytes | int) -> bytes:
    """Behind the label: the seed, perhaps in parts, and how many octets are wanted."""
    *seed, length = rest
    octets = b"".join(part for part in seed if isinstance(part, bytes))
    return prf(secret, label, octets, int.__index__(length), digest)  # type: ignore[arg-type]


def _hash(digest: str, *messages: bytes) -> bytes:
    return hash_of(digest, b"".join(messages))


def _slice(_: str, octets: bytes, start: int, end: int) -> bytes:
    return octets[start:end]


def _concatenate(_: str, *parts: bytes) -> bytes:
    return b"".join(parts)


def _xor(_: str, iv: bytes, sequence_number: int) -> bytes:
    return (int.from_bytes(iv, "big") ^ sequence_number).to_bytes(len(iv), "big")


def _aead(_: str, name: str, key: bytes, nonce: bytes, data: bytes, sealed: bytes) -> bytes:
    suite = suite_of(f"TLS_{name.removeprefix('AEAD_')}_SHA256")
    assert suite is not None, f"{name} is the AEAD of a suite that was decrypted"
    return suite.aead(key).decrypt(nonce, sealed, data)


def _cbc(_: str, key: bytes, iv: bytes, sealed: bytes) -> bytes:
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return decryptor.update(sealed) + decryptor.finalize()


_FUNCTIONS: Mapping[str, Callable[..., bytes]] = {
    EXTRACT: _extract,
    EXPAND: _expand,
    DERIVE: _derive,
    HMAC: _hmac,
    PRF: _prf,
    HASH: _hash,
    TRANSCRIPT_HASH: _hash,
    SLICE: _slice,
    CONCATENATE: _concatenate,
    XOR: _xor,
    AEAD_DECRYPT: _aead,
    CBC_DECRYPT: _cbc,
}
