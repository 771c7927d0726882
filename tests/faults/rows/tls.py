"""Rows of the stage tls; `tls_tickets` has TLS-09."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import ssl
import struct
import warnings
from collections.abc import Callable
from typing import Any, Final

from lab import Authority
from lab.authority import Identity
from netcore import Trace
from netcore.trace import Failed, StageStarted
from tests.faults import certificates
from tests.faults.case import Case, Scene, octets_of, options
from tests.faults.certificates import HOST, ISSUER_PLACE
from tests.faults.hostile import (
    PATIENCE_S,
    Converse,
    HostileServer,
    finish,
    hold,
    over_tls,
    reply,
)

ARRIVED: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
UNTIL_CLOSE: Final = b"HTTP/1.1 200 OK\r\n\r\n" + b"half of it " * 100
ALERT_HANDSHAKE_FAILURE: Final = b"\x15\x03\x03\x00\x02\x02\x28"
ALERT_CLOSE_NOTIFY: Final = b"\x15\x03\x03\x00\x02\x01\x00"
ALERT_UNRECOGNIZED_NAME: Final = b"\x15\x03\x03\x00\x02\x01\x70"
ALERT_PROTOCOL_VERSION: Final = b"\x15\x03\x01\x00\x02\x02\x46"


def record(fragment: bytes, kind: int = 22, version: int = 0x0303) -> bytes:
    return struct.pack("!BHH", kind, version, len(fragment)) + fragment


def handshake(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


def receive_client_hello(connection: socket.socket) -> bytes:
    """One record, with its header."""
    octets = connection.recv(65536)
    while len(octets) < 5 or len(octets) < 5 + int.from_bytes(octets[3:5], "big"):
        octets += connection.recv(65536)
    return octets[: 5 + int.from_bytes(octets[3:5], "big")]


def answer(*records: bytes, end: Converse = hold) -> Converse:
    """Read a ClientHello, send these octets, wait for the client to close, or end it so."""

    def converse(connection: socket.socket) -> None:
        receive_client_hello(connection)
        connection.sendall(b"".join(records))
        end(connection)

    return converse


def server_hello(version: int, random: bytes, session: bytes, extensions: bytes) -> bytes:
    body = struct.pack("!H", version) + random + bytes((len(session),)) + session
    suite = 0x1301 if extensions else 0xC02F
    body += struct.pack("!HB", suite, 0)
    if extensions:
        body += struct.pack("!H", len(extensions)) + extensions
    return record(handshake(2, body))


def cut_hello(connection: socket.socket) -> None:
    receive_client_hello(connection)
    connection.sendall(server_hello(0x0303, bytes(range(32)), b"", b"")[:30])
    finish(connection)


def hello_retry_twice(connection: socket.socket) -> None:
    """Ask for P-256 in place of the key share that came, and then ask again."""
    random = hashlib.sha256(b"HelloRetryRequest").digest()
    extensions = struct.pack("!HHH", 43, 2, 0x0304) + struct.pack("!HHH", 51, 2, 0x0017)
    hello = receive_client_hello(connection)
    retry = server_hello(0x0303, random, hello[44 : 44 + hello[43]], extensions)
    connection.sendall(retry)
    receive_client_hello(connection)  # or the change_cipher_spec that goes before it
    connection.sendall(retry)
    hold(connection)


def scene_of(
    converse: Callable[[Authority], Converse], *, host: str = HOST, **more: Any
) -> Callable[[contextlib.ExitStack], Scene]:
    """A server reached by a name that only this fetch resolves, under a fresh authority."""

    def scene(stack: contextlib.ExitStack) -> Scene:
        authority = stack.enter_context(Authority())
        server = stack.enter_context(HostileServer(converse(authority)))
        resolve = (f"{host}:{server.port}:127.0.0.1",)
        wanted = options(server, resolve=resolve, cacert=authority.cacert, **more)
        return Scene(f"https://{host}:{server.port}/", wanted, [server])

    return scene


def raw(row: str, title: str, converse: Converse, code: str, **more: Any) -> Case:
    """A server that writes TLS by hand, or something else."""
    return Case(row, title, scene_of(lambda _: converse), code, "tls", **more)


def certified(
    row: str,
    title: str,
    make: Callable[[Authority], tuple[Identity, list[Identity]]],
    code: str,
    check: Callable[[Scene, Trace], None] | None = None,
) -> Case:
    """A sound TLS server that shows the certificates that `make` makes."""

    def converse(authority: Authority) -> Converse:
        identity, above = make(authority)
        return over_tls(authority.server_context(identity, above), reply(ARRIVED))

    stage = "" if code == "ok" else "tls"

    def checks(scene: Scene, trace: Trace) -> None:
        if code != "ok":
            no_request_was_sent(scene, trace)
        if check:
            check(scene, trace)

    return Case(row, title, scene_of(converse), code, stage, plain=False, check=checks)


def no_request_was_sent(scene: Scene, trace: Trace) -> None:
    """After a refused certificate: what ends the handshake, and nothing behind it."""
    assert "request" not in [e.stage for e in trace.events if isinstance(e, StageStarted)]
    octets = octets_of(trace, "tcp:1.sent")
    kinds, at = [], 0
    while at < len(octets):
        kinds.append(octets[at])
        at += 5 + int.from_bytes(octets[at + 3 : at + 5], "big")
    assert kinds[0] == 22
    # In TLS 1.3 these are Finished and an alert; a request would be one more.
    assert kinds.count(23) <= 2


def client_certificate(
    version: ssl.TLSVersion, mode: ssl.VerifyMode
) -> Callable[[Authority], Converse]:
    def converse(authority: Authority) -> Converse:
        context = authority.server_context(
            authority.identity(HOST), maximum=version, minimum=version
        )
        context.verify_mode = mode
        context.load_verify_locations(authority.cacert)
        return over_tls(context, reply(ARRIVED))

    return converse


def old_versions(authority: Authority) -> Converse:
    context = authority.server_context(authority.identity(HOST))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that they are old is the point
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return over_tls(context, reply(ARRIVED))


def cut_in_a_record(before: bytes, keep: Callable[[bytes], int]) -> Callable[[Authority], Converse]:
    """A sound handshake; `before` in a record of its own; of the next record `keep` octets."""

    def converse(authority: Authority) -> Converse:
        context = authority.server_context(authority.identity(HOST))
        return lambda connection: _cut(connection, context, before, keep)

    return converse


def _cut(
    connection: socket.socket,
    context: ssl.SSLContext,
    before: bytes,
    keep: Callable[[bytes], int],
) -> None:
    connection.settimeout(PATIENCE_S)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_side=True)

    def until_done(step: Callable[[], Any]) -> Any:
        while True:
            try:
                done = step()
            except ssl.SSLWantReadError:
                connection.sendall(outgoing.read())
                incoming.write(connection.recv(65536))
            else:
                return done

    until_done(tls.do_handshake)
    connection.sendall(outgoing.read())
    until_done(lambda: tls.read(65536))
    if before:
        tls.write(before)
        connection.sendall(outgoing.read())
    tls.write(UNTIL_CLOSE)
    flight = outgoing.read()
    connection.sendall(flight[: keep(flight)])
    finish(connection)


def names_the_alert(scene: Scene, trace: Trace) -> None:
    assert isinstance(trace.events[-1], Failed)
    assert "handshake_failure" in trace.events[-1].message


def names(alert: str) -> Callable[[Scene, Trace], None]:
    def check(scene: Scene, trace: Trace) -> None:
        assert isinstance(trace.events[-1], Failed)
        assert f"the alert {alert}" in trace.events[-1].message

    return check


def names_the_place_of_the_issuer(scene: Scene, trace: Trace) -> None:
    assert isinstance(trace.events[-1], Failed)
    assert ISSUER_PLACE in trace.events[-1].message


def says_plain_http(scene: Scene, trace: Trace) -> None:
    assert isinstance(trace.events[-1], Failed)
    assert "HTTP" in trace.events[-1].message
    assert octets_of(trace, "tcp:1.received") == ARRIVED


def names_the_version(scene: Scene, trace: Trace) -> None:
    assert isinstance(trace.events[-1], Failed)
    assert "TLS 1." in trace.events[-1].message


def speak_plain_http(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(ARRIVED)
    hold(connection)


def require_client_certificate(version: ssl.TLSVersion, stage: str) -> Case:
    converse = client_certificate(version, ssl.CERT_REQUIRED)
    return Case(
        "TLS-27", f"required, {version.name}", scene_of(converse), "tls.alert", stage, plain=False
    )


def want_client_certificate(version: ssl.TLSVersion) -> Case:
    converse = client_certificate(version, ssl.CERT_OPTIONAL)
    return Case("TLS-27", f"wanted, {version.name}", scene_of(converse), "ok", plain=False)


def half(flight: bytes) -> int:
    return len(flight) // 2


def truncated(title: str, stage: str, before: bytes, keep: Callable[[bytes], int]) -> Case:
    return Case("TLS-31", title, scene_of(cut_in_a_record(before, keep)), "tls.truncated", stage)


def too_long_a_label(stack: contextlib.ExitStack) -> Scene:
    server = stack.enter_context(HostileServer(hold))
    return Scene(f"https://{'a' * 64}.example.com:{server.port}/", options(server), [server])


CASES = [
    raw("TLS-01", "plain HTTP", speak_plain_http, "tls.not_tls", check=says_plain_http),
    raw("TLS-01", "another banner", answer(b"220 mail ready\r\n"), "tls.not_tls"),
    raw("TLS-03", "silence", hold, "tls.timeout", limit="tls_s"),
    raw("TLS-03", "half a record", answer(record(b"x" * 100)[:50]), "tls.timeout", limit="tls_s"),
    raw("TLS-05", "alert 40", answer(ALERT_HANDSHAKE_FAILURE), "tls.alert", check=names_the_alert),
    raw(
        "TLS-05",
        "close_notify at once",
        answer(ALERT_CLOSE_NOTIFY),
        "tls.alert",
        check=names("close_notify (0)"),
    ),
    raw(
        "TLS-05",
        "a warning, then FIN",
        answer(ALERT_UNRECOGNIZED_NAME, end=finish),
        "tls.alert",
        check=names("unrecognized_name (112)"),
    ),
    raw(
        "TLS-07",
        "a record of 65,535 octets",
        answer(b"\x16\x03\x03\xff\xff"),
        "tls.record_overflow",
    ),
    certified("TLS-11", "10,000 names", certificates.ten_thousand_names, "tls.cert_too_large"),
    certified("TLS-13", "50 certificates", certificates.chain_of_fifty, "tls.chain_too_long"),
    certified("TLS-15", "not yet valid", certificates.not_yet_valid, "tls.cert_not_yet_valid"),
    certified("TLS-15", "expired", certificates.expired, "tls.cert_expired"),
    certified("TLS-17", "a root that nobody knows", certificates.untrusted_root, "tls.unknown_ca"),
    certified("TLS-17", "signs itself", certificates.self_signed, "tls.self_signed"),
    certified(
        "TLS-19",
        "missing intermediate",
        certificates.missing_intermediate,
        "tls.incomplete_chain",
        names_the_place_of_the_issuer,
    ),
    certified("TLS-19", "with the intermediate", certificates.whole_chain, "ok"),
    certified("TLS-21", "another name", certificates.wrong_host, "tls.hostname_mismatch"),
    certified("TLS-21", "no names at all", certificates.no_names, "tls.hostname_mismatch"),
    certified(
        "TLS-21", "only a common name", certificates.name_only_in_subject, "tls.hostname_mismatch"
    ),
    certified("TLS-21", "no subject", certificates.no_subject, "ok"),
    certified("TLS-23", "an extension that is no DER", certificates.unparsable, "ok"),
    raw(
        "TLS-25",
        "alert 70",
        answer(ALERT_PROTOCOL_VERSION),
        "tls.version",
        check=names_the_version,
    ),
    raw(
        "TLS-25",
        "a ServerHello of TLS 1.0",
        answer(server_hello(0x0301, bytes(range(32)), b"", b"")),
        "tls.version",
        check=names_the_version,
    ),
    Case("TLS-25", "TLS 1.1 at most", scene_of(old_versions), "tls.version", "tls", plain=False),
    want_client_certificate(ssl.TLSVersion.TLSv1_2),
    want_client_certificate(ssl.TLSVersion.TLSv1_3),
    require_client_certificate(ssl.TLSVersion.TLSv1_2, "tls"),
    require_client_certificate(ssl.TLSVersion.TLSv1_3, "waiting"),
    raw("TLS-29", "HelloRetryRequest twice", hello_retry_twice, "tls.protocol"),
    truncated("FIN inside a record", "response", UNTIL_CLOSE, half),
    truncated("FIN inside the first record", "waiting", b"", half),
    truncated("FIN after a record, without close_notify", "response", b"", len),
    raw("TLS-31", "FIN in the handshake", cut_hello, "tls.truncated"),
    raw("TLS-31", "FIN in place of a ServerHello", finish, "tcp.closed_early"),
    Case("TLS-33", "a label of 64 octets", too_long_a_label, "guard.bad_host", "target"),
]
