"""Contents of records: channels by content type, and where they end."""

from __future__ import annotations

from collections.abc import Sequence

from netcore.channels import Channel, Span
from netcore.decrypt.opened import ALERT, APPLICATION_DATA, HANDSHAKE, Opened, closed
from netcore.framing.tls_opened import Contents
from netcore.pdu import DECRYPTED, Pdu


class Scripted:
    """An opener that gives what the test wants."""

    def __init__(self, opened: Sequence[Opened]) -> None:
        self._opened = iter(opened)

    def open(self, record: bytes) -> Opened:
        return next(self._opened)


def holding(content_type: int, content: bytes) -> Opened:
    return Opened("tls_aead_ciphered", content, content_type, len(content))


def contents(*opened: Opened, last: bytes = b"") -> tuple[Contents, list[Pdu]]:
    record = b"\x17\3\3\0\1x"
    records = [
        Pdu("tls_ciphertext", octets, (Span("tcp:7.sent", at * 6, at * 6 + len(octets)),))
        for at, octets in enumerate([record] * len(opened) + [last] * bool(last))
    ]
    found = Contents(Channel("tcp:7.sent"))
    found.open(records, Scripted(opened))
    return found, records


def test_each_content_type_has_a_channel() -> None:
    found, _ = contents(
        holding(HANDSHAKE, b"abc"), holding(APPLICATION_DATA, b"de"), holding(ALERT, b"fg")
    )
    assert {channel.name: channel.octets for channel in found.channels.values()} == {
        "tls:7/handshake.sent": b"abc",
        "tls:7.sent": b"de",
        "tls:7/alert.sent": b"fg",
    }


def test_a_run_ends_where_another_content_type_stands_between() -> None:
    found, _ = contents(
        holding(HANDSHAKE, b"a"),
        holding(HANDSHAKE, b"b"),
        holding(APPLICATION_DATA, b""),
        holding(HANDSHAKE, b"c"),
    )
    assert [len(run.spans) for run in found.runs()] == [2, 1]


def test_a_run_ends_at_a_record_that_stays_closed() -> None:
    found, records = contents(holding(HANDSHAKE, b"a"), closed("why"), holding(HANDSHAKE, b"c"))
    assert [len(run.spans) for run in found.runs()] == [1, 1]
    assert [record.error for record in records] == ["", "not decrypted: why", ""]
    assert [record.is_opened for record in records] == [True, False, True]


def test_application_data_ends_at_a_hole_and_its_records_are_units_all_the_same() -> None:
    data = [holding(APPLICATION_DATA, b"a"), closed("why", APPLICATION_DATA)]
    found, _ = contents(*data, holding(APPLICATION_DATA, b"c"))
    assert found.channels[APPLICATION_DATA].octets == b"a"
    assert [(pdu.octets, pdu.step, pdu.is_opened) for pdu in found.pdus] == [
        (b"a", DECRYPTED, True),
        (b"c", DECRYPTED, False),
    ]


def test_a_record_that_did_not_come_whole_is_not_opened() -> None:
    found, records = contents(holding(APPLICATION_DATA, b"a"), last=b"\x17\3\3\0\x09x")
    assert len(found.pdus) == 1
    assert records[-1].error == ""


def test_every_piece_leads_to_its_whole_record() -> None:
    found, _ = contents(holding(APPLICATION_DATA, b"abc"), holding(APPLICATION_DATA, b"defg"))
    channel = found.channels[APPLICATION_DATA]
    assert [piece.under(1, 2) for piece in channel.pieces] == [
        Span("tcp:7.sent", 0, 6),
        Span("tcp:7.sent", 6, 12),
    ]


def test_every_opened_record_says_which_part_of_its_channel_it_gives() -> None:
    found, _ = contents(
        holding(HANDSHAKE, b"ab"), holding(APPLICATION_DATA, b"cde"), holding(HANDSHAKE, b"f")
    )
    assert [pdu.carries for pdu in found.pdus] == [
        Span("tls:7/handshake.sent", 0, 2),
        Span("tls:7.sent", 0, 3),
        Span("tls:7/handshake.sent", 2, 3),
    ]


def test_an_empty_record_of_application_data_is_an_envelope_too() -> None:
    # OpenSSL sends one before each record in TLS 1.0, so that nobody can choose its IV.
    found, _ = contents(holding(APPLICATION_DATA, b""), holding(APPLICATION_DATA, b"ab"))
    assert [(pdu.is_opened, pdu.carries) for pdu in found.pdus] == [
        (True, None),
        (True, Span("tls:7.sent", 0, 2)),
    ]
