"""The lab's servers of HTTP/3: what each does, as a fetch meets it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lab import Authority, LabServer
from lab.shelves.http3 import HALF_BODY, HELLO_BODY, LINES, SHELF, WRONG
from netcore import Options, Trace, fetch
from netcore.options import Lab
from netcore.trace import Called
from tests.lab.asking import answer, client_context, secured
from tests.netcore.quic_fetching import chosen, completed, failed
from tests.patience import limits_of

pytestmark = pytest.mark.wire

Start = Callable[[str], LabServer]


def ask(server: LabServer, authority: Authority) -> tuple[Trace, bytes]:
    """The trace of what the shelf says is to be asked, and the content that came."""
    wanted = (SHELF.rows | WRONG.rows)[server.name].ask
    options = Options(
        http=wanted.http,
        follow_redirects=wanted.follow,
        resume_session=wanted.resume_session,
        cacert=authority.cacert,
        resolve=(f"{server.host}:{server.port}:127.0.0.1",),
        lab=Lab(dns_server="127.0.0.1:53", endpoints=(server.endpoint,)),
        limits=limits_of(server.name),
    )
    content: list[bytes] = []
    return fetch(server.url, options, on_body=content.append), b"".join(content)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("h3", HELLO_BODY),
        ("h3-streams", b"You are on stream 4 of QUIC.\n"),
        ("h3-retry", HELLO_BODY),
        ("h3-versions", HELLO_BODY),
        ("h3-early-data", HELLO_BODY),
        ("h3-key-update", LINES),
        ("h3-lossy", LINES),
        ("h3-lost-request", LINES),
    ],
)
def test_answers(name: str, body: bytes, authority: Authority, lab_server: Start) -> None:
    trace, content = ask(lab_server(name), authority)
    assert completed(trace).http_version == "3"
    assert content == body
    assert chosen(trace, "retry") == ["followed"] * (name == "h3-retry")
    assert chosen(trace, "quic version")[-1] == ("2" if name == "h3-versions" else "1")
    early = ["sent", "accepted"] if name == "h3-early-data" else []
    assert chosen(trace, "early data") == early


def test_the_same_port_answers_over_tcp(authority: Authority, lab_server: Start) -> None:
    with secured(lab_server("h3"), client_context(authority)) as whole:
        assert answer(whole).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("h3-closed", "quic.closed", "the lab is out of paper"),
        ("h3-reset", "quic.reset", f"after {len(HALF_BODY)} octets of content"),
        ("h3-large-fields", "h3.header_too_large", "65,536"),
        ("h3-silence", "quic.timeout", "within 0.5 s"),
    ],
)
def test_failures(
    name: str, code: str, words: str, authority: Authority, lab_server: Start
) -> None:
    trace, _ = ask(lab_server(name), authority)
    assert failed(trace).code == code
    assert words in failed(trace).message


def test_lost_datagrams_come_again(authority: Authority, lab_server: Start) -> None:
    trace, _ = ask(lab_server("h3-lossy"), authority)
    received = [e for e in trace.events if isinstance(e, Called) and e.call == "recv" and e.length]
    assert sum(e.length for e in received) > len(LINES)
