"""HTTP/1.1 without I/O: every fault has its code, and the cuts make no difference."""

from __future__ import annotations

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.errors import FetchError
from netcore.options import Limits
from netcore.protocols.http1 import Broken, Content, End, Head, Http1, HttpEvent, Interim

OK = b"HTTP/1.1 200 OK\r\n"
LENGTH = OK + b"Content-Length: 5\r\n\r\nhello"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def receive(octets: bytes, cuts: list[int] | None = None, method: str = "GET") -> list[HttpEvent]:
    """All events, with adjoining content joined."""
    http = Http1(Limits(chunks=100, interim=3))
    http.start(method, "/", (("Host", "h"),))
    events: list[HttpEvent] = []
    at = 0
    for end in [*sorted(cuts or []), len(octets)]:
        if end > at:
            events += http.receive(octets[at:end])
            at = end
    if not any(isinstance(each, End | Broken) for each in events):
        events += http.receive(b"")
    joined: list[HttpEvent] = []
    for event in events:
        last = joined[-1] if joined else None
        if isinstance(event, Content) and isinstance(last, Content):
            joined[-1] = Content(last.data + event.data)
        else:
            joined.append(event)
    return joined


def content(octets: bytes, method: str = "GET") -> bytes:
    return b"".join(e.data for e in receive(octets, method=method) if isinstance(e, Content))


def code(octets: bytes, method: str = "GET") -> str:
    last = receive(octets, method=method)[-1]
    return last.code if isinstance(last, Broken) else "ok"


