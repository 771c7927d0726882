"""Capturing: starts the helper, tells it the flows of the fetch, and takes what it has seen.

Nothing here needs a privilege, and nothing raises: where packets cannot be had, a decision in the
trace says why, and the fetch goes on.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from netcore.capture.records import BadRecord, Records, Seen
from netcore.options import Limits
from netcore.recorder import Recorder
from netcore.trace import Captured

_ROOT: Final = Path(__file__).resolve().parents[2]
_ANSWER_S: Final = 3.0  # a Python starts in some 20 ms; a loaded machine takes longer
_READ_OCTETS: Final = 1 << 20
_READS: Final = 64  # at one time, so that a flood of packets cannot hold the fetch up

_REFUSED: Final = {
    "EPERM": "This user may not: it takes CAP_NET_RAW. As root it works, and so does setpriv "
    "--inh-caps +net_raw --ambient-caps +net_raw. Only the helper uses it, and gives it up.",
    "EAFNOSUPPORT": "This kernel has no packet sockets.",
}
_ELSEWHERE: Final = "Packet sockets are Linux's; nothing is captured on this system."


class Capturing:
    """The helper of one fetch. It starts when this is made, before the clock of the trace does."""

    def __init__(self, limits: Limits) -> None:
        self._packets = 0
        self._unseen = 0  # sockets that found no place among the flows
        self._records = Records()
        self._recorder: Recorder | None = None
        self._helper: subprocess.Popen[bytes] | None = None
        self._why_not = _ELSEWHERE
        if not sys.platform.startswith("linux"):
            return
        command = [sys.executable, "-E", "-s", "-S", "-m", "netcore.capture.helper"]
        command += [str(limits.kept_octets), str(limits.captured_packets)]
        try:
            self._helper = subprocess.Popen(  # noqa: S603 (our own words, and no shell)
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=_ROOT,
                env={},
                start_new_session=True,
            )
        except OSError as error:
            self._why_not = f"The helper cannot be started: {error.strerror}."
            return
        assert self._helper.stdout is not None
        os.set_blocking(self._helper.stdout.fileno(), False)
        answer = self._answer()
        if answer != "ready":
            self._why_not = _why_not(answer)
            self._end()

    def begin(self, recorder: Recorder) -> None:
        """Say whether packets are captured, in the trace that is recorded."""
        self._recorder = recorder
        if self._helper is None:
            recorder.chose("capture", "off", self._why_not)
        else:
            why = "A process of its own sees the packets of these connections, and no others."
            recorder.chose("capture", "on", why)

    def watch(self, protocol: str, address: str, port: int) -> None:
        """A socket is about to exchange packets with this endpoint: wait until they are seen."""
        if not self._tell(f"watch {protocol} {address} {port}"):
            return
        answer = self._answer()
        self._unseen += answer == "full"
        if not answer:
            self._lost()

    def own(self, protocol: str, address: str, port: int, own_port: int) -> None:
        """The socket's own port is known."""
        self._tell(f"own {protocol} {address} {port} {own_port}")

    def take(self) -> None:
        """Record the packets that have been seen by now."""
        for _ in range(_READS):
            if self._helper is None or not self._read():
                return

    def finish(self) -> None:
        """All sockets are closed: wait for the last packets, and say what is missing."""
        try:
            self._stop()
        finally:
            self._end()

    def _stop(self) -> None:
        if not self._tell("stop"):
            return
        words = self._answer().split(" ")
        if words[0] != "stopped":
            self._lost()
            return
        dropped, untold = int(words[1]), int(words[2])
        assert self._recorder is not None
        lost = [f"{dropped:,} found no place in the ring"] if dropped else []
        lost += [f"{untold:,} went beyond what a trace takes"] if untold else []
        lost += [f"{self._unseen:,} sockets too many were not watched"] if self._unseen else []
        value = "incomplete" if lost else "complete"
        why = f"{self._packets:,} packets were seen; {'; '.join(lost) or 'none was lost'}."
        self._recorder.chose("capture", value, why)

    def _tell(self, order: str) -> bool:
        if self._helper is None:
            return False
        assert self._helper.stdin is not None
        try:
            os.write(self._helper.stdin.fileno(), f"{order}\n".encode("ascii"))
        except OSError:
            self._lost()
            return False
        return True

    def _answer(self) -> str:
        """The next reply; packets before it are recorded. "" if there is none in time."""
        assert self._helper is not None
        assert self._helper.stdout is not None
        poll = select.poll()
        poll.register(self._helper.stdout, select.POLLIN)
        end_s = time.monotonic() + _ANSWER_S
        while (left_s := end_s - time.monotonic()) > 0:
            poll.poll(left_s * 1_000)
            reply = self._read()
            if reply is None:
                return ""
            if isinstance(reply, str):
                return reply
        return ""

    def _read(self) -> bool | str | None:
        """Read once. Out: a reply, else whether there was anything; None at the end."""
        assert self._helper is not None
        assert self._helper.stdout is not None
        try:
            octets = os.read(self._helper.stdout.fileno(), _READ_OCTETS)
        except BlockingIOError:
            return False
        reply = ""
        try:
            for record in self._records.receive(octets):
                if isinstance(record, Seen):
                    self._record(record)
                else:
                    reply = record
        except BadRecord:
            octets = b""
        if not octets:
            return None
        return reply or True

    def _record(self, seen: Seen) -> None:
        assert self._recorder is not None
        self._packets += 1
        self._recorder.record(
            Captured(
                max(0, self._recorder.at_ns(seen.monotonic_ns)),
                seen.interface,
                "sent" if seen.sent else "received",
                seen.length,
                seen.data,
                seen.checksum_offloaded,
                seen.segmentation_offloaded,
            )
        )

    def _lost(self) -> None:
        """The helper has ended by itself, or does not answer."""
        if self._recorder is not None and self._helper is not None:
            self._recorder.chose("capture", "incomplete", "The helper ended before the fetch did.")
        self._end()

    def _end(self) -> None:
        helper, self._helper = self._helper, None
        if helper is not None:
            helper.kill()
            with helper:  # closes its pipes, and waits
                pass


def _why_not(answer: str) -> str:
    """Why the helper does not capture, by its answer."""
    name = answer.removeprefix("refused ")
    return _REFUSED.get(name, f"The helper has no packet socket: {name or 'it did not answer'}.")
