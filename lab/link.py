"""A link of known delay between two hosts, made in user space.

Theory of operation. Each host is a network namespace that a process holds open (`lab.link_end`).
The process makes a TUN device in it and hands its descriptor to us: what the host routes to the
other one comes out of the descriptor as IP packets, and we write each packet into the other
descriptor when its time has come. So every packet of the path passes through one loop, which needs
no queueing discipline of the kernel (many kernels lack netem). Packets are never reordered.
"""

from __future__ import annotations

import os
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

ROOT: Final = Path(__file__).resolve().parent.parent
CLIENT: Final = "93.184.216.33"  # in namespaces of our own: nothing leaves the machine
SERVER: Final = "93.184.216.34"
MTU: Final = 1500
_START_S: Final = 20.0  # a Python and its libraries, on a machine that has much to do
_STOP_S: Final = 5.0
_SYSTEM: Final = "/usr/sbin:/sbin"


class NoLink(OSError):
    """This system lets us make no namespace, or no device in it."""


class Link:
    """Two hosts and what lies between them, while a `with` block lasts.

    In: `delay_s`, how long each packet is on its way, in seconds, in either direction.

    Raises (at the start of the block): NoLink.
    """

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s
        self._ends: list[_End] = []
        self._relay: _Relay | None = None

    def __enter__(self) -> Self:
        try:
            self._ends.append(_End(CLIENT, SERVER))
            self._ends.append(_End(SERVER, CLIENT))
        except OSError as error:
            self._close()
            raise NoLink(f"no link can be made here: {error}") from error
        self._relay = _Relay(self._ends[0].tun, self._ends[1].tun, self._delay_s)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close()

    def on_client(self, *command: str) -> tuple[str, ...]:
        """The command that runs `command` on the client's host."""
        return self._ends[0].entered(command)

    def on_server(self, *command: str) -> tuple[str, ...]:
        """The command that runs `command` on the server's host."""
        return self._ends[1].entered(command)

    @property
    def packets(self) -> tuple[int, int]:
        """How many packets have been let through: from the client, from the server."""
        assert self._relay is not None
        return self._relay.counts

    def _close(self) -> None:
        if self._relay is not None:
            self._relay.stop()
        for end in self._ends:
            end.close()


class _End:
    """One host. Raises: OSError."""

    def __init__(self, address: str, peer: str) -> None:
        ours, theirs = socket.socketpair()
        with theirs, ExitStack() as stack:
            stack.enter_context(ours)
            self._process = subprocess.Popen(  # noqa: S603 (our own words)
                [
                    *("unshare", "--map-root-user", "--net"),
                    *(sys.executable, "-m", "lab.link_end"),
                    *(str(theirs.fileno()), address, peer, str(MTU)),
                ],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PATH": f"{os.environ.get('PATH', '')}:{_SYSTEM}"},
                stderr=subprocess.PIPE,
            )
            stack.pop_all()
        self._held = ours
        ours.settimeout(_START_S)
        _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
        if not descriptors:
            self.close()
            assert self._process.stderr is not None
            said = self._process.stderr.read().decode(errors="replace").strip()
            raise OSError(said.splitlines()[-1] if said else "the process ended")
        self.tun = descriptors[0]

    def entered(self, command: Sequence[str]) -> tuple[str, ...]:
        """A command that does `command` here."""
        target = str(self._process.pid)
        return ("nsenter", "--user", "--net", "--preserve-credentials", "-t", target, *command)

    def close(self) -> None:
        """End the process that holds the namespace: it waits for our end of the pair."""
        self._held.close()
        with self._process as process:  # closes its pipe, and waits
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


class _Relay:
    """The loop between two TUN descriptors, in a thread of its own; it closes them."""

    def __init__(self, client: int, server: int, delay_s: float) -> None:
        self._other = {client: server, server: client}
        self._delay_s = delay_s
        self._due: deque[tuple[float, int, bytes]] = deque()
        self._passed = {client: 0, server: 0}
        self._awake, self._stopped = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)
        self._thread.start()

    @property
    def counts(self) -> tuple[int, int]:
        """Packets let through from either side."""
        from_client, from_server = self._passed.values()
        return from_client, from_server

    def stop(self) -> None:
        """End the thread, and close both devices."""
        self._stopped.close()
        self._thread.join(_STOP_S)
        self._awake.close()
        for tun in self._other:
            os.close(tun)

    def _run(self) -> None:
        # select() takes microseconds, where epoll rounds up to milliseconds.
        with selectors.SelectSelector() as selector:
            watched: list[int | socket.socket] = [*self._other, self._awake]
            for readable in watched:
                selector.register(readable, selectors.EVENT_READ)
            while True:
                ready = [key.fileobj for key, _ in selector.select(self._until_due())]
                if self._awake in ready:
                    return
                for tun in ready:
                    assert isinstance(tun, int)
                    self._due.append((time.monotonic() + self._delay_s, tun, os.read(tun, 65_536)))
                self._let_through()

    def _until_due(self) -> float | None:
        return max(0.0, self._due[0][0] - time.monotonic()) if self._due else None

    def _let_through(self) -> None:
        while self._due and self._due[0][0] <= time.monotonic():
            _, tun, packet = self._due.popleft()
            os.write(self._other[tun], packet)
            self._passed[tun] += 1
