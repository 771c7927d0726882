"""What a connection tells of itself: ids, parameters, streams, its end."""

from __future__ import annotations

from netcore.framing.quic_connection import Connection
from tests.netcore.quic_conversation import Conversation, simple


def told(**given: object) -> Connection:
    return simple(**given).explained().quic["1"]  # type: ignore[arg-type]


def test_both_sides_parameters_are_told_by_name() -> None:
    talk = Conversation(client={"max_datagram_frame_size": 1_200, "idle_timeout": 7.5})
    talk.begin()
    parameters = talk.explained().quic["1"].transport_parameters
    assert parameters["sent"]["max_idle_timeout"] == 7_500
    assert parameters["sent"]["max_datagram_frame_size"] == 1_200
    assert parameters["received"]["original_destination_connection_id"] == (
        talk.client.original_destination_connection_id.hex()
    )


def test_connection_ids_have_their_numbers_and_tokens() -> None:
    connection = told()
    issued = {(i.issued_by, i.sequence_number): i for i in connection.connection_ids}
    assert {number for side, number in issued if side == "received"} == set(range(8))
    assert issued["received", 0].connection_id == connection.packets[1].scid
    assert len(issued["received", 1].stateless_reset_token) == 16


def test_ids_of_other_lengths_are_told_from_short_headers() -> None:
    for client, server in ((1, 20), (20, 5), (4, 8)):
        connection = told(
            client={"connection_id_length": client}, server={"connection_id_length": server}
        )
        assert all(packet.opened for packet in connection.packets)


def test_a_retired_id_is_noted() -> None:
    talk = Conversation()
    talk.begin()
    talk.client.change_connection_id()
    talk.pump()
    connection = talk.explained().quic["1"]
    assert ("sent", 0) in connection.retired
    assert all(packet.opened for packet in connection.packets)


def test_streams_know_how_long_they_are() -> None:
    streams = {(s.stream_id, s.direction): s for s in told().streams}
    request, response = streams[0, "sent"], streams[0, "received"]
    assert request.final_size == request.octets
    assert response.channel == "quic:1/0.received"
    assert streams[2, "sent"].final_size is None


def test_the_end_has_its_code_and_reason() -> None:
    close = told().close
    assert close is not None
    assert (close.direction, close.how, close.is_application) == ("sent", "CONNECTION_CLOSE", True)
    assert (close.error_code, close.label, close.reason) == (256, "H3_NO_ERROR", "that was all")


def test_an_alert_of_tls_is_an_error_of_the_transport() -> None:
    talk = Conversation(client={"verify_mode": 2})
    talk.begin()
    close = talk.explained().quic["1"].close
    assert close is not None
    assert not close.is_application
    assert close.label.startswith("CRYPTO_ERROR, ")


def test_a_protocol_that_is_not_http3_is_left_as_octets() -> None:
    talk = Conversation(alpn="hq-interop")
    talk.begin()
    stream = talk.client.get_next_available_stream_id()
    talk.client.send_stream_data(stream, b"GET /\r\n", end_stream=True)
    talk.pump()
    explanation = talk.explained()
    assert explanation.quic["1"].alpn == "hq-interop"
    assert not explanation.http3
    assert [p.octets for p in explanation.pdus if p.name == "quic_stream_data"] == [b"GET /\r\n"]
