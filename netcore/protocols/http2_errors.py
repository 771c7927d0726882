"""What is wrong with a connection of HTTP/2, by our codes and by those of RFC 9113 §7."""

from __future__ import annotations

from typing import Final

import h2.exceptions
import hpack
from h2.errors import ErrorCodes

from netcore.errors import FetchError
from netcore.protocols.head import shown
from netcore.protocols.http2_frames import DATA, name_of

_CODES: Final = {
    "h2.flow_control": ErrorCodes.FLOW_CONTROL_ERROR,
    "h2.frame_size": ErrorCodes.FRAME_SIZE_ERROR,
    "h2.compression": ErrorCodes.COMPRESSION_ERROR,
    "h2.flood": ErrorCodes.ENHANCE_YOUR_CALM,
    "h2.continuation_flood": ErrorCodes.ENHANCE_YOUR_CALM,
    "h2.header_list_too_large": ErrorCodes.ENHANCE_YOUR_CALM,
    "limit.interim": ErrorCodes.ENHANCE_YOUR_CALM,
    "h2.goaway": ErrorCodes.NO_ERROR,
    "h2.rst_stream": ErrorCodes.NO_ERROR,
}
TOO_FAR: Final = "The server opened a window beyond 2^31-1 octets."


def code_of(failure: FetchError) -> ErrorCodes:
    """What GOAWAY tells the server of a failure."""
    return _CODES.get(failure.code, ErrorCodes.PROTOCOL_ERROR)


def error_name(code: int) -> str:
    """The name of an error code, or its number."""
    try:
        return ErrorCodes(code).name
    except ValueError:
        return f"0x{code:x}"


def goaway_sentence(last: int, code: int, debug: bytes, when: str) -> str:
    """What a server said in GOAWAY, and when in relation to our request."""
    said = f", with the words {shown(debug)}" if debug else ""
    return (
        f"The server said GOAWAY {when}: {error_name(code)}{said}. The last stream that it "
        f"worked on is {last}."
    )


def wrong_length(announced: int | None, actual: int) -> FetchError:
    """Content that is not as long as its head says; `announced` is None where there is none."""
    if announced is None:
        text = f"{actual:,} octets of content came, and this response has none."
    else:
        text = f"content-length is {announced:,}, and {actual:,} octets of content came."
    return FetchError("h2.length_mismatch", text)


def explain(error: h2.exceptions.H2Error, kind: int, window: int, header_octets: int) -> FetchError:
    """What h2 found wrong.

    In: `kind` of the frame that it was given; the bounds that hold for it.
    """
    if isinstance(error, h2.exceptions.FlowControlError):
        over = f"The server sent more than the window of {window:,} octets allows."
        return FetchError("h2.flow_control", over if kind == DATA else TOO_FAR)
    if isinstance(error, h2.exceptions.InvalidBodyLengthError):
        return wrong_length(error.expected_length or None, error.actual_length)
    if isinstance(error, h2.exceptions.DenialOfServiceError):
        text = f"The field section is longer than {header_octets:,} octets."
        return FetchError("h2.header_list_too_large", text)
    if isinstance(error.__cause__, hpack.HPACKError):
        said = str(error.__cause__).partition(" from <")[0].rstrip(".")  # not where in memory
        return FetchError("h2.compression", f"A field block cannot be read: {said}.")
    said = str(error).rstrip(".")
    if "content-length" in said:
        return FetchError("h2.bad_header", f"{said}.")
    code = "h2.protocol"
    if getattr(error, "error_code", None) == ErrorCodes.FLOW_CONTROL_ERROR:
        code = "h2.flow_control"  # SETTINGS_INITIAL_WINDOW_SIZE above its greatest value
    return FetchError(code, f"A {name_of(kind)} frame broke a rule of HTTP/2: {said}.")
