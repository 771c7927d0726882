"""A request that is sent twice, the second time with the session of TLS that the first one got."""

from __future__ import annotations

import json
import socket
import ssl

import pytest

from lab.authority import Authority
from netcore import Options, fetch
from netcore.exports.har import har
from netcore.pdus import explain
from netcore.timeline import timeline
from netcore.trace import StageStarted, Trace
from tests.content.test_lab_words import general
from tests.faults.hostile import HostileServer, over_tls, receive_request, reply
from tests.netcore.tls_control import (
    HOST,
    OK,
    OPTIONS,
    TLS12,
    TLS13,
    chosen,
    completed,
    failed,
    fetched,
    labels,
    messages,
    opened,
    secured,
)
from tests.netcore.tls_conversation import titles

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("nothing_left")]

BOTH = pytest.mark.parametrize("version", [TLS12, TLS13], ids=["1.2", "1.3"])

FORMS = [
    pytest.param(TLS13, 0, "ticket", id="1.3"),
    pytest.param(TLS13, ssl.OP_NO_TICKET, "ticket", id="1.3 that the server keeps"),
    pytest.param(TLS12, 0, "ticket", id="1.2 ticket"),
    pytest.param(TLS12, ssl.OP_NO_TICKET, "session ID", id="1.2 session ID"),
]


@pytest.mark.parametrize(("version", "options", "form"), FORMS)
def test_the_second_of_two_fetches_goes_on_from_the_first(
    authority: Authority, version: ssl.TLSVersion, options: int, form: str
) -> None:
    reused: list[bool | None] = []

    def converse(connection: socket.socket) -> None:
        assert isinstance(connection, ssl.SSLSocket)
        reused.append(connection.session_reused)
        reply(OK)(connection)

    with secured(authority, version, converse) as (server, context):
        context.options |= options
        trace = fetched(server, authority, resume_session=True)
    assert completed(trace).hop == 2
    assert reused == [False, True]
    assert chosen(trace, "session") == ["offered", "resumed"]
    assert chosen(trace, "certificate") == ["verified", "not sent"]
    explanation = opened(trace)
    names = titles(explanation, "tls_handshake")
    assert names.count("ClientHello") == 2
    assert names.count("Certificate") == 1
    assert titles(explanation, "http1_request_head") == ["GET /", "GET /"]
    assert general(explanation, set()) == set()
    first, second = messages(explanation, "client_hello")
    if version is TLS13:
        assert "pre_shared_key" not in labels(first, "extension_type")
        assert "pre_shared_key" in labels(second, "extension_type")
    elif form == "ticket":
        (ticket,) = messages(explanation, "new_session_ticket")
        size = next(each.length for each in ticket.walk() if each.name == "ticket")
        sent = next(each for each in second.walk() if each.name == "ticket")
        assert sent.length == size


def test_both_fetches_stand_in_every_view(authority: Authority) -> None:
    given: list[bytes] = []
    with secured(authority) as (server, _):
        options = Options(
            allow_private=True,
            limits=OPTIONS.limits,
            cacert=authority.cacert,
            resume_session=True,
        )
        url = f"https://{HOST}:{server.port}/a?b"
        trace = fetch(url, options, on_body=given.append)
    assert b"".join(given) == b"hello", "the content of the last response alone"
    archive = json.loads(har(trace))
    entries = archive["log"]["entries"]
    assert [entry["request"]["url"] for entry in entries] == [url, url]
    assert [entry["response"]["content"]["text"] for entry in entries] == ["hello", "hello"]
    assert len({entry["connection"] for entry in entries}) == 2
    assert all(entry["timings"]["ssl"] > 0 for entry in entries)
    drawn = timeline(trace, explain(trace.events))
    assert [s.name for s in drawn.stages if s.hop == 2] == [
        *("connect", "tls", "request", "waiting", "response", "close"),
    ]
    assert {m.layer for m in drawn.marks if m.title.startswith("session: ")} == {"tls"}


