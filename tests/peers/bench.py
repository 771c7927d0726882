"""A fetch from a peer while tcpdump listens, and what has to be equal afterwards.

The trace and the capture hold the same octets. What tshark reads in the exported file, alone, is
what it reads in the capture with the key log beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dns.message
import dns.rdatatype

from lab import Authority
from netcore import Options, Trace, fetch
from netcore.exports.pcapng import pcapng
from netcore.options import Lab
from netcore.trace import Called, Completed, Failed, SecretLogged
from tests.peers import shark
from tests.peers.capture import BUFFER_KIB, ROOMY_KIB, UDP, Capture, capturing
from tests.peers.explained import assert_explained

GOODBYE_OCTETS = 100  # GOAWAY, a few acknowledgments, close_notify


class Bench:
    """Fetches, and compares: octets with the capture, readings of tshark; and names every octet."""

    def __init__(self, authority: Authority, resolver: int, directory: Path, how: str = "") -> None:
        """In: the resolver's port, and how it is asked if not over UDP: "tls"."""
        self._authority = authority
        self._resolver = resolver
        self._directory = directory
        self._how = how
        self._runs = 0
        self.exported = shark.Reading()
        self.captured = shark.Reading()

    def fetch(
        self, url: str, *ports: int, code: str = "ok", midway: bool = False, **more: Any
    ) -> Trace:
        """Fetch, hold the outcome to `code`, the trace to the capture, the export to both.

        In: `ports`, those of the servers that may be asked; `midway`, whether the server may end
        what we send before it is whole.
        """
        more.setdefault("cacert", self._authority.cacert)
        options = Options(
            dns_server=f"{self._how or 'udp'}://127.0.0.1:{self._resolver}",
            lab=Lab(endpoints=tuple(f"127.0.0.1:{port}" for port in ports)),
            **more,
        )
        self._runs += 1
        directory = self._directory / f"run{self._runs}"
        directory.mkdir()
        room = ROOMY_KIB if url.endswith("/large") or "body" in more else BUFFER_KIB
        with capturing(directory, (*ports, self._resolver), room) as capture:
            trace = fetch(url, options)
        end = trace.events[-1]
        assert (end.code if isinstance(end, Failed) else "ok") == code, end
        if not any(isinstance(each, Called) and behind_the_cap(each) for each in trace.events):
            assert_equal(trace, capture, f"127.0.0.1:{self._resolver}", udp=not self._how)
            if code == "ok" and not midway:
                assert_explained(trace)
        # No dissector knows that HTTP/2 without TLS is spoken on a port of the system's choice.
        known = more.get("http") == "2" and url.startswith("http:")
        as_http2 = [part for port in ports if known for part in ("-d", f"tcp.port=={port},http2")]
        self._compare(trace, capture, directory, as_http2)
        return trace

    def _compare(
        self, trace: Trace, capture: Capture, directory: Path, more: Sequence[str]
    ) -> None:
        """Hold what tshark reads in the export to what it reads in the capture."""
        file = directory / "exported.pcapng"
        file.write_bytes(b"".join(pcapng(trace)))
        keys = "".join(f"{e.line}\n" for e in trace.events if isinstance(e, SecretLogged))
        inside = "tls" if self._how in ("tls", "https") else "dns"
        port = self._resolver
        options = ("-d", f"udp.port=={port},dns", "-d", f"tcp.port=={port},{inside}")
        options += tuple(more)
        ours = self.exported = shark.read(file, directory, captured=False, options=options)
        real = self.captured = shark.read(
            capture.file, directory, captured=True, key_log=keys, options=options
        )
        assert ours.errors == []
        assert ours.analysis <= real.analysis
        assert ours.warnings - _warned_falsely(trace) <= real.warnings
        assert_ends(ours, real)
        if len(ours.dns) < len(real.dns):
            # An answer that we did not wait for, which `assert_equal` has looked at.
            pairs = zip(messages(ours), messages(real), strict=True)
            assert all(Counter(one) <= Counter(other) for one, other in pairs)
        else:
            assert messages(ours) == messages(real), (messages(ours), messages(real))
        if any(isinstance(each, Called) and behind_the_cap(each) for each in trace.events):
            return
        assert sorted(ours.handshakes) == sorted(real.handshakes), (ours, real)
        assert (sorted(ours.frames), ours.sealed) == (sorted(real.frames), real.sealed)
        # A server may answer before it has read all: then the kernel has the answer before we do.
        assert ours.requests == real.requests, real.analysis
        over_quic = any(e.socket.startswith("udp:") for e in _exchanged(trace))
        # tshark 4.0 reads no fields of HTTP/3.
        assert ours.requests or over_quic or isinstance(trace.events[-1], Failed)
        assert ours.responses == real.responses, (ours, real)
        assert ours.bodies == real.bodies, (ours, real)
        for each in sorted(ours.times.keys() & real.times.keys()):
            off_us = (ours.times[each] - real.times[each]) * 1e6
            print(f"{each[0]} {each[1]}: {off_us:+.0f} µs from the capture's")  # noqa: T201


