"""A server that we did not write, as a process that lives as long as a `with` block."""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

START_S: Final = 10.0
STOP_S: Final = 5.0
TRIES: Final = 200
WORKER: Final = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
WORKERS: Final = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
SBIN: Final = "/usr/sbin:/sbin:/usr/local/sbin"


def program(name: str, package: str) -> str:
    """The path of a program; skips the test where it is not installed."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{SBIN}")
    if path is None:
        pytest.skip(f"{name} is not installed: Debian has it in the package {package}")
    return path


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses now, by TCP or UDP, for a server that cannot pick one.

    The kernel gives listeners other numbers than the ends of connections, as far as it can. Each
    worker of a run takes numbers of its own, or two servers might be given the same.
    """
    for _ in range(TRIES):
        with (
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        ):
            tcp.bind(("127.0.0.1", 0))
            port: int = tcp.getsockname()[1]
            if port // 2 % WORKERS != WORKER % WORKERS:
                continue
            with contextlib.suppress(OSError):
                udp.bind(("127.0.0.1", port))
                return port
    raise AssertionError(f"no port was free for both in {TRIES} tries")


@contextmanager
def running(
    command: Sequence[str], directory: Path, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """The command, its output readable, ended when the block ends.

    In: `environment`, variables besides those of the tests themselves.
    """
    pipe, both = subprocess.PIPE, subprocess.STDOUT
    around = os.environ | environment
    with subprocess.Popen(command, cwd=directory, stdout=pipe, stderr=both, env=around) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_for_line(process: subprocess.Popen[bytes], wanted: str) -> str:
    """Read the output up to a line that holds `wanted`, and return that line."""
    assert process.stdout is not None
    descriptor = process.stdout.fileno()
    deadline = time.monotonic() + START_S
    seen = b""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while time.monotonic() < deadline:
            for line in seen.split(b"\n")[:-1]:
                if wanted.encode() in line:
                    return line.decode()
            if selector.select(deadline - time.monotonic()):
                octets = os.read(descriptor, 4096)
                if not octets:
                    break
                seen += octets
    raise AssertionError(f"{process.args!r} did not say {wanted!r} but: {seen.decode()}")


def own_address() -> str:
    """An address of the loopback device that no other process of tests uses.

    Many ports that were free a moment ago are still free there.
    """
    number = os.getpid()
    return f"127.{128 | number >> 16 & 0x7F}.{number >> 8 & 0xFF}.{number & 0xFF}"


def free_ports(address: str, count: int) -> list[int]:
    """So many different ports of an address that nobody uses now by TCP."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((address, 0))
        return [each.getsockname()[1] for each in sockets]


def wait_for_port(process: subprocess.Popen[bytes], port: int, address: str = "127.0.0.1") -> None:
    """Connect until somebody listens."""
    assert process.stdout is not None
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            socket.create_connection((address, port), timeout=1).close()
            return
        except ConnectionRefusedError:
            try:
                process.wait(0.02)  # whichever is first: it died, or it is time to try again
            except subprocess.TimeoutExpired:
                continue
            break
    process.kill()
    raise AssertionError(f"{process.args!r} did not listen: {process.stdout.read().decode()}")
