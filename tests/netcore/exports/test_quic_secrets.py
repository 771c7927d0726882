"""Key log lines that stand once more, under the random of a connection's first hello."""

from __future__ import annotations

from netcore.exports.pcapng import pcapng
from netcore.exports.quic_secrets import quic_connections, under_the_first_random
from netcore.options import Options
from netcore.trace import Called, SecretLogged, Trace
from tests.netcore.quic_conversation import Conversation, simple, with_retry
from tests.netcore.recordings import http_exchange


def added(talk: Conversation) -> list[str]:
    lines = [event.line for event in talk.events if isinstance(event, SecretLogged)]
    return under_the_first_random(lines, quic_connections(talk.events).values())


def test_after_a_retry_each_secret_is_there_under_the_first_random_too() -> None:
    talk = with_retry()
    lines = added(talk)
    first = talk.explained().quic["1"].randoms[-1].hex()
    assert {line.split(" ")[1] for line in lines} == {first}
    assert [line.split(" ")[0] for line in lines] == [
        event.line.split(" ")[0] for event in talk.events if isinstance(event, SecretLogged)
    ]


def test_with_one_hello_nothing_is_added() -> None:
    assert added(simple()) == []


def test_without_quic_nothing_is_explained() -> None:
    assert (
        quic_connections(http_exchange([b"GET / HTTP/1.1\r\n\r\n"], [b"HTTP/1.1 200 OK\r\n"])) == {}
    )


def test_the_file_has_the_lines_and_does_not_take_datagrams_for_dns() -> None:
    talk = with_retry()
    connect = Called(0, "udp:1", "connect", ("192.0.2.1:443",))
    trace = Trace("https://lab.test/", "", Options(), [connect, *talk.events])
    file = b"".join(pcapng(trace))
    assert all(line.encode() in file for line in added(talk))
    assert b"DNS at an unusual port" not in file
