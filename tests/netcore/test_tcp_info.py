"""TCP_INFO, read by its members, however much a kernel gives of it."""

from __future__ import annotations

import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcore import Options, fetch
from netcore.tcp_info import OCTETS, Sampling, read_tcp_info
from netcore.trace import TcpInfoSampled
from tests.faults.hostile import HostileServer
from tests.netcore.test_client import HELLO, reply


def info(*members: tuple[int, str, int]) -> bytes:
    octets = bytearray(OCTETS)
    octets[0] = 1
    for at, kind, value in members:
        struct.pack_into(f"={kind}", octets, at, value)
    return bytes(octets)


def test_members_are_read_from_where_the_kernel_puts_them() -> None:
    told = info((68, "I", 25), (72, "I", 9), (80, "I", 10), (160, "Q", 1 << 33), (228, "I", 7))
    sample = read_tcp_info(told, 5, "tcp:1")
    assert (sample.time_ns, sample.socket, sample.state) == (5, "tcp:1", "ESTABLISHED")
    assert (sample.rtt_us, sample.rttvar_us, sample.snd_cwnd) == (25, 9, 10)
    assert (sample.delivery_rate, sample.snd_wnd) == (1 << 33, 7)


def test_what_the_kernel_does_not_know_yet_is_not_a_number() -> None:
    told = info((76, "I", 0x7FFF_FFFF), (148, "I", 0xFFFF_FFFF), (92, "I", 0))
    sample = read_tcp_info(told, 0, "tcp:1")
    assert (sample.snd_ssthresh, sample.min_rtt_us, sample.rcv_rtt_us) == (None, None, None)
    assert sample.unacked == 0


def test_of_an_older_kernel_the_last_members_are_missing() -> None:
    sample = read_tcp_info(info((68, "I", 25))[:104], 0, "tcp:1")
    assert sample.rtt_us == 25
    assert sample.total_retrans == 0
    assert sample.pacing_rate is None
    assert read_tcp_info(b"", 0, "tcp:1") == TcpInfoSampled(0, "tcp:1", "")


@given(st.binary(max_size=300))
def test_any_octets_give_a_sample(untrusted: bytes) -> None:
    assert read_tcp_info(untrusted, 0, "tcp:1").socket == "tcp:1"


def test_samples_are_close_at_first_and_far_apart_in_a_connection_that_lasts() -> None:
    sampling = Sampling(every_ns=10, after=2)
    at, taken = 0, []
    for at in range(200):
        if sampling.is_due(at):
            sampling.taken(at)
            taken.append(at)
    assert taken[:6] == [10, 20, 40, 60, 100, 140]
    assert not sampling.is_due(at + 50, at_least_ns=1_000)


@pytest.mark.wire
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has TCP_INFO")
def test_a_fetch_is_sampled_once_connected_and_at_its_end() -> None:
    with HostileServer(reply(HELLO)) as server:
        trace = fetch(f"http://{server.endpoint}/", Options(allow_private=True))
    samples = [event for event in trace.events if isinstance(event, TcpInfoSampled)]
    assert samples[0].state == "ESTABLISHED"
    assert (samples[0].bytes_sent, samples[0].bytes_received) == (0, 0)
    assert samples[-1].bytes_received in (len(HELLO), len(HELLO) + 1)  # the FIN counts as one
    assert all(sample.socket == "tcp:1" for sample in samples)
