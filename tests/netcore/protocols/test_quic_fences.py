"""What a server cannot make a client of QUIC hold, send or follow."""

from __future__ import annotations

from aioquic import tls
from aioquic.quic.packet import QuicPreferredAddress, encode_quic_retry

from lab import Authority
from netcore.protocols.http3 import Http3
from netcore.protocols.quic_fences import UNI_STREAMS, WINDOW
from tests.netcore.protocols.quic_pair import HOST, LIMITS, client, pair


def retry_of(first: bytes) -> bytes:
    """A Retry in answer to a first flight."""
    destination, source = first[6:14], first[15:23]
    return encode_quic_retry(
        version=1,
        source_cid=b"retrying",
        destination_cid=source,
        original_destination_cid=destination,
        retry_token=b"a token",
    )


def test_after_retry_the_same_client_hello_goes_out(authority: Authority) -> None:
    quic = client(authority)
    (first,) = quic.datagrams_to_send(0)
    hello = quic.connection._hello
    random = quic.connection.tls.client_random
    quic.receive(retry_of(first), 0.01)
    assert quic.retried
    assert quic.connection._hello == hello
    sender = quic.connection._crypto_streams[tls.Epoch.INITIAL].sender
    assert bytes(sender._buffer) == hello
    assert quic.connection.tls.client_random == random
    (second,) = quic.datagrams_to_send(0.01)
    assert second[6:14] == b"retrying"
    assert b"a token" in second


def test_after_version_negotiation_the_random_is_the_same(authority: Authority) -> None:
    quic = client(authority)
    (first,) = quic.datagrams_to_send(0)
    random = quic.connection.tls.client_random
    negotiation = b"\x80\0\0\0\0\x08" + first[15:23] + b"\x08" + first[6:14]
    quic.receive(negotiation + (0x6B3343CF).to_bytes(4, "big"), 0.01)
    (second,) = quic.datagrams_to_send(0.01)
    assert second[1:5] == (0x6B3343CF).to_bytes(4, "big")
    assert quic.connection.tls.client_random == random


def test_a_request_in_the_first_flight_goes_out_again_after_retry(authority: Authority) -> None:
    before = pair(authority)
    before.step()
    quic = client(authority, session=before.client.session)
    Http3(quic, LIMITS).start("GET", "/", (("Host", HOST),))
    first = quic.datagrams_to_send(0)
    assert quic.unsent == 0
    quic.receive(retry_of(first[0]), 0.01)
    assert quic.unsent > 0
    again = quic.datagrams_to_send(0.02)
    assert quic.unsent == 0
    # The packet in 0-RTT goes to the connection ID of the Retry too (RFC 9000 §17.2.5.2).
    assert b"".join(again).count(b"\x08retrying") == 2


def test_a_window_slides_and_does_not_grow(authority: Authority) -> None:
    made = pair(authority)
    http = made.asks()
    assert made.h3 is not None
    made.h3.send_headers(0, [(b":status", b"200")])
    made.h3.send_data(0, bytes(6 << 20), end_stream=True)
    received = 0
    for _ in range(20_000):
        made.step()
        for event in http.receive(b"\0"):
            received += len(getattr(event, "data", b""))
        stream = made.client.connection._streams.get(0)
        if stream is None or stream.receiver.is_finished:
            break
        assert stream.max_stream_data_local - stream.receiver.starting_offset() <= WINDOW
        limit = made.client.connection._local_max_data
        assert limit.value - made.client.connection.delivered <= WINDOW
    assert received == 6 << 20


def test_streams_of_the_server_keep_their_number(authority: Authority) -> None:
    made = pair(authority)
    made.asks()
    assert made.server._remote_max_streams_uni == UNI_STREAMS
    assert made.server._remote_max_streams_bidi == 0
    for _ in range(20):
        stream = made.server.get_next_available_stream_id(is_unidirectional=True)
        made.server.send_stream_data(stream, b"!", end_stream=True)
        made.step()
    assert made.server._remote_max_streams_uni == UNI_STREAMS
    assert made.client.failure is None


def test_a_preferred_address_is_noted_and_not_sent_to(authority: Authority) -> None:
    made = pair(authority)
    quic = made.client.connection
    quic._remote_preferred_address = QuicPreferredAddress(
        ipv4_address=("127.0.0.2", 443),
        ipv6_address=None,
        connection_id=b"elsewher",
        stateless_reset_token=bytes(16),
    )
    made.client.datagrams_to_send(9)
    assert quic.preferred_address == "127.0.0.2 port 443"
    assert quic._remote_preferred_address is None
    assert len(quic._network_paths) == 1
