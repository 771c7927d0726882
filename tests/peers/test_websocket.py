"""WebSocket with `websockets`, which we did not write: beside a capture, and beside tshark."""

from __future__ import annotations

import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.server import Server, ServerConnection, serve

from netcore import Trace, explain
from netcore.exports.pcapng import pcapng
from netcore.field import NOT_EXPLAINED
from netcore.framing.websocket import Frame
from netcore.options import Limits
from netcore.pdus import Explanation
from tests.netcore.exports.archive import entry_of
from tests.netcore.test_pdus import assert_grounded, assert_partition
from tests.peers.bench import Bench, content
from tests.peers.process import program
from tests.peers.servers import HOST
from tests.peers.shark import PREFERENCES, READ_S

pytestmark = [pytest.mark.peer, pytest.mark.wire]
LIMITS = Limits(quiet_s=0.3)
LONG = "The same words again and again. " * 40
SAID = ("Hello", "ünïcode", "x" * 126, LONG, LONG, "")
ASKED = (
    *("fin", "rsv", "opcode", "mask", "payload_length", "payload_length_ext_16"),
    *("payload_length_ext_64", "masking_key"),
)


def echo(connection: ServerConnection) -> None:
    """Send back what comes; what begins with / is done."""
    for message in connection:
        if message == "/fragments":
            connection.send(["one ", "two ", "three"])
        elif message == "/ping":
            connection.ping(b"are you there?")
            connection.send("pinged")
        elif message == "/binary":
            connection.send(bytes(range(256)))
        elif message == "/large":
            connection.send(bytes(range(256)) * 300)
        elif message == "/bye":
            connection.close(4000, "as you wish")
        else:
            connection.send(message)


@contextmanager
def serving(**more: Any) -> Iterator[int]:
    """The port of a server."""
    server: Server = serve(echo, "127.0.0.1", 0, close_timeout=2, **more)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.socket.getsockname()[1]
    finally:
        server.shutdown()
        thread.join(5)


@pytest.fixture(scope="module", params=["deflate", None], ids=["deflated", "plain"])
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    with serving(compression=request.param) as found:
        yield found


def talk(bench: Bench, url: str, port: int, *messages: str) -> Trace:
    """Speak beside a capture; all of it is explained."""
    trace = bench.fetch(url, port, messages=messages, limits=LIMITS)
    assert content(trace).status_code == 101
    explanation = explain(trace.events)
    assert_partition(explanation)
    assert_grounded(explanation)
    for pdu in explanation.pdus:
        fields = list(explanation.tree(pdu).walk())
        assert not pdu.error
        assert [field.error for field in fields if field.error] == []
        assert NOT_EXPLAINED not in {field.name for field in fields}
    return trace


def heard(explanation: Explanation) -> list[str | bytes]:
    (connection,) = explanation.websocket.values()
    return [
        m.data.decode() if m.opcode == 1 else m.data
        for m in connection.messages
        if m.direction == "received"
    ]


def test_what_is_said_comes_back(bench: Bench, port: int) -> None:
    trace = talk(bench, f"ws://{HOST}:{port}/", port, *SAID)
    assert heard(explain(trace.events)) == list(SAID)
    messages = entry_of(trace)["_webSocketMessages"]
    assert [m["data"] for m in messages if m["type"] == "send"] == list(SAID)
    assert [m["data"] for m in messages if m["type"] == "receive"] == list(SAID)


def test_fragments_pings_and_octets(bench: Bench, port: int) -> None:
    asked = ("/fragments", "/ping", "/binary", "/large", "/bye")
    explanation = explain(talk(bench, f"ws://{HOST}:{port}/", port, *asked).events)
    octets = bytes(range(256))
    assert heard(explanation) == ["one two three", "pinged", octets, octets * 300]
    (connection,) = explanation.websocket.values()
    closes = [one.data for one in connection.frames if one.header.opcode == 8]
    assert (4000).to_bytes(2, "big") + b"as you wish" in closes


def test_inside_tls(bench: Bench, chain: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with serving(ssl=context) as port:
        trace = talk(bench, f"wss://{HOST}:{port}/", port, *SAID)
    assert heard(explain(trace.events)) == list(SAID)


def shown(trace: Trace, directory: Path) -> list[dict[str, str]]:
    """What tshark, given the exported file alone, says of each frame."""
    file = directory / "alone.pcapng"
    file.write_bytes(b"".join(pcapng(trace)))
    command = [
        program("tshark", "tshark"),
        "-n",
        "-r",
        str(file),
        "-T",
        "fields",
        "-E",
        "occurrence=a",
    ]
    command += ["-E", "aggregator=,", "-Y", "websocket"]
    for each in PREFERENCES:
        command += ["-o", each]
    for name in ("tcp.dstport", *(f"websocket.{field}" for field in ASKED)):
        command += ["-e", name]
    calm = os.environ | {"WIRESHARK_CONFIG_DIR": str(directory)}
    done = subprocess.run(
        command, capture_output=True, check=True, timeout=READ_S, env=calm, text=True
    )
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return [row for columns in rows for row in _frames(columns)]


def _frames(columns: list[str]) -> list[dict[str, str]]:
    """The frames of one packet: a value each in every column, but for those that not all have."""
    values = dict(zip(ASKED, (column.split(",") for column in columns[1:]), strict=True))
    found: list[dict[str, str]] = []
    for at in range(len(values["opcode"])):
        row = {
            name: values[name][at] for name in ("fin", "rsv", "opcode", "mask", "payload_length")
        }
        long = {"126": "payload_length_ext_16", "127": "payload_length_ext_64"}
        if row["payload_length"] in long:
            row["payload_length"] = values[long[row["payload_length"]]].pop(0)
        if row["mask"] in ("1", "True"):
            row["masking_key"] = values["masking_key"].pop(0)
        found.append(row | {"port": columns[0]})
    return found


def as_shown(one: Frame) -> tuple[object, ...]:
    header = one.header
    key = header.masking_key.hex()
    return (header.fin, header.reserved, header.opcode, header.masked, header.length, key)


def read(row: dict[str, str]) -> tuple[object, ...]:
    flags = [row[name] in ("1", "True") for name in ("fin", "mask")]
    reserved, opcode = int(row["rsv"], 0), int(row["opcode"], 0)
    key = row.get("masking_key", "").removeprefix("0x")
    return (flags[0], reserved, opcode, flags[1], int(row["payload_length"]), key)


def test_tshark_reads_the_same_frames(bench: Bench, port: int, tmp_path: Path) -> None:
    asked = (*SAID, "/fragments", "/large", "/ping")
    trace = talk(bench, f"ws://{HOST}:{port}/", port, *asked)
    (connection,) = explain(trace.events).websocket.values()
    rows = shown(trace, tmp_path)
    for direction in ("sent", "received"):
        there = [row for row in rows if (row["port"] == str(port)) is (direction == "sent")]
        ours = [as_shown(one) for one in connection.frames if one.direction == direction]
        assert [read(row) for row in there] == ours
