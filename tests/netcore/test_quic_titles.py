"""What units of QUIC and HTTP/3 are called."""

from __future__ import annotations

from netcore.quic_titles import TITLES, is_plain
from netcore.timeline import timeline
from netcore.titles import title_of
from tests.netcore.quic_conversation import simple, with_loss, with_retry


def titles(name: str) -> list[str]:
    return [title_of(pdu) for pdu in simple().explained().pdus if pdu.name == name]


def test_a_packet_is_called_by_its_kind_and_its_frames() -> None:
    found = titles("quic_packet_unprotected")
    assert found[0] == "Initial: CRYPTO, 475 bytes"
    assert found[-1] == "1-RTT: CONNECTION_CLOSE: H3_NO_ERROR"


def test_frames_and_streams_are_called_by_what_they_do() -> None:
    assert "ACK up to 0" in titles("quic_frame_ack")
    assert "SETTINGS, stream 2" in titles("http3_settings")
    assert titles("http3_data") == ["DATA, stream 0, 5 bytes"]
    assert "stream 6: QPACK Encoder Stream" in titles("http3_stream_type")
    assert titles("qpack_encoder_instruction")[0] == "QPACK: set dynamic table capacity"


def test_every_unit_of_these_protocols_has_a_title_of_its_own() -> None:
    names = {pdu.name for pdu in with_retry().explained().pdus}
    own = {name for name in names if name.startswith(("quic", "http3", "qpack"))}
    assert own - set(TITLES) == {"http3_field_section"}


def test_packets_with_nothing_but_stream_data_and_acks_are_plain() -> None:
    units = with_loss().explained().pdus
    packets = [pdu for pdu in units if pdu.name == "quic_packet_unprotected"]
    assert not is_plain(packets[0])
    assert sum(is_plain(pdu) for pdu in packets) > 10


def test_a_timeline_names_what_each_datagram_brought_and_how_we_know() -> None:
    talk = simple()
    drawn = timeline(talk.trace(), talk.explained())
    marks = [mark for mark in drawn.singles if mark.kind in ("send", "receive")]
    assert marks[0].title.startswith("ClientHello")
    assert {mark.certainty for mark in marks} == {"decrypted"}
    titles = " ".join(mark.title for mark in marks)
    assert "GET /a" in titles
    assert "200 OK" in titles
    assert "CONNECTION_CLOSE" in titles
