"""tshark makes a JA3 of its own from the hello that we sent."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from lab import Lab
from netcore import Options, fetch
from netcore.exports.pcapng import pcapng
from netcore.handshake.conversations import CLIENT_HELLO, conversations
from netcore.handshake.fingerprints import ja3
from netcore.options import Lab as LabOptions
from netcore.pdus import explain
from tests.peers.process import program

pytestmark = [pytest.mark.peer, pytest.mark.wire]

READ_S = 30


@pytest.mark.parametrize("name", ["tls13", "tls12"])
@pytest.mark.parametrize("lowest", ["1.0", "1.3"])
def test_ours_is_the_ja3_of_tshark(lab: Lab, tmp_path: Path, name: str, lowest: str) -> None:
    target = next(each for each in lab.targets if each.name == name)
    options = Options(
        tls_min=lowest,
        cacert=str(lab.cacert),
        lab=LabOptions(dns_server=lab.dns_server, endpoints=tuple(lab.endpoints)),
    )
    trace = fetch(target.url, options)
    (conversation,) = conversations(explain(trace.events))
    hello = next(conversation.messages(CLIENT_HELLO)).pdu.fields()
    file = tmp_path / "exported.pcapng"
    file.write_bytes(b"".join(pcapng(trace)))
    fields = [part for each in ("ja3", "ja3_full") for part in ("-e", f"tls.handshake.{each}")]
    command = [program("tshark", "tshark"), "-n", "-r", str(file), "-Y", "tls.handshake.type==1"]
    done = subprocess.run(
        [*command, "-o", "tcp.try_heuristic_first:TRUE", "-T", "fields", *fields],
        capture_output=True,
        text=True,
        check=True,
        timeout=READ_S,
        env=os.environ | {"WIRESHARK_CONFIG_DIR": str(tmp_path)},
    )
    ours = ja3(hello)
    assert done.stdout.split() == [ours.value, ours.text]
