"""Why a QUIC connection ended, by our codes and by those of RFC 9000 §20 and RFC 9114 §8.1."""

from __future__ import annotations

from typing import Final

from netcore.errors import FetchError
from netcore.protocols.tls_failure import explain_alert

CRYPTO_ERROR: Final = 0x100
H3_NO_ERROR: Final = 0x100
_TRANSPORT: Final = {
    0x0: "NO_ERROR",
    0x1: "INTERNAL_ERROR",
    0x2: "CONNECTION_REFUSED",
    0x3: "FLOW_CONTROL_ERROR",
    0x4: "STREAM_LIMIT_ERROR",
    0x5: "STREAM_STATE_ERROR",
    0x6: "FINAL_SIZE_ERROR",
    0x7: "FRAME_ENCODING_ERROR",
    0x8: "TRANSPORT_PARAMETER_ERROR",
    0x9: "CONNECTION_ID_LIMIT_ERROR",
    0xA: "PROTOCOL_VIOLATION",
    0xB: "INVALID_TOKEN",
    0xC: "APPLICATION_ERROR",
    0xD: "CRYPTO_BUFFER_EXCEEDED",
    0xE: "KEY_UPDATE_ERROR",
    0xF: "AEAD_LIMIT_REACHED",
    0x10: "NO_VIABLE_PATH",
    0x11: "VERSION_NEGOTIATION_ERROR",
}
_HTTP3: Final = {
    0x33: "H3_DATAGRAM_ERROR",
    0x100: "H3_NO_ERROR",
    0x101: "H3_GENERAL_PROTOCOL_ERROR",
    0x102: "H3_INTERNAL_ERROR",
    0x103: "H3_STREAM_CREATION_ERROR",
    0x104: "H3_CLOSED_CRITICAL_STREAM",
    0x105: "H3_FRAME_UNEXPECTED",
    0x106: "H3_FRAME_ERROR",
    0x107: "H3_EXCESSIVE_LOAD",
    0x108: "H3_ID_ERROR",
    0x109: "H3_SETTINGS_ERROR",
    0x10A: "H3_MISSING_SETTINGS",
    0x10B: "H3_REQUEST_REJECTED",
    0x10C: "H3_REQUEST_CANCELLED",
    0x10D: "H3_REQUEST_INCOMPLETE",
    0x10E: "H3_MESSAGE_ERROR",
    0x10F: "H3_CONNECT_ERROR",
    0x110: "H3_VERSION_FALLBACK",
    0x200: "QPACK_DECOMPRESSION_FAILED",
    0x201: "QPACK_ENCODER_STREAM_ERROR",
    0x202: "QPACK_DECODER_STREAM_ERROR",
}
_OURS: Final = {
    0x3: ("quic.flow_control", "The server sent beyond a window that it had been given"),
    0x4: ("quic.stream_limit", "The server opened more streams than it had been allowed"),
    0xD: ("quic.crypto_buffer", "The server sent more of its TLS messages than are held"),
}
_BAD_CERTIFICATE: Final = 42
_NO_APPLICATION_PROTOCOL: Final = 120


def error_name(code: int, *, application: bool) -> str:
    """The name of an error code, or its number.

    In: `application`, whether HTTP/3 gave it and not QUIC.
    """
    names = _HTTP3 if application else _TRANSPORT
    return names.get(code, f"0x{code:x}")


def closed_by_server(code: int, reason: str, *, application: bool, started: bool) -> FetchError:
    """CONNECTION_CLOSE from the server.

    In: `started`, whether the handshake was done.
    """
    if not application and CRYPTO_ERROR <= code < 2 * CRYPTO_ERROR:
        return explain_alert(code - CRYPTO_ERROR, ("1.3",))
    said = f", with the words {_quoted(reason)}" if reason else ""
    when = "" if started else " before the handshake was done"
    name = error_name(code, application=application)
    return FetchError("quic.closed", f"The server closed the connection{when}: {name}{said}.")


def closed_by_us(code: int, reason: str) -> FetchError:
    """What the library found wrong and ended the connection for."""
    if CRYPTO_ERROR <= code < 2 * CRYPTO_ERROR:
        return _alerted(code - CRYPTO_ERROR, reason)
    ours, what = _OURS.get(code, ("quic.protocol", "The server broke a rule of QUIC"))
    said = reason.rstrip(".")
    name = error_name(code, application=False)
    return FetchError(ours, f"{what} ({name}{f': {said}' if said else ''}).")


def _alerted(alert: int, reason: str) -> FetchError:
    """A fault that aioquic's TLS found; `alert` is what it tells the server."""
    said = reason.partition("] ")[2] or reason
    said = said.rstrip(".") or f"alert {alert}"
    if alert == _NO_APPLICATION_PROTOCOL:
        return FetchError(
            "tls.bad_alpn", "The server chose no protocol by ALPN of those that were offered."
        )
    if alert == _BAD_CERTIFICATE:
        return FetchError(
            "tls.bad_certificate", f"A certificate that the server sent cannot be read: {said}."
        )
    return FetchError("tls.protocol", f"The server broke the rules of TLS: {said}.")


def reset() -> FetchError:
    """A stateless reset (RFC 9000 §10.3)."""
    return FetchError(
        "quic.reset",
        "The server sent a stateless reset: it knows nothing of this connection any more.",
    )


def no_common_version(offered: list[int], listed: list[int], *, again: bool) -> FetchError:
    """Version Negotiation that leads nowhere."""
    theirs = ", ".join(map(version_name, listed[:8])) or "none"
    if again:
        text = (
            "The server answered with Version Negotiation once more, to a version that it had "
            f"named itself; it lists {theirs}."
        )
    else:
        ours = ", ".join(map(version_name, offered))
        text = f"The server speaks no version of QUIC that we do: it lists {theirs}; ours: {ours}."
    return FetchError("quic.version", text)


def pointless_negotiation(listed: list[int]) -> FetchError:
    """Nothing came but Version Negotiation that lists the version that it answers."""
    theirs = ", ".join(map(version_name, listed[:8]))
    return FetchError(
        "quic.version",
        "The only answers were Version Negotiation packets that list the version which they turn "
        f"down ({theirs}), and such are passed over.",
    )


def retried_again() -> FetchError:
    """Retry in answer to the token of a Retry (RFC 9000 §17.2.5.2)."""
    return FetchError(
        "quic.retry",
        "The server answered with Retry once more, to an Initial that had the token of its first "
        "Retry. A client takes one.",
    )


def unfit_retry() -> FetchError:
    """Nothing came but Retry packets that could not be acted upon."""
    return FetchError(
        "quic.retry",
        "The only answers were Retry packets whose integrity tag or token does not fit, and such "
        "are passed over.",
    )


def version_name(number: int) -> str:
    """How a version of QUIC is written: "1", "2", or its number in hexadecimal."""
    return {1: "1", 0x6B3343CF: "2"}.get(number, f"0x{number:08x}")


def _quoted(untrusted: str) -> str:
    text = untrusted[:80].encode("unicode_escape").decode("ascii")
    return f"'{text}…'" if len(untrusted) > 80 else f"'{text}'"
