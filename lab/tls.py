"""How a lab server secures a connection, right or wrong on purpose."""

from __future__ import annotations

import base64
import ssl
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lab.authority import Authority
from lab.certificates import Certify, sound
from lab.records import Reframe

ANY_KEY: Final = "DEFAULT:@SECLEVEL=0"
"""A list of cipher suites by which OpenSSL takes keys and hashes that are too weak."""
NO_ENCRYPT_THEN_MAC: Final = 0x80000
"""OpenSSL's SSL_OP_NO_ENCRYPT_THEN_MAC, for which Python has no name (RFC 7366)."""
_OLD: Final = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)


@dataclass(frozen=True)
class Tls:
    """What a server offers, asks for and shows."""

    minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
    maximum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    certify: Certify = sound
    ciphers: str = ""  # OpenSSL's list; "" means its own, Python's or that of the old versions
    curve: str = ""  # the only one that it agrees on keys with
    alpn: tuple[str, ...] = ("http/1.1",)  # the protocols that it speaks, the best first
    options: int = 0  # OpenSSL's, beyond those that Python sets
    finite_field: Group | None = None  # in which it does Diffie-Hellman without a curve
    client_certificate: ssl.VerifyMode = ssl.CERT_NONE
    reframe: Reframe | None = None  # what is done to its first flight
    goodbye: bool = True  # it ends with close_notify

    def context(self, authority: Authority, host: str) -> ssl.SSLContext:
        """The server's context, with certificates that are made now."""
        with warnings.catch_warnings():
            # Python warns of versions that nobody should speak. This server does on purpose.
            warnings.filterwarnings("ignore", "ssl.TLSVersion.TLSv1", DeprecationWarning)
            context = authority.server_context(
                *self.certify(authority, host),
                minimum=self.minimum,
                maximum=self.maximum,
                # The old versions sign with SHA-1.
                ciphers=self.ciphers or (ANY_KEY if self.maximum in _OLD else ""),
            )
        context.set_alpn_protocols(list(self.alpn))
        context.options |= self.options
        if self.curve:
            context.set_ecdh_curve(self.curve)
        if self.finite_field:
            context.load_dh_params(str(authority.write(self.finite_field())))
        if self.client_certificate:
            context.load_verify_locations(authority.cacert)
            context.verify_mode = self.client_certificate
        return context


def ffdhe2048() -> bytes:
    """The group of RFC 7919, A.1, as PEM: its prime is made from the digits of e."""
    shift, spare = 1918, 64
    term, e, divisor = 1 << (shift + spare), 0, 0
    while term:
        e += term
        divisor += 1
        term //= divisor
    return _parameters(2**2048 - 2**1984 + ((e >> spare) + 560_316) * 2**64 - 1, 2048)


def oakley1024() -> bytes:
    """The Second Oakley Group (RFC 2409, 6.2), as PEM: its prime is made from the digits of pi."""
    shift, spare = 894, 64
    one = 1 << (shift + spare)
    pi = 4 * (4 * _arctan_of_inverse(5, one) - _arctan_of_inverse(239, one))  # Machin, 1706
    return _parameters(2**1024 - 2**960 - 1 + 2**64 * ((pi >> spare) + 129_093), 1024)


def _arctan_of_inverse(number: int, one: int) -> int:
    """arctan(1 / number), in units of which there are `one` in 1."""
    power, total, odd, sign = one // number, 0, 1, 1
    while power:
        total += sign * (power // odd)
        power //= number * number
        odd, sign = odd + 2, -sign
    return total


def _parameters(prime: int, bits: int) -> bytes:
    """PKCS #3: a sequence of two integers, the prime (with a 0, for it is not negative) and 2."""
    octets = bits // 8 + 1
    integer = b"\x02\x82" + octets.to_bytes(2, "big") + prime.to_bytes(octets, "big")
    content = integer + b"\x02\x01\x02"
    der = b"\x30\x82" + len(content).to_bytes(2, "big") + content
    lines = (b"-----BEGIN DH PARAMETERS-----\n", b"-----END DH PARAMETERS-----\n")
    return base64.encodebytes(der).join(lines)


Group = Callable[[], bytes]
"""Makes a group's parameters, as PEM."""
