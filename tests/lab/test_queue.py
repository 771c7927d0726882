"""A queue of connections that is full."""

import socket

import pytest

from lab.queue import FullQueue

pytestmark = pytest.mark.wire


@pytest.mark.usefixtures("nothing_left")
def test_who_connects_hears_nothing_and_is_not_refused() -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        queue = FullQueue(server)
        assert queue.held >= 2  # one that is in it, and one that found it full
        client.settimeout(0.1)
        with pytest.raises(TimeoutError):
            client.connect(server.getsockname())
        queue.close()
