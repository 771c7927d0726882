"""The path to a server, through routers that are network namespaces of the test's own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from lab import Authority, Lab
from lab.quic import V1, V2, Quic
from netcore import Options, fetch
from netcore.guard import Admitted
from netcore.path import Path as ThePath
from netcore.path import read_path
from netcore.pdus import explain
from netcore.probing import HOPS, PROBES, Probing
from netcore.recorder import Recorder
from netcore.trace import Called, Chose, Completed, Failed, Trace, decode
from netcore.wire import Wire
from tests.faults.test_unreachable import namespaces
from tests.netcore.hostile_router import HONEST
from tests.netcore.quic_fetching import HOST, hello, options, serving

pytestmark = pytest.mark.wire
ROOT: Final = Path(__file__).parents[2]
TARGET: Final = "93.184.216.34"
TARGET_6: Final = "2600:9000::34"
SECONDS: Final = 40

NETWORK: Final = f"""\
set -e
ip link set lo up
echo 0 > /proc/sys/net/ipv6/conf/all/accept_dad
echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
unshare -n sleep {SECONDS} & first=$!
unshare -n sleep {SECONDS} & second=$!
unshare -n sleep {SECONDS} & target=$!
trap 'kill $first $second $target' EXIT
for each in $first $second $target
do
    until [ "$(readlink /proc/$each/ns/net)" != "$(readlink /proc/$$/ns/net)" ]
    do kill -0 $each
    done
    nsenter -t $each -n sh -ec '
        ip link set lo up
        echo 1 > /proc/sys/net/ipv4/ip_forward
        echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
        echo 0 > /proc/sys/net/ipv6/conf/all/accept_dad
        echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
    '
done
ip link add near type veth peer name left netns $first
nsenter -t $first -n ip link add right type veth peer name left netns $second
nsenter -t $second -n ip link add right type veth peer name left netns $target
ip addr add 10.0.0.2/24 dev near
ip addr add 2600:9000:0:1::2/64 dev near nodad
ip link set near up
ip route add default via 10.0.0.1
ip route add default via 2600:9000:0:1::1
nsenter -t $first -n sh -ec '
    ip addr add 10.0.0.1/24 dev left
    ip addr add 2600:9000:0:1::1/64 dev left nodad
    ip link set left up
    ip addr add 10.0.1.1/24 dev right
    ip addr add 2600:9000:0:2::1/64 dev right nodad
    ip link set right up
    ip route add default via 10.0.1.2
    ip route add default via 2600:9000:0:2::2
'
nsenter -t $second -n sh -ec '
    ip addr add 10.0.1.2/24 dev left
    ip addr add 2600:9000:0:2::2/64 dev left nodad
    ip link set left up
    ip addr add 10.0.2.1/24 dev right
    ip addr add 2600:9000:0:3::1/64 dev right nodad
    ip link set right up
    ip route add 10.0.0.0/24 via 10.0.1.1
    ip route add 2600:9000:0:1::/64 via 2600:9000:0:2::1
    ip route add {TARGET} via 10.0.2.2
    ip route add {TARGET_6} via 2600:9000:0:3::2
'
nsenter -t $target -n sh -ec '
    ip addr add 10.0.2.2/24 dev left
    ip addr add 2600:9000:0:3::2/64 dev left nodad
    ip link set left up
    ip addr add {TARGET}/32 dev lo
    ip addr add {TARGET_6}/128 dev lo nodad
    ip route add default via 10.0.2.1
    ip route add default via 2600:9000:0:3::1
