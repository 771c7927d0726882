"""netcore's pump without its recording: the same calls in the same order, and nothing kept."""

from __future__ import annotations

import netcore.client
from netcore.recorder import Recorder
from netcore.trace import AnyEvent, Plain


class Silent(Recorder):
    """Records nothing."""

    kernel_times = False

    def record(self, event: AnyEvent) -> None:
        """Forget it."""

    def called(
        self,
        socket: str,
        call: str,
        arguments: tuple[Plain, ...],
        start_ns: int,
        result: Plain = None,
        errno: str = "",
        depth: int = 0,
    ) -> None:
        """Forget it."""

    def moved(
        self,
        socket: str,
        call: str,
        argument: int,
        start_ns: int,
        channel: str,
        data: bytes,
    ) -> None:
        """Forget it."""

    def stamped(self, channel: str, offset: int, what: str, realtime_ns: int) -> None:
        """Forget it."""

    def chose(self, what: str, value: str, why: str = "") -> None:
        """Forget it."""

    def secrets(self, lines: list[str]) -> None:
        """Forget them."""


def silence() -> None:
    """From here on, fetches of this process are not recorded."""
    vars(netcore.client)["Recorder"] = Silent
