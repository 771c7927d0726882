"""An HTTP archive of fetches from nginx beside what tcpdump saw of them.

Run with `-s` for the table of timings: the archive's and the capture's.
"""

from __future__ import annotations

from collections.abc import Callable
from email.utils import formatdate
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pytest

from lab import Authority
from netcore import Options, Trace, fetch
from netcore.options import Lab, Limits
from tests.netcore.exports.archive import entries_of, octets_of
from tests.peers.capture import ROOMY_KIB, SYN, TCP, Capture, Packet, capturing
from tests.peers.servers import HOST, LARGE, LAST_MODIFIED, PLAIN

pytestmark = [pytest.mark.peer, pytest.mark.wire]

ACK: Final = 0x10
TICKETS: Final = 600  # octets; what nginx sends of its own accord in TLS 1.3 is less
SLACK_MS: Final = 100.0  # a busy machine may hold either side up; what is usual, the table says

Entries = list[dict[str, Any]]


class Run:
    """A fetch from one port of nginx, its archive and its capture."""

    def __init__(self, url: str, port: int, options: Options, directory: Path) -> None:
        self._server = f"127.0.0.1:{port}"
        with capturing(directory, (port,), ROOMY_KIB) as capture:
            self.trace: Trace = fetch(url, options)
        self.capture: Capture = capture
        self.entries: Entries = entries_of(self.trace)

    @property
    def packets(self) -> list[Packet]:
        """What went from and to the server by TCP, in order."""
        return [p for p in self.capture.packets if p.protocol == TCP]

    def sent_by_us(self, packet: Packet) -> bool:
        """Whether a packet is the client's."""
        return packet.destination == self._server

    def stream(self, *, sent: bool) -> bytes:
        """The octets of the first connection, of one direction."""
        (client,) = self.capture.connections(self._server)
        way = (client, self._server) if sent else (self._server, client)
        return self.capture.stream(*way)


Visit = Callable[..., Run]


@pytest.fixture
def visit(authority: Authority, web: dict[str, int], tmp_path: Path) -> Visit:
    """Fetch a path from one of nginx's ports, addressed without DNS."""

    def go(path: str, of: str = "plain", **more: Any) -> Run:
        port = web[of]
        options = Options(
            cacert=str(authority.cacert),
            resolve=(f"{HOST}:{port}:127.0.0.1",),
            lab=Lab(endpoints=(f"127.0.0.1:{port}",)),
            **more,
        )
        scheme = "http" if of == "plain" else "https"
        return Run(f"{scheme}://{HOST}:{port}{path}", port, options, tmp_path)

    return go


@pytest.mark.parametrize("of", ["plain", "tls12", "tls13"])
@pytest.mark.parametrize(("path", "size"), [("/plain", len(PLAIN)), ("/large", LARGE)])
def test_the_hash_of_a_body_is_that_of_the_file(
    visit: Visit, of: str, path: str, size: int
) -> None:
    (entry,) = visit(path, of).entries
    content = entry["response"]["content"]
    expected = PLAIN if path == "/plain" else bytes(LARGE)
    assert sha256(octets_of(content)).digest() == sha256(expected).digest()
    assert (content["size"], entry["response"]["bodySize"]) == (size, size)


@pytest.mark.parametrize("of", ["plain", "tls12", "tls13"])
def test_a_body_that_was_not_kept_whole_says_so(visit: Visit, of: str) -> None:
    (entry,) = visit("/large", of, limits=Limits(kept_octets=100_000)).entries
    content = entry["response"]["content"]
    assert entry["response"]["bodySize"] == LARGE
    assert 50_000 < content["size"] < 100_000
    assert octets_of(content) == bytes(content["size"])
    assert content["comment"].startswith(f"Not the whole content: its first {content['size']:,} of")


def test_a_body_that_nginx_compressed_is_decoded(visit: Visit) -> None:
    (entry,) = visit("/gzip").entries
    response = entry["response"]
    assert octets_of(response["content"]) == PLAIN
    assert response["bodySize"] == len(PLAIN) - response["content"]["compression"] < len(PLAIN)


