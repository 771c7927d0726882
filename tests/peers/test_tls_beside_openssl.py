"""What OpenSSL told of each message while it sent and read it is what we decrypt afterwards.

`_msg_callback` of an SSLContext is not public; a test may use it all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pytest

from lab import Lab
from lab.behaviours import BEHAVIOURS
from netcore import Options, explain, fetch
from netcore.pdus import Explanation
from netcore.trace import Completed
from tests.peers.connections import CASES, REFUSALS, Case, Client, Connections, Noted

pytestmark = [pytest.mark.peer, pytest.mark.wire]

ALERT: Final = 21
HANDSHAKE: Final = 22
KINDS: Final = {"tls_alert": ALERT, "tls_handshake": HANDSHAKE}
SERVER_HELLO, CERTIFICATE, FINISHED = 2, 11, 20
# What comes behind our own goodbye is recorded, and OpenSSL does not get it any more.
GOODBYE: Final = (ALERT, b"\x01\x00")

Message = tuple[int, bytes]


def told(noted: Iterable[Noted], direction: str) -> list[Message]:
    """What OpenSSL told of."""
    kinds = KINDS.values()
    return [
        (each.content_type, each.octets)
        for each in noted
        if each.direction == direction and each.content_type in kinds
    ]


def decrypted(explanation: Explanation, direction: str) -> list[Message]:
    """What we found in the recording."""
    return [
        (KINDS[pdu.name], pdu.octets)
        for pdu in explanation.pdus
        if pdu.name in KINDS and pdu.origin[0].channel.endswith(f".{direction}")
    ]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_message_is_octet_by_octet_what_openssl_told_of(
    case: Case, connections: Connections
) -> None:
    made = connections.of(case)
    sent, received = told(made.noted, "sent"), told(made.noted, "received")
    assert decrypted(made.explanation, "sent") == sent
    assert decrypted(made.explanation, "received") in (received, [*received, GOODBYE])
    assert sent[-1] == GOODBYE
    assert [each[1][0] for each in received[:1]] == [SERVER_HELLO]
    assert [each[1][0] for each in sent].count(FINISHED) == 1
    assert [each[1][0] for each in received].count(FINISHED) == 1


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_behind_a_certificate_that_openssl_refused_we_read_what_it_did_not(
    case: Case, connections: Connections
) -> None:
    made = connections.of(case)
    assert decrypted(made.explanation, "sent") == told(made.noted, "sent")
    read, found = told(made.noted, "received"), decrypted(made.explanation, "received")
    assert found[: len(read)] == read
    assert read[-1][1][0] == CERTIFICATE
    assert len(found) > len(read)


@pytest.mark.parametrize("name", [n for n, row in BEHAVIOURS.items() if row.scheme == "https"])
def test_the_messages_of_a_server_of_python_are_those_that_openssl_told_of(
    name: str, lab: Lab
) -> None:
    target = next(each for each in lab.targets if each.name == name)
    client = Client()
    with client.inside():
        trace = fetch(target.url, Options(lab=lab.options_lab(), cacert=str(lab.cacert)))
    explanation = explain(trace.events)
    sent, received = told(client.noted, "sent"), told(client.noted, "received")
    left = decrypted(explanation, "sent")
    assert left == sent[: len(left)]
    assert all(kind == ALERT for kind, _ in sent[len(left) :])  # written when the end had come
    assert decrypted(explanation, "received")[: len(received)] == received
    if isinstance(trace.outcome, Completed):
        assert decrypted(explanation, "received") in (received, [*received, GOODBYE])
