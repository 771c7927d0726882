"""What is wrong with a connection of HTTP/2, in words and codes."""

from __future__ import annotations

import h2.exceptions
import hpack
import pytest
from h2.errors import ErrorCodes

from netcore.errors import FetchError
from netcore.protocols.http2_errors import (
    code_of,
    error_name,
    explain,
    goaway_sentence,
    wrong_length,
)
from netcore.protocols.http2_frames import DATA, HEADERS, WINDOW_UPDATE


@pytest.mark.parametrize(
    ("error", "kind", "code", "said"),
    [
        (h2.exceptions.FlowControlError(), DATA, "h2.flow_control", "window of 1,000 octets"),
        (h2.exceptions.FlowControlError(), WINDOW_UPDATE, "h2.flow_control", "beyond 2^31-1"),
        (h2.exceptions.InvalidBodyLengthError(5, 4), DATA, "h2.length_mismatch", "is 5, and 4"),
        (h2.exceptions.InvalidBodyLengthError(0, 4), DATA, "h2.length_mismatch", "has none"),
        (h2.exceptions.DenialOfServiceError(), HEADERS, "h2.header_list_too_large", "2,000 octets"),
        (
            h2.exceptions.ProtocolError("Invalid content-length header: b'x'"),
            HEADERS,
            "h2.bad_header",
            "content-length",
        ),
        (h2.exceptions.ProtocolError("It is wrong."), HEADERS, "h2.protocol", "A HEADERS frame"),
    ],
)
def test_what_h2_finds_wrong_has_a_code_of_ours(
    error: h2.exceptions.H2Error, kind: int, code: str, said: str
) -> None:
    failure = explain(error, kind, 1_000, 2_000)
    assert failure.code == code
    assert said in failure.message
    assert failure.message.endswith(".")


def test_what_hpack_finds_wrong_does_not_say_where_in_memory() -> None:
    error = h2.exceptions.ProtocolError()
    error.__cause__ = hpack.HPACKDecodingError("Unable to decode from <memory at 0x7f>")
    failure = explain(error, HEADERS, 1, 1)
    assert failure.code == "h2.compression"
    assert failure.message == "A field block cannot be read: Unable to decode."


def test_goaway_says_what_was_wrong_in_the_codes_of_the_rfc() -> None:
    codes = [code_of(FetchError(code, "")) for code in ("h2.flood", "h2.frame_size", "h2.protocol")]
    assert codes == [
        ErrorCodes.ENHANCE_YOUR_CALM,
        ErrorCodes.FRAME_SIZE_ERROR,
        ErrorCodes.PROTOCOL_ERROR,
    ]


def test_error_codes_have_the_names_of_the_rfc() -> None:
    assert [error_name(code) for code in (0, 13, 99)] == ["NO_ERROR", "HTTP_1_1_REQUIRED", "0x63"]


def test_sentences_hold_the_numbers() -> None:
    assert goaway_sentence(3, 0, b"bye", "now") == (
        "The server said GOAWAY now: NO_ERROR, with the words 'bye'. "
        "The last stream that it worked on is 3."
    )
    assert wrong_length(5_000, 4).message.startswith("content-length is 5,000, and 4 octets")
