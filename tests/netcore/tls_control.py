"""A TLS server on loopback, fetches from it, and what can be read out of their recordings."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.x509.oid import ExtendedKeyUsageOID

from lab.authority import Authority
from netcore import Options, Trace, fetch
from netcore.field import Field
from netcore.options import Limits
from netcore.pdus import Explanation, explain
from netcore.trace import Chose, Completed, Failed
from tests.faults.hostile import Converse, HostileServer, over_tls, reply
from tests.netcore.decrypt.test_exchanges import assert_sound
from tests.netcore.protocols.certificates import Made, key_pem, make
from tests.netcore.tls_conversation import records

HOST = "localhost"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
OPTIONS = Options(allow_private=True, limits=Limits(total_s=8, first_byte_s=3))


@contextmanager
def secured(
    authority: Authority,
    version: ssl.TLSVersion = TLS13,
    converse: Converse | None = None,
    **more: Any,
) -> Iterator[tuple[HostileServer, ssl.SSLContext]]:
    """A server of one version for `HOST`, with these attributes of its context."""
    context = authority.server_context(authority.identity(HOST), minimum=version, maximum=version)
    for name, value in more.items():
        setattr(context, name, value)
    with HostileServer(over_tls(context, converse or reply(OK))) as server:
        yield server, context


def fetched(server: HostileServer, authority: Authority, path: str = "/", **more: Any) -> Trace:
    """A fetch that trusts the authority."""
    options = {"allow_private": True, "limits": OPTIONS.limits, "cacert": authority.cacert} | more
    return fetch(f"https://{HOST}:{server.port}{path}", Options(**options))


def completed(trace: Trace) -> Completed:
    """How it ended, well."""
    assert isinstance(trace.outcome, Completed), trace.outcome
    return trace.outcome


def failed(trace: Trace) -> Failed:
    """How it ended, badly."""
    assert isinstance(trace.outcome, Failed), trace.outcome
    assert trace.outcome.message.isprintable()
    return trace.outcome


def chosen(trace: Trace, what: str) -> list[str]:
    """What was decided about one thing, in order."""
    return [e.value for e in trace.events if isinstance(e, Chose) and e.what == what]


def opened(trace: Trace) -> Explanation:
    """The explanation, in which every record of TLS was opened and every octet has its field."""
    explanation = explain(trace.events)
    protected = records(explanation)
    assert protected
    assert {record.error for record in protected} == {""}
    assert_sound(explanation)
    return explanation


def messages(explanation: Explanation, name: str) -> list[Field]:
    """The handshake messages of that name ("client_hello"), in order."""
    trees = [pdu.fields() for pdu in explanation.pdus if pdu.name == "tls_handshake"]
    return [field for tree in trees for field in tree.walk() if field.name == name]


def values(tree: Field, name: str) -> list[object]:
    """The values of the fields of that name."""
    return [field.value for field in tree.walk() if field.name == name]


def labels(tree: Field, name: str) -> list[str]:
    """What a registry says of the fields of that name."""
    return [field.label for field in tree.walk() if field.name == name]


def client_identity(directory: Path) -> tuple[Path, Path, Path]:
    """A certificate for a client, its key, and the authority's: the files of each."""
    root = make(None, "Authority of clients", ca=True)
    mine = make(root, "A client", purpose=ExtendedKeyUsageOID.CLIENT_AUTH)
    return write(directory, "cert", mine), _key(directory, mine), write(directory, "root", root)


def write(directory: Path, name: str, made: Made) -> Path:
    """A certificate as a file."""
    path = directory / f"{name}.pem"
    path.write_bytes(made.pem)
    return path


def _key(directory: Path, made: Made) -> Path:
    path = directory / "key.pem"
    path.write_bytes(key_pem(made.key))
    return path
