"""What is wrong with HTTP/3, in our codes and in those of the RFC."""

from __future__ import annotations

import pytest
from aioquic.h3.connection import (
    ErrorCode,
    FrameUnexpected,
    MissingSettingsError,
    ProtocolError,
    QpackDecompressionFailed,
    SettingsError,
    StreamCreationError,
)

from netcore.errors import FetchError
from netcore.protocols.http3_errors import as_http3, code_of, explain


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (FrameUnexpected("DATA frame"), "h3.frame_unexpected", "H3_FRAME_UNEXPECTED: DATA frame)"),
        (SettingsError("twice"), "h3.settings", "H3_SETTINGS_ERROR: twice)"),
        (MissingSettingsError(), "h3.settings", "the first frame on its control stream"),
        (QpackDecompressionFailed(), "h3.qpack", "cannot be unpacked"),
        (StreamCreationError("Only one"), "h3.protocol", "H3_STREAM_CREATION_ERROR: Only one)"),
    ],
)
def test_what_the_library_found(error: ProtocolError, code: str, words: str) -> None:
    failure = explain(error)
    assert failure.code == code
    assert words in failure.message
    assert failure.message.endswith(".")


def test_what_the_server_is_told() -> None:
    assert code_of(FetchError("h3.qpack", "")) == ErrorCode.QPACK_DECOMPRESSION_FAILED
    assert code_of(FetchError("limit.interim", "")) == ErrorCode.H3_EXCESSIVE_LOAD
    assert code_of(FetchError("h3.protocol", "")) == ErrorCode.H3_MESSAGE_ERROR


def test_what_http_2_judges_too() -> None:
    failure = as_http3(FetchError("h2.bad_header", "It has no place in HTTP/2."))
    assert (failure.code, failure.message) == ("h3.protocol", "It has no place in HTTP/3.")
    failure = as_http3(FetchError("h2.header_list_too_large", "x"))
    assert failure.code == "h3.header_too_large"
