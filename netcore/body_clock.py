"""BodyClock: the bounds on the content of one response, in time and octets."""

from __future__ import annotations

from netcore.deadline import Deadlines
from netcore.errors import FetchError
from netcore.options import Limits


class BodyClock:
    """Begins when the head has come. Sets the deadlines "body", "stall" and "window"."""

    def __init__(self, limits: Limits, deadlines: Deadlines) -> None:
        self._limits = limits
        self._deadlines = deadlines
        self._octets = 0
        self._window_octets: int | None = None  # None before the first octet
        deadlines.set(
            "body",
            limits.body_s,
            "limit.slow_body",
            "The content was not complete {limit} after the head.",
        )
        deadlines.set(
            "stall", limits.stall_s, "http.stall", "No octet of the content came for {limit}."
        )

    def received(self, count: int) -> None:
        """Octets of content came."""
        self._octets += count
        self._deadlines.restart("stall")
        window = self._limits.slow_window_s
        if window is None:
            return
        if self._window_octets is None:
            self._begin_window()
        self._window_octets = (self._window_octets or 0) + count
        if self._window_octets >= self._limits.slow_octets_per_s * window:
            self._begin_window()

    def within_limit(self, data: bytes) -> bytes:
        """The octets of `data`, the last that came, that the limit on size leaves."""
        most = self._limits.body_read_octets
        if most is None or self._octets <= most:
            return data
        return data[: len(data) - (self._octets - most)]

    def check_size(self) -> None:
        """Raises: FetchError limit.body once more has come than is read."""
        most = self._limits.body_read_octets
        if most is not None and self._octets > most:
            raise FetchError(
                "limit.body", f"The content is larger than the {most:,} octets that are read."
            )

    def stop(self) -> None:
        """The content is complete."""
        self._deadlines.clear("body", "stall", "window")

    def _begin_window(self) -> None:
        """So many octets have to come within the window; then the next one begins."""
        self._window_octets = 0
        self._deadlines.set(
            "window",
            self._limits.slow_window_s,
            "limit.slow_body",
            f"The content came more slowly than {self._limits.slow_octets_per_s:,} octets a "
            "second for {limit}.",
        )
