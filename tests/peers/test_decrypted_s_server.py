"""What OpenSSL's s_server said is what is decrypted of the recording, in each kind of cipher."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from netcore.titles import title_of
from tests.netcore.decrypt.test_exchanges import assert_sound
from tests.netcore.tls_conversation import (
    NO_ENCRYPT_THEN_MAC,
    TLS10,
    TLS11,
    TLS12,
    TLS13,
    Client,
    client_context,
    connected,
    plaintext,
    records,
    rsa_identity,
    titles,
)
from tests.peers.process import program, wait_for_line
from tests.peers.servers import PLAIN, s_server, write_responses

pytestmark = [pytest.mark.peer, pytest.mark.wire]

REQUEST = b"GET /plain HTTP/1.0\r\n\r\n"
ANY = ("-cipher", "ALL:@SECLEVEL=0")
CASES = {
    "1.3 AES-128-GCM": (TLS13, 0, ("-ciphersuites", "TLS_AES_128_GCM_SHA256")),
    "1.3 AES-256-GCM": (TLS13, 0, ("-ciphersuites", "TLS_AES_256_GCM_SHA384")),
    "1.3 ChaCha20": (TLS13, 0, ("-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256")),
    "1.3 padded": (TLS13, 0, ("-record_padding", "512")),
    "1.3 small records": (TLS13, 0, ("-max_send_frag", "512")),
    "1.3 other group": (TLS13, 0, ("-groups", "P-384")),
    "1.2 AES-128-GCM": (TLS12, 0, ("-cipher", "ECDHE-RSA-AES128-GCM-SHA256")),
    "1.2 AES-256-GCM": (TLS12, 0, ("-cipher", "AES256-GCM-SHA384")),
    "1.2 ChaCha20": (TLS12, 0, ("-cipher", "ECDHE-RSA-CHACHA20-POLY1305")),
    "1.2 DHE": (TLS12, 0, ("-cipher", "DHE-RSA-AES256-GCM-SHA384")),
    "1.2 CBC SHA-1": (TLS12, 0, ("-cipher", "AES128-SHA")),
    "1.2 CBC SHA-256": (TLS12, 0, ("-cipher", "ECDHE-RSA-AES128-SHA256")),
    "1.2 CBC SHA-384": (TLS12, 0, ("-cipher", "ECDHE-RSA-AES256-SHA384")),
    "1.2 CBC SHA-1 MAC first": (TLS12, NO_ENCRYPT_THEN_MAC, ("-cipher", "AES128-SHA")),
    "1.2 CBC SHA-384 MAC first": (
        TLS12,
        NO_ENCRYPT_THEN_MAC,
        ("-cipher", "ECDHE-RSA-AES256-SHA384"),
    ),
    "1.1": (TLS11, 0, ANY),
    "1.1 MAC first": (TLS11, NO_ENCRYPT_THEN_MAC, ANY),
    "1.0": (TLS10, 0, ANY),
    "1.0 MAC first": (TLS10, NO_ENCRYPT_THEN_MAC, ANY),
    "1.0 RSA": (TLS10, 0, ("-cipher", "AES256-SHA:@SECLEVEL=0")),
}


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    path = tmp_path / "identity.pem"
    path.write_bytes(rsa_identity())
    return path


@pytest.mark.parametrize("name", list(CASES))
def test_a_file_of_s_server_is_decrypted(name: str, tmp_path: Path, chain: Path) -> None:
    version, client_options, options = CASES[name]
    write_responses(tmp_path)
    with s_server(tmp_path, chain, "-HTTP", *options) as port:
        client, connection = connected(client_context(version, options=client_options), port)
        with connection:
            client.handshake()
            client.say(REQUEST)
            heard = client.hear(1 << 20)
            explanation = client.close().explained()
    assert heard.endswith(PLAIN)
    assert plaintext(explanation, "received") == heard
    assert plaintext(explanation, "sent") == REQUEST
    assert {record.error for record in records(explanation)} == {""}
    assert titles(explanation, "http1_request_head") == ["GET /plain"]
    assert titles(explanation, "http1_response_head") == ["200 OK"]
    messages = titles(explanation, "tls_handshake")
    assert messages.count("Finished") == 2
    assert messages.count("HelloRetryRequest") == (name == "1.3 other group")
    zeros = [f for p in explanation.pdus for f in p.fields().walk() if f.name == "zeros"]
    assert bool(zeros) == (name == "1.3 padded")
    assert_sound(explanation)


@contextmanager
def talking(directory: Path, chain: Path) -> Iterator[tuple[Client, subprocess.Popen[bytes]]]:
    """A client of an s_server that sends what it is told, and takes commands."""
    command = [program("openssl", "openssl"), "s_server", "-accept", "127.0.0.1:0", "-tls1_3"]
    command += ["-cert", str(chain), "-key", str(chain)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=directory, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT
    ) as process:
        try:
            port = int(wait_for_line(process, "ACCEPT ").rpartition(":")[2])
            client, connection = connected(client_context(TLS13), port)
            with connection:
                client.handshake()
                yield client, process
        finally:
            process.kill()


def tell(process: subprocess.Popen[bytes], line: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(line)
    process.stdin.flush()


@pytest.mark.parametrize("command", [b"k\n", b"K\n"], ids=["one side", "both sides"])
def test_keys_that_are_updated_are_followed(command: bytes, tmp_path: Path, chain: Path) -> None:
    response = b"HTTP/1.1 200 OK\n\n"
    with talking(tmp_path, chain) as (client, process):
        client.say(REQUEST)
        tell(process, response)
        client.hear(len(response))
        for number in range(3):
            tell(process, command)
            client.wait_for_more()
            tell(process, b"part %d\n" % number)
            client.hear(len(client.recording.read) + 7)
            client.say(b"more %d" % number)
        recording = client.close()
    explanation = recording.explained()
    assert recording.read == response + b"part 0\npart 1\npart 2\n"
    assert plaintext(explanation, "received") == recording.read
    assert plaintext(explanation, "sent") == REQUEST + b"more 0more 1more 2"
    updates = titles(explanation, "tls_handshake").count("KeyUpdate")
    assert updates == (3 if command == b"k\n" else 6)
    assert_sound(explanation)


def test_an_alert_that_s_server_sends_is_read(tmp_path: Path, chain: Path) -> None:
    with s_server(tmp_path, chain, "-HTTP", "-tls1_3", "-Verify", "1") as port:
        client, connection = connected(client_context(TLS13), port)
        with connection:
            client.handshake()
            client.say(REQUEST)
            assert client.hear(1) == b""
            explanation = client.close().explained()
    alerts = [pdu for pdu in explanation.pdus if pdu.protocol == "tls_alert"]
    received = [title_of(pdu) for pdu in alerts if pdu.origin[0].channel == "tls:1/alert.received"]
    assert received == ["alert certificate_required"]
    assert_sound(explanation)


def test_the_versions_here_are_those_that_python_can_speak() -> None:
    assert {case[0] for case in CASES.values()} == set(ssl.TLSVersion) - {
        ssl.TLSVersion.MINIMUM_SUPPORTED,
        ssl.TLSVersion.MAXIMUM_SUPPORTED,
        ssl.TLSVersion.SSLv3,
    }
