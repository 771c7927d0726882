"""Requests and responses of HTTP/2 as messages: by what an archive says of them."""

from __future__ import annotations

from netcore import explain
from netcore.exports.streams import StreamMessage, all_pairs
from netcore.options import Options
from netcore.trace import AnyEvent, Called, StageEnded, StageStarted, Trace
from tests.netcore import quic_conversation as quic
from tests.netcore.exports.archive import archive_of
from tests.netcore.http2_conversation import REQUEST, RESPONSE, Conversation


def conversation() -> Conversation:
    """Two requests and their responses, the first with an interim one and a body."""
    talk = Conversation()
    talk.begin()
    talk.client.send_headers(1, [*REQUEST, ("cookie", "a=b")])
    talk.client.send_data(1, b"posted", end_stream=True)
    talk.client.send_headers(3, REQUEST, end_stream=True)
    talk.pump()
    talk.server.send_headers(1, [(":status", "103"), ("link", "<a>")])
    talk.server.send_headers(3, [(":status", "204")], end_stream=True)
    talk.server.send_headers(1, RESPONSE)
    talk.server.send_data(1, b"hello ")
    talk.server.send_data(1, b"world")
    talk.server.send_headers(1, [("x-end", "yes")], end_stream=True)
    talk.pump()
    return talk


def test_a_response_is_found_by_its_stream_whatever_came_first() -> None:
    first, second = all_pairs(explain(conversation().events))
    assert first.response is not None
    assert second.response is not None
    assert first.request.content == b"posted"
    assert first.response.content == b"hello world"
    assert first.response.start_line("status_code") == "200"
    assert len(first.response.interim) == 1
    assert second.response.start_line("status_code") == "204"
    assert second.response.body_octets == 0


def test_fields_are_as_on_the_wire_with_pseudo_header_fields_in_front() -> None:
    first, _ = all_pairs(explain(conversation().events))
    assert first.request.field_lines == [*REQUEST, ("cookie", "a=b")]
    assert first.request.values("cookie") == ["a=b"]
    assert first.request.start_line("method") == "GET"
    assert first.request.start_line("http_version") == "h2"
    assert first.request.start_line("reason_phrase") == ""


def test_the_size_of_a_head_is_that_of_its_block() -> None:
    first, second = all_pairs(explain(conversation().events))
    assert isinstance(first.request, StreamMessage)
    assert first.request.head_octets == first.request.block.pdu.size
    assert second.request.head_octets < first.request.head_octets, "the table remembers"
    assert not first.request.is_alone


def test_an_archive_tells_a_request_of_http_2() -> None:
    (entry,) = archive_of(_trace(conversation().events))["entries"]
    assert entry["request"]["httpVersion"] == entry["response"]["httpVersion"] == "h2"
    assert entry["request"]["bodySize"] == 6
    assert entry["response"]["bodySize"] == 11
    assert entry["response"]["content"]["text"] == "hello world"
    assert entry["response"]["statusText"] == ""


def http3_conversation() -> quic.Conversation:
    """Two requests on one connection, the second with a body."""
    talk = quic.Conversation()
    talk.begin()
    first = talk.ask([*quic.REQUEST, (b"cookie", b"a=b")])
    second = talk.ask(body=b"posted")
    talk.pump()
    talk.answer(second, b"second")
    talk.answer(first, b"hello world")
    talk.pump()
    talk.close()
    return talk


def test_requests_of_http_3_have_the_responses_of_their_streams() -> None:
    first, second = all_pairs(explain(http3_conversation().events))
    assert first.response is not None
    assert second.response is not None
    assert (first.response.content, second.response.content) == (b"hello world", b"second")
    assert second.request.content == b"posted"
    assert first.request.values("cookie") == ["a=b"]
    assert first.request.start_line("http_version") == "h3"
    assert not first.request.is_alone


def test_an_archive_tells_a_request_of_http_3() -> None:
    talk = http3_conversation()
    events = [StageStarted(0, "tls"), *talk.events[1:4]]
    end = talk.events[-1].time_ns
    events += [StageEnded(events[-1].time_ns, "tls"), StageStarted(events[-1].time_ns, "request")]
    (entry, *_) = archive_of(_trace([*events, *talk.events[4:], StageEnded(end, "request")]))[
        "entries"
    ]
    assert entry["request"]["httpVersion"] == entry["response"]["httpVersion"] == "h3"
    assert entry["response"]["status"] == 200
    assert entry["response"]["content"]["text"] == "hello world"
    assert entry["request"]["headers"][0] == {"name": ":method", "value": "GET"}


def _trace(events: list[AnyEvent]) -> Trace:
    """The first request of them, as a fetch would have recorded it."""
    end = max(e.end_ns for e in events if isinstance(e, Called))
    more: list[AnyEvent] = [StageEnded(end, "request"), StageStarted(end, "response")]
    return Trace("https://lab.test/", "", Options(), [*events, *more, StageEnded(end, "response")])
