"""Which opener a connection gets, and why it may get none."""

from __future__ import annotations

import pytest

from netcore.decrypt.opened import Closed
from netcore.decrypt.openers import TLS12, TLS13, Negotiated, openers_of
from netcore.decrypt.tls12 import TLS10, AeadOpener, BlockOpener
from netcore.decrypt.tls13 import Tls13Opener

MASTER = {"CLIENT_RANDOM": b"m" * 48}
CBC = "TLS_RSA_WITH_AES_128_CBC_SHA"


@pytest.mark.parametrize(
    ("negotiated", "kind"),
    [
        (Negotiated(TLS13, "TLS_AES_128_GCM_SHA256"), Tls13Opener),
        (Negotiated(TLS12, "TLS_RSA_WITH_AES_128_GCM_SHA256"), AeadOpener),
        (Negotiated(TLS12, CBC), BlockOpener),
        (Negotiated(TLS10, CBC), BlockOpener),
    ],
)
def test_a_connection_gets_openers_of_its_kind(negotiated: Negotiated, kind: type) -> None:
    assert [type(opener) for opener in openers_of(negotiated, MASTER)] == [kind, kind]


@pytest.mark.parametrize(
    ("negotiated", "reason"),
    [
        (Negotiated(), "no ServerHello was recorded"),
        (Negotiated(0x0300, CBC), "version 0x0300 is not"),
        (Negotiated(0x7F1C, "TLS_AES_128_GCM_SHA256"), "version 0x7f1c is not"),
        (Negotiated(TLS12, "TLS_RSA_WITH_RC4_128_SHA"), "TLS_RSA_WITH_RC4_128_SHA is not"),
        (Negotiated(TLS12, ""), "the cipher suite is not"),
        (Negotiated(TLS13, CBC), "belongs to another version"),
        (Negotiated(TLS12, "TLS_AES_128_GCM_SHA256"), "belongs to another version"),
        (Negotiated(TLS10, "TLS_RSA_WITH_AES_128_GCM_SHA256"), "belongs to another version"),
        (Negotiated(TLS12, CBC, compressed=True), "compressed"),
    ],
)
def test_what_cannot_be_opened_says_why(negotiated: Negotiated, reason: str) -> None:
    for opener in openers_of(negotiated, MASTER):
        opened = opener.open(b"\x17\3\3\0\0")
        assert isinstance(opener, Closed)
        assert reason in opened.error
        assert opened.error.startswith("not decrypted: ")


def test_without_its_secret_an_older_connection_stays_closed() -> None:
    client, server = openers_of(Negotiated(TLS12, CBC), {})
    for opener in (client, server):
        assert "no CLIENT_RANDOM was recorded" in opener.open(b"\x17\3\3\0\0").error
