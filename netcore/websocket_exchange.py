"""The exchange that opens a WebSocket, and what is said on it until it is closed.

The opening is a request of HTTP/1.1 like any other, and an answer that is none of 101 is taken to
its end, so that a redirect can be followed and anything else be shown. Behind a 101 the stage
`messages` begins: ours go out, and those of the server are taken until one side says Close.
"""

from __future__ import annotations

from netcore.connection import Connection
from netcore.errors import FetchError
from netcore.exchange import Exchange, Response
from netcore.protocols.http1 import Head, Http1, HttpEvent, Switched
from netcore.protocols.websocket import (
    NO_STATUS,
    NORMAL,
    Broken,
    Closed,
    Message,
    WebSocket,
    WebSocketEvent,
)
from netcore.protocols.websocket_handshake import Agreement, Handshake
from netcore.redirect import location
from netcore.registries.websocket import CLOSE_CODES
from netcore.request import Request
from netcore.target import Target
from netcore.websocket_opening import Talk

_WAITED = "waited"  # no failure: the time to wait is over


class WebSocketExchange(Exchange):
    """One opening handshake and the conversation behind it. `talk` is set before `run`."""

    talk = Talk()

    def run(self, request: Request, target: Target) -> Response:
        """Open, speak and close.

        Out: the answer to the handshake, with the octets of all messages that came.
        Raises: FetchError as `Exchange.run` does, and with a code of ws.
        """
        self._handshake = Handshake(request.user_fields)
        self._websocket: WebSocket | None = None
        self._rest = b""
        response = super().run(request, target)
        if self._websocket is not None:
            with self._recorder.stage("messages"):
                self._converse(self._websocket, response)
        return response

    # The opening

    def _started(self, request: Request, target: Target) -> tuple[bytes, bytes]:
        assert isinstance(self._http, Http1)
        fields = request.fields(target) + self._handshake.fields()
        return self._http.start(request.method, target.path_and_query, fields)

    def _taken(self, data: bytes) -> list[HttpEvent]:
        events = self._http.receive(data)
        if self._http.started:
            self._deadlines.clear("first octet")
        return events

    def _take_response(self, request: Request) -> Response:
        first = self._pending[0]
        if isinstance(first, Switched):
            return self._opened(first)
        response = super()._take_response(request)
        if self.talk.follows and location(response.head)[0]:
            return response
        status = f"{response.head.status_code} {response.head.reason_phrase}".strip()
        raise FetchError(
            "ws.not_upgraded",
            f"The server answered {status} in place of 101, so no WebSocket was opened.",
        )

    def _opened(self, switched: Switched) -> Response:
        agreed = self._handshake.read_answer(switched.head)
        self._websocket = WebSocket(self._limits, agreed)
        self._speaking.websocket = self._websocket
        self._rest = switched.rest
        self._note_agreement(switched.head, agreed)
        return Response(switched.head, why_not_kept="It became a WebSocket.")

    def _note_agreement(self, head: Head, agreed: Agreement) -> None:
        chose = self._recorder.chose
        status = f"{head.status_code} {head.reason_phrase}".strip()
        chose("websocket", "open", f"{status}, and the accept value is the one of our key.")
        if agreed.deflate is not None:
            why = "The server took the offer: messages may be compressed."
            chose("extension", agreed.extensions, why)
        else:
            chose("extension", "none", "Messages cross as they are: none was agreed on.")
        if agreed.subprotocol:
            chose("subprotocol", agreed.subprotocol, "The server chose it from what was asked for.")

    # The conversation

    @property
    def _tcp(self) -> Connection:
        # Over QUIC (RFC 9220) none is asked for.
        assert isinstance(self._connection, Connection)
        return self._connection

    def _converse(self, websocket: WebSocket, response: Response) -> None:
        outbox = self.talk.outbox
        self._deadlines.clear("write")
        self._set_times()
        for text in self.talk.messages:
            websocket.send(text)
        self._deliver_messages(websocket, response, self._rest)
        if outbox is not None:
            outbox.open()
            self._tcp.wake_by(outbox.fileno)
        try:
            while not websocket.is_over:
                self._step(websocket, response)
        finally:
            if outbox is not None:
                outbox.shut()
                self._tcp.wake_by(None)
            self._deadlines.clear("quiet", "websocket", "closing")
        self._note_close(websocket)
        self._await_end(websocket)

    def _set_times(self) -> None:
        limits, left_s = self._limits, self._limits.websocket_s
        if limits.total_s is not None:
            # The closing handshake has to fit in too.
            total_s = max(0.1, limits.total_s - self._recorder.now_s() - 2 * limits.closing_s)
            left_s = total_s if left_s is None else min(left_s, total_s)
        self._deadlines.set("websocket", left_s, _WAITED, "It was open for {limit}.")
        self._restart_quiet()

    def _restart_quiet(self) -> None:
        why = "No message crossed for {limit}."
        self._deadlines.set("quiet", self._limits.quiet_s, _WAITED, why)

    def _step(self, websocket: WebSocket, response: Response) -> None:
        """Send what there is, and wait for what comes or what is typed."""
        try:
            data = self._tcp.receive(until_woken=True)
        except FetchError as error:
            if error.code != _WAITED:
                raise
            self._close(websocket, error.message)
            return
        if data is None:
            self._send_typed(websocket)
        else:
            self._deliver_messages(websocket, response, data, ended=not data)

    def _send_typed(self, websocket: WebSocket) -> None:
        outbox = self.talk.outbox
        texts, closes = outbox.take() if outbox is not None else ([], False)
        if websocket.close_sent:
            return
        for text in texts:
            websocket.send(text)
        if texts:
            self._restart_quiet()
        self._flush_frames(websocket)
        if closes:
            self._close(websocket, "It was asked for on the page.")

    def _deliver_messages(
        self, websocket: WebSocket, response: Response, data: bytes, *, ended: bool = False
    ) -> None:
        """What came, as messages for whoever wants the content; what it calls for is sent."""
        events = websocket.receive(data) if data or ended else []
        self._flush_frames(websocket)
        for event in events:
            self._take_event(event, response)

    def _take_event(self, event: WebSocketEvent, response: Response) -> None:
        if isinstance(event, Broken):
            raise FetchError(event.code, event.message)
        if isinstance(event, Message):
            response.body_octets += len(event.octets)
            line = event.octets + (b"\n" if isinstance(event.data, str) else b"")
            on_body = self._on_head(response.head).content
            if on_body is not None:
                on_body(line)
            self._restart_quiet()

    def _flush_frames(self, websocket: WebSocket) -> None:
        """Hand what is to be sent to the connection; of a broken one the goodbye sends it."""
        if websocket.is_broken:
            return
        octets = websocket.data_to_send()
        if octets:
            self._connection.queue(octets)
            self._deadlines.set(
                "write",
                self._limits.stall_s,
                "tcp.write_timeout",
                "The server took no octet of our messages for {limit}.",
            )

    def _close(self, websocket: WebSocket, why: str) -> None:
        """Say Close, and wait a bounded time for the server's."""
        if websocket.close_sent:
            return
        if self.talk.outbox is not None:
            self.talk.outbox.shut()
        self._recorder.chose("close", str(NORMAL), f"{why} We close.")
        websocket.close(NORMAL)
        self._flush_frames(websocket)
        self._deadlines.clear("quiet", "websocket")
        self._deadlines.set(
            "closing",
            self._limits.closing_s,
            "ws.closed_abnormally",
            "The server did not answer our Close frame within {limit} (code 1006).",
        )

    def _note_close(self, websocket: WebSocket) -> None:
        closed = websocket.closed
        assert isinstance(closed, Closed)
        name = CLOSE_CODES.get(closed.code, "a code of its own")
        said = "no code" if closed.code == NO_STATUS else f"{closed.code} ({name})"
        reason = f" Its reason: {closed.reason!r}." if closed.reason else ""
        why = f"The server said Close with {said}.{reason}"
        self._recorder.chose("close", str(closed.code), why)

    def _await_end(self, websocket: WebSocket) -> None:
        """Let the server close TCP first, as it should (RFC 6455 §7.1.1), for a bounded time."""
        self._deadlines.set("closing", self._limits.closing_s, _WAITED, "")
        try:
            while data := self._connection.receive():
                websocket.receive(data)
        except FetchError as error:
            if error.code in ("limit.total", "fetch.interrupted"):
                raise
        finally:
            self._deadlines.clear("closing", "write")
        if websocket.surplus:
            why = f"{websocket.surplus:,} octets came behind the server's Close frame."
            self._recorder.chose("framing", "surplus", why)
