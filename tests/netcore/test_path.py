"""Hop by hop, through routers that are network namespaces."""

from __future__ import annotations

import json
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcore import Options, fetch
from netcore.path import read_offender
from netcore.trace import Chose, Completed
from tests.faults.hostile import HostileServer
from tests.netcore.test_client import HELLO, reply

ROOT = Path(__file__).parents[2]
SERVE = (
    "import socket\n"
    "s = socket.create_server(('10.99.2.2', 8080))\n"
    "print('ready', flush=True)\n"
    "while True:\n"
    "    c, _ = s.accept()\n"
    "    c.settimeout(5)\n"
    "    try:\n"
    "        c.recv(9999) and c.sendall(b'HTTP/1.1 204 No\\r\\nConnection: close\\r\\n\\r\\n')\n"
    "    except OSError:\n"
    "        pass\n"
    "    c.close()\n"
)


def found(trace_events: list[object]) -> list[tuple[str, str]]:
    return [(e.value, e.why) for e in trace_events if isinstance(e, Chose) and e.what == "path"]


def about(origin: int, address: bytes) -> bytes:
    error = struct.pack("@IBBBBII", 113, origin, 11, 0, 0, 0, 0)
    family = struct.pack("=HH", 2, 0) if origin == 2 else struct.pack("=HHI", 10, 0, 0)
    return error + family + address + bytes(8)


def test_who_dropped_a_probe_is_read_from_the_error_queue() -> None:
    assert read_offender([(0, 11, about(2, b"\x0a\x63\x01\x02"))]) == "10.99.1.2"
    six = socket.inet_pton(socket.AF_INET6, "2001:db8::1")
    assert read_offender([(41, 25, about(3, six))]) == "2001:db8::1"
    assert read_offender([(0, 11, about(4, b"\x0a\x63\x01\x02"))]) is None
    assert read_offender(None) is None


@given(st.lists(st.tuples(st.integers(), st.integers(), st.binary(max_size=60))))
def test_any_message_is_read(untrusted: list[tuple[int, int, bytes]]) -> None:
    read_offender(untrusted)


@pytest.mark.wire
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who dropped a packet")
def test_on_one_machine_the_first_hop_is_the_target() -> None:
    with HostileServer(reply(HELLO)) as server:
        trace = fetch(f"http://{server.endpoint}/", Options(allow_private=True, path=True))
    assert isinstance(trace.outcome, Completed)
    ((value, why),) = found(list(trace.events))
    assert value == "hop 1: 127.0.0.1"
    assert why.startswith("The target itself answered")


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@pytest.fixture
def routed() -> Iterator[tuple[str, str]]:
    """Three namespaces in a row, with a server in the last. Out: the first, and its name."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("network namespaces are made by root, with ip(8)")
    names = [f"wt{os.getpid()}{letter}" for letter in "abc"]
    with ExitStack() as stack:
        for name in names:
            try:
                ip("netns", "add", name)
            except subprocess.CalledProcessError as error:
                pytest.skip(f"no network namespace can be made here: {error.stderr!r}")
            stack.callback(ip, "netns", "delete", name)
        for at, (near, far) in enumerate(pairwise(names), start=1):
            ends = (f"l{at}", f"r{at}")
            ip("-n", near, "link", "add", ends[0], "type", "veth", "peer", ends[1], "netns", far)
            for name, device, host in ((near, ends[0], 1), (far, ends[1], 2)):
                ip("-n", name, "address", "add", f"10.99.{at}.{host}/24", "dev", device)
                ip("-n", name, "link", "set", device, "up")
        ip("-n", names[0], "route", "add", "default", "via", "10.99.1.2")
        ip("-n", names[2], "route", "add", "default", "via", "10.99.2.1")
        ip("netns", "exec", names[1], "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        command = ["ip", "netns", "exec", names[2], sys.executable, "-c", SERVE]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        stack.callback(server.wait)
        stack.callback(server.kill)
        assert server.stdout is not None
        stack.callback(server.stdout.close)
        assert server.stdout.readline() == "ready\n"
        yield names[0], "10.99.2.2:8080"


@pytest.mark.wire
@pytest.mark.slow
def test_the_router_between_and_the_target_are_found_and_the_fetch_goes_on(
    routed: tuple[str, str], tmp_path: Path
) -> None:
    namespace, endpoint = routed
    file = tmp_path / "trace.jsonl"
    command = ["ip", "netns", "exec", namespace, sys.executable, "-m", "netcore", "--path"]
    command += [f"http://{endpoint}/", "--allow-private", "--json", str(file), "-m", "20"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    events = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    said = [event["value"] for event in events if event.get("what") == "path"]
    assert said == ["hop 1: 10.99.1.2", "hop 2: 10.99.2.2"]
