"""The page of a trace's sockets."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from netcore.kernel_clock import ARRIVED
from netcore.socket_options import BY_NAME
from netcore.trace import (
    AnyEvent,
    Called,
    KernelTimestamp,
    SocketOptionsRead,
    TcpInfoSampled,
)
from tests.netcore.recordings import http_exchange, trace_of
from tests.web.recordings import exchange
from web import words
from web.sockets import COLUMNS, ROWS, socket_views
from web.tale import tell

SET = Called(25, "tcp:1", "setsockopt", ("SOL_SOCKET", "SO_RCVBUF", 4096), 0)


def told(*more: AnyEvent) -> list[AnyEvent]:
    events = http_exchange([b"GET / HTTP/1.1\r\n\r\n"], [b"HTTP/1.1 204 No\r\n\r\n"])
    return [*events[:-1], *more, events[-1]]


def test_an_option_is_told_as_it_was_as_asked_and_as_it_is() -> None:
    (view,) = socket_views(
        tell(
            trace_of(
                told(
                    SocketOptionsRead(20, "tcp:1", "opened", {"SO_RCVBUF": 131072}),
                    SET,
                    SocketOptionsRead(90_000, "tcp:1", "closed", {"SO_RCVBUF": 8192}),
                )
            )
        ),
        "/t/x",
    )
    (row,) = view.options
    assert (row.name, row.before, row.asked, row.after) == (
        "SO_RCVBUF",
        "131,072",
        "4,096",
        "8,192",
    )
    assert row.text.what


def test_samples_are_rows_and_what_changes_is_a_line() -> None:
    samples = [
        TcpInfoSampled(at * 1_000, "tcp:1", "ESTABLISHED", rtt_us=20 + at % 3) for at in range(500)
    ]
    (view,) = socket_views(tell(trace_of(told(*samples))), "/t/x")
    assert len(view.samples) <= ROWS + 1
    assert len(view.samples) + view.left_out == 500
    assert [graph.title for graph in view.graphs] == ["Round trip, µs"]
    assert (view.graphs[0].least, view.graphs[0].most) == ("20", "22")


def test_waits_are_told_where_the_kernel_told_them() -> None:
    (quiet,) = socket_views(tell(trace_of(told())), "/t/x")
    assert quiet.waits == ""
    arrived = KernelTimestamp(59_100, "tcp:1.received", 19, ARRIVED)
    (view,) = socket_views(tell(trace_of(told(arrived))), "/t/x")
    assert "its one read waited 1.00 µs in the kernel before we read them" in view.waits


def test_a_socket_of_dns_says_what_was_asked() -> None:
    purposes = {
        view.name: view.purpose for view in socket_views(tell(trace_of(exchange())), "/t/x")
    }
    assert purposes["udp:1"] == "It asked DNS for A plain.example."
    assert purposes["tcp:1"] == ""


@pytest.mark.parametrize("name", [*BY_NAME, *COLUMNS])
def test_every_option_and_every_column_has_words(name: str) -> None:
    assert words.socket(name).what


def test_no_words_are_without_an_option_or_a_column() -> None:
    entries: set[str] = set()
    for path in (Path(words.CONTENT) / "sockets").glob("*.toml"):
        entries |= tomllib.loads(path.read_text("utf-8")).keys()
    assert entries == {*BY_NAME, *COLUMNS}
