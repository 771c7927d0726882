"""Handshakes that come to no good end, seen by another client."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import pytest

from lab import Authority, LabServer
from lab.shelves.disagreement import SPOKEN_ELSEWHERE
from tests.lab.asking import client_context, secured

pytestmark = pytest.mark.wire

Start = Callable[[str], LabServer]

SAID = {
    "not-for-servers": "unsuitable certificate purpose|unsupported certificate purpose",
    "broken-certificate": "(?i)asn1",
    "other-cipher": "(?i)wrong.cipher.returned|unknown.cipher.returned",
    "not-strong-enough": "(?i)insufficient.security",
    "small-group": "(?i)dh.key.too.small",
    "no-second-time": "(?i)no.renegotiation",
}


@pytest.mark.parametrize("name", SAID)
def test_python_refuses_it_too(lab_server: Start, authority: Authority, name: str) -> None:
    context = client_context(authority)
    context.set_ciphers("DEFAULT:@SECLEVEL=2")
    with pytest.raises(ssl.SSLError, match=SAID[name]):
        secured(lab_server(name), context)


def test_a_protocol_that_was_offered_is_taken(lab_server: Start, authority: Authority) -> None:
    context = client_context(authority)
    context.set_alpn_protocols(["http/1.1", SPOKEN_ELSEWHERE])
    with secured(lab_server("other-protocol"), context) as client:
        assert client.selected_alpn_protocol() == SPOKEN_ELSEWHERE