def _warned_falsely(trace: Trace) -> set[str]:
    """What tshark 4.0 warns of wrongly: it keeps the state of permessage-deflate by packet.

    Two compressed messages in one packet are inflated with the first one's state. Our packet is a
    call, and a call may take several messages that crossed in packets of their own. What the
    messages say is held to what the server sent by the tests themselves.
    """
    return {"Decompression failed"} if trace.url.startswith(("ws:", "wss:")) else set()


def _exchanged(trace: Trace) -> list[Called]:
    """The calls that carried the last response."""
    end = trace.events[-1]
    calls = [e for e in trace.events if isinstance(e, Called) and e.call == "recv" and e.length]
    return calls[-1:] if isinstance(end, Completed) else []


def behind_the_cap(call: Called) -> bool:
    """Whether octets crossed that were not kept."""
    return call.length > len(call.data)


def messages(side: shark.Reading) -> list[list[str]]:
    """What tshark reads of DNS, field by field: a call may take what came in several segments."""
    columns = zip(*side.dns, strict=True)
    return [sorted(filter(None, shark.LINE.join(each).split(shark.LINE))) for each in columns]


def assert_ends(ours: shark.Reading, real: shark.Reading) -> None:
    """Connections opened by the same ends; and no end made up that the capture does not show."""
    opened = [{each for each in side.ends if each[0] == "tcp.flags.syn"} for side in (ours, real)]
    assert opened[0] == opened[1]
    # The kernel resets instead where octets waited that we had not read: no call shows it.
    either = {("tcp.flags.fin", way) for name, way in real.ends if name == "tcp.flags.reset"}
    assert ours.ends <= real.ends | either


def assert_equal(trace: Trace, capture: Capture, resolver: str, *, udp: bool = True) -> None:
    """TCP per connection in both directions, UDP datagram by datagram in both directions."""
    calls = [e for e in trace.events if isinstance(e, Called)]
    local = {e.socket: str(e.result) for e in calls if e.call == "getsockname"}
    peers = {e.socket: str(e.arguments[0]) for e in calls if e.call == "connect"}
    connections = [name for name in peers if name.startswith("tcp:")]
    for peer in dict.fromkeys(peers[name] for name in connections):
        there = [local[name] for name in connections if peers[name] == peer]
        assert there == capture.connections(peer)
    for name in connections:
        client, server = local[name], peers[name]
        for channel, way in (("sent", (client, server)), ("received", (server, client))):
            recorded = b"".join(e.data for e in calls if e.channel == f"{name}.{channel}")
            passed = capture.stream(*way)
            if (peers[name], channel) == (resolver, "received"):
                # We close behind the last answer; what a resolver says to that, nobody reads.
                assert passed.startswith(recorded)
                passed = passed[: max(len(recorded), len(passed) - GOODBYE_OCTETS)]
            assert recorded == passed, (name, channel)
    questions = {name for name, peer in peers.items() if peer == resolver}
    for name in peers.keys() - questions - set(connections):  # QUIC
        for channel, way in (
            ("sent", (local[name], peers[name])),
            ("received", (peers[name], local[name])),
        ):
            assert [e.data for e in calls if e.channel == f"{name}.{channel}"] == (
                capture.datagrams(*way)
            )
    asked = assert_asked(calls, questions, capture, resolver)
    assert asked >= 2 or not connections or not udp  # A and AAAA


def assert_asked(
    calls: Sequence[Called], questions: set[str], capture: Capture, resolver: str
) -> int:
    """UDP to and from a resolver: every datagram, but for an answer that was not waited for.

    Out: how many questions there were.
    """
    told = [e for e in calls if e.socket in questions and e.channel.startswith("udp:")]
    asked = [e.data for e in told if e.call == "send"]
    answered = Counter(e.data for e in told if e.call == "recv")
    datagrams = [p for p in capture.packets if p.protocol == UDP]
    assert asked == [p.payload for p in datagrams if p.destination == resolver]
    passed = Counter(p.payload for p in datagrams if p.source == resolver)
    assert answered <= passed
    assert all(is_about_https(late) for late in passed - answered)
    return len(asked)


def is_about_https(answer: bytes) -> bool:
    """Whether it answers the question that is not waited for: the addresses are enough."""
    return dns.message.from_wire(answer).question[0].rdtype == dns.rdatatype.HTTPS


def content(trace: Trace) -> Completed:
    """How a fetch that completed did."""
    end = trace.events[-1]
    assert isinstance(end, Completed)
    return end


def received(trace: Trace) -> bytes:
    """The octets that the first connection brought."""
    return b"".join(
        e.data for e in trace.events if isinstance(e, Called) and e.channel == "tcp:1.received"
    )
