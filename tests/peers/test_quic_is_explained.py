"""QUIC and HTTP/3 of a server that we did not write: every packet opened, every octet named."""

from __future__ import annotations

import io
import selectors
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection

from netcore.field import NOT_EXPLAINED
from netcore.pdus import Explanation, explain
from netcore.quic.recovery import recovery
from netcore.titles import title_of
from netcore.trace import AnyEvent, Called, SecretLogged, StageStarted
from tests.peers.h2_servers import caddy
from tests.peers.servers import HOST

pytestmark = [pytest.mark.peer, pytest.mark.wire, pytest.mark.slow]
PATHS = ("/plain", "/large", "/plain", "/nothing")
_WAIT_S = 15.0


class Told(NamedTuple):
    """What was recorded, and what aioquic made of it."""

    events: list[AnyEvent]
    headers: dict[int, list[tuple[bytes, bytes]]]
    bodies: dict[int, bytes]


class _Client:
    """aioquic over a socket, each datagram recorded as our client would."""

    def __init__(self, port: int) -> None:
        self.log = io.StringIO()
        settings = {"alpn_protocols": ["h3"], "server_name": HOST, "verify_mode": 0}
        configuration = QuicConfiguration(**settings, secrets_log_file=self.log)  # type: ignore[arg-type]
        self.quic = QuicConnection(configuration=configuration)
        self.http = H3Connection(self.quic)
        self.address = ("127.0.0.1", port)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(self.address)
        self.socket.setblocking(False)
        self.told = Told([StageStarted(0, "connect")], {}, {})
        self.ended: set[int] = set()
        self._ends = {"sent": 0, "received": 0}
        self._began = time.monotonic_ns()

    def record(self, call: str, data: bytes) -> None:
        direction = "sent" if call == "send" else "received"
        at, now = self._ends[direction], time.monotonic_ns() - self._began
        where = {"channel": f"udp:1.{direction}", "offset": at}
        self.told.events.append(
            Called(now, "udp:1", call, (), len(data), length=len(data), data=data, **where)  # type: ignore[arg-type]
        )
        self._ends[direction] += len(data)

    def flush(self) -> None:
        for data, _ in self.quic.datagrams_to_send(time.monotonic()):
            self.socket.send(data)
            self.record("send", data)

    def step(self, selector: selectors.BaseSelector) -> None:
        """Wait for a datagram or a timer, and do what it calls for."""
        due = self.quic.get_timer()
        selector.select(max(0.0, min(due - time.monotonic(), 1.0)) if due else 1.0)
        for data in self._arrived():
            self.record("recv", data)
            self.quic.receive_datagram(data, self.address, time.monotonic())
        if due is not None and due <= time.monotonic():
            self.quic.handle_timer(time.monotonic())
        while (event := self.quic.next_event()) is not None:
            for http in self.http.handle_event(event):
                if isinstance(http, HeadersReceived):
                    self.told.headers[http.stream_id] = http.headers
                elif isinstance(http, DataReceived):
                    before = self.told.bodies.get(http.stream_id, b"")
                    self.told.bodies[http.stream_id] = before + http.data
                if isinstance(http, HeadersReceived | DataReceived) and http.stream_ended:
                    self.ended.add(http.stream_id)
        self.flush()

    def _arrived(self) -> Iterator[bytes]:
        try:
            while True:
                yield self.socket.recv(65_535)
        except BlockingIOError:
            return

    def ask(self) -> None:
        for path in PATHS:
            fields = {":method": "GET", ":scheme": "https", ":authority": HOST, ":path": path}
            raw = [(name.encode(), value.encode()) for name, value in fields.items()]
            stream = self.quic.get_next_available_stream_id()
            self.http.send_headers(stream, raw, end_stream=True)

    def run(self) -> Told:
        with self.socket, selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ)
            self.quic.connect(self.address, time.monotonic())
            self.ask()
            self.flush()
            until = time.monotonic() + _WAIT_S
            while len(self.ended) < len(PATHS) and time.monotonic() < until:
                self.step(selector)
            self.quic.close(0x100)
            self.flush()
        lines = self.log.getvalue().splitlines()
        return self.told._replace(
            events=[*(SecretLogged(0, line) for line in lines), *self.told.events]
        )


@pytest.fixture(scope="module")
def told(chain: Path, tmp_path_factory: pytest.TempPathFactory) -> Told:
    with caddy(tmp_path_factory.mktemp("caddy"), chain) as ports:
        return _Client(ports["h2"]).run()


@pytest.fixture(scope="module")
def explanation(told: Told) -> Explanation:
    return explain(told.events)


def test_every_packet_is_opened_and_every_octet_has_a_name(explanation: Explanation) -> None:
    connection = explanation.quic["1"]
    assert len(connection.packets) > 20
    assert [packet.error for packet in connection.packets if packet.opened is None] == []
    fields = [field for pdu in explanation.pdus for field in pdu.fields().walk()]
    assert [field.error for field in fields if field.error] == []
    assert NOT_EXPLAINED not in {field.name for field in fields}


def test_fields_and_bodies_are_those_that_aioquic_gives_out(
    told: Told, explanation: Explanation
) -> None:
    blocks = [b for b in explanation.http3["1"].blocks if b.direction == "received"]
    assert len(blocks) == len(PATHS)
    for block in blocks:
        ours = [(e.name.encode("latin-1"), e.value.encode("latin-1")) for e in block.block.fields]
        assert ours == told.headers[block.stream]
    for stream, body in told.bodies.items():
        assert not body or explanation.channels[f"h3:1/{stream}.received"].octets == body


def test_the_tale_has_both_ends(told: Told, explanation: Explanation) -> None:
    titles = [title_of(pdu) for pdu in explanation.pdus]
    assert {"ClientHello", "ServerHello", "Finished", "GET /large", "200 OK"} < set(titles)
    assert explanation.quic["1"].transport_parameters["received"]["initial_max_data"]
    assert recovery(explanation.quic["1"], told.events).round_trips