'
second_is() {{ nsenter -t $second -n "$@"; }}
"""

FETCH: Final = """\
import sys
from lab import Lab
from netcore import Options, fetch
from netcore.options import Limits
from netcore.trace import encode
options = Options(path=True, allow_private=True, limits=Limits(connect_s=1))
sys.stdout.buffer.write(encode(fetch(sys.argv[1], options)))
"""

SERVE_QUIC: Final = """\
import socket, sys, threading
from pathlib import Path
from lab import Authority
from lab.quic import Quic, QuicServer
from tests.netcore.quic_fetching import HOST, hello
bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
bound.bind((sys.argv[1], 443))
with Authority() as authority:
    with QuicServer(bound, Quic(hello), authority.identity(HOST), (), "end of the path"):
        Path(sys.argv[2]).write_text(authority.cacert + chr(10))
        threading.Event().wait(float(sys.argv[3]))
"""

FETCH_QUIC: Final = """\
import sys
from netcore import Options, fetch
from netcore.options import Limits
from netcore.trace import encode
from tests.netcore.quic_fetching import HOST
options = Options(
    path=True, http="3", cacert=sys.argv[2], resolve=(f"{HOST}:443:{sys.argv[1]}",),
    limits=Limits(quic_s=float(sys.argv[3])),
)
sys.stdout.buffer.write(encode(fetch(f"https://{HOST}/", options)))
"""

PROBE: Final = """\
import sys
from netcore.guard import Admitted
from netcore.options import Options
from netcore.probing import Probing
from netcore.recorder import Recorder
from netcore.trace import Completed, Trace, encode
from netcore.wire import Wire
trace = Trace("http://a.example/", "2026-01-02T03:04:05+00:00", Options(), [])
recorder = Recorder(trace)
with Wire(recorder) as wire, recorder.stage("path"):
    Probing(wire, Admitted(sys.argv[1], int(sys.argv[2]), "the test says so"), sys.argv[3]).run()
