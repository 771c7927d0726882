"""Saved traces with something wrong in them: what a file from a stranger may hold."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path
from typing import Any, Final

from netcore.options import Options
from netcore.trace import AnyEvent, Called, PeerCalled, Trace, encode
from tests.web.recordings import exchange, refused

EXAMPLE: Final = Path(__file__).parents[2] / "docs" / "trace-example.jsonl"
STARTED: Final = "2026-01-02T03:04:05.000006+00:00"

VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    -1,
    0,
    1,
    7,
    2**31,
    2**53,
    2**53 + 1,
    -(2**63),
    10**30,
    1.5,
    1e300,
    "",
    "x",
    "tcp:1",
    "tcp:2",
    "udp:1",
    "tcp:1.sent",
    "tcp:1.received",
    "dns",
    "close",
    "no stage",
    "send",
    "recv",
    "connect",
    "getsockopt",
    "../../etc/passwd:1 main",
    "netcore/../app.py:1 main",
    "netcore/trace.py:999999 main",
    "<script>alert(1)</script>",
    "\u202e\u0000\r\n\x1b[31m",
    "a" * 20_000,
    "a" * 20_001,
    "h1.bad_header",
    "TLS_AES_128_GCM_SHA256",
    "AAAA",
    "not base64!",
    [],
    ["127.0.0.1:443"],
    [[[]]],
    list(range(1_001)),
    ["netcore/wire.py:10 send"] * 50,
    {},
)


def saved(events: list[AnyEvent]) -> bytes:
    """A trace of these events as a file."""
    return encode(Trace("http://plain.example/", STARTED, Options(), events))


def noted() -> list[AnyEvent]:
    """An exchange whose other ends noted their calls, and a datagram that they lost."""
    *events, last = exchange()
    there = [
        PeerCalled(
            max(0, event.time_ns - 500),
            event.channel,
            "recv" if event.call == "send" else "send",
            event.offset,
            event.length,
            200,
        )
        for event in events
        if isinstance(event, Called) and event.length > 0
    ]
    at = next(told for told in reversed(there) if told.call == "send")
    lost = PeerCalled(at.time_ns, at.channel, "send", at.offset + at.length, 9, lost=True)
    return [*events, *there, lost, last]


def originals() -> list[bytes]:
    """Files that a recorder could have written: over plain HTTP, a failure, over TLS, measured."""
    return [saved(exchange()), saved(refused()), EXAMPLE.read_bytes(), saved(noted())]


def mutate(original: bytes, chance: random.Random) -> bytes:
    """One to four changes to a file. Most of them leave every line as an event."""
    lines = [json.loads(line) for line in original.splitlines()]
    for _ in range(chance.randint(1, 4)):
        chance.choice((_change, _change, _change, _octets, _drop, _move, _repeat))(lines, chance)
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def _change(lines: list[dict[str, Any]], chance: random.Random) -> None:
    """Another value for a field; in the first line also for an option or a limit."""
    into = chance.choice(lines)
    while True:
        name = chance.choice([*into, "hop", "calls", "errno", "offset"])
        if isinstance(into.get(name), dict) and into[name] and chance.random() < 0.9:
            into = into[name]
            continue
        into[name] = chance.choice(VALUES)
        return


def _octets(lines: list[dict[str, Any]], chance: random.Random) -> None:
    """Other octets, as many as before: what the wire said."""
    holders = [line for line in lines if isinstance(line.get("data"), str)]
    if not holders:
        return
    line = chance.choice(holders)
    try:
        octets = bytearray(base64.b64decode(line["data"]))
    except ValueError:
        return
    for _ in range(min(len(octets), chance.randint(1, 8))):
        octets[chance.randrange(len(octets))] = chance.randrange(256)
    line["data"] = base64.b64encode(octets).decode()


def _drop(lines: list[dict[str, Any]], chance: random.Random) -> None:
    if len(lines) > 1:
        del lines[chance.randrange(len(lines))]


def _move(lines: list[dict[str, Any]], chance: random.Random) -> None:
    lines.insert(chance.randint(1, len(lines)), lines.pop(chance.randrange(len(lines))))


def _repeat(lines: list[dict[str, Any]], chance: random.Random) -> None:
    line = chance.choice(lines)
    lines[len(lines) - 1 : len(lines) - 1] = [dict(line) for _ in range(chance.choice((1, 2, 40)))]
