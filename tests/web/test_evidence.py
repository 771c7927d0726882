"""Which event, unit and field a failure's card leads to."""

from __future__ import annotations

import pytest

from netcore.field import Field
from netcore.options import Options
from netcore.pdus import explain
from netcore.trace import AnyEvent, Called, Chose, Failed, StageEnded, StageStarted, Trace
from tests.web.recordings import MS, REQUEST, connection, moved, name_lookup
from web.evidence import Evidence, evidence
from web.fieldtree import paths
from web.tale import tell

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LATE = 30 * MS


def failing(code: str, *calls: AnyEvent, stage: str = "response", after: bool = True) -> Trace:
    """A fetch that asked, and then failed; the connection is drained behind the failure."""
    drained = Called(LATE, "tcp:1", "recv", (65_536,), 0, channel="tcp:1.received", offset=99)
    events = [
        *name_lookup(),
        *connection(),
        StageEnded(5 * MS, "connect"),
        StageStarted(5 * MS, stage),
        moved(6 * MS, "tcp:1", "send", REQUEST),
        *calls,
        StageEnded(LATE, stage, error=code),
        *((drained, Called(LATE, "tcp:1", "close")) if after else ()),
        Failed(LATE, stage, code, "It failed."),
    ]
    return Trace("http://plain.example/", "", Options(), events)


def shown(trace: Trace) -> tuple[Evidence, AnyEvent]:
    assert isinstance(trace.outcome, Failed)
    found = evidence(trace.events, trace.outcome, explain(trace.events))
    return found, trace.events[found.event - 1]


def field_of(trace: Trace, found: Evidence) -> tuple[Field, bytes]:
    explanation = tell(trace).explanation
    pdu = explanation.of_event(found.event)[found.unit - 1]
    field = paths(explanation.tree(pdu))[found.field][-1]
    return field, pdu.octets[field.start // 8 : field.end // 8]


def recv(errno: str = "", data: bytes = b"", offset: int = 0) -> AnyEvent:
    if data:
        return moved(9 * MS, "tcp:1", "recv", data, offset)
    result = None if errno else 0
    return Called(10 * MS, "tcp:1", "recv", (9,), result, errno, channel="tcp:1.received")


def test_a_reset_is_seen_in_the_call_that_met_it() -> None:
    found, event = shown(failing("tcp.reset", recv(data=HEAD), recv("ECONNRESET")))
    assert isinstance(event, Called)
    assert event.errno == "ECONNRESET"
    assert found.unit == 0


def test_a_chunk_that_is_none_is_selected_in_its_read() -> None:
    trace = failing("chunk.bad_size", recv(data=HEAD + b"2\r\nhi\r\na dozen\r\n"))
    found, event = shown(trace)
    assert isinstance(event, Called)
    assert event.data.endswith(b"a dozen\r\n")
    field, octets = field_of(trace, found)
    assert field.error.startswith("chunk.bad_size")
    assert octets.startswith(b"dozen")


def test_a_redirect_loop_is_seen_in_the_last_location() -> None:
    head = b"HTTP/1.1 302 Found\r\nLOCATION: /a\r\nContent-Length: 0\r\n\r\n"
    trace = failing("redirect.too_many", recv(data=head))
    # The last hop's connection was closed in order before the redirect was refused.
    trace.events[-4:-3] = [
        StageEnded(LATE, "response"),
        Called(LATE, "tcp:1", "recv", (9,), 0, channel="tcp:1.received", offset=len(head)),
        StageStarted(LATE, "redirect"),
        StageEnded(LATE, "redirect", error="redirect.too_many"),
    ]
    found, event = shown(trace)
    assert isinstance(event, Called)
    assert event.data == head
    assert field_of(trace, found)[1] == b"LOCATION: /a\r\n"


@pytest.mark.parametrize("code", ["http.first_byte_timeout", "tcp.write_timeout"])
def test_silence_is_seen_in_what_was_not_answered(code: str) -> None:
    waited = Called(7 * MS, "", "select", ("tcp:1", "read", 9.0), "timeout")
    _, event = shown(failing(code, waited, stage="waiting"))
    assert isinstance(event, Called)
    assert event.data == REQUEST


def test_a_stall_is_seen_in_the_last_octets_and_an_end_in_the_read_of_none() -> None:
    read = recv(data=HEAD)
    assert shown(failing("http.stall", read))[1] == read
    end = recv()
    assert shown(failing("http.incomplete_body", read, end))[1] == end


def test_without_an_octet_a_failure_is_not_seen_in_the_resolvers_answer() -> None:
    _, event = shown(failing("limit.total", stage="waiting", after=False))
    assert isinstance(event, Called)
    assert event.socket == "tcp:1"


def test_an_alert_of_the_server_is_selected() -> None:
    alert = bytes.fromhex("15030300020246")
    trace = failing("tls.version", recv(data=alert), stage="tls")
    found, _ = shown(trace)
    assert field_of(trace, found)[0].label == "protocol_version"


def test_a_certificate_is_selected_and_not_our_alert() -> None:
    entry = b"\x00\x00\x03abc"
    body = len(entry).to_bytes(3, "big") + entry
    message = b"\x0b" + len(body).to_bytes(3, "big") + body
    record = b"\x16\x03\x03" + len(message).to_bytes(2, "big") + message
    read = recv(data=record)
    alert = moved(11 * MS, "tcp:1", "send", bytes.fromhex("1503030002022d"), len(REQUEST))
    trace = failing("tls.cert_expired", read, alert, stage="tls")
    found, event = shown(trace)
    assert event == read
    assert field_of(trace, found)[0].name == "cert_data"


def test_a_verdict_of_the_guard_is_seen_in_the_decision() -> None:
    verdict = Chose(7 * MS, "guard", "refused", "Private.")
    _, event = shown(failing("guard.blocked_address", verdict, stage="redirect"))
    assert event == verdict


def test_the_address_leads_to_the_unit_and_the_field() -> None:
    assert Evidence(7).address("/t/x") == "/t/x/e/7"
    assert Evidence(7, 2, "0-8").address("/t/x") == "/t/x/e/7?u=2&f=0-8"
