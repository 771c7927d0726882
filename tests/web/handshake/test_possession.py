"""Which signature covers which bytes: the parts in their order, each with its link."""

from __future__ import annotations

import pytest

from netcore.handshake.conversations import conversations
from netcore.handshake.trust import trust
from tests.netcore.handshake.chains import fetched
from tests.netcore.protocols import refused
from tests.web.handshake.test_trust import selected
from web.handshake.possession import ProofView, proof_view
from web.tale import Tale, tell

pytestmark = pytest.mark.wire


def shown(version: str, *, without: int = 0) -> tuple[ProofView, Tale]:
    trace = fetched(refused.sound(), version=version, tls_min="1.0")
    tale = tell(trace)
    (conversation,) = conversations(tale.explanation)
    story = trust(conversation, trace)
    assert story is not None
    if without:
        story = story._replace(proof=None)
    return proof_view(conversation, story, tale, "/t/x"), tale


def test_in_tls_1_3_the_messages_are_hashed_behind_a_context() -> None:
    view, tale = shown("1.3")
    assert [part.title for part in view.covered] == [
        "ClientHello",
        "ServerHello",
        "EncryptedExtensions",
        "Certificate",
    ]
    assert view.digest.startswith("64 spaces, “TLS 1.3, server CertificateVerify”, a zero byte")
    assert "SHA-384 of all that" in view.digest
    assert view.signature is not None
    assert selected(tale, view.signature.href)[0] == "signature"
    assert (view.state, view.verdict) == ("ok", "holds")


@pytest.mark.parametrize("version", ["1.0", "1.2"])
def test_before_that_two_randoms_and_the_key_share_stand_side_by_side(version: str) -> None:
    view, tale = shown(version)
    fields = [selected(tale, part.href)[0] for part in view.covered]
    assert fields == ["random", "random", "server_ecdh_params"]
    assert view.digest == ""
    assert "both randoms" in str(view.words.what)


def test_without_a_signature_nothing_is_claimed() -> None:
    view, _ = shown("1.3", without=1)
    assert (view.verdict, view.covered, view.signature) == ("", (), None)
    assert "nothing proves" in str(view.words.what)
