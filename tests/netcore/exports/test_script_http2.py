"""HTTP/2 in a script: run against servers that are not in the lab."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import msgspec
import pytest

from lab.streams import Asked, Streams
from netcore import Options, fetch
from netcore import options as netcore_options
from netcore.exports.python_script import python_script
from netcore.options import COMMAND_LINE_LIMITS
from netcore.trace import Completed
from tests.faults.hostile import Converse, HostileServer
from tests.netcore.exports.tapped import Tapped
from tests.netcore.exports.test_python_script import run
from tests.netcore.test_http2_fetch import switching

pytestmark = [pytest.mark.wire, pytest.mark.slow]


def both(converse: Converse, folder: Path, **more: object) -> tuple[str, bytes]:
    """Fetch and run the script: the same is sent. Out: the script, and the content that it got."""
    heard: list[bytearray] = []

    def tapped(connection: socket.socket) -> None:
        heard.append(bytearray())
        with Tapped(connection, heard[-1]) as noted:
            converse(noted)

    limits = msgspec.structs.replace(COMMAND_LINE_LIMITS, first_byte_s=5.0)
    body = bytearray()
    with HostileServer(tapped) as server:
        options = Options(lab=netcore_options.Lab(endpoints=(server.endpoint,)), limits=limits)
        options = msgspec.structs.replace(options, **more)
        trace = fetch(f"http://{server.endpoint}/", options, on_body=body.extend)
        assert isinstance(trace.outcome, Completed), trace.outcome
        script = b"".join(python_script(trace))
        ran = run(script, folder)
    assert (ran.status, ran.out) == (0, bytes(body)), ran.err
    fetched, played = heard
    assert played.hex() == fetched.hex()
    return script.decode(), ran.out


def streaming(body: bytes, *, ping: bool = False, padding: int | None = None) -> Converse:
    def serve(streams: Streams, asked: Asked) -> None:
        streams.begin(asked, 200, ())
        for at in range(0, len(body), 10_000):
            if ping:
                streams.h2.ping(b"%08d" % at)
            piece = body[at : at + 10_000]
            streams.h2.send_data(asked.stream, piece, pad_length=padding)
        streams.h2.send_data(asked.stream, b"", end_stream=True)

    return lambda connection: Streams(connection, threading.Event()).run(serve)


def test_a_request_that_was_upgraded_and_the_stream_behind_it(tmp_path: Path) -> None:
    script, _ = both(switching, tmp_path, http="h2c-upgrade", follow_redirects=True)
    assert "HTTP2-Settings: " in script
    assert "http2.read_until(lambda: 1 in http2.ended)" in script


def test_pings_and_padding_are_part_of_it_where_they_came(tmp_path: Path) -> None:
    text = b"0123456789" * 3_000
    plain, _ = both(streaming(text), tmp_path, http="2")
    assert "PING, to be" not in plain
    assert "PADDED" not in plain
    script, body = both(streaming(text, ping=True, padding=7), tmp_path, http="2")
    assert "PING, to be sent back" in script
    assert "PADDED" in script
    assert body == text


def test_windows_are_opened_as_they_were(tmp_path: Path) -> None:
    limits = msgspec.structs.replace(COMMAND_LINE_LIMITS, first_byte_s=5.0, body_read_octets=60_000)
    script, body = both(streaming(bytes(60_000)), tmp_path, http="2", limits=limits)
    assert "WINDOW_UPDATE (RFC 9113 §6.9), each behind so many octets" in script
    assert len(body) == 60_000
