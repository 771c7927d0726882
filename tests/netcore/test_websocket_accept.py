"""The accept value, beside RFC 6455's example and the library."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from wsproto.utilities import generate_accept_token

from netcore.websocket_accept import accept_steps

KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def test_the_example_of_rfc_6455() -> None:
    """Section 1.3."""
    steps = accept_steps(KEY, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    assert steps.joined == "dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    assert steps.digest.hex() == "b37a4f2cc0624f1690f64606cf385945b2bec4ea"
    assert steps.accept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert steps.is_right


def test_another_answer_is_not_right() -> None:
    assert not accept_steps(KEY, "").is_right
    assert not accept_steps(KEY, KEY).is_right


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=40))
def test_it_is_what_the_library_computes(key: bytes) -> None:
    text = key.hex()
    assert accept_steps(text, "").accept == generate_accept_token(text.encode()).decode()
