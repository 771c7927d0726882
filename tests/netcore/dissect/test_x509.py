"""The label of a certificate."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netcore.dissect.x509 import common_name
from tools.vectors import VECTORS, read_octets

CERTIFICATE = read_octets(VECTORS / "tls_handshake" / "certificate_openssl.hex")[10:]


def test_a_certificate_is_called_by_its_common_name() -> None:
    assert common_name(CERTIFICATE) == "rsa.lab.test"


@given(st.binary(max_size=60), st.integers(0, len(CERTIFICATE) - 1))
def test_other_octets_have_no_name_and_no_exception(noise: bytes, at: int) -> None:
    assert common_name(noise) == ""
    changed = CERTIFICATE[:at] + bytes([CERTIFICATE[at] ^ 0x55]) + CERTIFICATE[at + 1 :]
    assert isinstance(common_name(changed), str)