FAULTS = [
    (b"", "tcp.closed_early"),
    (b"<html>hello</html>", "h1.bad_status_line"),
    (b"\r\n", "h1.bad_status_line"),
    (b"HTTP/9.9 200 OK\r\n\r\n", "h1.bad_status_line"),
    (b"HTTP/1.1 2OO\r\n\r\n", "h1.bad_status_line"),
    (b"HTTP/1.1 99999 x\r\n\r\n", "h1.bad_status_line"),
    (b"HTTP/1.1 -1\r\n\r\n", "h1.bad_status_line"),
    (b"HTTP/1.1  200 OK\r\n\r\n", "h1.bad_status_line"),
    (b"ICY 200 OK\r\n\r\n", "h1.bad_status_line"),
    (OK + b"A: b\r\n", "h1.incomplete_header"),
    (b"HTT", "h1.incomplete_header"),
    (OK + b"A: " + b"x" * 20_000 + b"\r\n\r\n", "h1.header_too_large"),
    (OK + b"A: " + b"x" * 20_000, "h1.header_too_large"),
    (OK + b"".join(b"A%d: %s\r\n" % (n, b"x" * 9000) for n in range(9)), "h1.header_too_large"),
    (OK + b"A: b\r\n" * 257 + b"\r\n", "h1.too_many_headers"),
    (OK + b"A: b\rC: d\r\n\r\n", "h1.bad_header"),
    (OK + b"no colon\r\n\r\n", "h1.bad_header"),
    (OK + b"A : b\r\n\r\n", "h1.bad_header"),
    (OK + b"A: b\x00c\r\n\r\n", "h1.bad_header"),
    (OK + b" folded: first\r\n\r\n", "h1.bad_header"),
    (OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "h1.conflicting_length"),
    (OK + b"Content-Length: 5, 6\r\n\r\nhello", "h1.conflicting_length"),
    (OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n", "h1.bad_te"),
    (OK + b"Transfer-Encoding: chunked, chunked\r\n\r\n", "h1.bad_te"),
    (OK + b"Transfer-Encoding: xchunked\r\n\r\n", "h1.bad_te"),
    (OK + b"Content-Length: 6\r\n\r\nhello", "http.incomplete_body"),
    (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "h1.unexpected_101"),
    (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 4 + LENGTH, "limit.interim"),
    (CHUNKED + b"5\r\nhello\r\n", "http.incomplete_body"),
    (CHUNKED + b"5\r\nhelloXX0\r\n\r\n", "chunk.bad_delimiter"),
    (CHUNKED + b"5\r\nhello\n0\r\n\r\n", "chunk.bad_delimiter"),
    (CHUNKED + b"5\nhello\r\n0\r\n\r\n", "chunk.bad_delimiter"),
    (CHUNKED + b"0" * 1000, "chunk.line_too_long"),
    (CHUNKED + b"5;" + b"x" * 300 + b"\r\nhello\r\n0\r\n\r\n", "chunk.line_too_long"),
    (CHUNKED + b"1\r\nx\r\n" * 101 + b"0\r\n\r\n", "limit.chunks"),
    (CHUNKED + b"0\r\nA: " + b"x" * 20_000 + b"\r\n\r\n", "h1.header_too_large"),
    (CHUNKED + b"0\r\nbad trailer\r\n\r\n", "h1.bad_header"),
    (CHUNKED + b"0\r\nA: b\r\n", "http.incomplete_body"),
]
FAULTS += [
    (OK + b"Content-Length: " + value + b"\r\n\r\nhello", "h1.bad_length")
    for value in (b"+5", b"5_0", b"5 5", b"0x10", b"-1", b"", b"\xef\xbc\x95", b"\xa05", b"9" * 30)
]
FAULTS += [
    (CHUNKED + size + b"\r\nhello\r\n0\r\n\r\n", "chunk.bad_size")
    for size in (b"0x10", b"+5", b"-1", b"5_0", b"\xef\xbc\x95", b"", b" 5", b"5 5", b"f" * 17)
]


@pytest.mark.parametrize(("octets", "expected"), FAULTS)
def test_each_fault_of_a_response_has_its_code(octets: bytes, expected: str) -> None:
    assert code(octets) == expected


RESPONSES = [
    (LENGTH, b"hello"),
    (LENGTH + b"surplus", b"hello"),
    (OK + b"Content-Length: 5, 5\r\nContent-Length: 5\r\n\r\nhello", b"hello"),
    (OK + b"\r\nuntil the end", b"until the end"),
    (b"HTTP/1.0 200\r\n\r\nold", b"old"),
    (b"HTTP/1.1 204 No Content\r\n\r\nsurplus", b""),
    (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", b""),
    (b"HTTP/1.1 100 Continue\r\n\r\n" + LENGTH, b"hello"),
    (OK + b"Content-Length: 5\nA: b\n\nhello", b"hello"),
    (OK + b"Folded: one\r\n two\r\nContent-Length: 0\r\n\r\n", b""),
    (OK + b"Latin: \xe9\xff\r\nContent-Length: 0\r\n\r\n", b""),
    (CHUNKED + b"5;ext=1\r\nhello\r\n006 \r\n world\r\n0\r\n\r\n", b"hello world"),
    (CHUNKED + b"1\r\nx\r\n" * 100 + b"0\r\nChecked: yes\r\n\r\n", b"x" * 100),
    (OK + b"Content-Length: 3\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", b"ok"),
]


@pytest.mark.parametrize(("octets", "expected"), RESPONSES)
def test_a_response_gives_its_content(octets: bytes, expected: bytes) -> None:
    assert isinstance(receive(octets)[-1], End)
    assert content(octets) == expected


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([each for each, _ in FAULTS + RESPONSES if len(each) < 3000]),
    st.lists(st.integers(1, 3000), max_size=12),
)
def test_the_cuts_make_no_difference(octets: bytes, cuts: list[int]) -> None:
    assert receive(octets, [cut for cut in cuts if cut < len(octets)]) == receive(octets)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_mutated_responses_end_the_same_however_they_are_cut(data: st.DataObject) -> None:
    octets = bytearray(data.draw(st.sampled_from([each for each, _ in RESPONSES])))
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    whole = receive(bytes(octets))
    assert receive(bytes(octets), list(range(1, len(octets)))) == whole
    assert isinstance(whole[-1], End | Broken)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8), st.binary(max_size=3))
