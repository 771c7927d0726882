"""What is wrong with HTTP/3 on a connection, by our codes and by those of RFC 9114 §8.1."""

from __future__ import annotations

from typing import Final

from aioquic.h3.connection import ErrorCode, ProtocolError

from netcore.errors import FetchError

_OURS: Final = {
    ErrorCode.H3_FRAME_UNEXPECTED: "h3.frame_unexpected",
    ErrorCode.H3_SETTINGS_ERROR: "h3.settings",
    ErrorCode.H3_MISSING_SETTINGS: "h3.settings",
    ErrorCode.QPACK_DECOMPRESSION_FAILED: "h3.qpack",
    ErrorCode.QPACK_ENCODER_STREAM_ERROR: "h3.qpack",
    ErrorCode.QPACK_DECODER_STREAM_ERROR: "h3.qpack",
}
_WORDS: Final = {
    ErrorCode.H3_MISSING_SETTINGS: "the first frame on its control stream was not SETTINGS",
    ErrorCode.QPACK_DECOMPRESSION_FAILED: "a field section cannot be unpacked",
    ErrorCode.QPACK_ENCODER_STREAM_ERROR: "an instruction for the dynamic table cannot be followed",
    ErrorCode.QPACK_DECODER_STREAM_ERROR: "an instruction about our own table makes no sense",
}
_CODES: Final = {
    "h3.header_too_large": ErrorCode.H3_EXCESSIVE_LOAD,
    "limit.interim": ErrorCode.H3_EXCESSIVE_LOAD,
    "h3.frame_unexpected": ErrorCode.H3_FRAME_UNEXPECTED,
    "h3.settings": ErrorCode.H3_SETTINGS_ERROR,
    "h3.qpack": ErrorCode.QPACK_DECOMPRESSION_FAILED,
}


def explain(error: ProtocolError) -> FetchError:
    """What the library found wrong."""
    code = ErrorCode(error.error_code)
    said = (error.reason_phrase or _WORDS.get(code, "")).rstrip(".")
    detail = f": {said}" if said else ""
    return FetchError(
        _OURS.get(code, "h3.protocol"), f"The server broke a rule of HTTP/3 ({code.name}{detail})."
    )


def code_of(failure: FetchError) -> int:
    """What CONNECTION_CLOSE tells the server of a failure."""
    return int(_CODES.get(failure.code, ErrorCode.H3_MESSAGE_ERROR))


def as_http3(failure: FetchError) -> FetchError:
    """The same failure of a field section or a length, which HTTP/2 and HTTP/3 judge alike."""
    codes = {"h2.header_list_too_large": "h3.header_too_large"}
    message = failure.message.replace("HTTP/2", "HTTP/3")
    return FetchError(codes.get(failure.code, "h3.protocol"), message)
