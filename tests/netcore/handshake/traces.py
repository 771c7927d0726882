"""TLS connections as recordings: records in turn, as the two sides sent them."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterable, Mapping

from netcore.handshake.conversations import Conversation, conversations
from netcore.pdus import Explanation, explain
from netcore.trace import AnyEvent, Called, SecretLogged, StageStarted
from tests.netcore.decrypt import rfc8448
from tests.netcore.tls_conversation import Recording, converse

Turn = tuple[str, str]
"""The call, "send" or "recv", and its octets in hexadecimal."""


def recorded(turns: Iterable[Turn], logged: Mapping[str, str], number: str = "1") -> list[AnyEvent]:
    """One call a turn, a millisecond apart, then the key log.

    The client random is that of the first record, which is a ClientHello.
    """
    events: list[AnyEvent] = [StageStarted(0, "tls")]
    lengths = {"sent": 0, "received": 0}
    client_random = ""
    for at, (call, text) in enumerate(turns, start=1):
        data = bytes.fromhex(text)
        client_random = client_random or data[11:43].hex()
        direction = "sent" if call == "send" else "received"
        events.append(
            Called(
                at * 1_000_000,
                f"tcp:{number}",
                call,
                channel=f"tcp:{number}.{direction}",
                offset=lengths[direction],
                length=len(data),
                data=data,
            )
        )
        lengths[direction] += len(data)
    for label, secret in logged.items():
        events.append(SecretLogged(len(events) * 1_000_000, f"{label} {client_random} {secret}"))
    return events


def told(events: list[AnyEvent]) -> tuple[Conversation, Explanation]:
    """The only conversation of a recording, with the explanation that it is of."""
    explanation = explain(events)
    (conversation,) = conversations(explanation)
    return conversation, explanation


SIMPLE_TURNS: tuple[Turn, ...] = tuple(
    (call, data.hex())
    for call, data in (
        ("send", rfc8448.CLIENT_HELLO),
        ("recv", rfc8448.SERVER_HELLO),
        ("recv", rfc8448.SERVER_FLIGHT),
        ("send", rfc8448.CLIENT_FINISHED),
        ("recv", rfc8448.SERVER_TICKET),
        ("send", rfc8448.CLIENT_DATA),
        ("recv", rfc8448.SERVER_DATA),
        ("send", rfc8448.CLIENT_ALERT),
        ("recv", rfc8448.SERVER_ALERT),
    )
)
"""RFC 8448 §3 in the order of the RFC."""


def simple(*without: str) -> list[AnyEvent]:
    """RFC 8448 §3 with all its secrets but some."""
    secrets = {label: value for label, value in rfc8448.SECRETS.items() if label not in without}
    return recorded(SIMPLE_TURNS, secrets)


def resumed(client: ssl.SSLContext, server: ssl.SSLContext) -> Recording:
    """The second connection of two in memory: it takes the session of the first up again."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    first = client.wrap_bio(incoming, outgoing, server_hostname="lab.test")
    remote = server.wrap_bio(outgoing, incoming, server_side=True)
    for _ in range(4):
        for side in (first, remote):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
    with contextlib.suppress(ssl.SSLWantReadError):
        first.read(1)  # takes the ticket in
    return converse(client, server, session=first.session)
