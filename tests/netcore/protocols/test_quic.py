"""The handshake of QUIC and its ends, beside the library's server, in memory."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import Authority
from netcore.errors import FetchError
from netcore.protocols.quic import Quic
from netcore.protocols.tls_context import Offer
from tests.faults import certificates
from tests.netcore.protocols.quic_pair import HOST, Pair, client, pair


def test_a_handshake(authority: Authority) -> None:
    made = pair(authority)
    quic = made.client
    assert (quic.version, quic.alpn, quic.resumed) == ("1", "h3", False)
    assert quic.cipher_suite == ("TLS_AES_256_GCM_SHA384", 256)
    assert len(quic.certificates) == 1
    assert quic.trust_anchor
    assert quic.failure is None
    labels = sorted(line.split(" ")[0] for line in quic.new_secrets())
    assert labels == [
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        "CLIENT_TRAFFIC_SECRET_0",
        "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        "SERVER_TRAFFIC_SECRET_0",
    ]
    assert quic.new_secrets() == []


@pytest.mark.parametrize(
    ("certify", "code"),
    [
        (certificates.expired, "tls.cert_expired"),
        (certificates.not_yet_valid, "tls.cert_not_yet_valid"),
        (certificates.wrong_host, "tls.hostname_mismatch"),
        (certificates.self_signed, "tls.self_signed"),
    ],
)
def test_a_certificate_that_is_refused_gets_neither_finished_nor_request(
    certify: object, code: str, authority: Authority
) -> None:
    identity, _ = certify(authority)  # type: ignore[operator]
    made = Pair(client(authority), identity)
    made.shake()
    assert made.client.failure is not None
    assert made.client.failure.code == code
    assert not made.client.established
    assert not made.server._handshake_complete
    assert made.server._close_event is not None
    assert made.server._close_event.error_code == 0x100 + 42  # bad_certificate


def test_a_certificate_is_not_asked_for_where_checking_is_off(authority: Authority) -> None:
    identity, _ = certificates.self_signed(authority)
    made = Pair(client(verify=False), identity)
    made.shake()
    assert made.client.established


def test_a_server_that_chooses_no_protocol(authority: Authority) -> None:
    made = Pair(client(authority), authority.identity(HOST), alpn=("hq-interop",))
    made.shake()
    assert made.client.failure is not None
    assert made.client.failure.code == "tls.alert"
    assert "no_application_protocol (120)" in made.client.failure.message


def test_one_group_alone(authority: Authority) -> None:
    made = pair(authority, offer=Offer(alpn=("h3",), group="secp384r1"))
    assert made.client.established
    with pytest.raises(FetchError, match="secp521r1") as caught:
        client(authority, offer=Offer(alpn=("h3",), group="secp521r1"))
    assert caught.value.code == "tls.bad_option"


def test_a_session_is_resumed_and_a_request_may_go_out_at_once(authority: Authority) -> None:
    first = pair(authority)
    first.step()
    session = first.client.session
    assert session is not None
    assert (session.name, session.sound, session.form) == (HOST, True, "ticket")
    quic = client(authority, session=session)
    assert quic.may_send_early
    second = Pair(quic, authority.identity(HOST), first.tickets)
    http = second.asks()
    second.shake()
    assert (quic.resumed, quic.early_data_accepted, quic.established) == (True, True, True)
    assert second.asked
    assert http.request_sent
    assert any(line.startswith("CLIENT_EARLY_TRAFFIC") for line in quic.new_secrets())


def test_a_session_of_an_unverified_server_proves_nothing(authority: Authority) -> None:
    first = Pair(client(verify=False), authority.identity(HOST))
    first.shake()
    first.step()
    session = first.client.session
    assert session is not None
    assert not session.sound
    quic = client(authority, session=session)
    assert not quic.may_send_early
    second = Pair(quic, authority.identity(HOST), first.tickets)
    second.shake()
    assert quic.failure is not None
    assert quic.failure.code == "tls.error"


def test_silence_ends_it(authority: Authority) -> None:
    quic = client(authority, idle_s=2)
    quic.datagrams_to_send(0)
    while quic.timer_s is not None:
        now_s = quic.timer_s
        quic.handle_timer(now_s)
        quic.datagrams_to_send(now_s)
    assert quic.closed
    assert quic.failure is not None
    assert quic.failure.code == "quic.timeout"


def test_the_words_of_a_close(authority: Authority) -> None:
    made = pair(authority)
    made.server.close(0x107, None, "too busy")
    made.answer()
    assert made.client.failure is not None
    assert made.client.failure.code == "quic.closed"
    assert "H3_EXCESSIVE_LOAD, with the words 'too busy'" in made.client.failure.message


def test_a_stateless_reset(authority: Authority) -> None:
    made = pair(authority)
    token = made.server._host_cids[0].stateless_reset_token
    made.client.receive(b"\x40" + bytes(20) + token, 1)
    assert made.client.failure is not None
    assert made.client.failure.code == "quic.reset"
    assert made.client.closed


def test_a_goodbye_is_heard(authority: Authority) -> None:
    made = pair(authority)
    made.client.close()
    made.step()
    assert made.server._close_event is not None
    assert made.server._close_event.error_code == 0x100  # H3_NO_ERROR
    assert made.client.failure is None


def test_keys_that_change(authority: Authority) -> None:
    made = pair(authority)
    http = made.asks()
    made.server.request_key_update()
    assert made.h3 is not None
    made.h3.send_headers(0, [(b":status", b"204")], end_stream=True)
    made.answer()
    assert [type(event).__name__ for event in http.receive(b"\0")] == ["Head", "End"]


@given(octets=st.binary(max_size=1_500), at=st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_no_datagram_makes_it_raise(octets: bytes, at: int) -> None:
    quic = Quic(HOST, sni=HOST, offer=Offer(alpn=("h3",)))
    quic.start(0)
    (first,) = quic.datagrams_to_send(0)
    ours = first[6 : 6 + first[5]], first[7 + first[5] : 15 + first[5]]
    heads = (b"", b"\xc3\0\0\0\1\x08" + ours[1] + b"\x08", b"\x80\0\0\0\0\x08" + ours[1], b"\x40")
    quic.receive(heads[at] + octets, 0.1)
    quic.datagrams_to_send(0.1)
    assert not quic.established