@pytest.mark.parametrize("path", ["/plain", "/chunked", "/gzip"])
def test_sizes_and_fields_are_those_of_the_capture(visit: Visit, path: str) -> None:
    run = visit(path)
    (entry,) = run.entries
    for name in ("request", "response"):
        wire = run.stream(sent=name == "request")
        told = entry[name]
        assert told["headersSize"] + told["bodySize"] == len(wire)
        head = wire[: told["headersSize"]].decode("latin-1")
        first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
        assert [f"{each['name']}: {each['value']}" for each in told["headers"]] == lines
        assert told["httpVersion"] in first


def test_a_redirect_on_one_connection_is_two_entries(visit: Visit, web: dict[str, int]) -> None:
    run = visit("/redirect", follow_redirects=True)
    first, second = run.entries
    assert [entry["response"]["status"] for entry in run.entries] == [302, 200]
    assert first["response"]["redirectURL"] == f"http://{HOST}:{web['plain']}/plain"
    assert second["request"]["url"] == first["response"]["redirectURL"]
    (client,) = run.capture.connections(f"127.0.0.1:{web['plain']}")
    assert [entry["connection"] for entry in run.entries] == [client.rpartition(":")[2]] * 2
    assert (second["timings"]["connect"], second["timings"]["ssl"]) == (-1, -1)
    assert octets_of(second["response"]["content"]) == PLAIN


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"method": "HEAD"}, 200),
        ({"headers": (("If-Modified-Since", formatdate(LAST_MODIFIED, usegmt=True)),)}, 304),
        ({"headers": (("Range", "bytes=0-9"),)}, 206),
        ({"method": "POST", "body": b"a=1"}, 405),
        ({"http": "1.0"}, 200),
    ],
)
def test_other_requests(visit: Visit, more: dict[str, Any], status: int) -> None:
    run = visit("/plain", **more)
    (entry,) = run.entries
    response = entry["response"]
    assert response["status"] == status
    assert response["headersSize"] + response["bodySize"] == len(run.stream(sent=False))
    assert entry["request"]["bodySize"] == len(more.get("body", b""))
    if status in (304,) or more.get("method") == "HEAD":
        assert (response["content"]["size"], response["bodySize"]) == (0, 0)
    if status == 206:
        assert octets_of(response["content"]) == PLAIN[:10]


@pytest.mark.parametrize("of", ["plain", "tls12", "tls13"])
def test_the_timings_are_those_of_the_capture(visit: Visit, of: str) -> None:
    run = visit("/plain", of)
    (entry,) = run.entries
    timings = entry["timings"]
    seen = _seen(run, of)
    tcp = timings["connect"] - max(timings["ssl"], 0)
    told = {"connect": tcp, "ssl": timings["ssl"], "wait": timings["wait"]}
    for phase, seen_ms in seen.items():
        print(f"\n{of:6} {phase:8} {told[phase]:8.3f} ms, capture {seen_ms:8.3f} ms", end="")  # noqa: T201
        assert told[phase] == pytest.approx(seen_ms, abs=SLACK_MS)
    assert set(seen) == {phase for phase, took in told.items() if took != -1}
    first, last = run.packets[0], run.packets[-1]
    assert entry["time"] - timings["blocked"] <= (last.at_us - first.at_us) / 1e3 + SLACK_MS


def _seen(run: Run, of: str) -> dict[str, float]:
    """How long connecting, the handshake and waiting took, in milliseconds, by the capture."""
    packets = run.packets
    asked = next(p for p in packets if p.flags & SYN and not p.flags & ACK)
    taken = next(p for p in packets if p.flags & SYN and p.flags & ACK)
    spoken = [p for p in packets if p.payload]
    ours = [p for p in spoken if run.sent_by_us(p)]
    seen = {"connect": _ms(asked, taken)}
    request = 0 if of == "plain" else 2  # behind the ClientHello and our Finished
    if of == "tls13":
        seen["ssl"] = _ms(ours[0], ours[1])
    elif of == "tls12":
        finished = next(p for p in _after(ours[1], spoken) if not run.sent_by_us(p))
        seen["ssl"] = _ms(ours[0], finished)
    answers = (p for p in _after(ours[request], spoken) if not run.sent_by_us(p))
    seen["wait"] = _ms(ours[request], next(p for p in answers if len(p.payload) > TICKETS))
    return seen


def _after(packet: Packet, packets: list[Packet]) -> list[Packet]:
    return packets[packets.index(packet) + 1 :]


def _ms(first: Packet, second: Packet) -> float:
    return (second.at_us - first.at_us) / 1e3
