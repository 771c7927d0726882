"""TLS conversations by the ssl module, recorded as the client records: octets and key log lines."""

from __future__ import annotations

import datetime
import os
import socket
import ssl
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from netcore.channels import Channel
from netcore.pdu import Pdu
from netcore.pdus import Explanation, explain
from netcore.titles import title_of
from netcore.trace import AnyEvent, Called, SecretLogged, StageStarted

REQUEST = b"GET /a HTTP/1.1\r\nHost: lab.test\r\n\r\n"
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n" + b"0123456789" * 2_000
NO_ENCRYPT_THEN_MAC = 0x80000  # SSL_OP_NO_ENCRYPT_THEN_MAC has no name in Python
TLS10, TLS11 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
_WAIT_S = 10


@cache
def rsa_identity() -> bytes:
    """A key and a certificate that it signed itself, in one PEM."""
    key = rsa.generate_private_key(65_537, 2_048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "decrypt.test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(1))
        .not_valid_after(now + datetime.timedelta(1))
        .sign(key, hashes.SHA256())
    )
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    private = key.private_bytes(encoding, form, serialization.NoEncryption())
    return private + certificate.public_bytes(encoding)


def contexts(
    version: ssl.TLSVersion, ciphers: str = "ALL", options: int = 0
) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A client's and a server's context that agree on one version and one cipher suite."""
    client, server = client_context(version, ciphers, options), _context(version, ciphers, False)
    with TemporaryDirectory() as directory:
        path = Path(directory, "identity.pem")
        path.write_bytes(rsa_identity())
        server.load_cert_chain(path)
    return client, server


def client_context(
    version: ssl.TLSVersion, ciphers: str = "ALL", options: int = 0
) -> ssl.SSLContext:
    """A client that verifies nothing."""
    context = _context(version, ciphers, True)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.options |= options
    return context


def _context(version: ssl.TLSVersion, ciphers: str, is_client: bool) -> ssl.SSLContext:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of TLS 1.0 and 1.1
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT if is_client else ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
    return context


@dataclass
class Recording:
    """What a client sent and received, and the secrets of its connection."""

    events: list[AnyEvent] = field(default_factory=lambda: [StageStarted(0, "tls")])
    lengths: dict[str, int] = field(default_factory=dict)
    read: bytes = b""  # the plaintext that the ssl module gave out

    def moved(self, call: str, data: bytes) -> None:
        direction = "sent" if call == "send" else "received"
        offset = self.lengths.get(direction, 0)
        self.lengths[direction] = offset + len(data)
        channel = f"tcp:1.{direction}"
        event = Called(
            len(self.events),
            "tcp:1",
            call,
            channel=channel,
            offset=offset,
            length=len(data),
            data=data,
        )
        self.events.append(event)

    def secrets(self, lines: Sequence[str]) -> None:
        now = len(self.events)
        self.events += [SecretLogged(now, line) for line in lines if line[:1] != "#"]

    def explained(self) -> Explanation:
        return explain(self.events)

    def without(self, label: str) -> Recording:
        """The same without the secrets of that label."""
        kept = [event for event in self.events if not _is_secret(event, label)]
        return Recording(kept, self.lengths, self.read)

    def labels(self) -> set[str]:
        return {e.line.partition(" ")[0] for e in self.events if isinstance(e, SecretLogged)}


def _is_secret(event: AnyEvent, label: str) -> bool:
    return isinstance(event, SecretLogged) and event.line.startswith(f"{label} ")


class Client:
    """A TLS client in memory that is recorded; `exchange` carries octets to the server and back."""

    def __init__(
        self,
        context: ssl.SSLContext,
        exchange: Callable[[bytes], bytes],
        session: ssl.SSLSession | None = None,
    ) -> None:
        self.recording = Recording()
        self._log = os.memfd_create("keys")
        context.keylog_filename = f"/proc/self/fd/{self._log}"
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname="lab.test", session=session
        )
        self._exchange = exchange

    def flush(self) -> None:
        """Send what is to be sent and take what has come."""
        data = self._outgoing.read()
        if data:
            self.recording.moved("send", data)
        answer = self._exchange(data)
        if answer:
            self.recording.moved("recv", answer)
            self._incoming.write(answer)

    def wait_for_more(self) -> None:
        """Until something has come that is not plaintext."""
        before = self.recording.lengths["received"]
        for _ in range(200):
            self.flush()
            if self.recording.lengths["received"] > before:
                return

    def step(self, act: Callable[[], object]) -> object:
        """One step as often as it wants to read more; None once nothing more comes of it."""
        for _ in range(200):
            try:
                result = act()
            except ssl.SSLWantReadError:
                result = None
            except ssl.SSLError:
                self.flush()
                return None
            self.flush()
            if result is not None or (act == self._object.do_handshake and self._object.version()):
                return result
        return None

    def handshake(self) -> None:
        self.step(self._object.do_handshake)

    def say(self, data: bytes) -> None:
        self._object.write(data)
        self.flush()

    def hear(self, count: int) -> bytes:
        """So many octets of plaintext, fewer at the end."""
        while len(self.recording.read) < count:
            data = self.step(lambda: self._object.read(16_384))
            if not data:
                break
            assert isinstance(data, bytes)
            self.recording.read += data
        return self.recording.read

    def close(self) -> Recording:
        """Say goodbye; the recording with its secrets."""
        self.step(self._object.unwrap)
        self.recording.secrets(os.pread(self._log, 1 << 16, 0).decode("ascii").splitlines())
        os.close(self._log)
        return self.recording


def converse(
    client: ssl.SSLContext,
    server: ssl.SSLContext,
    response: bytes = RESPONSE,
    session: ssl.SSLSession | None = None,
) -> Recording:
    """A request and its response, both sides in memory; `session` is one to be resumed."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    remote = server.wrap_bio(incoming, outgoing, server_side=True)
    heard = bytearray()

    def serve(data: bytes) -> bytes:
        incoming.write(data)
        try:
            remote.do_handshake()
            heard.extend(remote.read(16_384))
            if heard.endswith(b"\r\n\r\n"):
                remote.write(response)
                heard.clear()
            remote.unwrap()
        except (ssl.SSLError, OSError):
            pass
        return outgoing.read()

    local = Client(client, serve, session)
    local.handshake()
    try:
        local.say(REQUEST)
        local.hear(len(response))
    except ssl.SSLError:
        pass  # the handshake failed, as some tests want it
    return local.close()


def connected(context: ssl.SSLContext, port: int) -> tuple[Client, socket.socket]:
    """A client of a server on loopback; a flush waits for an answer only while one may come."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=_WAIT_S)
    connection.settimeout(0.05)

    def exchange(data: bytes) -> bytes:
        try:
            connection.sendall(data)
            return connection.recv(65_536)
        except (TimeoutError, ConnectionError):
            return b""

    return Client(context, exchange), connection


def plaintext(explanation: Explanation, direction: str) -> bytes:
    """The application data of the first connection."""
    channel: Channel | None = explanation.channels.get(f"tls:1.{direction}")
    return channel.octets if channel else b""


def records(explanation: Explanation) -> list[Pdu]:
    """The protected records, in order."""
    return [pdu for pdu in explanation.pdus if pdu.protocol == "tls_ciphertext"]


def titles(explanation: Explanation, name: str) -> list[str]:
    """What the units of a family are called."""
    return [title_of(pdu) for pdu in explanation.pdus if pdu.name == name]
