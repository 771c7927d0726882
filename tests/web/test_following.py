"""Both sides of one connection, as text."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.netcore.recordings import http_exchange, trace_of
from tests.web.conftest import Script
from web.following import SHOWN_OCTETS, follow_view, readable
from web.tale import tell

REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
HOSTILE = "<script>alert(1)</script>\u202e\x1b[2J"
Traced = Callable[[], str]


def test_bytes_that_are_no_text_are_dots_and_line_ends_are_one() -> None:
    assert readable(b"a\r\n\tb\x00\xff") == "a\n\tb··"
    assert readable("ä\u202eb".encode()) == "ä·b"


def test_pieces_stand_in_order_with_their_events_and_sides() -> None:
    tale = tell(trace_of(http_exchange([REQUEST], [HEAD, b"5\r\nhello\r\n0\r\n\r\n"])))
    view = follow_view(tale, "/t/x", "tcp:1", "wire")
    assert [turn.sent for turn in view.turns] == [True, False, False]
    assert view.turns[0].text == "GET / HTTP/1.1\nHost: a\n\n"
    numbers = [turn.event for turn in view.turns]
    assert numbers == sorted(numbers)
    assert [turn.href for turn in view.turns] == [f"/t/x/e/{number}" for number in numbers]
    assert [side.size for side in view.sides] == [
        f"{len(REQUEST)} bytes",
        f"{len(HEAD) + 15} bytes",
    ]
    decoded = follow_view(tale, "/t/x", "tcp:1", "decoded")
    assert [turn.text for turn in decoded.turns] == ["hello"]
    assert [bool(link.href) for link in view.forms] == [True, False, True]


def test_more_than_fits_is_left_out_and_counted() -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + b"x" * 99_999
    tale = tell(trace_of(http_exchange([REQUEST], [body])))
    view = follow_view(tale, "/t/x", "tcp:1", "wire")
    assert sum(turn.octets for turn in view.turns) == SHOWN_OCTETS
    assert view.left_out == f"{len(REQUEST) + len(body) - SHOWN_OCTETS:,} bytes"


def test_what_was_encrypted_is_shown_open(client: FlaskClient) -> None:
    page = client.get("/t/example-tls13/stream/tcp:1").text
    assert "GET / HTTP/1.1" in page
    assert "GET / HTTP/1.1" not in client.get("/t/example-tls13/stream/tcp:1?form=wire").text


def test_hostile_bytes_are_text_and_files_are_powerless(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + HOSTILE.encode()
    script.events = http_exchange([REQUEST], [answer])
    base = traced()
    lead = client.get(f"{base}/stream")
    assert lead.location == f"{base}/stream/tcp:1"
    page = client.get(lead.location).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;··[2J" in page
    octets = client.get(f"{base}/stream/tcp:1/received.bin?form=wire")
    assert octets.data == answer
    text = client.get(f"{base}/stream/tcp:1/received.txt?form=nonsense")
    assert text.text == readable(answer)
    for each in (octets, text):
        assert each.headers["Content-Disposition"].startswith("attachment; filename=")
        assert "sandbox" in each.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["tcp:9", "captured:eth0", "tcp:1/both.bin", "tcp:1/sent.html"])
def test_what_there_is_not_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(f"/t/example-http1/stream/{path}").status_code == 404


def test_the_trace_leads_to_it_and_each_piece_back(client: FlaskClient) -> None:
    assert 'href="/t/example-http1/stream"' in client.get("/t/example-http1").text
    page = client.get("/t/example-http1/stream/tcp:1").text
    number = re.findall(r'<li id="e(\d+)" class="turn', page)[0]
    event = client.get(f"/t/example-http1/e/{number}").text
    assert f'href="/t/example-http1/stream/tcp:1#e{number}"' in event
