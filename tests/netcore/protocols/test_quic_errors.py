"""Why a connection of QUIC ended, in codes and sentences."""

from __future__ import annotations

import pytest

from netcore.protocols import quic_errors as errors


@pytest.mark.parametrize(
    ("code", "application", "name"),
    [(0, False, "NO_ERROR"), (0x100, True, "H3_NO_ERROR"), (0x999, True, "0x999")],
)
def test_names(code: int, application: bool, name: str) -> None:
    assert errors.error_name(code, application=application) == name


@pytest.mark.parametrize(
    ("code", "reason", "ours"),
    [
        (0x3, "Over stream data limit", "quic.flow_control"),
        (0x4, "Too many streams open", "quic.stream_limit"),
        (0xD, "", "quic.crypto_buffer"),
        (0x7, "Unknown frame type", "quic.protocol"),
        (0x100 + 120, "No common ALPN protocols", "tls.bad_alpn"),
        (0x100 + 42, "Certificate could not be parsed", "tls.bad_certificate"),
        (0x100 + 51, "", "tls.protocol"),
    ],
)
def test_what_the_library_found(code: int, reason: str, ours: str) -> None:
    failure = errors.closed_by_us(code, reason)
    assert failure.code == ours
    assert failure.message.endswith(".")
    assert reason in failure.message or ours == "tls.bad_alpn"


def test_an_alert_is_told_as_over_tcp() -> None:
    failure = errors.closed_by_server(0x100 + 40, "", application=False, started=False)
    assert (failure.code, failure.message) == (
        "tls.alert",
        "The server ended TLS with the alert handshake_failure (40).",
    )


def test_the_words_of_a_server_are_shown_without_harm() -> None:
    words = "\x1b[2J<b>" + "x" * 200
    failure = errors.closed_by_server(0x102, words, application=True, started=True)
    assert failure.code == "quic.closed"
    assert "\x1b" not in failure.message
    assert "\\x1b[2J<b>" in failure.message
    assert len(failure.message) < 200


def test_sentences_about_versions() -> None:
    assert errors.version_name(0x6B3343CF) == "2"
    assert "ours: 1, 2" in errors.no_common_version([1, 0x6B3343CF], [], again=False).message
    assert "once more" in errors.no_common_version([1], [1], again=True).message
    assert "(1)" in errors.pointless_negotiation([1]).message
    codes = {errors.reset().code, errors.retried_again().code, errors.unfit_retry().code}
    assert codes == {"quic.reset", "quic.retry"}
