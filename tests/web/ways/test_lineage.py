"""The way of selected octets through the layers, as links that keep them selected."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from lab import Lab
from netcore.trace import Called
from tests.netcore.made_packets import sent
from tests.netcore.test_captured_marks import HANDSHAKE, connection
from tests.web.ways.recordings import BASE, find, lab_tale
from web.fieldtree import paths
from web.tale import Tale, tell
from web.ways.lineage import Lineage, lineage_of

pytestmark = pytest.mark.wire


def of_status(tale: Tale) -> Lineage:
    section = find(tale.explanation.pdus, "http2_field_section")
    tree = section.fields()
    line = next(path for path in paths(tree).values() if path[-1].name == "field_line")
    return lineage_of(tale, BASE, section, line)


def test_a_header_field_leads_to_its_bits_its_frame_its_record_and_its_call(
    lab: Lab, app: Flask
) -> None:
    tale = lab_tale(lab, "h2")
    with app.test_request_context():
        found = of_status(tale)
    assert [step.current for step in found.steps] == [True, False, False, False, False]
    assert found.steps[0].field == ":status, field_line"
    assert found.steps[1].field == "indexed_header_field"
    assert found.steps[2].title == "HEADERS, stream 1"
    assert found.steps[0].how == "decompressed from"
    (call, *_) = found.calls
    event = tale.trace.events[call.event - 1]
    assert isinstance(event, Called)
    assert event.call == "recv"


def test_each_link_opens_a_unit_with_a_field_that_holds_the_octets(lab: Lab, app: Flask) -> None:
    tale = lab_tale(lab, "h2")
    with app.test_request_context():
        found = of_status(tale)
    for step in found.steps:
        asked = parse_qs(urlsplit(step.href).query)
        units = tale.explanation.of_event(step.event)
        tree = tale.explanation.tree(units[int(asked["u"][0]) - 1])
        assert asked["f"][0] in paths(tree)


def test_a_record_without_a_key_says_what_call_moved_it(lab: Lab, app: Flask) -> None:
    tale = lab_tale(lab, "tls13")
    record = find(tale.explanation.pdus, "tls_record", "sent")
    with app.test_request_context():
        found = lineage_of(tale, BASE, record, (record.fields(),))
    assert found.steps[-1].place == f"all {record.size} bytes"
    assert found.calls[0].text.startswith("sock.send(b'\\x16\\x03\\x01")
    assert f"<{record.size} bytes>)" in found.calls[0].text


def test_a_field_of_two_octets_has_the_same_place_in_its_call(lab: Lab, app: Flask) -> None:
    tale = lab_tale(lab, "tls13")
    record = find(tale.explanation.pdus, "tls_record", "sent")
    length = next(path for path in paths(record.fields()).values() if path[-1].name == "length")
    with app.test_request_context():
        found = lineage_of(tale, BASE, record, length)
    assert found.steps[-1].place == f"offsets 3 to 4 of {record.size} bytes"
    assert found.calls[0].place == found.steps[-1].place


def test_a_captured_packet_stands_between_the_unit_and_its_call(app: Flask) -> None:
    request = b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"
    call = Called(
        199,
        "tcp:1",
        "send",
        (len(request),),
        len(request),
        channel="tcp:1.sent",
        length=len(request),
        data=request,
    )
    packet = sent(200, 100, 0, request, 500)
    tale = tell(connection(*HANDSHAKE, call, packet))
    head = find(tale.explanation.pdus, "http1_request_head", "tcp:1.sent")
    with app.test_request_context():
        found = lineage_of(tale, BASE, head, (head.fields(), head.fields().children[0]))
    (carried,) = found.packets
    assert carried.event == tale.trace.events.index(packet) + 1
    assert carried.text == "packet on eth0, sent"
    assert "&f=" in carried.href
