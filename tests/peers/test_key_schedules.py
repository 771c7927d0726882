"""OpenSSL's server in each cipher suite of TLS 1.3: the keys told, and their program run."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from netcore.handshake.conversations import conversations
from netcore.handshake.key_schedule import key_schedule
from netcore.handshake.script import script
from netcore.pdus import explain
from tests.peers.bench import Bench
from tests.peers.servers import HOST, PLAIN, s_server

pytestmark = [pytest.mark.peer, pytest.mark.wire]

RUN_S = 20
SUITES = {
    "TLS_AES_128_GCM_SHA256": "AESGCM",
    "TLS_AES_256_GCM_SHA384": "AESGCM",
    "TLS_CHACHA20_POLY1305_SHA256": "ChaCha20Poly1305",
}


@pytest.mark.parametrize("suite", SUITES)
def test_the_program_opens_what_the_server_sent(
    bench: Bench, tmp_path: Path, chain: Path, suite: str
) -> None:
    (tmp_path / "file.txt").write_bytes(PLAIN)
    with s_server(tmp_path, chain, "-tls1_3", "-WWW", "-ciphersuites", suite) as port:
        trace = bench.fetch(f"https://{HOST}:{port}/file.txt", port)
    explanation = explain(trace.events)
    (conversation,) = conversations(explanation)
    assert conversation.hellos.cipher_suite == suite
    schedule = key_schedule(conversation, explanation)
    compared = {step.name: step.equal for step in schedule.steps if step.equal is not None}
    assert compared == dict.fromkeys(
        ("server_verify_data", "client_verify_data", "plaintext"), True
    )
    file = tmp_path / "keys.py"
    file.write_text(script(schedule))
    assert SUITES[suite] in file.read_text()
    command = [sys.executable, "-I", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=RUN_S)
    assert ast.literal_eval(done.stdout).startswith(b"HTTP/1.0 200 ok\r\n")
