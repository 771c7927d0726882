"""What a read is called: after the most telling of what it holds, and as much as it holds."""

from __future__ import annotations

import re

import pytest

from netcore.titles import moved_title, title_of
from netcore.trace import Called
from tests.netcore.tls_conversation import TLS13, Recording, contexts, converse

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
    names = [moved_title([*units[:at]], 7, READ, explanation.channels) for at in range(len(units))]
    full = moved_title(units, 7, READ, explanation.channels)
    assert full.startswith("200 OK and ")
    assert names[-1].startswith("body, 20,000 bytes")


def test_the_reads_of_an_encrypted_body_name_all_of_it_once(tls13: Recording) -> None:
    explanation = tls13.explained()
    (body,) = [pdu for pdu in explanation.pdus if pdu.name == "message_body"]
    named = 0
    for number in body.events:
        read = tls13.events[number - 1]
        assert isinstance(read, Called)
        title = moved_title([body], number, read, explanation.channels)
        found = re.fullmatch(r"body, ([\d,]+) bytes|more of body", title)
        assert found, title
        named += int((found[1] or "0").replace(",", ""))
    assert named == 20_000
