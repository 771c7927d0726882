"""The lab's servers of HTTP/2, asked by the library's client."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    RemoteSettingsChanged,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)

from lab import Authority, LabServer
from lab.shelves.http2 import FLOOD, HALF_BODY, HELLO_BODY, WINDOW
from tests.lab.asking import answer, client_context, secured
from tests.lab.h2_client import h2_client

pytestmark = pytest.mark.wire

Start = Callable[[str], LabServer]


def test_hello_in_http_2_and_in_http_1_1_where_that_is_wanted(
    authority: Authority, lab_server: Start
) -> None:
    server = lab_server("h2")
    with h2_client(server, authority, ("http/1.1", "h2")) as client:
        client.ask()
        event = client.until(DataReceived)
        assert isinstance(event, DataReceived)
        assert event.data == HELLO_BODY
    with secured(server, client_context(authority)) as whole:
        assert answer(whole).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_redirect_leads_to_the_next_stream(authority: Authority, lab_server: Start) -> None:
    with h2_client(lab_server("h2-streams"), authority) as client:
        client.ask()
        event = client.until(ResponseReceived)
        assert isinstance(event, ResponseReceived)
        assert dict(event.headers or ())[b"location".decode()] == "/second"  # type: ignore[index]
        assert client.ask("/second") == 3
        client.until(StreamEnded)


def test_a_window_of_500_octets_is_opened_again_and_again(
    authority: Authority, lab_server: Start
) -> None:
    with h2_client(lab_server("small-window"), authority) as client:
        assert client.h2.remote_settings.initial_window_size == WINDOW
        client.ask(method="POST", body=bytes(WINDOW))
        client.until(WindowUpdated)


def test_a_stream_is_broken_off_and_the_connection_stays(
    authority: Authority, lab_server: Start
) -> None:
    with h2_client(lab_server("rst-stream"), authority) as client:
        for _ in range(2):
            client.ask()
            event = client.until(DataReceived, StreamReset)
            if isinstance(event, DataReceived):
                assert event.data == HALF_BODY
                event = client.until(StreamReset)
            assert isinstance(event, StreamReset)
            assert event.error_code == 2


def test_goaway_names_no_stream_and_says_why(authority: Authority, lab_server: Start) -> None:
    with h2_client(lab_server("goaway"), authority) as client:
        client.ask()
        event = client.until(ConnectionTerminated)
        assert isinstance(event, ConnectionTerminated)
        assert (event.last_stream_id, event.error_code) == (0, 0)
        assert event.additional_data == b"restarting, come again"


def test_a_push_is_promised_although_it_was_forbidden(
    authority: Authority, lab_server: Start
) -> None:
    with h2_client(lab_server("push"), authority) as client:
        client.ask()
        with pytest.raises(EOFError):
            client.until(StreamEnded)
        assert "push" in client.refused


def test_settings_come_again_and_again(authority: Authority, lab_server: Start) -> None:
    with h2_client(lab_server("settings-flood"), authority) as client:
        client.ask()
        count = 0
        while count < FLOOD:
            client.hear()
            count += sum(isinstance(event, RemoteSettingsChanged) for event in client.events)
            client.events.clear()