recorder.record(Completed(recorder.now_ns(), 200))
sys.stdout.buffer.write(encode(trace))
"""


def run(program: str, *arguments: str, network: Sequence[str] = ()) -> Trace:
    """Run a program on the near end of the network, with these changes to it."""
    script = NETWORK + "".join(f"{line}\n" for line in network) + '"$@"\n'
    command = ["sh", "-c", script, "sh", sys.executable, "-c", program, *arguments]
    done = subprocess.run(
        [*namespaces(), *command],
        cwd=ROOT,
        capture_output=True,
        timeout=SECONDS,
        check=False,
        env={**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"},
    )
    assert done.returncode == 0, done.stderr.decode()
    return decode(done.stdout)


def hops(trace: Trace) -> list[tuple[int, tuple[str, ...], str]]:
    path = read_path(trace.events)
    assert isinstance(path, ThePath)
    return [(hop.number, hop.addresses, hop.answer) for hop in path.hops]


@pytest.mark.slow
def test_each_router_and_the_target_answer_with_their_addresses() -> None:
    trace = run(PROBE, TARGET, "80", "tcp")
    assert hops(trace) == [
        (1, ("10.0.0.1",), "time exceeded"),
        (2, ("10.0.1.2",), "time exceeded"),
        (3, (TARGET,), "refused"),
    ]
    path = read_path(trace.events)
    assert path is not None
    assert [len(hop.probes) for hop in path.hops] == [PROBES, PROBES, PROBES]
    quoted = [pdu for pdu in explain(trace.events).pdus if pdu.protocol == "tcp_segment"]
    assert quoted
    ports = {find_port(each.octets) for each in quoted}
    own = {str(e.result).rpartition(":")[2] for e in calls(trace) if e.call == "getsockname"}
    assert ports <= own


def find_port(segment: bytes) -> str:
    return str(int.from_bytes(segment[:2], "big"))


def calls(trace: Trace) -> list[Called]:
    return [event for event in trace.events if isinstance(event, Called)]


@pytest.mark.slow
def test_version_6_has_its_own_errors() -> None:
    # A link of version 6 takes up to a second until it carries anything.
    connect = "s = socket.socket(socket.AF_INET6); s.settimeout(1)"
    refused = f"exit(s.connect_ex(('{TARGET_6}', 80)) != errno.ECONNREFUSED)"
    ready = f'until "$1" -c "import errno, socket; {connect}; {refused}"; do kill -0 $target; done'
    assert hops(run(PROBE, TARGET_6, "80", "tcp", network=[ready])) == [
        (1, ("2600:9000:0:1::1",), "time exceeded"),
        (2, ("2600:9000:0:2::2",), "time exceeded"),
        (3, (TARGET_6,), "refused"),
    ]


@pytest.mark.slow
def test_datagrams_find_the_same_path() -> None:
    trace = run(PROBE, TARGET, "443", "udp")
    assert hops(trace) == [
        (1, ("10.0.0.1",), "time exceeded"),
        (2, ("10.0.1.2",), "time exceeded"),
        (3, (TARGET,), "refused"),
    ]
    pdus = explain(trace.events).pdus
    assert {(pdu.protocol, pdu.size) for pdu in pdus} == {("quic_packet", 1_200)}
    assert all(field.error == "" for pdu in pdus for field in pdu.fields().walk())


@pytest.mark.slow
def test_the_path_of_a_fetch_over_quic_is_asked_of_its_udp_port(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    program = tmp_path / "serve.py"
    program.write_text(SERVE_QUIC)
    server = f'nsenter -t $target -n "$1" {program} {TARGET} {ready} {SECONDS} & server=$!'
    network = [
        f"export PYTHONPATH={ROOT}",
        server,
        "trap 'kill $first $second $target $server' EXIT",
        f'read cacert < {ready}; set -- "$@" "$cacert" 5',
    ]
    trace = run(FETCH_QUIC, TARGET, network=network)
    assert isinstance(trace.outcome, Completed), trace.outcome
    path = read_path(trace.events)
    assert path is not None
    assert (path.protocol, path.target, path.reached) == ("UDP", f"{TARGET}:443", True)
    assert hops(trace) == [
        (1, ("10.0.0.1",), "time exceeded"),
        (2, ("10.0.1.2",), "time exceeded"),
        (3, (TARGET,), "answered"),
    ]


@pytest.mark.slow
def test_a_fetch_over_quic_that_reaches_nobody_is_told_how_far_its_datagrams_came() -> None:
    network = [
        f"second_is ip route replace unreachable {TARGET}",
        "second_is sh -c 'echo 0 > /proc/sys/net/ipv4/icmp_ratelimit'",  # the fetch asks often
    ]
    trace = run(FETCH_QUIC, TARGET, "", "0.5", network=network)
    end = trace.events[-1]
    assert isinstance(end, Failed)
    # Of a host that is unreachable Linux tells no socket of UDP that does not ask.
    assert (end.stage, end.code) == ("quic", "quic.timeout")
    assert hops(trace)[-1] == (2, ("10.0.1.2",), "unreachable: ICMP 3/1")


@pytest.mark.slow
def test_a_router_that_says_nothing_is_a_star_and_the_path_goes_on() -> None:
    silent = "second_is ip route del 10.0.0.0/24"  # it has no way back to us, and forwards
    back = "nsenter -t $target -n ip route replace default via 10.0.2.1"
    trace = run(PROBE, TARGET, "80", "tcp", network=[silent, back])
    found = hops(trace)
    assert found[0] == (1, ("10.0.0.1",), "time exceeded")
    assert found[1] == (2, (), "")


@pytest.mark.slow
def test_a_router_that_knows_no_way_ends_it() -> None:
    trace = run(
        PROBE, TARGET, "80", "tcp", network=[f"second_is ip route replace unreachable {TARGET}"]
    )
    assert hops(trace)[-1] == (2, ("10.0.1.2",), "unreachable: ICMP 3/1")


@pytest.mark.slow
def test_a_network_that_swallows_everything_is_given_up_in_bounded_probes() -> None:
    trace = run(
        PROBE, TARGET, "80", "tcp", network=[f"second_is ip route replace blackhole {TARGET}"]
    )
    told = [event for event in trace.events if isinstance(event, Chose)]
    assert [event.what for event in told] == ["path"]
    sent = [event for event in calls(trace) if event.call == "connect"]
    assert 0 < len(sent) <= HOPS * PROBES
    opened = {event.socket for event in calls(trace) if event.call == "socket"}
    assert opened == {event.socket for event in calls(trace) if event.call == "close"}


@pytest.mark.slow
def test_a_router_that_lies_or_floods_is_not_believed_and_costs_nothing() -> None:
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        pytest.skip("this system lets us make no TUN device")
    done = subprocess.run(
        [*namespaces(), sys.executable, "-m", "tests.netcore.hostile_router"],
        cwd=ROOT,
        capture_output=True,
        timeout=SECONDS,
        check=False,
        env={**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"},
    )
    assert done.returncode == 0, done.stderr.decode()
    trace = decode(done.stdout)
    assert hops(trace)[:2] == [(1, (), ""), (2, (HONEST,), "time exceeded")]
    answers = [event for event in calls(trace) if event.call == "recvmsg"]
    assert len(answers) == PROBES  # of three hundred to each
    assert len(trace.events) < 1_500
    assert all(pdu.fields() for pdu in explain(trace.events).pdus)


@pytest.mark.slow
def test_a_fetch_that_reaches_nobody_is_told_how_far_its_packets_came() -> None:
    trace = run(
        FETCH,
        f"http://{TARGET}/",
        network=[f"second_is ip route replace unreachable {TARGET}"],
    )
    end = trace.events[-1]
    assert isinstance(end, Failed)
    assert (end.stage, end.code) == ("connect", "tcp.unreachable")
    assert hops(trace)[-1] == (2, ("10.0.1.2",), "unreachable: ICMP 3/1")


def test_the_lab_is_one_hop_away(lab: Lab) -> None:

    target = next(each for each in lab.targets if each.name == "plain")
    trace = fetch(target.url, Options(path=True, lab=lab.options_lab()))
    assert isinstance(trace.outcome, Completed)
    assert [(number, answer) for number, _, answer in hops(trace)] == [(1, "connected")]


def test_a_server_of_quic_answers_a_probe_with_its_versions(authority: Authority) -> None:
    with serving(authority, Quic(hello)) as port:
        trace = fetch(f"https://{HOST}:{port}/", options(authority, port, path=True))
    assert isinstance(trace.outcome, Completed)
    assert hops(trace) == [(1, ("127.0.0.1",), "answered")]
    explanation = explain(trace.events)
    answers = [each for each in explanation.pdus if each.protocol.endswith("negotiation")]
    assert len(answers) >= PROBES  # of the hops behind the end some are on their way already
    offered = [f.value for f in answers[0].fields().walk() if f.name == "supported_version"]
    assert offered == [V1, V2]
    assert list(explanation.quic) == ["1"]  # a probe is no connection


def test_without_the_option_nothing_is_probed(lab: Lab) -> None:

    target = next(each for each in lab.targets if each.name == "plain")
    trace = fetch(target.url, Options(lab=lab.options_lab()))
    assert read_path(trace.events) is None
    assert not any(event.call == "recvmsg" for event in calls(trace))


def test_a_target_that_is_refused_is_not_probed() -> None:
    trace = fetch("http://127.0.0.1:1/", Options(path=True))
    assert isinstance(trace.outcome, Failed)
    assert trace.outcome.code.startswith("guard.")
    assert calls(trace) == []


def test_a_fetch_whose_time_is_over_probes_nothing() -> None:
    trace = Trace("http://a.example/", "2026-01-02T03:04:05+00:00", Options(), [])
    recorder = Recorder(trace)
    with Wire(recorder) as wire, recorder.stage("path"):
        Probing(wire, Admitted("127.0.0.1", 1, "the test says so"), left_s=0.0).run()
    assert calls(trace) == []
    told = [event for event in trace.events if isinstance(event, Chose)]
    assert [event.why for event in told] == ["The time for it was over."]
