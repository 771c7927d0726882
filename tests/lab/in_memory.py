"""Handshakes without a socket."""

from __future__ import annotations

import ssl

from lab import Authority

TURNS = 4


def shaken(
    authority: Authority, server: ssl.SSLContext, host: str
) -> tuple[ssl.SSLObject, ssl.SSLObject]:
    """A client that trusts the authority and a server, after their handshake.

    Raises: what the side raises that refuses the other.
    """
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context(cafile=authority.cacert)
    client = context.wrap_bio(to_client, to_server, server_hostname=host)
    serving = server.wrap_bio(to_server, to_client, server_side=True)
    done = set()
    for side in (client, serving) * TURNS:
        try:
            side.do_handshake()
            done.add(side)
        except ssl.SSLWantReadError:
            continue
    assert done == {client, serving}
    return client, serving
