"""A ladder computes what it can, compares it, and says of the rest why it is not known."""

from __future__ import annotations

import hashlib

import pytest

from netcore.channels import Span
from netcore.handshake.steps import (
    AEAD_DECRYPT,
    CBC_DECRYPT,
    CONCATENATE,
    DERIVED,
    EXTRACT,
    HASH,
    HMAC,
    KEY_EXCHANGE,
    NOT_KNOWN,
    RECORDED,
    SLICE,
    XOR,
    Input,
    Ladder,
    Step,
    Value,
    hash_of,
    messages_in,
)
from netcore.pdu import Pdu


def add(function: str, *values: Value, digest: str = "sha256", **more: bytes | str) -> Step:
    """One step with these inputs."""
    ladder = Ladder(digest, {"LOGGED": b"logged"})
    inputs = [Input(f"input{at}", value) for at, value in enumerate(values)]
    ladder.add("output", function, *inputs, spec="RFC 1", **more)  # type: ignore[arg-type]
    return ladder.steps[0]


@pytest.mark.parametrize(
    ("function", "values", "output"),
    [
        (SLICE, (b"abcdef", 1, 3), b"bc"),
        (CONCATENATE, (b"a", b"", b"bc"), b"abc"),
        (XOR, (b"\0\0\xff", 0x101), b"\0\1\xfe"),
        (HASH, (b"a", b"b"), hashlib.sha256(b"ab").digest()),
        (HASH, (), hashlib.sha256().digest()),
    ],
)
def test_a_function_takes_its_inputs_in_order(
    function: str, values: tuple[Value, ...], output: bytes
) -> None:
    step = add(function, *values)
    assert step.output == output
    assert step.certainty == DERIVED
    assert step.equal is None


def test_hkdf_extract_is_that_of_rfc_5869() -> None:
    # Appendix A.1
    salt, ikm = bytes(range(13)), b"\x0b" * 22
    assert add(EXTRACT, salt, ikm).output == bytes.fromhex(
        "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"
    )


def test_the_hash_before_tls_1_2_is_two() -> None:
    assert hash_of("", b"abc").hex() == (
        "900150983cd24fb0d6963f7d28e17f72a9993e364706816aba3e25717850c26c9cd0d89d"
    )


def test_a_missing_input_makes_a_step_unknown_and_all_that_follow() -> None:
    ladder = Ladder("sha256", {})
    ladder.add("first", KEY_EXCHANGE, spec="RFC 1", reason="nobody knows")
    ladder.add("second", SLICE, ladder.of("octets", "first"), spec="RFC 1")
    ladder.add("third", CONCATENATE, Input("a", b"a"), ladder.of("b", "second"), spec="RFC 1")
    assert [step.certainty for step in ladder.steps] == [NOT_KNOWN] * 3
    assert [step.reason for step in ladder.steps] == [
        "nobody knows",
        "first is not known",
        "second is not known",
    ]


def test_what_the_key_log_has_is_taken_from_there_where_it_cannot_be_computed() -> None:
    step = add(EXTRACT, None, b"ikm", label="LOGGED")
    assert (step.output, step.certainty, step.equal) == (b"logged", RECORDED, None)


@pytest.mark.parametrize(
    ("computed", "certainty", "equal"), [(b"logged", DERIVED, True), (b"other", RECORDED, None)]
)
def test_what_can_be_computed_too_is_compared(
    computed: bytes, certainty: str, equal: bool | None
) -> None:
    step = add(CONCATENATE, computed, label="LOGGED")
    assert (step.output, step.certainty, step.equal) == (b"logged", certainty, equal)


@pytest.mark.parametrize(("expected", "equal"), [(b"ab", True), (b"ac", False)])
def test_what_was_received_is_compared(expected: bytes, equal: bool) -> None:
    step = add(CONCATENATE, b"ab", expected=expected)
    assert (step.output, step.certainty, step.equal) == (b"ab", DERIVED, equal)


def test_a_label_that_no_line_has_is_named() -> None:
    step = add(EXTRACT, None, b"", label="OTHER")
    assert step.reason == "no OTHER was recorded for this connection, and input0 is not known"


def test_a_tag_that_does_not_verify_gives_no_octets() -> None:
    step = add(AEAD_DECRYPT, "AEAD_AES_128_GCM", bytes(16), bytes(12), b"", bytes(40))
    assert (step.output, step.reason) == (None, "it does not verify")


def test_a_digest_of_its_own_is_used() -> None:
    step = add(HMAC, b"key", b"data", digest="sha1")
    assert step.output is not None
    assert len(step.output) == 20
    assert step.digest == "sha1"


def test_cbc_is_undone_block_by_block() -> None:
    # RFC 3602 §4, case 1
    key = bytes.fromhex("06a9214036b8a15b512e03d534120006")
    iv = bytes.fromhex("3dafba429d9eb430b422da802c9fac41")
    sealed = bytes.fromhex("e353779c1079aeb82708942dbe77181a")
    assert add(CBC_DECRYPT, key, iv, sealed).output == b"Single block msg"


def test_messages_are_found_once_in_order_of_first_use() -> None:
    pdu = Pdu("tls_handshake", b"abcd", (Span("tcp:1.sent", 0, 4),))
    hello, other = Input("hello", b"abcd", pdu=pdu), Input("other", b"ab", pdu=pdu)
    ladder = Ladder("sha256", {})
    ladder.add("one", HASH, hello, Input("plain", b"x"), spec="")
    ladder.add("two", HASH, hello, other, Input("lost", None, pdu=pdu), spec="")
    assert list(messages_in(ladder.steps)) == [hello, other]
    assert "one" in ladder
    assert "three" not in ladder
