"""Numbers of QUIC, against those that aioquic knows."""

from __future__ import annotations

from aioquic.quic.packet import QuicErrorCode, QuicFrameType, QuicProtocolVersion

from netcore.registries import quic


def test_frame_types_are_those_of_aioquic() -> None:
    for kind in QuicFrameType:
        ours = quic.frame_name(kind.value)
        if kind.name in ("TRANSPORT_CLOSE", "APPLICATION_CLOSE"):  # which no RFC calls so
            assert ours == "CONNECTION_CLOSE"
        else:
            assert kind.name.startswith(ours)


def test_error_codes_are_those_of_aioquic() -> None:
    for code in QuicErrorCode:
        if code != QuicErrorCode.CRYPTO_ERROR:
            assert quic.transport_error(code.value) == code.name
    assert quic.transport_error(0x130) == "CRYPTO_ERROR, unknown_ca"
    assert quic.transport_error(0x7777) == "unassigned"


def test_versions_are_those_of_aioquic() -> None:
    assert {quic.V1, quic.V2} <= {version.value for version in QuicProtocolVersion}
    assert quic.version_name(0x1A2A3A4A) == "GREASE"
    assert quic.version_name(7) == "unassigned"


def test_parameters_that_are_reserved_are_told_from_unknown_ones() -> None:
    assert quic.transport_parameter(27) == quic.transport_parameter(31 * 5 + 27) == "GREASE"
    assert quic.transport_parameter(0x0F) == "initial_source_connection_id"
    assert quic.transport_parameter(0xABCDE) == "unassigned"
