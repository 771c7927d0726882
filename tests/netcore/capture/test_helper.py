"""The helper: real packets of real connections on the loopback device, and what it may not do."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import Lab
from netcore import Options, fetch
from netcore.capture.capturing import Capturing
from netcore.capture.ring import Ring
from netcore.capture.sorting import MOST_FLOWS
from netcore.options import Limits
from netcore.packet_ends import UDP, read_ends
from netcore.pdus import explain
from netcore.recorder import Recorder
from netcore.segments import ACK, FIN, SYN, read_segment
from netcore.timeline import timeline
from netcore.trace import Called, Captured, Chose, Completed, Trace, decode, encode
from tests.faults.test_unreachable import namespaces

pytestmark = pytest.mark.wire
ROOT = Path(__file__).parents[3]
WAIT_S = 20


@pytest.fixture(autouse=True)
def _allowed() -> None:
    if sys.platform != "linux":
        pytest.skip("packet sockets are Linux's")
    try:
        Ring().close()
    except PermissionError:
        pytest.skip("CAP_NET_RAW is missing here")


def options(lab: Lab, **asked: Any) -> Options:
    return Options(capture=True, cacert=str(lab.cacert), lab=lab.options_lab(), **asked)


def url(lab: Lab, name: str) -> str:
    return next(each.url for each in lab.targets if each.name == name)


def captured(trace: Trace) -> list[Captured]:
    return [event for event in trace.events if isinstance(event, Captured)]


def verdicts(trace: Trace) -> list[str]:
    return [e.value for e in trace.events if isinstance(e, Chose) and e.what == "capture"]


def test_a_connection_is_seen_from_its_first_syn_to_its_last_acknowledgement(lab: Lab) -> None:
    trace = fetch(url(lab, "plain"), options(lab))
    assert isinstance(trace.outcome, Completed)
    assert verdicts(trace) == ["on", "complete"]
    segments = [(e, s) for e in captured(trace) if (s := read_segment(e))]
    flags = [(event.direction, segment.flags) for event, segment in segments]
    assert flags[:3] == [("sent", SYN), ("received", SYN | ACK), ("sent", ACK)]
    assert {direction for direction, each in flags if each & FIN} == {"sent", "received"}
    assert all(event.interface == "lo" and event.checksum_offloaded for event, _ in segments)
    assert all(event.length == len(event.data) for event, _ in segments)
    times = [event.time_ns for event, _ in segments]
    assert times == sorted(times)
    assert decode(encode(trace)) == trace


def test_the_payload_is_what_the_calls_moved(lab: Lab) -> None:
    trace = fetch(url(lab, "tls13"), options(lab))
    for direction in ("sent", "received"):
        calls = [e for e in trace.events if isinstance(e, Called)]
        moved = b"".join(e.data for e in calls if e.channel == f"tcp:1.{direction}")
        own = [e for e in captured(trace) if e.direction == direction]
        # Two cores can put packets of the loopback device in another order than they were sent in.
        segments = [(s, e.data) for e in own if (s := read_segment(e))]
        first = next(s.sequence for s, _ in segments if s.flags & SYN)
        segments.sort(key=lambda each: (each[0].sequence - first) % (1 << 32))
        assert b"".join(data[len(data) - s.octets :] for s, data in segments) == moved


def test_the_datagrams_of_the_lookup_are_seen_too(lab: Lab) -> None:
    trace = fetch(url(lab, "plain"), options(lab))
    asked = [e for e in trace.events if isinstance(e, Called) and e.channel == "udp:1.sent"]
    ends = [(e, read_ends(e.data)) for e in captured(trace)]
    datagrams = [e for e, found in ends if found and found.protocol == UDP]
    assert any(e.data.endswith(asked[0].data) for e in datagrams)


def test_nobody_elses_packets_are_seen(lab: Lab) -> None:
    """Another connection to the very same server, open all the time."""
    target = next(each for each in lab.targets if each.name == "plain")
    port = int(target.url.rpartition(":")[2].strip("/"))
    with socket.create_connection(("127.0.0.1", port)) as other:
        own = other.getsockname()[1]
        other.sendall(b"GET / HT")
        trace = fetch(target.url, options(lab))
        other.sendall(b"TP/1.1\r\n")
    ports = {end[1] for e in captured(trace) if (f := read_ends(e.data)) for end in (f[1], f[2])}
    assert port in ports
    assert own not in ports


def test_behind_the_limit_of_octets_only_headers_are_kept(lab: Lab) -> None:
    trace = fetch(url(lab, "tls13"), options(lab, limits=Limits(kept_octets=200)))
    own = captured(trace)
    assert verdicts(trace) == ["on", "complete"]
    assert sum(len(e.data) for e in own if len(e.data) > 128) <= 200
    assert any(len(e.data) == 128 < e.length for e in own)
    assert all(read_ends(e.data) for e in own)


def test_behind_the_limit_of_packets_they_are_counted(lab: Lab) -> None:
    trace = fetch(url(lab, "tls13"), options(lab, limits=Limits(captured_packets=5)))
    assert len(captured(trace)) == 5
    assert verdicts(trace) == ["on", "incomplete"]
    last = next(e for e in trace.events if isinstance(e, Chose) and e.value == "incomplete")
    assert "5 packets were seen" in last.why
    assert "beyond what a trace takes" in last.why


def test_a_refused_connection_is_a_syn_and_a_reset() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        trace = fetch(f"http://127.0.0.1:{port}/", Options(capture=True, allow_private=True))
    flags = [segment.flags for e in captured(trace) if (segment := read_segment(e))]
    assert flags == [SYN, 4 | ACK]
    assert verdicts(trace) == ["on", "complete"]


@pytest.fixture
def capturing() -> Iterator[Capturing]:
    made = Capturing(Limits())
    made.begin(Recorder(Trace("http://a.example/", "2026-01-02T03:04:05+00:00", Options(), [])))
    yield made
    made.finish()


def status(process: subprocess.Popen[bytes]) -> dict[str, str]:
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def test_the_helper_keeps_no_privilege(capturing: Capturing) -> None:
    assert capturing._helper is not None
    found = status(capturing._helper)
    for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(found[kind], 16) == 0, kind
    assert found["NoNewPrivs"] == "1"
    limits = Path(f"/proc/{capturing._helper.pid}/limits").read_text()
    assert [line.split()[-3:-1] for line in limits.splitlines() if "Max processes" in line] == [
        ["0", "0"]
    ]
    if os.geteuid() == 0:
        assert set(found["Uid"].split()) == {"65534"}


def test_a_helper_that_dies_ends_the_capture_and_not_the_fetch() -> None:
    trace = Trace("http://a.example/", "2026-01-02T03:04:05+00:00", Options(), [])
    made = Capturing(Limits())
    made.begin(Recorder(trace))
    assert made._helper is not None
    made._helper.kill()
    made._helper.wait(WAIT_S)
    made.watch("tcp", "127.0.0.1", 443)
    made.own("tcp", "127.0.0.1", 443, 5)
    made.take()
    made.finish()
    assert verdicts(trace) == ["on", "incomplete"]


COMMAND = (sys.executable, "-E", "-s", "-S", "-m", "netcore.capture.helper", "1000", "10")


def helper(orders: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        COMMAND, input=orders, cwd=ROOT, capture_output=True, timeout=WAIT_S, check=False
    )


def test_the_helper_ends_with_its_standard_input() -> None:
    assert helper(b"").returncode == 0


@pytest.mark.parametrize(
    "orders",
    [b"rm -rf /\n", b"watch tcp 127.0.0.1\n", b"watch tcp nowhere 443\n", b"own\n", b"\xff\n"],
)
def test_what_is_no_order_ends_the_helper(orders: bytes) -> None:
    assert helper(orders).returncode == 1


def test_an_order_without_an_end_is_not_waited_for() -> None:
    assert helper(b"x" * 10_000).returncode == 0


def test_more_flows_than_a_fetch_has_are_refused() -> None:
    orders = b"".join(b"watch udp 127.0.0.1 %d\n" % port for port in range(1, 130))
    said = helper(orders).stdout
    watching = said.count(b"watching")
    assert 20 <= watching <= MOST_FLOWS  # net.core.optmem_max may allow fewer
    assert said.count(b"full") == 129 - watching


def test_without_the_right_the_fetch_goes_on_and_says_so(lab: Lab) -> None:
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root can give a right up here, with setpriv of util-linux")
    program = (
        "import sys; from netcore import Options, fetch; from netcore.trace import encode;"
        "options = Options(capture=True, allow_private=True);"
        "sys.stdout.buffer.write(encode(fetch(sys.argv[1], options)))"
    )
    port = url(lab, "plain").rpartition(":")[2].strip("/")
    without = ("setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw")
    done = subprocess.run(
        [*without, sys.executable, "-c", program, f"http://127.0.0.1:{port}/"],
        cwd=ROOT,
        capture_output=True,
        timeout=WAIT_S,
        check=True,
    )
    trace = decode(done.stdout)
    assert isinstance(trace.outcome, Completed)
    assert captured(trace) == []
    told = [e for e in trace.events if isinstance(e, Chose) and e.what == "capture"]
    assert [e.value for e in told] == ["off"]
    assert "CAP_NET_RAW" in told[0].why


def test_it_takes_no_longer_than_a_quarter_of_a_second_to_stop(capturing: Capturing) -> None:
    """A connection that stays open on the other side is not waited for without end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        capturing.watch("tcp", host, port)
        with socket.create_connection((host, port)) as client:
            capturing.own("tcp", host, port, client.getsockname()[1])
            began = time.monotonic()
            capturing.finish()
            assert time.monotonic() - began < WAIT_S


@pytest.mark.slow
def test_what_the_kernel_sends_again_is_seen_and_told() -> None:
    """A real retransmission: the kernel repeats a SYN that got lost, and no call shows it."""
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        pytest.skip("this system lets us make no TUN device")
    done = subprocess.run(
        [*namespaces(), sys.executable, "-m", "tests.netcore.lossy_network"],
        cwd=ROOT,
        capture_output=True,
        timeout=WAIT_S,
        check=False,
        env={**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"},
    )
    assert done.returncode == 0, done.stderr.decode()
    trace = decode(done.stdout)
    assert verdicts(trace) == ["on", "complete"]
    marks = timeline(trace, explain(trace.events)).marks
    seen = [mark.title for mark in marks if mark.kind == "segment"]
    assert seen == ["SYN", "SYN sent again", "RST"]
    assert {event.interface for event in captured(trace)} == {"wire0"}
