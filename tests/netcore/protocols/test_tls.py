"""TLS without I/O: our client against OpenSSL's server, both in memory."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.authority import EXPIRED, NOT_YET_VALID, Authority, Identity, issue
from netcore.errors import FetchError
from netcore.protocols.tls import Tls
from netcore.protocols.tls_failure import explain_failure
from netcore.protocols.tls_records import RecordWalk

NAME = "secure.example.com"


class Server:
    """The server's side of one connection."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.object = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self.established = False
        self.received = b""

    def receive(self, data: bytes) -> bytes:
        """Take octets. Out: what to send back."""
        self._incoming.write(data)
        try:
            if not self.established:
                self.object.do_handshake()
                self.established = True
            while True:
                self.received += self.object.read()
        except ssl.SSLError:
            return self._outgoing.read()

    def send(self, data: bytes) -> bytes:
        self.object.write(data)
        return self._outgoing.read()

    def close(self) -> bytes:
        with pytest.raises(ssl.SSLWantReadError):
            self.object.unwrap()
        return self._outgoing.read()


@pytest.fixture
def client(authority: Authority) -> Iterator[Tls]:
    tls = Tls(NAME, cacert=authority.cacert)
    yield tls
    tls.release()


def shake(tls: Tls, server: Server, cuts: int = 1 << 20) -> None:
    """The handshake, with what the server sends cut into pieces."""
    tls.start()
    while not tls.established:
        answer = server.receive(tls.data_to_send())
        assert answer
        for at in range(0, len(answer), cuts):
            assert tls.receive(answer[at : at + cuts]) == []
    tickets = server.receive(tls.data_to_send())
    if tickets:
        assert tls.receive(tickets) == []


