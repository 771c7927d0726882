"""Whole traces as pcapng, also such as nobody would record."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcore.exports import pcapng as module
from netcore.exports.pcapng import pcapng
from netcore.options import Options
from netcore.trace import AnyEvent, Called, SecretLogged, StageStarted, Trace, decode
from tests.netcore.exports.reading import INTERFACE, SECTION, File, read
from tests.netcore.recordings import http_exchange, moved, tls_exchange, trace_of

EXAMPLE = Path(__file__).parents[3] / "docs" / "trace-example.jsonl"
SECRET = "CLIENT_RANDOM " + "0a" * 32 + " " + "b0" * 48


def written(events: list[AnyEvent], **more: str) -> File:
    return read(b"".join(pcapng(msgspec.structs.replace(trace_of(events), **more))))


def test_a_trace_without_a_packet_is_a_valid_file() -> None:
    file = written([])
    assert [each.kind for each in file.blocks] == [SECTION, INTERFACE]
    assert file.interface[3] == b"synthesised from socket calls"
    assert file.section[4] == b"wiretale/0.1.0"


def test_a_whole_fetch_is_in_it() -> None:
    trace = decode(EXAMPLE.read_bytes())
    file = read(b"".join(pcapng(trace)))
    logged = [each.line for each in trace.events if isinstance(each, SecretLogged)]
    assert file.secrets == logged
    assert logged
    for channel, inbound in (("tcp:1.sent", False), ("tcp:1.received", True)):
        calls = [e for e in trace.events if isinstance(e, Called) and e.channel == channel]
        assert file.stream(inbound=inbound) == b"".join(each.data for each in calls)
    names = [e.result for e in trace.events if isinstance(e, Called) and e.call == "getsockname"]
    assert {each.source for each in file.packets if not each.inbound} == set(names)
    assert sum(each.protocol == 17 for each in file.packets) == 4


def test_times_are_those_of_the_calls_on_the_wall_clock() -> None:
    file = written(http_exchange([b"GET"], [b"HTTP"]))
    start_ns = 1_767_323_045_000_006_000  # 2026-01-02T03:04:05.000006Z
    after = [each.time_ns - start_ns for each in file.packets]
    assert after == [10, 20, 21, 40, 60_000]


@pytest.mark.parametrize("started", ["", "yesterday", "0001-01-01T00:00:00", "9999-12-31T23:59:59"])
@pytest.mark.parametrize("time_ns", [-1, 0, -(1 << 62), (1 << 63) - 1, 1 << 90])
def test_a_clock_that_makes_no_sense_still_gives_growing_times(started: str, time_ns: int) -> None:
    events = http_exchange([b"a", b"b"], [b"c", b"d"])
    events[3:3] = [Called(time_ns, "tcp:1", "connect", ("192.0.2.1:80",), errno="EINPROGRESS")]
    assert len(written(events, started=started).packets) >= 7


def test_an_address_that_was_not_recorded_is_none_and_said_to_be() -> None:
    packets = written(http_exchange([b"GET"], [])).packets
    assert packets[0].source == "0.0.0.0:49152"
    assert "were not recorded" in packets[0].comment


def test_ipv6_and_the_name_of_its_own_end() -> None:
    events: list[AnyEvent] = [
        Called(0, "tcp:1", "connect", ("[::1]:80",), errno="EINPROGRESS"),
        Called(1, "tcp:1", "getsockname", (), "[::1]:50000"),
        *moved("tcp:1", "send", [b"x"], 2),
    ]
    packets = written(events).packets
    assert {each.source for each in packets} == {"[::1]:50000", "[::1]:80"}


def test_a_resolver_at_another_port_says_how_to_read_it() -> None:
    for port, said in ((53, False), (5353, True)):
        connect = Called(0, "udp:1", "connect", (f"192.0.2.1:{port}",), 0)
        (packet,) = written([connect, *moved("udp:1", "send", [b"x"], 2)]).packets
        assert (f"-d udp.port=={port},dns" in packet.comment) is said


def test_datagrams_of_quic_are_taken_for_no_resolver_s() -> None:
    connect = Called(1, "udp:1", "connect", ("192.0.2.1:443",), 0)
    events = [StageStarted(0, "quic"), connect, *moved("udp:1", "send", [b"x"], 2)]
    (packet,) = written(events).packets
    assert "dns" not in packet.comment


def test_a_datagram_that_was_cut_is_shown_by_its_length() -> None:
    cut = Called(2, "udp:1", "recv", length=1_200, data=b"x" * 100, channel="udp:1.received")
    (packet,) = written([Called(1, "udp:1", "connect", ("192.0.2.1:443",), 0), cut]).packets
    assert (packet.payload, packet.length) == (b"", 1_200)


def test_lines_that_are_no_secrets_are_left_out() -> None:
    odd = ["", "# comment", SECRET + "\n" + SECRET, SECRET + " ", "é", SECRET[:-1] + "g", "x" * 900]
    file = written([SecretLogged(0, each) for each in [*odd, SECRET]])
    assert file.secrets == [SECRET]


def test_many_secrets_are_cut_into_blocks() -> None:
    assert len(written([SecretLogged(0, SECRET)] * 1_000).secrets) == 1_000


def test_a_file_is_written_block_by_block() -> None:
    events = tls_exchange([b"a" * 100], [b"b" * 100] * 50)
    assert max(map(len, pcapng(trace_of(events)))) < 400


def test_a_claim_of_length_costs_a_bounded_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WITHOUT_OCTETS", 50)
    connects = [Called(0, f"tcp:{n}", "connect", ("192.0.2.1:80",), 0) for n in range(9)]
    claims = [Called(1, f"tcp:{n}", "recv", length=1 << 60) for n in range(9)]
    assert len(written([*connects, *claims]).packets) < 100


NUMBERS = st.one_of(st.integers(-(1 << 70), 1 << 70), st.integers(-2, 2_000))
ADDRESSES = st.sampled_from(
    ["192.0.2.1:80", "[2001:db8::1]:443", "192.0.2.1:99999", "[::1", "", ":", "nonsense", 7, None]
)
CALLS = st.builds(
    Called,
    time_ns=NUMBERS,
    socket=st.sampled_from(["tcp:1", "tcp:2", "udp:1", "", "tcp:", "quic:1", "\ud800"]),
    call=st.sampled_from(
        ["connect", "getsockopt", "getsockname", "send", "recv", "shutdown", "close", "fly"]
    ),
    arguments=st.one_of(st.tuples(), st.tuples(ADDRESSES), st.just(("SOL_SOCKET", "SO_ERROR"))),
    result=ADDRESSES,
    errno=st.sampled_from(["", "", "", "EINPROGRESS", "ECONNRESET", "EPIPE", "nonsense"]),
    duration_ns=NUMBERS,
    channel=st.sampled_from(["tcp:1.sent", "tcp:1.received", "x" * 5_000, "\ud800"]),
    offset=NUMBERS,
    length=NUMBERS,
    data=st.binary(max_size=50),
    calls=NUMBERS,
)
SECRETS = st.builds(SecretLogged, st.just(0), st.one_of(st.text(), st.just(SECRET)))


@given(
    events=st.lists(st.one_of(CALLS, SECRETS), max_size=30),
    url=st.text(),
    started=st.text(),
    software=st.text(),
)
def test_no_trace_is_too_odd(events: list[AnyEvent], url: str, started: str, software: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_WITHOUT_OCTETS", 100)
        file = read(b"".join(pcapng(Trace(url, started, Options(), events, software))))
    assert len(file.packets) < 100 + 8 * len(events)
