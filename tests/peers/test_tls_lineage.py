"""From any octet of application data down to its record, its tag and its calls, and back up.

The record is decrypted once more by other code (`reopening`), and has to hold the octet there.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netcore.channels import Span
from netcore.pdu import Pdu
from netcore.pdus import Explanation
from netcore.trace import Called
from tests.peers.connections import LONG_ONES, Case, Connection, Connections
from tests.peers.reopening import recorded, reopen
from tests.peers.tls_servers import LARGE

pytestmark = [pytest.mark.peer, pytest.mark.wire]

DIRECTIONS = st.sampled_from(["sent", "received"])
FEW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
APPLICATION_DATA = 23


def units_of(explanation: Explanation, record: Span) -> tuple[Pdu, Pdu]:
    """The record at that place, and what was in it."""
    sealed, opened = (pdu for pdu in explanation.pdus if pdu.origin == (record,))
    assert (sealed.protocol, sealed.error) == ("tls_ciphertext", "")
    assert opened.protection is not None
    return sealed, opened


def calls_on(made: Connection, record: Span) -> set[int]:
    """The numbers of the calls that moved any octet of a range, by the events alone."""
    return {
        number
        for number, event in enumerate(made.trace.events, start=1)
        if isinstance(event, Called)
        and event.channel == record.channel
        and event.offset < record.end
        and event.offset + event.length > record.start
    }


@pytest.mark.parametrize("case", LONG_ONES, ids=str)
@given(direction=DIRECTIONS, data=st.data())
@FEW
def test_any_octet_leads_to_its_record_and_its_calls_and_is_there(
    case: Case, connections: Connections, direction: str, data: st.DataObject
) -> None:
    made = connections.of(case)
    explanation = made.explanation
    stream = explanation.channels[f"tls:1.{direction}"]
    at = data.draw(st.integers(0, len(stream.octets) - 1))
    (record,) = explanation.ground(Span(stream.name, at, at + 1))
    sealed, opened = units_of(explanation, record)
    octets = recorded(made.trace, direction)
    assert sealed.octets == octets[record.start : record.end]
    assert set(sealed.events) == set(opened.events) == calls_on(made, record)
    assert opened.carries is not None
    assert opened.protection is not None
    content = reopen(made.trace, case.way, direction, record.start, opened.protection)
    place = opened.carries
    assert content == stream.octets[place.start : place.end]
    assert content[at - place.start] == stream.octets[at]


@pytest.mark.parametrize("case", LONG_ONES, ids=str)
@given(direction=DIRECTIONS, data=st.data())
@FEW
def test_any_octet_of_ciphertext_leads_up_to_the_application_data_in_it(
    case: Case, connections: Connections, direction: str, data: st.DataObject
) -> None:
    made = connections.of(case)
    explanation = made.explanation
    sealed = [
        pdu
        for pdu in explanation.pdus
        if pdu.protocol == "tls_ciphertext"
        and pdu.origin[0].channel.endswith(direction)
        and pdu.octets[0] == APPLICATION_DATA
    ]
    record = data.draw(st.sampled_from(sealed)).origin[0]
    at = data.draw(st.integers(record.start, record.end - 1))
    (number,) = calls_on(made, Span(record.channel, at, at + 1))
    (found,) = (pdu for pdu in sealed if pdu.events and _has(pdu.origin[0], at))
    assert found in explanation.of_event(number)
    _, opened = units_of(explanation, found.origin[0])
    assert opened in explanation.of_event(number)
    assert opened.protection is not None
    content = reopen(made.trace, case.way, direction, record.start, opened.protection)
    assert opened.view[: len(content)] == content
    place = opened.carries
    if place is not None:  # a record may be empty
        assert content == explanation.channels[place.channel].octets[place.start : place.end]
        assert explanation.ground(place) == [record]
    assert (place is None) == (not content)


def _has(span: Span, at: int) -> bool:
    return span.start <= at < span.end


@pytest.mark.parametrize("case", LONG_ONES, ids=str)
def test_the_body_is_the_file_that_the_server_has(case: Case, connections: Connections) -> None:
    explanation = connections.of(case).explanation
    assert explanation.channels["tls:1.received"].octets.endswith(LARGE)
    (body,) = (pdu for pdu in explanation.pdus if pdu.protocol == "message_body")
    assert body.octets == LARGE
    records = {ground for span in body.origin for ground in explanation.ground(span)}
    assert len(records) > 5
