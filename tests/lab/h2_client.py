"""A client of HTTP/2 that is not ours, for the lab's servers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import Event, RemoteSettingsChanged
from h2.exceptions import H2Error

from lab import Authority, LabServer
from tests.lab.asking import client_context, secured

FIELDS = (("scheme", "https"), ("authority", "lab.test"))


class Client:
    """One connection."""

    def __init__(self, send: object, recv: object) -> None:
        self.h2 = H2Connection(H2Configuration(client_side=True, header_encoding="latin-1"))
        self.h2.local_settings.enable_push = 0
        self.events: list[Event] = []
        self.refused = ""  # what the library found wrong
        self._send, self._recv = send, recv
        self.h2.initiate_connection()

    def ask(self, path: str = "/", method: str = "GET", body: bytes = b"") -> int:
        """Open a stream; its number. The body has to fit in the window."""
        stream = int(self.h2.get_next_available_stream_id())
        fields = [(":method", method), (":path", path), *((f":{n}", v) for n, v in FIELDS)]
        self.h2.send_headers(stream, fields, end_stream=not body)
        if body:
            self.h2.send_data(stream, body, end_stream=True)
        return stream

    def until(self, *kinds: type[Event]) -> Event:
        """Hear the server until one of these comes."""
        while True:
            found = [event for event in self.events if isinstance(event, kinds)]
            if found:
                self.events.clear()
                return found[-1]
            self.hear()

    def hear(self) -> None:
        """Say what there is to say and read once. Raises: EOFError."""
        octets = self.h2.data_to_send()
        if octets:
            self._send(octets)  # type: ignore[operator]
        received = self._recv(65_536)  # type: ignore[operator]
        if not received:
            raise EOFError
        try:
            self.events += self.h2.receive_data(received)
        except H2Error as error:
            self.refused = str(error)
            raise EOFError from error


@contextmanager
def h2_client(
    server: LabServer, authority: Authority, offered: Sequence[str] = ("h2",)
) -> Iterator[Client]:
    """A client that was agreed on h2 with, and has the server's SETTINGS."""
    context = client_context(authority)
    context.set_alpn_protocols(list(offered))
    with secured(server, context) as inside:
        assert inside.selected_alpn_protocol() == "h2"
        client = Client(inside.sendall, inside.recv)
        client.until(RemoteSettingsChanged)
        yield client
