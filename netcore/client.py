"""Client: one fetch, from a URL to a trace, read from top to bottom.

A hop is: resolve, connect, secure, exchange, close. A redirect makes another one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from netcore.connection import Connection
from netcore.content_coding import Budget
from netcore.deadline import Deadlines
from netcore.dial import dial
from netcore.errors import FetchError
from netcore.exchange import Exchange, OnBody, Response
from netcore.guard import Admitted, Guard
from netcore.options import Options
from netcore.protocols.http1 import Head
from netcore.protocols.tls import Tls
from netcore.recorder import OnEvent, Recorder
from netcore.redirect import location, next_request, next_target
from netcore.request import Request, first_request
from netcore.resolve import Resolver
from netcore.target import Target, parse
from netcore.trace import Completed, Failed, Trace
from netcore.wire import Socket, Wire

_log = logging.getLogger(__name__)
_WEB = ("http", "https")


def fetch(
    url: str,
    options: Options | None = None,
    on_event: OnEvent | None = None,
    *,
    on_body: Callable[[bytes], None] | None = None,
) -> Trace:
    """Fetch a URL and record how.

    Args:
        url: as a person typed it.
        options: what to send, and the limits that hold.
        on_event: is given each event with its number as soon as it is recorded.
        on_body: is given the content of the last response, decoded, as it arrives.

    Returns:
        The trace. Its last event is `Completed`, or `Failed` with the reason: nothing that the
        network or the URL does raises.
    """
    # A text from outside can hold halves of surrogate pairs, which no file can.
    url = url.encode("utf-8", "backslashreplace").decode()
    trace = Trace(url, datetime.now(UTC).isoformat(), options or Options(), [])
    recorder = Recorder(trace, on_event)
    try:
        with Wire(recorder) as wire:
            completed = _Fetch(trace, recorder, wire, on_body).run()
        recorder.record(completed)
    except FetchError as error:
        _fail(recorder, error.code, error.message)
    except KeyboardInterrupt:
        _fail(recorder, "fetch.interrupted", "The fetch was interrupted.")
    except Exception:
        _log.exception("a fetch met a bug")
        _fail(
            recorder, "fetch.bug", "The fetch ended in a fault of this program, not the server's."
        )
    return trace


def _fail(recorder: Recorder, code: str, message: str) -> None:
    recorder.record(Failed(recorder.now_ns(), recorder.stage_name, code, message, recorder.hop))


class _Fetch:
    """What the hops of one fetch share."""

    def __init__(
        self, trace: Trace, recorder: Recorder, wire: Wire, on_body: OnBody | None
    ) -> None:
        self._url = trace.url
        self._options = trace.options
        self._recorder = recorder
        self._wire = wire
        self._on_body = on_body
        self._guard = Guard(trace.options)
        self._deadlines = Deadlines(recorder.now_s)
        self._resolver = Resolver(wire, self._guard, trace.options, self._deadlines)
        self._budget = Budget(trace.options.limits.decoded_octets)

    def run(self) -> Completed:
        """All hops. Raises: FetchError."""
        self._deadlines.set(
            "total",
            self._options.limits.total_s,
            "limit.total",
            "The fetch was given {limit} in all, and they were over.",
        )
        with self._recorder.stage("target"):
            request = first_request(self._options)
            target = self._vet(parse(self._url))
        while True:
            response = self._hop(target, request)
            following = self._following(response.head, target, request)
            if following is None:
                return self._completed(response)
            target, request = following

    def _vet(self, target: Target) -> Target:
        if target.scheme not in _WEB:
            raise FetchError(
                "http.unsupported_scheme",
                f"{target.scheme}:// is WebSocket, which comes with a later version.",
            )
        self._guard.vet_target(target)
        self._recorder.chose("guard", target.authority, "The name and the port are allowed.")
        return target

    def _hop(self, target: Target, request: Request) -> Response:
        """One request and its response on a connection of its own."""
        endpoints = self._resolve(target)
        socket = self._connect(endpoints)
        connection = Connection(self._wire, socket, self._deadlines)
        linger = False
        try:
            if target.scheme == "https":
                self._secure(connection, target)
            response = self._exchange(connection).run(request, target)
            linger = True
        finally:
            self._leave(connection, linger)
        return response

    def _leave(self, connection: Connection, linger: bool) -> None:
        """Close; behind a failure that is no stage of its own."""
        if linger:
            with self._recorder.stage("close"):
                connection.close(linger=True)
        else:
            connection.close(linger=False)

    def _resolve(self, target: Target) -> tuple[Admitted, ...]:
        if target.address:
            return self._guard.vet_addresses(target, [target.address])
        with self._recorder.stage("dns"):
            self._deadlines.set(
                "stage",
                self._options.limits.dns_s,
                "dns.timeout",
                f"{target.server_name} was not resolved within {{limit}}.",
            )
            endpoints = self._resolver.resolve(target)
            for each in endpoints:
                self._recorder.chose("guard", each.address, each.why)
            return endpoints

    def _connect(self, endpoints: tuple[Admitted, ...]) -> Socket:
        with self._recorder.stage("connect"):
            self._deadlines.set(
                "stage",
                self._options.limits.connect_s,
                "tcp.timeout",
                "No address took the connection within {limit}.",
            )
            socket = dial(self._wire, self._guard, endpoints, self._deadlines)
            self._deadlines.clear("stage")
            return socket

    def _secure(self, connection: Connection, target: Target) -> None:
        name = target.address or target.server_name
        with self._recorder.stage("tls"):
            self._deadlines.set(
                "stage",
                self._options.limits.tls_s,
                "tls.timeout",
                "The TLS handshake was not done within {limit}.",
            )
            tls = Tls(name, verify=self._options.verify, cacert=self._options.cacert)
            connection.secure(tls)
            self._deadlines.clear("stage")
            self._note_tls(tls, name)

    def _note_tls(self, tls: Tls, name: str) -> None:
        chose = self._recorder.chose
        suite, bits = tls.cipher_suite
        chose("tls version", tls.version, "The highest that both sides speak.")
        chose("cipher suite", suite, f"The server's choice; its key has {bits} bits.")
        if tls.alpn:
            chose("alpn", tls.alpn, "The server chose it from what was offered.")
        else:
            chose("alpn", "none", "The server did not answer the offer; HTTP/1.1 it is.")
        count = len(tls.certificates)
        if self._options.verify:
            chose("certificate", "verified", f"{count} sent; the chain holds, for {name}.")
        else:
            chose("certificate", "not verified", f"{count} sent; checking was switched off.")

    def _exchange(self, connection: Connection) -> Exchange:
        return Exchange(
            self._recorder,
            self._options.limits,
            connection,
            self._deadlines,
            self._budget,
            self._who_wants_content,
        )

    def _who_wants_content(self, head: Head) -> OnBody | None:
        """The content of a response that redirects is recorded and not given out."""
        if self._options.follow_redirects and location(head)[0]:
            return None
        return self._on_body

    def _following(
        self, head: Head, here: Target, request: Request
    ) -> tuple[Target, Request] | None:
        """The next hop, None if this response is the last. Raises: FetchError."""
        if not self._options.follow_redirects:
            return None
        value, why_not = location(head)
        if why_not:
            self._recorder.chose("redirect", "stopped", why_not)
        if not value:
            return None
        status = f"{head.status_code} {head.reason_phrase}".strip()
        self._recorder.chose("status", status, "Not the last response: it leads elsewhere.")
        too_many = self._recorder.hop > self._options.limits.hops
        self._recorder.hop += not too_many
        with self._recorder.stage("redirect"):
            if too_many:
                raise FetchError(
                    "redirect.too_many",
                    f"The server redirected more than {self._options.limits.hops} times.",
                )
            there = self._vet(next_target(value, here))
            following = next_request(request, head.status_code, here, there)
            self._recorder.chose("redirect", there.url, _why(head, here, there, request))
        return there, following

    def _completed(self, response: Response) -> Completed:
        head = response.head
        return Completed(
            self._recorder.now_ns(),
            head.status_code,
            head.reason_phrase,
            head.http_version,
            self._recorder.hop,
            response.body_octets,
        )


def _why(head: Head, here: Target, there: Target, request: Request) -> str:
    parts = [f"Status {head.status_code} and its Location field say so."]
    if here.origin != there.origin:
        parts.append("It is another origin.")
        if request.user_fields:
            parts.append("The fields that were given stay behind.")
    if here.scheme == "https" and there.scheme == "http":
        parts.append("It goes from https to http: from here on anyone on the path can read.")
    return " ".join(parts)
