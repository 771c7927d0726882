"""What a read is called: after the most telling of what it holds, and as much as it holds."""

from __future__ import annotations

import re

import pytest

from netcore.pdu import Pdu
from netcore.titles import moved_title, title_of
from netcore.trace import Called
from tests.netcore.http2_conversation import rich
from tests.netcore.tls_conversation import TLS13, Recording, contexts, converse
from tools.vectors import VECTORS, read_octets

READ = Called(0, "tcp:1", "recv", channel="tcp:1.received", length=4_000, data=b"x" * 4_000)


@pytest.fixture(scope="module")
def tls13() -> Recording:
    return converse(*contexts(TLS13))


def test_a_head_names_a_read_before_its_body_tickets_and_alerts(tls13: Recording) -> None:
    explanation = tls13.explained()
    received = [pdu for pdu in explanation.pdus if pdu.origin[0].channel.endswith("received")]
    wanted = ("alert close_notify", "NewSessionTicket", "body, 20,000 bytes", "200 OK")
    units = [
        pdu for title in wanted for pdu in received if title_of(pdu) == title and not pdu.inside
    ]
    assert {title_of(pdu) for pdu in units} >= set(wanted[1:])
    for pdu in units:
        pdu.events = (7,)
    names = [
        moved_title([*units[:at]], 7, READ, explanation.channels)[0] for at in range(len(units))
    ]
    full, _ = moved_title(units, 7, READ, explanation.channels)
    assert full.startswith("200 OK and ")
    assert names[-1].startswith("body, 20,000 bytes")


def test_the_reads_of_an_encrypted_body_name_all_of_it_once(tls13: Recording) -> None:
    explanation = tls13.explained()
    (body,) = [pdu for pdu in explanation.pdus if pdu.name == "message_body"]
    named = 0
    for number in body.events:
        read = tls13.events[number - 1]
        assert isinstance(read, Called)
        title, _ = moved_title([body], number, read, explanation.channels)
        found = re.fullmatch(r"body, ([\d,]+) bytes|more of body", title)
        assert found, title
        named += int((found[1] or "0").replace(",", ""))
    assert named == 20_000


@pytest.mark.parametrize(
    ("vector", "title"),
    [
        ("http2_connection_preface/preface", "connection preface"),
        ("http2_data/padded", "DATA, stream 3, 5 bytes"),
        ("http2_data/empty", "DATA, stream 1, 0 bytes"),
        ("http2_headers/request", "HEADERS, stream 1"),
        ("http2_rst_stream/cancel", "RST_STREAM, stream 1: CANCEL"),
        ("http2_rst_stream/broken_size", "RST_STREAM, stream 1"),
        ("http2_settings/settings", "SETTINGS"),
        ("http2_settings/acknowledgement", "SETTINGS acknowledged"),
        ("http2_push_promise/promise", "PUSH_PROMISE, stream 1: stream 2"),
        ("http2_goaway/enhance_your_calm", "GOAWAY: ENHANCE_YOUR_CALM"),
        ("http2_window_update/of_a_stream", "WINDOW_UPDATE, stream 1, +65,535 bytes"),
        ("http2_window_update/of_the_connection", "WINDOW_UPDATE, connection, +15,728,641 bytes"),
        ("http2_frame/not_registered", "frame of type 11"),
        ("hpack_field_block/rfc7541_c_4_1", "field block, 17 bytes"),
        ("http2_field_section/request", "GET /index.html"),
        ("http2_field_section/response", "302 Found"),
        ("http2_field_section/websocket", "CONNECT /chat"),
        ("http2_field_section/empty_value", "trailer section"),
    ],
)
def test_a_unit_of_http_2_is_called_what_it_says(vector: str, title: str) -> None:
    octets = read_octets(VECTORS / f"{vector}.hex")
    assert title_of(Pdu(vector.partition("/")[0], octets, ())) == title


def test_a_head_names_a_call_before_the_frames_around_it() -> None:
    talk = rich()
    explanation = talk.explained()
    calls = [(n, e) for n, e in enumerate(talk.events, start=1) if isinstance(e, Called)]
    names = [moved_title(explanation.of_event(n), n, e, explanation.channels)[0] for n, e in calls]
    assert names[0] == "connection preface, SETTINGS"
    assert "200 OK and 6 more" in names
    assert any(name.startswith("DATA, stream 3, 300 bytes") for name in names)
