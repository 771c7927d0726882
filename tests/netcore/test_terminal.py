"""The timeline in a terminal."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import Lab
from netcore import Options, fetch
from netcore.pdus import explain
from netcore.terminal import draw, visible
from netcore.timeline import timeline
from netcore.trace import AnyEvent, Chose, Failed, KernelTimestamp
from tests.netcore.recordings import http_exchange, trace_of

REQUEST = b"GET / HTTP/1.1\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"


def text_of(events: list[AnyEvent], *, colour: bool = False, body: bytes = b"") -> str:
    return draw(timeline(trace_of(events), explain(events)), colour=colour, start_of_body=body)


def test_each_mark_is_a_line_with_its_number_and_title() -> None:
    text = text_of(http_exchange([REQUEST], [HEAD, b"123456789"]))
    assert re.search(r"^ +6 .* client ──▶ server .* 18 B  GET /$", text, re.MULTILINE)
    assert re.search(r"^ +9 .* client ◀── server .* 38 B  200 OK$", text, re.MULTILINE)
    assert "200 OK · " in text


def test_a_read_stands_at_the_time_when_it_returned() -> None:
    text = text_of(http_exchange([REQUEST], [HEAD, b"123456789"]))  # each takes 100 ns
    assert re.search(r"^ +6 +40\.0 ns .* GET /$", text, re.MULTILINE)
    assert re.search(r"^ +9 +60\.1 µs .* 200 OK$", text, re.MULTILINE)


def test_a_failure_is_told_whole_at_the_end() -> None:
    message = "connect() failed with ECONNREFUSED: nothing listens on port 81. " * 3
    text = text_of([Failed(5, "connect", "tcp.refused", message)])
    assert "✗ tcp.refused, in stage connect" in text
    assert " ".join(text.split()).endswith(message.strip())


def test_without_a_terminal_there_is_no_escape_sequence() -> None:
    events = http_exchange([REQUEST], [HEAD, b"123456789"])
    assert "\x1b" not in text_of(events)
    assert "\x1b[34m" in text_of(events, colour=True)


def test_the_colours_change_nothing_but_colour() -> None:
    events = http_exchange([REQUEST], [HEAD, b"123456789"])
    coloured = re.sub(r"\x1b\[[0-9;]*m", "", text_of(events, colour=True))
    assert coloured.split() == text_of(events).split()


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=60), st.text(max_size=90), st.binary(max_size=200))
def test_no_line_is_wider_than_80_columns_and_no_octet_drives_the_terminal(
    target: bytes, message: str, body: bytes
) -> None:
    response = b"HTTP/1.1 200 " + target + b"\r\n\r\n" + body
    events = http_exchange([b"GET /" + target + b" HTTP/1.1\r\n\r\n"], [response])
    text = text_of([*events[:-1], Failed(5, "response", "h1.bad_header", message)], body=body)
    assert "\x1b" not in text
    assert all(len(line) <= 80 for line in text.split("\n"))
    assert all(each.isprintable() or each == "\n" for each in text)


def test_what_cannot_be_printed_is_escaped() -> None:
    assert visible("a\x1b[31m\u202eb") == "a\\x1b[31m\\u202eb"


@pytest.mark.wire
def test_redirects_on_one_connection_show_one_connection_and_each_hop() -> None:
    text = drawn("keep-alive")
    assert text.count("connect()") == 1
    assert re.findall(r"client ──▶ server .* B  (GET .*)", text) == [
        "GET /1",
        "GET /2",
        "GET /3",
    ]
    assert re.findall(r"^  response(.{7})", text, re.M) == ["       ", ", hop 2", ", hop 3"]
    assert "connection: reused" in text
    assert "  to 127.0.0.1" not in text  # there is only one


@pytest.mark.wire
def test_what_a_reused_connection_saved_is_a_sentence_below_the_stages() -> None:
    lines = drawn("keep-alive").splitlines()
    at = next(at for at, line in enumerate(lines) if "reused the connection" in line)
    told = " ".join(line.strip() for line in lines[at : at + 2])
    assert "nothing to look up or connect; saved about" in told
    assert not any("target, hop" in line for line in lines)


def test_redirects_to_another_server_say_which_connection_leads_where() -> None:
    text = drawn("redirect")
    assert len(re.findall(r"^ +to 127\.0\.0\.1:\d+$", text, re.M)) == text.count("connect()") == 2


@pytest.mark.wire
@pytest.mark.parametrize("name", ["tls12", "tls13"])
def test_what_was_decrypted_is_called_by_its_name(name: str) -> None:
    text = drawn(name)
    assert re.search(r"client ──▶ server .* B  GET /$", text, re.M)
    assert re.search(r"client ──▶ server .* B  alert close_notify$", text, re.M)
    assert "encrypted application data" not in text


def drawn(name: str) -> str:
    """The drawing of a fetch from a server of the lab."""
    with Lab(hold_s=0.05) as lab:
        target = next(target for target in lab.targets if target.name == name)
        options = Options(lab=lab.options_lab(), cacert=str(lab.cacert), follow_redirects=True)
        trace = fetch(target.url, options)
    text = draw(timeline(trace, explain(trace.events)), colour=False)
    assert all(len(line) <= 80 for line in text.split("\n"))
    return text


def test_what_checking_would_have_said_is_told_whole() -> None:
    why = "1 sent; checking was switched off. Checking would have said tls.cert_expired: It ended."
    text = text_of([Chose(5, "certificate", "not verified", why)])
    assert "! certificate: not verified" in text
    assert " ".join(text.split()).endswith(why)
    assert "!" not in text_of([Chose(5, "certificate", "verified", "The chain holds.")])


def test_a_server_far_away_has_its_round_trips_counted() -> None:
    near = http_exchange([REQUEST], [HEAD])
    near[7], near[8] = near[8], near[7]  # the response begins with what was read
    far = [msgspec.structs.replace(event, time_ns=event.time_ns * 1_000_000) for event in near]
    assert "round trip" not in text_of(near)
    line = "2 round trips of 10.0 ms before the response began"
    assert line in text_of(far).splitlines()


def test_how_long_octets_waited_in_the_kernel_is_told_where_it_is_known() -> None:
    events = http_exchange([b"GET / HTTP/1.1\r\n\r\n"], [b"HTTP/1.1 204 No\r\n\r\n"])
    said = KernelTimestamp(20_000, "tcp:1.received", 19, "arrived")
    waited = "By the kernel's clock, what arrived waited there up to 40.1 µs to be read."
    assert waited not in text_of(events)
    assert waited in text_of([*events[:-1], said, events[-1]])
