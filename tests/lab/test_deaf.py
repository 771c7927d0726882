"""UDP ports that answer nothing."""

import socket

import pytest

from lab.deaf import Deaf

pytestmark = pytest.mark.wire


@pytest.mark.usefixtures("nothing_left")
def test_one_port_is_silent_and_one_refuses() -> None:
    deaf = Deaf()
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.settimeout(0.05)
        client.connect(("127.0.0.1", deaf.silent))
        client.send(b"?")
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(5)
        client.connect(("127.0.0.1", deaf.refusing))
        client.send(b"?")
        with pytest.raises(ConnectionRefusedError):
            client.recv(1)
    deaf.close()
