"""HTTP/2 conversations by the h2 library, both ends in memory, recorded as the client records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    Event,
    InformationalResponseReceived,
    PushedStreamReceived,
    RequestReceived,
    ResponseReceived,
    TrailersReceived,
)

from netcore.pdus import Explanation, explain
from netcore.trace import AnyEvent, Called, StageStarted

REQUEST = [(":method", "GET"), (":scheme", "https"), (":authority", "lab.test"), (":path", "/")]
RESPONSE = [(":status", "200"), ("content-type", "text/plain"), ("server", "h2")]
HEADS = (
    *(RequestReceived, ResponseReceived, TrailersReceived),
    *(PushedStreamReceived, InformationalResponseReceived),
)
Fields = list[tuple[bytes, bytes]]


class Conversation:
    """Two state machines, and every octet that crossed between them as events of the client."""

    def __init__(self, cut: Callable[[bytes], Sequence[bytes]] = lambda octets: [octets]) -> None:
        def end(is_client: bool) -> H2Connection:
            config = H2Configuration(is_client, header_encoding=None)
            config.normalize_inbound_headers = False  # it would put cookies behind all others
            return H2Connection(config)

        self.client, self.server = end(True), end(False)
        self.events: list[AnyEvent] = [StageStarted(0, "request")]
        self.heads: list[tuple[str, int, Fields]] = []  # as the library gives them out
        self.bodies: dict[tuple[str, int], bytes] = {}
        self.cut = cut
        self._ends = {"sent": 0, "received": 0}

    def begin(self) -> None:
        self.client.initiate_connection()
        self.server.initiate_connection()
        self.pump()

    def pump(self) -> None:
        """Carry octets until neither end has more to say."""
        while self.carry("sent") or self.carry("received"):
            pass

    def carry(self, direction: str) -> bool:
        """What one end has to say, to the other; whether that was anything."""
        source, target = self.client, self.server
        if direction == "received":
            source, target = target, source
        octets = source.data_to_send()
        self.move(direction, octets)
        if octets:
            self.take(direction, target.receive_data(octets))
        return bool(octets)

    def move(self, direction: str, octets: bytes) -> None:
        """Record octets that crossed."""
        for piece in self.cut(octets) if octets else ():
            call = "send" if direction == "sent" else "recv"
            channel, offset = f"tcp:1.{direction}", self._ends[direction]
            event = Called(
                *(len(self.events), "tcp:1", call),
                channel=channel,
                offset=offset,
                length=len(piece),
                data=piece,
            )
            self.events.append(event)
            self._ends[direction] += len(piece)

    def take(self, direction: str, events: Iterable[Event]) -> None:
        for event in events:
            if isinstance(event, HEADS):
                stream = getattr(event, "pushed_stream_id", None) or event.stream_id
                fields = [(bytes(name), bytes(value)) for name, value in event.headers]
                self.heads.append((direction, stream, fields))
            elif hasattr(event, "data") and hasattr(event, "flow_controlled_length"):
                key = direction, event.stream_id
                self.bodies[key] = self.bodies.get(key, b"") + event.data

    def explained(self) -> Explanation:
        return explain(self.events)


def simple(body: bytes = b"hello") -> Conversation:
    """A request and its response."""
    talk = Conversation()
    talk.begin()
    talk.client.send_headers(1, REQUEST, end_stream=True)
    talk.pump()
    talk.server.send_headers(1, RESPONSE)
    talk.server.send_data(1, body, end_stream=True)
    talk.pump()
    return talk


def rich(cut: Callable[[bytes], Sequence[bytes]] = lambda octets: [octets]) -> Conversation:
    """Several streams at once, and every kind of frame that h2 writes."""
    talk = Conversation(cut)
    talk.begin()
    client, server = talk.client, talk.server
    priority = {"priority_weight": 16, "priority_depends_on": 0, "priority_exclusive": True}
    large = [("x-large", "v" * 40_000), ("cookie", "a=b"), ("x-octets", "\xe9")]
    client.send_headers(1, REQUEST, end_stream=True, **priority)
    client.send_headers(3, [*REQUEST, *large])
    client.prioritize(1, weight=7, depends_on=3)
    client.ping(b"whenever")
    talk.pump()
    client.send_data(3, b"x" * 300, pad_length=20)
    server.send_headers(1, [(":status", "103"), ("link", "</a>")])
    server.push_stream(1, 2, [*REQUEST[:3], (":path", "/pushed")])
    talk.pump()
    server.send_headers(1, RESPONSE)
    server.send_headers(2, RESPONSE)
    server.send_data(1, b"a" * 5_000, pad_length=255)
    server.send_data(2, b"pushed", end_stream=True)
    server.send_data(1, b"b" * 5_000)
    client.increment_flow_control_window(9_000)
    client.increment_flow_control_window(1_000, stream_id=1)
    client.send_data(3, b"y" * 10, end_stream=True)
    talk.pump()
    server.send_headers(1, [("x-checksum", "1f")], end_stream=True)
    server.update_settings({1: 0, 4: 20_000})
    client.update_settings({4: 100_000})
    server.advertise_alternative_service(b'h3=":443"', origin=b"https://lab.test")
    talk.pump()
    client.send_headers(5, REQUEST)
    talk.pump()
    client.reset_stream(5, 8)
    server.send_headers(3, [(":status", "413")])
    talk.pump()
    server.reset_stream(3, 11)
    server.close_connection(0, b"that was all", last_stream_id=5)
    talk.pump()
    return talk
