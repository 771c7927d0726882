"""Our client against OpenSSL's server with nothing between them but memory."""

from __future__ import annotations

import contextlib
import ssl
import warnings
from pathlib import Path
from typing import Final

from netcore.protocols.tls import Tls

NUMBERS: Final = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}
_FLIGHTS: Final = 8


def server_context(
    chain: Path, minimum: str, maximum: str, *, ciphers: str = "DEFAULT"
) -> ssl.SSLContext:
    """A server of these versions and cipher suites at security level 0."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that they are old is the point
        context.minimum_version = NUMBERS["1.0"]
        context.maximum_version = NUMBERS[maximum]
        context.minimum_version = NUMBERS[minimum]
    context.load_cert_chain(chain)
    return context


def shake(client: Tls, context: ssl.SSLContext) -> bytes:
    """The handshake. Out: the ClientHello. Raises: FetchError of the client."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(incoming, outgoing, server_side=True)
    client.start()
    hello = flight = client.data_to_send()
    for _ in range(_FLIGHTS):
        incoming.write(flight)
        with contextlib.suppress(ssl.SSLError):  # it wants more, or has written an alert
            server.do_handshake()
        client.receive(outgoing.read())
        flight = client.data_to_send()
        if client.established:
            return hello
    raise AssertionError("the handshake does not end")
