"""A fetch is stopped at whatever it waits for: what it recorded is kept, and nothing stays open."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import msgspec
import pytest

from lab.frames import accept_value
from netcore import Limits, Options, Trace, fetch
from netcore.errors import INTERRUPTED
from netcore.stop import NEVER, Stop
from netcore.trace import AnyEvent, Called, Failed, StageEnded, StageStarted, decode, encode
from tests.faults.hostile import HostileServer, hold, receive_request, repeat, reply

FOREVER_S = 300  # far beyond the bound of this test: nothing else than a stop ends the fetch
BOUND_S = 30.0
PATIENT = Limits(
    dns_s=FOREVER_S,
    connect_s=FOREVER_S,
    tls_s=FOREVER_S,
    quic_s=FOREVER_S,
    first_byte_s=None,
    headers_s=None,
    stall_s=None,
    body_s=None,
    slow_window_s=None,
    total_s=None,
    body_read_octets=None,
    quiet_s=FOREVER_S,
    silence_s=FOREVER_S,
)
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"
ENDLESS = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"

Where = tuple[str, Options]


def open_socket(connection: socket.socket) -> None:
    """Open a WebSocket, and say nothing on it."""
    request = receive_request(connection).decode("latin-1")
    key = next(
        line.partition(": ")[2]
        for line in request.split("\r\n")
        if line.lower().startswith("sec-websocket-key")
    )
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept_value(key).encode() + b"\r\n\r\n"
    )
    hold(connection)


def silent_udp(stack: ExitStack) -> int:
    """The port of a socket that takes datagrams and answers none."""
    mute = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    mute.bind(("127.0.0.1", 0))
    port: int = mute.getsockname()[1]
    return port


def served(stack: ExitStack, scheme: str, converse: Callable[[socket.socket], None]) -> str:
    server = stack.enter_context(HostileServer(converse))
    return f"{scheme}://{server.endpoint}/"


def unaccepted(stack: ExitStack) -> str:
    """The URL of a listener whose queue is full: it answers no connection request."""
    listener = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    for _ in range(4):
        filler = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
    return f"http://127.0.0.1:{listener.getsockname()[1]}/"


SILENT: dict[str, Callable[[ExitStack], tuple[str, dict[str, object]]]] = {
    "dns": lambda s: (
        "http://name.example/",
        {"dns_server": f"127.0.0.1:{silent_udp(s)}"},
    ),
    "connect": lambda s: (unaccepted(s), {}),
    "tls": lambda s: (served(s, "https", hold), {}),
    "quic": lambda s: (f"https://127.0.0.1:{silent_udp(s)}/", {"http": "3"}),
    "waiting": lambda s: (served(s, "http", hold), {}),
    "response": lambda s: (served(s, "http", reply(HALF)), {}),
    "messages": lambda s: (served(s, "ws", open_socket), {}),
}
"""By the stage that it is silent in: where to fetch from, and with which options."""


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as made:
        yield made


def stopped(url: str, options: Options, stage: str, stop: Stop) -> tuple[Trace, list[AnyEvent]]:
    """Fetch in a thread, and stop it once it is in a stage."""
    live: list[AnyEvent] = []
    reached = threading.Event()
    traces: list[Trace] = []

    def note(number: int, event: AnyEvent) -> None:
        live.append(event)
        if isinstance(event, StageStarted) and event.stage == stage:
            reached.set()

    thread = threading.Thread(
        target=lambda: traces.append(fetch(url, options, note, stop=stop)), daemon=True
    )
    thread.start()
    assert reached.wait(BOUND_S), live
    stop.ask()
    thread.join(BOUND_S)
    assert not thread.is_alive(), "it was not stopped"
    return traces[0], live


def assert_stopped(trace: Trace, stage: str) -> None:
    outcome = trace.outcome
    assert isinstance(outcome, Failed), outcome
    assert (outcome.code, outcome.stage) == (INTERRUPTED, stage)
    ended = [each for each in trace.events if isinstance(each, StageEnded)][-1]
    assert (ended.stage, ended.error) == (stage, INTERRUPTED)
    calls = [each for each in trace.events if isinstance(each, Called)]
    opened = sum(each.call == "socket" for each in calls)
    assert sum(each.call == "close" for each in calls) == opened
    assert decode(encode(trace)) == trace


@pytest.mark.wire
@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("stage", SILENT)
def test_a_fetch_is_stopped_while_it_waits(stage: str, stack: ExitStack) -> None:
    url, given = SILENT[stage](stack)
    options = Options(allow_private=True, verify=False, limits=PATIENT)
    stop = Stop()
    trace, live = stopped(url, msgspec.structs.replace(options, **given), stage, stop)
    stop.release()
    assert_stopped(trace, stage)
    assert live == trace.events


@pytest.mark.wire
@pytest.mark.usefixtures("nothing_left")
def test_octets_typed_by_hand_are_not_waited_for_any_longer(stack: ExitStack) -> None:
    url = served(stack, "tcp", hold)
    stop = Stop()
    options = Options(allow_private=True, any_port=True, raw=b"hello?", limits=PATIENT)
    trace, _ = stopped(url, options, "response", stop)
    stop.release()
    assert_stopped(trace, "response")


@pytest.mark.wire
@pytest.mark.usefixtures("nothing_left")
def test_a_server_that_never_lets_us_wait_is_stopped_too(stack: ExitStack) -> None:
    url = served(stack, "http", repeat(ENDLESS, bytes(1 << 20)))
    stop = Stop()
    trace, _ = stopped(url, Options(allow_private=True, limits=PATIENT), "response", stop)
    stop.release()
    assert_stopped(trace, "response")


@pytest.mark.wire
@pytest.mark.usefixtures("nothing_left")
def test_what_is_stopped_before_it_begins_ends_at_its_first_wait(stack: ExitStack) -> None:
    stop = Stop()
    stop.ask()
    stop.ask()
    trace = fetch(served(stack, "http", hold), Options(allow_private=True), stop=stop)
    stop.release()
    assert isinstance(trace.outcome, Failed)
    assert trace.outcome.code == INTERRUPTED


def test_it_is_heeded_once_so_that_what_closes_goes_on() -> None:
    stop = Stop()
    stop.heed()
    stop.ask()
    with pytest.raises(KeyboardInterrupt):
        stop.heed()
    stop.ask()
    stop.heed()
    assert select.select([stop.fileno], [], [], 0)[0] == [], "what closes can wait for its server"
    stop.release()
    stop.ask()


def test_who_gave_no_stop_cannot_be_stopped() -> None:
    assert NEVER.fileno is None
    NEVER.heed()
