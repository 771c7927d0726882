"""QUIC as tshark opens it from our pcapng, beside what we make of the recording.

Where both name a field of a packet, a frame, a message of TLS or a frame of HTTP/3, its octets and
its number are equal. Which name is which stands in `tshark_quic_fields.toml`, and for TLS in
`tshark_fields.toml`. tshark 4.0 reads no QPACK. Run with `-s` for the count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pytest

from lab import Authority
from lab.quic import Conversation, Quic
from lab.streams import Asked
from netcore import Trace, fetch
from netcore.exports.pcapng import pcapng
from netcore.pdus import Explanation, explain
from netcore.trace import Called, Completed
from tests.netcore.quic_conversation import STORIES
from tests.netcore.quic_fetching import HOST as LAB_HOST
from tests.netcore.quic_fetching import options, serving
from tests.peers.h2_servers import LARGE, caddy
from tests.peers.quic_dissected import DIRECTIONS, Said, Way, ours, theirs
from tests.peers.quic_dissected import TABLE as QUIC_TABLE
from tests.peers.servers import HOST
from tests.peers.test_tls_beside_tshark import TABLE, Comparison

pytestmark = [pytest.mark.peer, pytest.mark.wire, pytest.mark.slow]

# tshark 4.0 opens no Initial packet of version 2 behind a version that was refused.
STORY_NAMES = sorted(set(STORIES) - {"version_negotiation", "upgraded"})
_CONNECT = Called(0, "udp:1", "connect", ("192.0.2.1:443",))
_LEAST = 100  # fields of one connection; a test that compares nothing proves nothing


def hello(conversation: Conversation, asked: Asked) -> None:
    conversation.respond(asked, 200, LARGE[:50_000])


def with_new_keys(conversation: Conversation, asked: Asked) -> None:
    """The server changes its keys in the middle of the answer."""
    conversation.begin(asked, 200, ())
    conversation.send(asked, LARGE[:5_000])

    def go_on() -> None:
        conversation.quic.request_key_update()
        conversation.send(asked, LARGE[:5_000], last=True)

    conversation.after_sending = go_on


LAB = {
    "plain": Quic(hello),
    "retry": Quic(hello, retry=True),
    "early data": Quic(hello, early_data=True),
    "key update": Quic(with_new_keys),
    "loss": Quic(hello, lost=frozenset({6, 9, 10})),
}
CADDY = {
    "a file": ("/plain", {}),
    "a megabyte": ("/large", {}),
    "early data": ("/plain", {"resume_session": True}),
    "an upload": ("/plain", {"method": "POST", "body": b"u" * 20_000}),
    "redirected": ("/redirect", {"follow_redirects": True}),
}


class Beside:
    """One recording, on both sides."""

    def __init__(self, trace: Trace, explanation: Explanation, directory: Path) -> None:
        file = directory / "quic.pcapng"
        file.write_bytes(b"".join(pcapng(trace)))
        self.ours = ours(explanation)
        self.theirs = theirs(file, directory, _ports(trace, explanation))
        self._explanation = explanation
        self.equal: Counter[str] = Counter()
        self.unlike: dict[str, str] = {}  # the first example of each
        self.tls = Comparison()

    def compare(self) -> None:
        """Hold every connection and direction equal."""
        assert self.ours.keys() == self.theirs.keys()
        for (at, direction), way in self.ours.items():
            other = self.theirs[at, direction]
            for name in way.quic | other.quic:
                self._field(f"{at} {direction} {name}", way.quic, other.quic, name)
            assert way.http3 == other.http3, (at, direction)
            assert way.only_here.keys() <= QUIC_TABLE["only_here"].keys()
            self.equal.update(name for name, _ in way.http3.elements())
            self._handshake(at, direction, other)

    def _field(
        self, where: str, ours: dict[str, list[Said]], theirs: dict[str, list[Said]], name: str
    ) -> None:
        pairs = zip_longest(ours.get(name, ()), theirs.get(name, ()))
        for count, (one, other) in enumerate(pairs):
            if one and other and one.agrees(other):
                self.equal[name] += 1
            else:
                self.unlike.setdefault(where, f"{count}: {one} here, {other} there")

    def _handshake(self, at: int, direction: str, other: Way) -> None:
        number = list(self._explanation.quic)[at]
        messages = [
            pdu
            for pdu in self._explanation.pdus
            if pdu.protocol.partition(".")[0] == "tls_handshake"
            and pdu.origin[0].channel.startswith(f"quic:{number}/")
            and pdu.origin[0].channel.endswith(direction)
        ]
        if direction == "sent":
            del messages[1 : 1 + len(self._explanation.quic[number].retries)]
        assert len(other.handshakes) == len(messages), (at, direction)
        for unit, pdu in zip(other.handshakes, messages, strict=True):
            self.tls.unit("handshake", unit, pdu, f"{at} {direction}")


def _ports(trace: Trace, explanation: Explanation) -> set[str]:
    """The ports of both ends of each connection."""
    sockets = {f"udp:{number}" for number in explanation.quic}
    calls = [e for e in trace.events if isinstance(e, Called) and e.socket in sockets]
    ends = [e.arguments[0] for e in calls if e.call == "connect"]
    ends += [e.result for e in calls if e.call == "getsockname"]
    return {str(end).rpartition(":")[2] for end in ends}


def hold_equal(trace: Trace, directory: Path, connections: int = 1) -> None:
    explanation = explain(trace.events)
    assert all(p.opened or not p.error for c in explanation.quic.values() for p in c.packets)
    beside = Beside(trace, explanation, directory)
    assert set(beside.ours) == {(n, way) for n in range(connections) for way in DIRECTIONS}
    beside.compare()
    assert beside.unlike == {}
    unlike = {name: examples[0] for name, examples in beside.tls.unlike.items()}
    assert {name: unlike[name] for name in unlike if name not in TABLE["disagreements"]} == {}
    equal = beside.equal + beside.tls.equal
    for name, count in sorted(equal.items()):
        print(f"{count:6,} {name}")  # noqa: T201
    print(f"{equal.total():,} fields of {connections} connections are equal")  # noqa: T201
    assert equal.total() > _LEAST * connections


@pytest.mark.parametrize("name", STORY_NAMES)
def test_of_each_story_of_quic_both_name_the_same(name: str, tmp_path: Path) -> None:
    trace = STORIES[name]().trace()
    trace.events.insert(0, _CONNECT)
    hold_equal(trace, tmp_path)


@pytest.mark.parametrize("name", LAB)
def test_of_aioquic_both_name_the_same(name: str, authority: Authority, tmp_path: Path) -> None:
    again = LAB[name].early_data
    with serving(authority, LAB[name]) as port:
        url = f"https://{LAB_HOST}:{port}/"
        trace = fetch(url, options(authority, port, resume_session=again))
    assert isinstance(trace.outcome, Completed), trace.outcome
    hold_equal(trace, tmp_path, 1 + again)


@pytest.fixture(scope="module")
def port(chain: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with caddy(tmp_path_factory.mktemp("caddy"), chain) as ports:
        yield ports["h2"]


@pytest.mark.parametrize("name", CADDY)
def test_of_caddy_both_name_the_same(
    name: str, port: int, authority: Authority, tmp_path: Path
) -> None:
    path, more = CADDY[name]
    resolve = (f"{HOST}:{port}:127.0.0.1",)
    wanted = options(authority, port, resolve=resolve, **more)
    trace = fetch(f"https://{HOST}:{port}{path}", wanted)
    assert isinstance(trace.outcome, Completed), trace.outcome
    hold_equal(trace, tmp_path, 1 + ("resume_session" in more))
