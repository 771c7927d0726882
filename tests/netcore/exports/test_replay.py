"""What has to be sent and waited for to have a conversation again."""

from __future__ import annotations

import ast
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.exports import replay as module
from netcore.exports.curl_command import curl_command
from netcore.exports.python_script import python_script
from netcore.exports.replay import Answer, CannotReplay, replay
from netcore.options import Options
from netcore.trace import BadTrace, decode
from tests.netcore.recordings import http_exchange, trace_of
from tests.web.mutations import mutate, originals

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def answer(response: bytes, request: bytes = GET) -> Answer:
    (connection,) = replay(trace_of(http_exchange([request], [response]))).connections
    (exchange,) = connection.exchanges
    assert exchange.head + exchange.content == request
    return exchange.answer


@pytest.mark.parametrize(
    ("response", "framing"),
    [
        (OK, "length"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", "chunked"),
        (b"HTTP/1.0 200 OK\r\n\r\nto the end", "close"),
        (b"HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\n", "none"),
        (b"HTTP/1.1 304 Same\r\nContent-Length: 2\r\n\r\n", "none"),
        (b"", ""),
    ],
)
def test_how_an_answer_ends_is_read_off_the_answer(response: bytes, framing: str) -> None:
    assert answer(response).framing == framing


def test_an_answer_to_head_has_no_content() -> None:
    assert answer(OK[:-2], GET.replace(b"GET", b"HEAD")).framing == "none"


def test_codings_and_interim_answers_are_told() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, br\r\nContent-Length: 1\r\n\r\nx"
    told = answer(b"HTTP/1.1 103 Early\r\n\r\n" + head)
    assert (told.codings, told.interim, told.status) == (("gzip", "br"), 1, "200")
    assert answer(head.replace(b"200 OK", b"206 Part")).codings == ()
    assert answer(head.replace(b"Length: 1\r\n\r\nx", b"Length: 0\r\n\r\n")).codings == ()


def test_a_connection_is_made_to_the_address_that_was_connected_to() -> None:
    (connection,) = replay(trace_of(http_exchange([GET], [OK]))).connections
    assert (connection.address, connection.port, connection.by_name) == ("192.0.2.1", 80, False)


@pytest.mark.parametrize(
    ("url", "options", "by_name"),
    [
        ("http://www.example.com/", Options(), True),
        ("http://www.example.com/", Options(dns_server="192.0.2.9"), False),
        ("http://www.example.com/", Options(resolve=("www.example.com:80:192.0.2.1",)), False),
        ("http://plain.lab.test/", Options(), False),
        ("http://localhost./", Options(), False),
        ("http://[2001:db8::1]/", Options(), False),
        ("no url", Options(), False),
    ],
)
def test_a_name_is_resolved_again_where_the_system_had_resolved_it(
    url: str, options: Options, by_name: bool
) -> None:
    trace = trace_of(http_exchange([GET], [OK]))
    trace.url, trace.options = url, options
    (connection,) = replay(trace).connections
    assert connection.by_name is by_name


def test_requests_of_one_connection_stay_on_it() -> None:
    second = GET.replace(b"/ ", b"/2 ")
    (connection,) = replay(trace_of(http_exchange([GET, second], [OK, OK]))).connections
    assert [each.head for each in connection.exchanges] == [GET, second]


def test_more_than_is_written_down_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_OCTETS", 10)
    with pytest.raises(CannotReplay, match="more than the 10 octets"):
        replay(trace_of(http_exchange([GET], [OK])))


def test_a_switch_to_another_protocol_is_refused() -> None:
    switched = b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"
    with pytest.raises(CannotReplay, match="switched to another protocol"):
        answer(switched)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**64))
def test_whatever_a_saved_trace_holds_there_is_a_script_and_a_command(seed: int) -> None:
    chance = random.Random(seed)
    try:
        trace = decode(mutate(chance.choice(originals()), chance))
    except BadTrace:
        return
    compile(b"".join(python_script(trace)), "script.py", "exec")
    assert b"curl " in b"".join(curl_command(trace))


HOSTILE = st.binary(max_size=60).map(
    lambda octets: octets.replace(b"\r", b"").replace(b"\n", b"").replace(b" ", b"")
)


@settings(max_examples=200, deadline=None)
@given(HOSTILE, st.lists(st.tuples(HOSTILE, HOSTILE), max_size=4), st.binary(max_size=300))
def test_whatever_octets_a_request_has_the_script_sends_these(
    path: bytes, fields: list[tuple[bytes, bytes]], body: bytes
) -> None:
    lines = b"".join(b"x%s: %s\r\n" % field for field in fields)
    length = b"Content-Length: %d\r\n\r\n" % len(body)
    request = b"POST /%s HTTP/1.1\r\n%s%s%s" % (path, lines, length, body)
    script = b"".join(python_script(trace_of(http_exchange([request], [OK])))).decode()
    calls = [node for node in ast.walk(ast.parse(script)) if isinstance(node, ast.Call)]
    sent = [
        ast.literal_eval(call.args[0])
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "sendall"
    ]
    assert b"".join(sent) == request or not sent  # not: the octets were no request
