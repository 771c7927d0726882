"""The server's side of one connection of HTTP/2, by the library, and by hand where it is wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RequestReceived,
    StreamEnded,
)
from h2.exceptions import H2Error
from h2.settings import SettingCodes, Settings
from hyperframe.frame import Frame

from lab.visit import READ_OCTETS, SERVER, TEXT, Connection

KEPT_OCTETS: Final = 65_536


@dataclass
class Asked:
    """A request on a stream, its body read to the end."""

    stream: int
    fields: dict[str, str]
    body_octets: int = 0
    body_frames: int = 0
    body: bytes = b""  # the first 64 KiB of it

    @property
    def method(self) -> str:
        """Its method."""
        return self.fields.get(":method", "")

    @property
    def path(self) -> str:
        """Its path, with the query."""
        return self.fields.get(":path", "")


@dataclass
class Streams:
    """One client's connection: what it asks on its streams, and the ways to answer."""

    connection: Connection
    release: threading.Event  # set: do not hold anything back
    window: int = 0  # octets that a stream may send before it has to wait; 0: the default
    is_open: bool = True
    asked: dict[int, Asked] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Prepare what a server says first."""
        config = H2Configuration(client_side=False, header_encoding="latin-1")
        self.h2 = H2Connection(config)
        settings = {SettingCodes.MAX_CONCURRENT_STREAMS: 100}
        self.h2.local_settings = Settings(client=False, initial_values=settings)

    def run(self, serve: ServeStream) -> None:
        """Greet, and serve each request when it is whole, until the client has gone."""
        self.h2.initiate_connection()
        if self.window:  # it counts once the client has said that it knows
            self.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: self.window})
        self.flush()
        while self.is_open:
            octets = self.connection.recv(READ_OCTETS)
            if not octets:
                return
            try:
                for event in self.h2.receive_data(octets):
                    self._take(event, serve)
            except H2Error:
                self.is_open = False  # the library has written GOAWAY
            self.flush()

    def _take(self, event: Event, serve: ServeStream) -> None:
        match event:
            case RequestReceived(stream_id=int(stream), headers=fields):
                self._begin(Asked(stream, {str(k): str(v) for k, v in fields or ()}))
            case DataReceived(stream_id=int(stream)):
                asked = self.asked[stream]
                asked.body_octets += len(event.data or b"")
                asked.body = (asked.body + (event.data or b""))[:KEPT_OCTETS]
                asked.body_frames += 1
                self.h2.acknowledge_received_data(event.flow_controlled_length or 0, stream)
            case StreamEnded(stream_id=int(stream)):
                serve(self, self.asked[stream])
            case ConnectionTerminated():
                self.is_open = False

    def _begin(self, asked: Asked) -> None:
        self.asked[asked.stream] = asked
        if asked.fields.get("expect", "").lower() == "100-continue":
            self.h2.send_headers(asked.stream, [(":status", "100")])

    def respond(
        self,
        asked: Asked,
        status: int,
        body: bytes,
        fields: Sequence[tuple[str, str]] = (),
    ) -> None:
        """A complete response, none of its body for HEAD."""
        length = ("content-length", str(len(body)))
        self.begin(asked, status, (("content-type", TEXT), length, *fields))
        content = b"" if asked.method == "HEAD" else body
        self.h2.send_data(asked.stream, content, end_stream=True)

    def begin(self, asked: Asked, status: int, fields: Sequence[tuple[str, str]]) -> None:
        """A head alone."""
        self.h2.send_headers(asked.stream, [(":status", str(status)), ("server", SERVER), *fields])

    def send_frame(self, frame: Frame) -> None:
        """A frame that the library would not write."""
        self.flush()
        self.connection.sendall(frame.serialize())

    def flush(self) -> None:
        """Send what the library has written."""
        octets = self.h2.data_to_send()
        if octets:
            self.connection.sendall(octets)


ServeStream = Callable[[Streams, Asked], None]
