"""LabServer: one server on a port of its own that does one thing, right or wrong on purpose."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

from lab.authority import Authority
from lab.behaviour import Behaviour
from lab.behaviours import BEHAVIOURS
from lab.by_hand import ByHand
from lab.families import V4, V6, bound_of_both
from lab.log import Log, LoggedSocket
from lab.queue import FullQueue
from lab.quic import QuicServer, bound_twice
from lab.stop import Stop
from lab.streams import Streams
from lab.tls import Tls
from lab.visit import READ_OCTETS, BadRequest, Connection, Visit

HOLD_S: Final = 3.0
IDLE_S: Final = 15.0
"""How long a connection may say nothing before the server closes it."""


class LabServer:
    """One behaviour on a port of 127.0.0.1 that the system picks, a thread per connection.

    A context manager: every thread has ended and every socket is closed when its block ends.
    `url` is "http://chunked.lab.test:PORT/", `endpoint` "127.0.0.1:PORT". Set `release` and the
    server holds nothing back any more.
    """

    def __init__(
        self,
        name: str,
        *,
        authority: Authority | None = None,
        links: Mapping[str, str] | None = None,
        hold_s: float = HOLD_S,
        behaviour: Behaviour | None = None,
        log: Log | None = None,
    ) -> None:
        """Bind the port.

        Args:
            name: A key of `BEHAVIOURS`.
            authority: Who signs the certificate; needed for a behaviour that speaks TLS.
            links: URLs of other lab servers by name, for those that point elsewhere.
            hold_s: How long `slow` holds its body back.
            behaviour: What it does, if that is in no table.
            log: Where it notes its calls.
        """
        behaviour = behaviour or BEHAVIOURS[name]
        self.name = name
        self.host = f"{name}.lab.test"
        self.release = threading.Event()
        self._serve, self._tls = behaviour.serve, behaviour.tls
        self._behaviour = behaviour
        self._links = links or {}
        self._hold_s = hold_s
        self._context: ssl.SSLContext | None = None
        self._log, self._stop = log or Log(), Stop()
        self._lock = threading.Lock()
        self._visitors: dict[socket.socket, threading.Thread] = {}
        self._quic: QuicServer | None = None
        self._queue: FullQueue | None = None
        self._of_v6: socket.socket | None = None
        self._bind(authority)
        self.port: int = self._socket.getsockname()[1]
        self.endpoint = f"{V4}:{self.port}"
        self.url = f"{behaviour.scheme}://{self.host}:{self.port}/"
        self._thread = threading.Thread(target=self._accept, name=f"lab {name}", daemon=True)

    def _bind(self, authority: Authority | None) -> None:
        behaviour = self._behaviour
        if behaviour.tls:
            assert authority is not None, f"{self.name} speaks TLS and needs an authority"
            self._context = behaviour.tls.context(authority, self.host)
        if not behaviour.quic:
            if behaviour.ipv6:
                self._socket, self._of_v6 = bound_of_both()
                return
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            if behaviour.kept_octets:  # before it listens: the window is agreed on by then
                kept = behaviour.kept_octets
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, kept)
            self._socket.bind((V4, 0))
            return
        assert authority is not None
        assert behaviour.tls is not None, f"{self.name} speaks QUIC and needs a certificate"
        identity, above = behaviour.tls.certify(authority, self.host)
        self._socket, datagrams = bound_twice()
        self._quic = QuicServer(datagrams, behaviour.quic, identity, above, self.name, self._log)

    def __enter__(self) -> Self:
        if self._serve:
            for each in self._listening:
                each.listen()
            self._thread.start()
        if self._behaviour.full:
            self._queue = FullQueue(self._socket)
        if self._of_v6 and self._behaviour.ipv6 == "silent":
            self._queue = FullQueue(self._of_v6)
        if self._quic:
            self._quic.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self.release.set()
        if self._quic:
            self._quic.__exit__()
        if self._serve:
            self._thread.join()
        with self._lock:
            visitors = dict(self._visitors)
        for connection in visitors:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)  # wakes the thread that reads from it
        for thread in visitors.values():
            thread.join()
        if self._queue:
            self._queue.close()
        for each in filter(None, (self._socket, self._of_v6)):
            each.close()
        self._stop.close()

    @property
    def endpoints(self) -> tuple[str, ...]:
        """`endpoint`, and the one of IPv6 where it has one."""
        return (self.endpoint, *([f"[{V6}]:{self.port}"] if self._of_v6 else []))

    @property
    def has_ipv6(self) -> bool:
        """Whether it has an address of IPv6 too."""
        return self._of_v6 is not None

    @property
    def _listening(self) -> list[socket.socket]:
        """The sockets that it takes connections from."""
        if self._of_v6 is None or self._behaviour.ipv6 == "silent":
            return [self._socket]
        return [self._socket, self._of_v6]

    def _accept(self) -> None:
        while ready := self._stop.wait_for_one(*self._listening):
            with contextlib.suppress(OSError):  # the client may be gone before we looked
                connection = LoggedSocket(ready.accept(), self._log)
                thread = threading.Thread(
                    target=self._visit, args=(connection,), name=f"lab {self.name}", daemon=True
                )
                with self._lock:
                    self._visitors[connection] = thread
                thread.start()

    def _visit(self, connection: socket.socket) -> None:
        try:
            connection.settimeout(IDLE_S)
            # Each send a segment of its own: what the server did is then seen on the wire.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with contextlib.suppress(OSError):  # the client hung up, or fell silent
                self._converse(connection)
        finally:
            with self._lock:
                del self._visitors[connection]
            connection.close()

    def _converse(self, connection: socket.socket) -> None:
        if not self._tls or not self._context:
            self._answer_all(connection)
            return
        try:
            with self._secured(connection, self._tls, self._context) as secured:
                secured.do_handshake()
                self._answer_all(secured)
                if self._tls.goodbye:
                    secured.unwrap()
        except ssl.SSLError:
            # One side refused the other. Closed at once, with octets unread, the connection would
            # be reset, and an alert of ours could be lost.
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(READ_OCTETS):
                pass

    def _secured(
        self, connection: socket.socket, tls: Tls, context: ssl.SSLContext
    ) -> contextlib.AbstractContextManager[ssl.SSLSocket | ByHand]:
        """TLS on a duplicate: the original stays ours, so that another thread can shut it down."""
        if tls.reframe:
            return contextlib.nullcontext(ByHand(connection, context, tls.reframe))
        duplicate = connection.dup()
        duplicate.settimeout(IDLE_S)
        try:
            return context.wrap_socket(duplicate, server_side=True, do_handshake_on_connect=False)
        except BaseException:  # whatever ended it, the duplicate is ours to close
            duplicate.close()
            raise

    def _answer_all(self, connection: Connection) -> None:
        assert self._serve is not None
        agreed = ""
        if isinstance(connection, ssl.SSLSocket):
            agreed = connection.selected_alpn_protocol() or ""
        if self._behaviour.streams and agreed == "h2":
            streams = Streams(connection, self.release, self._behaviour.window)
            streams.run(self._behaviour.streams)
            return
        visit = Visit(connection, self.release, self._links, self._hold_s)
        if not self._behaviour.reads:
            self._serve(visit)
            return
        try:
            while visit.is_open and visit.receive_request():
                self._serve(visit)
        except BadRequest as refusal:
            visit.is_open = False
            visit.respond(refusal.status, f"{refusal.status}\n".encode())
