"""Where nobody is, or nobody takes what is sent."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from lab import LabServer
from lab.shelves import nobody
from tests.lab.asking import connect

pytestmark = pytest.mark.wire


def test_reads_nothing_lets_the_queues_fill_up(lab_server: Callable[[str], LabServer]) -> None:
    with connect(lab_server("reads-nothing")) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, nobody.SMALL)
        client.settimeout(0.1)
        with pytest.raises(TimeoutError):
            client.sendall(nobody.BODY)


def test_no_connection_is_made_to_loopbacks_broadcast_address() -> None:
    with socket.socket() as client, pytest.raises(OSError, match="unreachable"):
        client.connect((nobody.BROADCAST, 8080))
