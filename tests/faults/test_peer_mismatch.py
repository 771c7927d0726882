"""TCP-13: the kernel says that the peer is not the address that was vetted."""

from __future__ import annotations

import pytest

from netcore import fetch, wire
from netcore.trace import Called, Failed
from tests.faults.case import octets_of, options
from tests.faults.hostile import HostileServer, reply


@pytest.mark.wire
@pytest.mark.usefixtures("nothing_left")
def test_a_connection_to_another_peer_is_closed_before_an_octet_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # No loopback server can bring this about, so the one reading that shows it is replaced.
    monkeypatch.setattr(wire.Socket, "peer", lambda socket: ("127.0.0.66", 80))
    with HostileServer(reply(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as server:
        trace = fetch(f"http://{server.endpoint}/", options(server))
    end = trace.events[-1]
    assert isinstance(end, Failed)
    assert (end.stage, end.code) == ("connect", "guard.peer_mismatch")
    assert octets_of(trace, "tcp:1.sent") == b""
    calls = [e.call for e in trace.events if isinstance(e, Called)]
    assert calls[-1] == "close"
    assert "send" not in calls