def anew(trace: Trace) -> None:
    """Both handshakes were whole."""
    assert completed(trace).hop == 2
    assert chosen(trace, "certificate") == ["verified", "verified"]
    assert titles(opened(trace), "tls_handshake").count("Certificate") == 2


def test_where_nothing_was_given_the_second_fetch_shakes_hands_anew(authority: Authority) -> None:
    with secured(authority, TLS13) as (server, context):
        context.num_tickets = 0
        trace = fetched(server, authority, resume_session=True)
    assert chosen(trace, "session") == ["none"]
    anew(trace)


@BOTH
def test_a_server_that_has_forgotten_its_keys_makes_a_whole_handshake(
    authority: Authority, version: ssl.TLSVersion
) -> None:
    identity = authority.identity(HOST)

    def converse(connection: socket.socket) -> None:
        fresh = authority.server_context(identity, minimum=version, maximum=version)
        over_tls(fresh, reply(OK))(connection)

    with HostileServer(converse) as server:
        trace = fetched(server, authority, resume_session=True)
    assert chosen(trace, "session") == ["offered", "not resumed"]
    anew(trace)


def test_behind_redirects_the_last_request_is_the_one_that_is_repeated(
    authority: Authority,
) -> None:
    asked: list[bytes] = []

    def converse(connection: socket.socket) -> None:
        request = receive_request(connection)
        asked.append(request.split(b" ")[1])
        moved = (
            b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /b\r\nConnection: close\r\n\r\n"
        )
        connection.sendall(moved if asked[-1] == b"/" else OK)
        connection.recv(65_536)

    with secured(authority, TLS13, converse) as (server, _):
        trace = fetched(server, authority, resume_session=True, follow_redirects=True)
    assert completed(trace).hop == 3
    assert asked == [b"/", b"/b", b"/b"]
    assert chosen(trace, "session") == ["offered", "resumed"]
    entries = json.loads(har(trace))["log"]["entries"]
    assert [each["request"]["url"].rpartition("/")[2] for each in entries] == ["", "b", "b"]


def test_what_is_not_sent_twice_is_sent_once(authority: Authority) -> None:
    given: list[bytes] = []
    with HostileServer(reply(OK)) as plain:
        options = Options(allow_private=True, limits=OPTIONS.limits, resume_session=True)
        over_http = fetch(f"http://{plain.endpoint}/", options, on_body=given.append)
    with secured(authority) as (server, _):
        posted = fetched(server, authority, resume_session=True, method="POST", body=b"a")
    for trace in (over_http, posted):
        assert completed(trace).hop == 1
        assert chosen(trace, "session") == ["not tried"]
        assert len([e for e in trace.events if isinstance(e, StageStarted)]) <= 8
    assert given == [b"hello"]


def test_an_unverified_session_stays_unverified(authority: Authority) -> None:
    with secured(authority) as (server, _):
        trace = fetched(server, authority, resume_session=True, verify=False, cacert="")
    assert completed(trace).hop == 2
    assert chosen(trace, "session") == ["offered", "resumed"]
    assert chosen(trace, "certificate") == ["not verified", "not verified"]


@BOTH
def test_a_session_is_resumed_under_another_name_in_sni_too(
    authority: Authority, version: ssl.TLSVersion
) -> None:
    with secured(authority, version) as (server, _):
        trace = fetched(server, authority, resume_session=True, sni="")
    assert completed(trace).hop == 2
    assert chosen(trace, "session") == ["offered", "resumed"]
    assert chosen(trace, "sni") == ["none", "none"]


def test_a_second_fetch_that_fails_fails_the_fetch(authority: Authority) -> None:
    answered: list[bytes] = []

    def once(connection: socket.socket) -> None:
        answered.append(receive_request(connection))
        if len(answered) == 1:
            connection.sendall(OK)
            connection.recv(65_536)

    with secured(authority, TLS13, once) as (server, _):
        trace = fetched(server, authority, resume_session=True)
    assert failed(trace).hop == 2
    entries = json.loads(har(trace))["log"]["entries"]
    assert [each["response"]["status"] for each in entries] == [200, 0]