def server_for(authority: Authority, identity: Identity | None = None, **more: object) -> Server:
    shown = identity or authority.identity(NAME)
    return Server(authority.server_context(shown, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("cuts", [1, 100, 1 << 20])
def test_octets_go_both_ways_however_they_are_cut(
    authority: Authority, client: Tls, version: ssl.TLSVersion, cuts: int
) -> None:
    server = server_for(authority, maximum=version)
    shake(client, server, cuts)
    assert client.version == version.name.replace("TLSv1_", "TLS 1.")
    assert client.alpn == "http/1.1"
    assert len(client.certificates) == 1
    client.write(b"GET")
    assert server.receive(client.data_to_send()) == b""
    assert server.received == b"GET"
    octets = server.send(b"answer " * 5000) + server.close()
    plaintext = b""
    for at in range(0, len(octets), cuts):
        plaintext += b"".join(client.receive(octets[at : at + cuts]))
    assert plaintext == b"answer " * 5000
    assert client.ended == "close_notify"


def test_secrets_come_out_once_and_for_this_connection(authority: Authority, client: Tls) -> None:
    client.start()
    hello = client.data_to_send()
    server = server_for(authority)
    client.receive(server.receive(hello))
    lines = client.new_secrets()
    assert client.new_secrets() == []
    labels = [line.split(" ")[0] for line in lines]
    assert sorted(labels) == [
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        "CLIENT_TRAFFIC_SECRET_0",
        "EXPORTER_SECRET",
        "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        "SERVER_TRAFFIC_SECRET_0",
    ]
    assert {line.split(" ")[1] for line in lines} == {hello[11:43].hex()}


@pytest.mark.parametrize(("cut", "ended"), [(0, "cut"), (7, "cut inside a record")])
def test_an_end_without_close_notify_is_told_apart(
    authority: Authority, client: Tls, cut: int, ended: str
) -> None:
    server = server_for(authority)
    shake(client, server)
    octets = server.send(b"first") + server.send(b"second")
    received = client.receive(octets[: len(octets) - cut]) + client.receive(b"")
    assert b"".join(received) == (b"first" if cut else b"firstsecond")
    assert client.ended == ended


def refused(authority: Authority, server: Server, name: str = NAME) -> tuple[FetchError, bytes]:
    """The failure of a handshake, and what the client sent to say so."""
    tls = Tls(name, cacert=authority.cacert)
    try:
        tls.start()
        answer = server.receive(tls.data_to_send())
        with pytest.raises(FetchError) as caught:
            tls.receive(answer)
        return caught.value, tls.data_to_send()
    finally:
        tls.release()


def test_a_refused_certificate_is_named_with_its_reason(authority: Authority) -> None:
    other = issue(None, "Another authority", authority=True)
    rows = [
        (authority.identity(NAME, validity=EXPIRED), "tls.cert_expired", "expired on"),
        (authority.identity(NAME, validity=NOT_YET_VALID), "tls.cert_not_yet_valid", "before"),
        (authority.identity("other.example.com"), "tls.hostname_mismatch", "other.example.com"),
        (issue(None, NAME, (NAME,)), "tls.self_signed", "self-signed"),
        (issue(other, NAME, (NAME,)), "tls.unknown_ca", "Another authority"),
    ]
    for identity, code, words in rows:
        failure, alert = refused(authority, server_for(authority, identity))
        assert failure.code == code
        assert words in failure.message
        assert alert[0] == 21, "OpenSSL's alert is there to be sent"


def test_an_address_is_looked_for_among_the_addresses(authority: Authority) -> None:
    failure, _ = refused(authority, server_for(authority), "192.0.2.1")
    assert failure.code == "tls.hostname_mismatch"
    assert "192.0.2.1" in failure.message


def test_without_verification_any_certificate_will_do(authority: Authority) -> None:
    tls = Tls(NAME, verify=False)
    shake(tls, server_for(authority, issue(None, "anyone")))
    assert tls.established
    tls.release()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize("name", [NAME, "other.example.com"])
def test_a_session_proves_no_more_than_its_first_handshake(
    authority: Authority, version: ssl.TLSVersion, verified: bool, name: str
) -> None:
    context = authority.server_context(authority.identity(NAME), maximum=version)
    before = Tls(NAME, verify=verified, cacert=authority.cacert if verified else "")
    shake(before, Server(context))
    session = before.session
    assert session is not None
    assert (session.name, session.sound) == (NAME, verified)
    before.close()
    before.release()
    after = Tls(name, session=session)  # in which a certificate has to be verified
    try:
        if verified and name == NAME:
            shake(after, Server(context))
            assert after.resumed
            assert after.certificates == []
            return
        with pytest.raises(FetchError) as caught:
            shake(after, Server(context))
        assert caught.value.code == "tls.error"
    finally:
        after.release()


def test_without_a_ticket_or_an_id_there_is_no_session(authority: Authority) -> None:
    context = authority.server_context(authority.identity(NAME))
    context.num_tickets = 0
    tls = Tls(NAME, cacert=authority.cacert)
    assert tls.session is None
    shake(tls, Server(context))
    assert tls.session is None
    tls.release()


def test_a_file_without_certificates_is_refused() -> None:
    with pytest.raises(FetchError) as caught:
        Tls(NAME, cacert="/dev/null")
    assert caught.value.code == "tls.error"


@pytest.mark.parametrize(
    ("octets", "code", "words"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "tls.not_tls", "plain HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "tls.not_tls", "SSH-2.0"),
        (b"\x15\x03\x03\0\2\2\x28", "tls.alert", "handshake_failure (40)"),
        (b"\x15\x03\x03\0\2\2\x70", "tls.alert", "unrecognized_name (112)"),
        (b"\x15\x03\x03\0\2\2\x46", "tls.version", "protocol_version (70)"),
        (b"\x15\x03\x03\0\2\2\x47", "tls.no_shared_cipher", "insufficient_security (71)"),
        (b"\x16\x03\x03\xff\xff" + bytes(100), "tls.record_overflow", "16,384"),
        (b"\x16\x03\x03\0\4\x0e\0\0\0", "tls.protocol", "unexpected message"),
    ],
)
def test_an_answer_that_is_no_handshake_is_named(
    authority: Authority, client: Tls, octets: bytes, code: str, words: str
) -> None:
    client.start()
    with pytest.raises(FetchError) as caught:
        client.receive(octets)
    assert caught.value.code == code
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("octets", "code"), [(b"", "tcp.closed_early"), (b"\x16\x03\x03\0\x10\2\0", "tls.truncated")]
)
def test_an_end_in_the_handshake_is_named(client: Tls, octets: bytes, code: str) -> None:
    client.start()
    if octets:
        client.receive(octets)
    with pytest.raises(FetchError) as caught:
        client.receive(b"")
    assert caught.value.code == code


GOODBYE = b"\x15\x03\x03\0\2\1\0"
NO_SUCH_NAME = b"\x15\x03\x03\0\2\1\x70"


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (GOODBYE, "the alert close_notify (0) in the middle of the handshake"),
        (GOODBYE + b"more", "the alert close_notify (0) in the middle of the handshake"),
        (NO_SUCH_NAME, "the alert unrecognized_name (112) as a warning and then ended"),
        (NO_SUCH_NAME + GOODBYE, "the alert unrecognized_name (112) as a warning and then ended"),
        (b"\x15\x03\x03\0\2\1\xc8", "the alert unassigned (200) as a warning and then ended"),
    ],
)
def test_a_warning_at_the_end_of_the_stream_is_named(client: Tls, octets: bytes, says: str) -> None:
    client.start()

    def end() -> None:
        client.receive(octets)
        client.receive(b"")

    with pytest.raises(FetchError) as caught:
        end()
    assert caught.value.code == "tls.alert"
    assert says in caught.value.message


