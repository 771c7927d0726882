"""HTTP/2 with servers that we did not write, beside a capture, tshark and hpack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import hpack
import pytest

from netcore import Trace, explain
from netcore.field import NOT_EXPLAINED
from netcore.framing.hpack import Entry
from netcore.pdus import Explanation
from netcore.reuse import reuses
from netcore.trace import Chose
from tests.netcore.exports.archive import entries_of
from tests.netcore.exports.archive import octets_of as octets_of_content
from tests.netcore.test_pdus import assert_grounded, assert_partition
from tests.peers.bench import Bench, content
from tests.peers.h2_servers import LARGE, SERVERS
from tests.peers.servers import HOST, PLAIN

WAYS = [(name, spoken) for name in SERVERS for spoken in ("h2", "h2c")]

pytestmark = [pytest.mark.peer, pytest.mark.wire]


@pytest.fixture(scope="module")
def servers(
    chain: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, dict[str, int]]]:
    """The ports of each server."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(start(tmp_path_factory.mktemp(name), chain))
            for name, start in SERVERS.items()
        }


class Origin:
    """One port of one server, and how a fetch speaks there."""

    def __init__(self, bench: Bench, port: int, spoken: str) -> None:
        self._bench = bench
        self.port = port
        self.options: dict[str, Any] = {"http": "2"} if spoken == "h2c" else {}
        self.url = f"{'http' if spoken == 'h2c' else 'https'}://{HOST}:{port}"

    def get(self, path: str, **more: Any) -> Trace:
        """Fetch beside a capture; the trace speaks HTTP/2 and all of it is explained."""
        trace = self._bench.fetch(f"{self.url}{path}", self.port, **(self.options | more))
        assert content(trace).http_version == "2"
        explanation = explain(trace.events)
        assert_partition(explanation)
        assert_grounded(explanation)
        assert_explained(explanation)
        assert_packed_alike(explanation)
        return trace


@pytest.fixture(params=WAYS, ids="-".join)
def origin(
    request: pytest.FixtureRequest, servers: dict[str, dict[str, int]], bench: Bench
) -> Origin:
    name, spoken = request.param
    return Origin(bench, servers[name][spoken], spoken)


def assert_explained(explanation: Explanation) -> None:
    """Every octet has a name, and no unit an error."""
    for pdu in explanation.pdus:
        fields = list(explanation.tree(pdu).walk())
        assert not pdu.error
        assert [field.error for field in fields if field.error] == []
        assert NOT_EXPLAINED not in {field.name for field in fields}


def assert_packed_alike(explanation: Explanation) -> None:
    """What each field block stands for, and the table behind it, as hpack has them."""
    (connection,) = explanation.http2.values()
    for direction in ("sent", "received"):
        decoder = hpack.Decoder()
        blocks = [each for each in connection.blocks if each.direction == direction]
        for each in blocks:
            fields = decoder.decode(each.pdu.octets, raw=True)
            assert octets_of(each.block.fields) == [(bytes(name), bytes(v)) for name, v in fields]
            table = connection.decoders[direction].entries(each.block.after)
            assert octets_of(table) == list(decoder.header_table.dynamic_entries)
        assert blocks


def octets_of(entries: Iterable[Entry]) -> list[tuple[bytes, bytes]]:
    """Fields as hpack has them."""
    return [(e.name.encode("latin-1"), e.value.encode("latin-1")) for e in entries]


def test_a_file(origin: Origin) -> None:
    trace = origin.get("/plain")
    assert content(trace).body_octets == len(PLAIN)
    (entry,) = entries_of(trace)
    assert entry["response"]["httpVersion"] == "h2"
    assert octets_of_content(entry["response"]["content"]) == PLAIN


def test_a_megabyte(origin: Origin) -> None:
    assert content(origin.get("/large")).body_octets == len(LARGE)


def test_head(origin: Origin) -> None:
    end = content(origin.get("/plain", method="HEAD"))
    assert (end.status_code, end.body_octets) == (200, 0)


@pytest.mark.parametrize("origin", WAYS[:-2], ids="-".join, indirect=True)  # nghttpd does not
def test_a_second_request_is_the_next_stream(origin: Origin) -> None:
    trace = origin.get("/redirect", follow_redirects=True)
    assert (content(trace).hop, content(trace).body_octets) == (2, len(PLAIN))
    (connection,) = explain(trace.events).http2.values()
    assert [b.stream for b in connection.blocks if b.direction == "sent"] == [1, 3]


def test_the_same_url_again_is_the_next_stream_and_its_fields_are_remembered(
    origin: Origin,
) -> None:
    trace = origin.get("/plain", further_urls=(f"{origin.url}/plain",) * 2)
    assert (content(trace).hop, content(trace).body_octets) == (3, len(PLAIN))
    (connection,) = explain(trace.events).http2.values()
    sent = [each for each in connection.blocks if each.direction == "sent"]
    assert [each.stream for each in sent] == [1, 3, 5]
    assert sent[2].pdu.size * 3 < sent[0].pdu.size
    assert [reuse.hop for reuse in reuses(trace.events)] == [2, 3]
    took = [entry["timings"]["connect"] for entry in entries_of(trace)]
    assert took[0] >= 0
    assert took[1:] == [-1, -1]


def test_an_upload_through_windows(origin: Origin) -> None:
    trace = origin.get("/plain", method="POST", body=b"u" * 200_000)
    assert content(trace).status_code in (200, 201, 405, 413)


def test_h2o_switches_when_it_is_asked_to(bench: Bench, servers: dict[str, dict[str, int]]) -> None:
    port = servers["h2o"]["h2c"]
    trace = bench.fetch(
        f"http://{HOST}:{port}/redirect", port, http="h2c-upgrade", follow_redirects=True
    )
    assert (content(trace).http_version, content(trace).hop) == ("2", 2)
    explanation = explain(trace.events)
    assert_partition(explanation)
    assert_explained(explanation)
    chosen = [e.value for e in trace.events if isinstance(e, Chose) and e.what == "http version"]
    assert chosen == ["h2c-upgrade", "2"]
    assert [each["response"]["status"] for each in entries_of(trace)] == [302, 200]


def test_where_a_server_does_not_switch_http_1_1_goes_on(bench: Bench, web: dict[str, int]) -> None:
    trace = bench.fetch(f"http://{HOST}:{web['plain']}/plain", web["plain"], http="h2c-upgrade")
    assert content(trace).http_version == "1.1"


def test_a_server_that_does_not_know_http_2_says_so_in_text(
    bench: Bench, web: dict[str, int]
) -> None:
    url = f"http://{HOST}:{web['plain']}/plain"
    trace = bench.fetch(url, web["plain"], http="2", code="h2.bad_preface")
    assert "HTTP/1.1 400 Bad Request" in getattr(trace.outcome, "message", "")
