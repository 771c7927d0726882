"""The lab's HTTP servers, seen through clients that are not ours."""

import gzip
import http.client
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from lab import BEHAVIOURS, Authority, Lab, LabServer
from lab.behaviours import CHUNKS, GZIP_BODY, PLAIN_BODY, PROMISED_OCTETS, SLOW_BODY

pytestmark = pytest.mark.wire

Start = Callable[[str], LabServer]


def connect(server: LabServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=5)


def exchange(server: LabServer, request: bytes) -> bytes:
    """Everything that the server sends until it closes."""
    with connect(server) as client:
        client.sendall(request)
        return b"".join(iter(lambda: client.recv(65536), b""))


@contextmanager
def asked(
    server: LabServer, method: str = "GET", path: str = "/"
) -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        connection.request(method, path)
        yield connection.getresponse()
    finally:
        connection.close()


def client_context(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authority.cacert)


def secured(server: LabServer, context: ssl.SSLContext) -> ssl.SSLSocket:
    return context.wrap_socket(connect(server), server_hostname=server.host)


def test_plain_says_truly_how_long_it_is(lab_server: Start) -> None:
    with asked(lab_server("plain")) as response:
        body = response.read()
        assert body == PLAIN_BODY
        assert f"would follow: {len(body)}.".encode() in body
        assert response.headers["Server"] == "wiretale-lab"
        assert set(response.headers) == {"Date", "Server", "Content-Type", "Content-Length"}


def test_any_path_and_method_is_answered_on_a_connection_that_stays_open(lab_server: Start) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", lab_server("plain").port, timeout=5)
    connection.connect()
    first = connection.sock
    for method, path, sent in (
        ("GET", "/a?b=c", None),
        ("POST", "/", b"x" * 100_000),
        ("HEAD", "/", None),
    ):
        connection.request(method, path, sent)
        response = connection.getresponse()
        assert response.status == 200
        assert response.read() == (b"" if method == "HEAD" else PLAIN_BODY)
        assert connection.sock is first
    connection.close()


@pytest.mark.parametrize("name", ["chunked", "gzip", "plain", "redirect", "slow"])
def test_an_answer_to_head_has_no_body(lab_server: Start, name: str) -> None:
    received = exchange(lab_server(name), b"HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert received.endswith(b"Connection: close\r\n\r\n")
    assert received.count(b"\r\n\r\n") == 1


def test_a_connection_is_closed_when_the_client_asks_for_that(lab_server: Start) -> None:
    received = exchange(lab_server("plain"), b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert received.endswith(PLAIN_BODY)


@pytest.mark.parametrize(
    ("request_octets", "status"),
    [
        (b"Hello\r\n\r\n", b"400 Bad Request"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"400 Bad Request"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411 Length Required"),
        (b"POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n", b"413 Content Too Large"),
    ],
)
def test_a_bad_request_is_told_so(lab_server: Start, request_octets: bytes, status: bytes) -> None:
    received = exchange(lab_server("plain"), request_octets)
    assert received.startswith(b"HTTP/1.1 " + status + b"\r\n")
    assert b"Connection: close\r\n" in received


def test_chunked_sends_chunks_of_several_sizes_and_a_trailer(lab_server: Start) -> None:
    server = lab_server("chunked")
    with asked(server) as response:
        assert response.read() == b"".join(CHUNKS)
    received = exchange(server, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert received.endswith(b"\r\n0\r\nChunk-Count: 5\r\n\r\n")
    assert len({len(chunk) for chunk in CHUNKS}) == len(CHUNKS)


def test_gzip_sends_less_than_it_says(lab_server: Start) -> None:
    with asked(lab_server("gzip")) as response:
        body = response.read()
        assert response.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(body) == GZIP_BODY
        assert len(body) < len(GZIP_BODY) / 4


def test_redirect_leads_to_plain_in_two_steps(lab: Lab) -> None:
    server = lab.servers["redirect"]
    with asked(server) as response:
        assert (response.status, response.headers["Location"]) == (302, "/second")
    with asked(server, path="/second") as response:
        assert (response.status, response.headers["Location"]) == (302, lab.servers["plain"].url)


def test_redirect_alone_arrives_at_itself(lab_server: Start) -> None:
    server = lab_server("redirect")
    with asked(server, path="/second") as response:
        assert response.headers["Location"] == "/arrived"
    with asked(server, path="/arrived") as response:
        assert response.read() == PLAIN_BODY


def test_slow_sends_its_head_at_once_and_its_body_when_released(lab_server: Start) -> None:
    server = lab_server("slow")
    with asked(server) as response:  # returns as soon as the head is there
        assert response.status == 200
        assert not server.release.is_set()
        server.release.set()
        assert response.read() == SLOW_BODY


def test_resets_cuts_its_promise_with_a_reset(lab_server: Start) -> None:
    with asked(lab_server("resets")) as response:
        assert response.headers["Content-Length"] == str(PROMISED_OCTETS)
        with pytest.raises(ConnectionResetError):
            response.read()


def test_port_closed_refuses(lab_server: Start) -> None:
    with pytest.raises(ConnectionRefusedError):
        connect(lab_server("port-closed"))


@pytest.mark.parametrize(("name", "version"), [("tls12", "TLSv1.2"), ("tls13", "TLSv1.3")])
def test_a_tls_server_speaks_one_version_under_the_labs_authority(
    authority: Authority, lab_server: Start, name: str, version: str
) -> None:
    with secured(lab_server(name), client_context(authority)) as client:
        assert client.version() == version
        client.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        received = b"".join(iter(lambda: client.recv(65536), b""))
        assert received.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("expired", "certificate has expired"),
        ("wrong-host", "Hostname mismatch"),
        ("self-signed", "self-signed certificate"),
    ],
)
def test_a_wrong_certificate_is_wrong_in_one_way(
    authority: Authority, lab_server: Start, name: str, reason: str
) -> None:
    server = lab_server(name)
    context = client_context(authority)
    with connect(server) as raw, pytest.raises(ssl.SSLCertVerificationError, match=reason):
        context.wrap_socket(raw, server_hostname=server.host)


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("name", [*BEHAVIOURS])
def test_every_server_ends_within_a_second_while_clients_hang_on(
    authority: Authority, name: str
) -> None:
    with LabServer(name, authority=authority, hold_s=30) as server:
        clients = []
        if name != "port-closed":
            clients = [connect(server) for _ in range(3)]
            clients[0].sendall(b"GET / HTTP/1.1\r\n\r\n")  # and the others say nothing
        began = time.monotonic()
    assert time.monotonic() - began < 1
    for client in clients:
        client.close()


@pytest.mark.usefixtures("nothing_left")
def test_the_whole_lab_ends_within_a_second() -> None:
    with Lab(hold_s=30) as lab:
        began = time.monotonic()
    assert time.monotonic() - began < 1
    assert len(lab.endpoints) == len(BEHAVIOURS)
    assert lab.dns_server not in lab.endpoints


def test_every_target_has_its_words_and_its_url(lab: Lab) -> None:
    names = [target.name for target in lab.targets]
    assert names == [*BEHAVIOURS, "no-such-name"]
    for target in lab.targets:
        assert target.title
        assert target.about
        assert f"://{target.name}.lab.test" in target.url
