"""Public halves of key exchanges: what their octets are depends on the group.

Hybrid groups join an ML-KEM part and a point; which of them comes first differs, and the server's
ML-KEM part is no key but a ciphertext (RFC 10024). A half that has not the size that its group
asks for is left in one piece.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, NamedTuple

from netcore.dissect.elliptic import read_point
from netcore.reader import Reader


class _MlKem(NamedTuple):
    """Octets of the parts of a key and of a ciphertext: FIPS 203 §8."""

    t: int
    c1: int
    c2: int


class _Form(NamedTuple):
    """What a half is made of: an ML-KEM part, and a point before or behind it."""

    spec: str
    mlkem: _MlKem
    before: int = 0  # octets of an uncompressed point
    behind: int = 0  # octets of an x25519 public value


SEED_OCTETS: Final = 32
_MLKEM768: Final = _MlKem(1152, 960, 128)
_MLKEM1024: Final = _MlKem(1536, 1408, 160)
_FORMS: Final = MappingProxyType(
    {
        512: _Form("draft-ietf-tls-mlkem", _MlKem(768, 640, 128)),
        513: _Form("draft-ietf-tls-mlkem", _MLKEM768),
        514: _Form("draft-ietf-tls-mlkem", _MLKEM1024),
        4587: _Form("RFC 10024", _MLKEM768, before=65),
        4588: _Form("RFC 10024", _MLKEM768, behind=32),
        4589: _Form("RFC 10024", _MLKEM1024, before=97),
    }
)
_CURVES: Final = frozenset({*range(1, 29), 31, 32, 33, 41})  # their points have two coordinates
_UNCOMPRESSED = b"\x04"


def read_client_share(r: Reader, name: str, length_bits: int, group: int) -> None:
    """RFC 8446 §4.2.8: a length, and the client's half in that group."""
    _read_share(r, name, length_bits, group, is_client=True)


def read_server_share(r: Reader, name: str, length_bits: int, group: int) -> None:
    """RFC 8446 §4.2.8: a length, and the server's half in that group."""
    _read_share(r, name, length_bits, group, is_client=False)


def read_public_point(r: Reader, name: str, length_bits: int) -> None:
    """RFC 8422 §5.7: a length, and a half in a group that another message names.

    Those of x25519 and x448 have 32 and 56 octets; the points of curves have an odd number.
    """
    length = r.uint(f"{name}_length", length_bits)
    if _is_point(r.peek(length)):
        with r.block(name, length):
            read_point(r)
    else:
        r.octets(name, length)


def _read_share(r: Reader, name: str, length_bits: int, group: int, is_client: bool) -> None:
    length = r.uint(f"{name}_length", length_bits)
    form = _FORMS.get(group)
    if form and length == _size(form, is_client):
        with r.block(name, length, form.spec):
            _read_hybrid(r, form, is_client)
    elif group in _CURVES and _is_point(r.peek(length)):
        with r.block(name, length):
            read_point(r)
    else:
        r.octets(name, length)


def _is_point(octets: bytes) -> bool:
    return octets[:1] == _UNCOMPRESSED and len(octets) % 2 == 1 and len(octets) > 2


def _size(form: _Form, is_client: bool) -> int:
    mlkem = form.mlkem
    own = mlkem.t + SEED_OCTETS if is_client else mlkem.c1 + mlkem.c2
    return form.before + own + form.behind


def _read_hybrid(r: Reader, form: _Form, is_client: bool) -> None:
    if form.before:
        with r.block("point", form.before):
            read_point(r)
    if is_client:
        with r.group("encapsulation_key", "FIPS 203 §5.1"):
            r.octets("t", form.mlkem.t)
            r.octets("rho", SEED_OCTETS)
    else:
        with r.group("ciphertext", "FIPS 203 §5.2"):
            r.octets("c1", form.mlkem.c1)
            r.octets("c2", form.mlkem.c2)
    if form.behind:
        r.octets("x25519", form.behind)
