"""HTTP/2 inside recorded TLS: the same units, and every octet of them from whole records."""

from __future__ import annotations

import ssl
from functools import cache

from h2.config import H2Configuration
from h2.connection import H2Connection

from netcore.lineage import forms
from netcore.pdus import Explanation
from netcore.titles import title_of
from tests.netcore.http2_conversation import REQUEST, RESPONSE
from tests.netcore.test_pdus import assert_grounded, assert_partition
from tests.netcore.tls_conversation import TLS13, Client, contexts


@cache
def explained() -> Explanation:
    """A request and its response, frames of several kinds in each record."""
    client_context, server_context = contexts(TLS13)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    remote = server_context.wrap_bio(incoming, outgoing, server_side=True)
    client, server = (H2Connection(H2Configuration(is_client)) for is_client in (True, False))
    server.initiate_connection()

    def serve(data: bytes) -> bytes:
        incoming.write(data)
        try:
            remote.do_handshake()
            asked = server.receive_data(remote.read(16_384))
            if any(type(event).__name__ == "RequestReceived" for event in asked):
                server.send_headers(1, RESPONSE)
                server.send_data(1, b"x" * 9_000)
                server.send_headers(1, [("x-checksum", "1f")], end_stream=True)
            remote.write(server.data_to_send())
        except (ssl.SSLError, OSError):
            pass
        return outgoing.read()

    local = Client(client_context, serve)
    local.handshake()
    client.initiate_connection()
    client.send_headers(1, REQUEST, end_stream=True)
    local.say(client.data_to_send())
    client.receive_data(local.hear(9_000))
    local.say(client.data_to_send())
    return local.close().explained()


def test_frames_of_one_record_are_units_with_their_blocks_in_them() -> None:
    explanation = explained()
    assert_partition(explanation)
    assert_grounded(explanation)
    for pdu in explanation.pdus:
        tree = explanation.tree(pdu)
        assert sum(leaf.length for leaf in tree.leaves()) == pdu.size * 8
    headers = [pdu for pdu in explanation.pdus if pdu.protocol == "http2_headers"]
    assert [[inner.name for inner in pdu.inside] for pdu in headers] == [["hpack_field_block"]] * 3
    titles = [title_of(pdu) for pdu in explanation.pdus if pdu.name == "http2_field_section"]
    assert titles == ["GET /", "200 OK", "trailer section"]


def test_a_frame_under_tls_has_its_record_below_it_and_its_fields_above() -> None:
    explanation = explained()
    headers = [pdu for pdu in explanation.pdus if pdu.protocol == "http2_headers"][1]
    found = forms(explanation, headers)
    assert found.wire.protocol == "tls_ciphertext"
    assert found.decrypted is headers
    assert found.decoded is not None
    assert title_of(found.decoded) == "200 OK"


def test_a_body_leads_to_the_frame_that_it_began_in() -> None:
    explanation = explained()
    body = next(pdu for pdu in explanation.pdus if pdu.step == "de-framed")
    assert body.octets == b"x" * 9_000
    found = forms(explanation, body)
    assert found.wire.protocol == "tls_ciphertext"
    assert found.decrypted is not None
    assert found.decrypted.protocol == "http2_data"
