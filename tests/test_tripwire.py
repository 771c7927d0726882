"""The tripwire is worth something only if it trips."""

from __future__ import annotations

import socket
import threading

import pytest

from tests.tripwire import tripwire


def test_a_connect_is_refused_before_the_kernel_sees_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        with tripwire() as tried, pytest.raises(OSError, match="tripwire"):
            client.connect(server.getsockname())
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()
        assert tried == [f"127.0.0.1:{server.getsockname()[1]}"]


def test_a_datagram_is_refused() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as client, tripwire() as tried:
        with pytest.raises(OSError, match="tripwire"):
            client.sendto(b"x", ("::1", 53))
        assert tried == ["[::1]:53"]


def test_a_name_is_not_looked_up() -> None:
    with tripwire() as tried:
        with pytest.raises(OSError, match="tripwire"):
            socket.getaddrinfo("localhost", 80)
        with pytest.raises(OSError, match="tripwire"):
            socket.gethostbyname("localhost")
    assert tried == ["socket.getaddrinfo localhost", "socket.gethostbyname localhost"]


def test_an_endpoint_that_the_test_names_is_let_through() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        with socket.socket() as client, tripwire(f"127.0.0.1:{address[1]}") as tried:
            client.connect(address)
        server.accept()[0].close()
    assert tried == []


def test_a_thread_that_starts_later_is_watched_too() -> None:
    def connect() -> None:
        with socket.socket() as client, pytest.raises(OSError, match="tripwire"):
            client.connect(("127.0.0.1", 9))

    with tripwire() as tried:
        thread = threading.Thread(target=connect)
        thread.start()
        thread.join()
    assert tried == ["127.0.0.1:9"]


def test_the_hosts_file_is_not_opened() -> None:
    with tripwire() as tried, pytest.raises(OSError, match="tripwire"):
        open("/etc/hosts").close()
    assert tried == ["open /etc/hosts"]


def test_without_the_tripwire_a_packet_to_elsewhere_fails_the_test() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        with pytest.raises(AssertionError, match=r"192\.0\.2\.1"):
            client.sendto(b"x", ("192.0.2.1", 53))
        with pytest.raises(AssertionError, match=r"192\.0\.2\.1"):
            client.connect(("192.0.2.1", 53))
