"""Captures of others: what is imported is what tshark reads in the same file."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from netcore.exports.har import har
from netcore.field import NOT_EXPLAINED, find
from netcore.imports.capture import trace_of_capture
from netcore.pdus import Explanation, explain
from netcore.trace import Completed, Trace, encode
from tests.peers import shark
from tests.peers.shark import Reading
from web.admission import admit

pytestmark = pytest.mark.peer

CAPTURES: Final = Path(__file__).resolve().parents[1] / "netcore" / "imports" / "captures"
FILES: Final = sorted(path.name for path in CAPTURES.glob("*.pcap*"))
ORDERED: Final = ("-o", shark.IN_ANY_ORDER[0])
ADDRESSES: Final = {
    "cut-at-400.pcap": "http://www.example.test:18080/long",
    "disordered.pcap": "http://www.example.test:18080/long",
    "h2-ipv6.pcapng": "https://www.example.test:18443/long",
    "plain-raw.pcap": "http://www.example.test:18080/long",
    "quic.pcapng": "https://h3.lab.test",
    "tls12-ethernet.pcap": "https://www.example.test:18443/page",
    "tls13-cooked.pcapng": "https://www.example.test:18443/long",
    "two-connections.pcap": "http://www.example.test:18080/long",
    "websocket.pcap": "ws://ws-echo.lab.test",
}
LONG: Final = hashlib.sha256(
    "".join(
        f"Line {number} of a longer text, so that it takes several segments.\n"
        for number in range(1, 121)
    ).encode()
).hexdigest()
WHOLE: Final = ("disordered.pcap", "h2-ipv6.pcapng", "plain-raw.pcap", "tls13-cooked.pcapng")


def test_every_capture_is_held_to_tshark() -> None:
    assert sorted(ADDRESSES) == FILES


@pytest.mark.parametrize("name", FILES)
def test_what_is_imported_is_what_tshark_reads(name: str, tmp_path: Path) -> None:
    file = CAPTURES / name
    beside = file.with_suffix(".keys")
    keys = beside.read_bytes() if beside.exists() else b""
    trace = trace_of_capture(file.read_bytes(), keys)
    theirs = shark.read(file, tmp_path, captured=True, key_log=keys.decode(), options=ORDERED)
    ours = explain(trace.events)
    assert (theirs.errors, theirs.sealed) == ([], [])
    fields = [each for pdu in ours.pdus for each in pdu.fields().walk()]
    assert [each.error for each in fields if each.error] == []
    assert NOT_EXPLAINED not in {each.name for each in fields}
    assert trace.url.startswith(ADDRESSES[name])
    assert isinstance(trace.outcome, Completed)
    _same_messages(trace, ours, theirs)
    if name in WHOLE:
        assert _bodies(trace)[0] == LONG
    assert admit(encode(trace)) == trace


def _same_messages(trace: Trace, ours: Explanation, theirs: Reading) -> None:
    """As many messages of each kind, with the same numbers and contents."""
    heads = [pdu for pdu in ours.pdus if pdu.name == "http1_response_head"]
    codes = [line.value for pdu in heads if (line := find(pdu.fields(), "status_code"))]
    assert len(theirs.responses) == _answers(ours)
    assert [str(code) for code in codes] == [e[0] for e in theirs.responses if e[0].isdigit()]
    dns = [pdu for pdu in ours.pdus if pdu.name == "dns_message"]
    numbers = [find(pdu.fields(), "id") for pdu in dns]
    assert Counter(f"0x{each.value:04x}" for each in numbers if each) == Counter(
        each[0] for each in theirs.dns
    )
    if theirs.bodies:
        assert set(_bodies(trace)) <= set(theirs.bodies)
    frames = [pdu.name for pdu in ours.pdus if pdu.name.startswith("http3_")]
    assert frames.count("http3_headers") == theirs.frames.count("1")
    assert frames.count("http3_data") == theirs.frames.count("0")
    assert frames.count("http3_settings") == theirs.frames.count("4")


def _answers(ours: Explanation) -> int:
    names = [pdu for pdu in ours.pdus if pdu.name == "http2_field_section"]
    of_streams = sum(pdu.origin[0].channel.partition("/")[0].endswith("received") for pdu in names)
    return of_streams + sum(pdu.name == "http1_response_head" for pdu in ours.pdus)


def _bodies(trace: Trace) -> list[str]:
    """SHA-256 of each, as the archive of the trace has it."""
    entries: list[dict[str, Any]] = msgspec.json.decode(har(trace))["log"]["entries"]
    return [_hash(entry["response"]["content"]) for entry in entries]


def _hash(content: dict[str, str]) -> str:
    text = content.get("text", "").encode()
    octets = base64.b64decode(text) if content.get("encoding") == "base64" else text
    return hashlib.sha256(octets).hexdigest()