def test_a_warning_behind_which_the_server_went_on_is_not_the_end(client: Tls) -> None:
    client.start()
    client.receive(NO_SUCH_NAME + b"\x16\x03\x03\0\x10\2\0")
    with pytest.raises(FetchError) as caught:
        client.receive(b"")
    assert caught.value.code == "tls.truncated"


def test_an_old_version_is_named() -> None:
    hello = b"\x16\x03\x01\0\x26\2\0\0\x22\x03\x01" + bytes(34)
    failure = explain_failure("UNSUPPORTED_PROTOCOL", hello, len(hello), b"", ("1.2", "1.3"))
    assert failure.code == "tls.version"
    assert "TLS 1.0" in failure.message


def test_records_that_lead_to_nothing_are_counted(authority: Authority, client: Tls) -> None:
    shake(client, server_for(authority))
    walk = RecordWalk()
    walk.take(b"\x17\x03\x03\0\1x" * 32)
    walk.check(established=True)
    walk.take(b"\x17\x03\x03\0\1x")
    with pytest.raises(FetchError) as caught:
        walk.check(established=True)
    assert caught.value.code == "tls.flood"


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([20, 21, 22, 23]), st.binary(max_size=30)), max_size=6),
    st.lists(st.integers(0, 200), max_size=8),
    st.integers(0, 10),
)
def test_the_walk_does_not_depend_on_the_cuts(
    records: list[tuple[int, bytes]], cuts: list[int], cut_off: int
) -> None:
    octets = b"".join(
        bytes([kind, 3, 3]) + len(data).to_bytes(2, "big") + data for kind, data in records
    )
    octets = octets[: len(octets) - cut_off]
    whole, pieces = RecordWalk(), RecordWalk()
    whole.take(octets)
    at = 0
    for end in [*sorted(cut for cut in cuts if cut < len(octets)), len(octets)]:
        pieces.take(octets[at:end])
        at = max(at, end)
    assert (whole.inside, whole.alert, whole.octets) == (pieces.inside, pieces.alert, pieces.octets)
    assert whole.beginning == pieces.beginning == octets[:64]
