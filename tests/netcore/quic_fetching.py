"""Fetches over HTTP/3 from the lab's server, with a certificate for one host."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from lab import Authority
from lab.quic import Conversation, Quic, QuicServer, bound_twice
from lab.streams import Asked
from netcore import Options, Trace
from netcore.options import Lab
from netcore.trace import Called, Chose, Completed, Failed

HOST = "www.example.com"


def hello(conversation: Conversation, asked: Asked) -> None:
    conversation.respond(asked, 200, b"over QUIC")


@contextlib.contextmanager
def serving(authority: Authority, behaviour: Quic, host: str = HOST) -> Iterator[int]:
    """The port of a server of QUIC."""
    stream, datagrams = bound_twice()
    with stream, QuicServer(datagrams, behaviour, authority.identity(host), (), "test"):
        yield datagrams.getsockname()[1]


def options(authority: Authority, port: int, **more: Any) -> Options:
    more.setdefault("resolve", (f"{HOST}:{port}:127.0.0.1",))
    more.setdefault("cacert", authority.cacert)
    return Options(lab=Lab(endpoints=(f"127.0.0.1:{port}",)), http="3", **more)


def completed(trace: Trace) -> Completed:
    end = trace.outcome
    assert isinstance(end, Completed), end
    return end


def failed(trace: Trace) -> Failed:
    end = trace.outcome
    assert isinstance(end, Failed), end
    return end


def chosen(trace: Trace, what: str) -> list[str]:
    return [e.value for e in trace.events if isinstance(e, Chose) and e.what == what]


def calls(trace: Trace, call: str) -> list[Called]:
    return [e for e in trace.events if isinstance(e, Called) and e.call == call]
