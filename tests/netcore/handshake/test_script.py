"""The program is run, by itself, and does what it says."""

from __future__ import annotations

import ast
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from netcore.handshake.key_schedule import key_schedule
from netcore.handshake.script import lines_of, script
from netcore.handshake.steps import Known
from netcore.trace import AnyEvent
from tests.netcore.decrypt import rfc8448
from tests.netcore.handshake import rfc8448_resumed, rfc8448_retry, traces
from tests.netcore.handshake.test_key_schedule import TRACES
from tests.netcore.tls_conversation import (
    NO_ENCRYPT_THEN_MAC,
    TLS10,
    TLS12,
    TLS13,
    contexts,
    converse,
)

RUN_S = 20
CONNECTIONS = [
    (TLS13, "ALL", 0),
    (TLS12, "ECDHE-RSA-AES128-GCM-SHA256", 0),
    (TLS12, "ECDHE-RSA-CHACHA20-POLY1305", 0),
    (TLS12, "AES256-CCM8", 0),
    (TLS12, "ECDHE-RSA-AES256-SHA384", 0),
    (TLS12, "AES128-SHA", NO_ENCRYPT_THEN_MAC),
    (TLS10, "AES128-SHA", 0),
    (TLS10, "AES256-SHA", NO_ENCRYPT_THEN_MAC),
]


def run(text: str, directory: Path) -> subprocess.CompletedProcess[str]:
    """What the program says, in a process of its own that imports nothing of ours."""
    file = directory / "keys.py"
    file.write_text(text)
    return subprocess.run(
        [sys.executable, "-I", "-W", "error", str(file)],
        capture_output=True,
        text=True,
        timeout=RUN_S,
        cwd=directory,
        check=False,
    )


def program(events: list[AnyEvent], known: Known | None = None) -> str:
    return script(key_schedule(*traces.told(events), known), "A sentence.")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("events", "begins"),
    [
        (traces.simple(), rfc8448.CONTENT),
        (rfc8448_resumed.events(), rfc8448.CONTENT),
        (rfc8448_retry.events(), b"\x08\0\0\x18"),  # nothing but a handshake: EncryptedExtensions
    ],
    ids=["simple", "resumed", "retry"],
)
def test_the_program_of_a_trace_of_rfc_8448_opens_its_record(
    events: list[AnyEvent], begins: bytes, tmp_path: Path
) -> None:
    done = run(program(events), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert ast.literal_eval(done.stdout).startswith(begins)


@pytest.mark.slow
@pytest.mark.parametrize("name", TRACES)
def test_with_the_shared_secret_it_computes_what_the_key_log_has(name: str, tmp_path: Path) -> None:
    events, _, known = TRACES[name]
    text = program(events, known)
    assert "in the key log'" in text
    done = run(text, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize(("version", "ciphers", "options"), CONNECTIONS)
def test_the_program_of_a_real_connection_prints_the_response(
    version: ssl.TLSVersion, ciphers: str, options: int, tmp_path: Path
) -> None:
    done = run(program(converse(*contexts(version, ciphers, options)).events), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert ast.literal_eval(done.stdout).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.slow
def test_a_changed_secret_is_found_out_by_an_assertion(tmp_path: Path) -> None:
    text = program(traces.simple())
    secret = rfc8448.SECRETS["SERVER_HANDSHAKE_TRAFFIC_SECRET"]
    done = run(text.replace(secret, "00" + secret[2:]), tmp_path)
    assert done.returncode == 1
    assert "AssertionError: not as it was received" in done.stderr


@pytest.mark.slow
def test_without_secrets_there_is_a_program_that_opens_nothing(tmp_path: Path) -> None:
    done = run(program(traces.simple(*rfc8448.SECRETS)), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "No record was opened.\n"


def test_only_the_last_steps_need_a_library() -> None:
    text = program(traces.simple())
    before, _, after = text.partition("# A record, opened")
    assert "cryptography" not in before.partition('"""\n\nimport')[2]
    assert after.count("import") == 1
    imported = {
        name.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert imported == {"hashlib", "hmac", "AESGCM"}


def test_what_is_not_known_is_a_comment_with_its_reason() -> None:
    steps = {step.name: step for step in key_schedule(*traces.told(traces.simple())).steps}
    assert lines_of(steps["shared_secret"]) == (
        "# shared_secret: not known, OpenSSL keeps it, and a key log has no line for it."
    )
    assert lines_of(steps["nonce"]) == "nonce = xor(server_application_write_iv, 1)"
    assert lines_of(steps["server_handshake_traffic_secret"]).startswith(
        "# from the key log: SERVER_HANDSHAKE_TRAFFIC_SECRET\n"
    )


def test_every_line_of_every_step_is_in_the_program() -> None:
    schedule = key_schedule(*traces.told(rfc8448_resumed.events()))
    text = script(schedule)
    assert [step.name for step in schedule.steps if lines_of(step) not in text] == []
