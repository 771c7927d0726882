"""Deadlines: what must have happened by when, and what it is called if it has not."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from netcore.errors import FetchError


class _Deadline(NamedTuple):
    at_s: float
    seconds: float
    code: str
    message: str


class Deadlines:
    """The deadlines that hold now, each under a name. Times are seconds on the given clock."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._deadlines: dict[str, _Deadline] = {}

    def set(self, name: str, seconds: float | None, code: str, message: str) -> None:
        """From now on, `seconds` are left until a failure; None lifts the deadline.

        In: `message`, a sentence in which `{limit}` stands for the time that was allowed.
        """
        if seconds is None:
            self.clear(name)
            return
        self._deadlines[name] = _Deadline(self._now_s() + seconds, seconds, code, message)

    def keep(self, name: str, seconds: float | None, code: str, message: str) -> None:
        """The same, unless the deadline is set already."""
        if name not in self._deadlines:
            self.set(name, seconds, code, message)

    def restart(self, name: str) -> None:
        """Give the whole time again, counted from now, to a deadline if it is set."""
        deadline = self._deadlines.get(name)
        if deadline is not None:
            _, seconds, code, message = deadline
            self._deadlines[name] = _Deadline(self._now_s() + seconds, seconds, code, message)

    def clear(self, *names: str) -> None:
        """Lift deadlines; those that were not set are passed over."""
        for name in names:
            self._deadlines.pop(name, None)

    def left_s(self, name: str) -> float | None:
        """Seconds to one deadline, 0 if it has passed, None if it is not set."""
        deadline = self._deadlines.get(name)
        return None if deadline is None else max(0.0, deadline.at_s - self._now_s())

    def remaining_s(self) -> float | None:
        """Seconds to the next deadline, None without one.

        Raises: FetchError with the code of the first deadline that has passed.
        """
        if not self._deadlines:
            return None
        first = min(self._deadlines.values(), key=_at)
        left = first.at_s - self._now_s()
        if left <= 0:
            raise FetchError(first.code, first.message.replace("{limit}", f"{first.seconds:g} s"))
        return left


def _at(deadline: _Deadline) -> float:
    return deadline.at_s