def test_chunks_are_read_as_h11_reads_them(pieces: list[bytes], surplus: bytes) -> None:
    coded = (
        b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\nT: v\r\n\r\n"
    )
    oracle = h11.Connection(h11.CLIENT)
    oracle.send(h11.Request(method="GET", target="/", headers=[("Host", "h")]))
    oracle.send(h11.EndOfMessage())
    oracle.receive_data(CHUNKED + coded + surplus)
    theirs: list[h11.Event] = []
    while not theirs or not isinstance(theirs[-1], h11.EndOfMessage):
        event = oracle.next_event()
        assert isinstance(event, h11.Event)
        theirs.append(event)
    said = b"".join(bytes(each.data) for each in theirs if isinstance(each, h11.Data))
    ours = receive(CHUNKED + coded + surplus)
    assert content(CHUNKED + coded + surplus) == said == b"".join(pieces)
    assert ours[-1] == End((("T", "v"),))


def test_octets_behind_the_response_are_counted() -> None:
    http = Http1(Limits())
    http.start("GET", "/", (("Host", "h"),))
    http.receive(LENGTH + b"HTTP/1.1 ")
    http.receive(b"200 OK")
    assert http.surplus == 15


def test_a_head_request_has_no_content_whatever_the_head_says() -> None:
    events = receive(OK + b"Content-Length: 500\r\n\r\n", method="HEAD")
    assert isinstance(events[-1], End)


def test_what_is_odd_and_accepted_is_noted() -> None:
    head = receive(
        OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\nA: b\r\n c\r\n\r\n0\r\n\r\n"
    )[0]
    assert isinstance(head, Head)
    assert len(head.notes) == 3


def test_interim_responses_come_before_the_head() -> None:
    events = receive(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + LENGTH)
    assert events[0] == Interim(103, "Early Hints")
    assert isinstance(events[1], Head)


@pytest.mark.parametrize(
    ("method", "target", "fields"),
    [
        ("GE T", "/", (("Host", "h"),)),
        ("GET", "/ x", (("Host", "h"),)),
        ("GET", "/", (("Host", "h\r\nX: y"),)),
        ("GET", "/", (("Host", "h"), ("A B", "c"))),
        ("GET", "/", ()),
    ],
)
def test_a_request_that_cannot_be_written_is_refused(
    method: str, target: str, fields: tuple[tuple[str, str], ...]
) -> None:
    with pytest.raises(FetchError) as caught:
        Http1(Limits()).start(method, target, fields)
    assert caught.value.code == "http.bad_request"


def test_a_request_with_content_is_written_as_it_was_given() -> None:
    fields = (("Host", "h"), ("Content-Length", "3"))
    head, content = Http1(Limits()).start("POST", "/p?q", fields, b"a=b")
    assert head == b"POST /p?q HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n"
    assert content == b"a=b"


def test_a_request_with_chunks_is_framed() -> None:
    fields = (("Host", "h"), ("Transfer-Encoding", "chunked"))
    _, content = Http1(Limits()).start("POST", "/", fields, b"a=b")
    assert content == b"3\r\na=b\r\n0\r\n\r\n"


def test_a_request_of_http_1_0_differs_in_its_version_alone() -> None:
    fields = (("Host", "h"), ("Content-Length", "3"))
    head, content = Http1(Limits(), "1.0").start("POST", "/p?HTTP/1.1", fields, b"a=b")
    assert head == b"POST /p?HTTP/1.1 HTTP/1.0\r\nHost: h\r\nContent-Length: 3\r\n\r\n"
    assert content == b"a=b"


def test_http_1_0_has_no_chunks_to_send() -> None:
    fields = (("Host", "h"), ("Transfer-Encoding", "chunked"))
    with pytest.raises(FetchError) as caught:
        Http1(Limits(), "1.0").start("POST", "/", fields, b"a=b")
    assert caught.value.code == "http.bad_request"
