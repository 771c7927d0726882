"""Stop: a fetch is ended from outside, by any thread, at whatever it waits for.

It ends as it does by Ctrl-C, with KeyboardInterrupt: nothing on the way takes that for a failure
of the network, so that no other address is tried and no question is asked again, while everything
that is open is closed. What was recorded until then is kept.
"""

from __future__ import annotations

import threading
from typing import Final

from netcore.waker import Waker


class Stop:
    """One fetch's. `release` gives its pipe back."""

    def __init__(self) -> None:
        self._waker = Waker()
        self._lock = threading.Lock()
        self._is_asked = False
        self._is_heeded = False

    @property
    def fileno(self) -> int | None:
        """What every wait watches beside its sockets."""
        return self._waker.fileno

    def ask(self) -> None:
        """End the fetch. More than once is the same as once."""
        with self._lock:  # once heeded, nothing may stay in the pipe: every wait would end at once
            if not self._is_asked:
                self._is_asked = True
                self._waker.wake()

    def heed(self) -> None:
        """Raises: KeyboardInterrupt, once, if the fetch is to end: what closes it goes on."""
        if self._is_asked and not self._is_heeded:
            self._is_heeded = True
            with self._lock:
                self._waker.rest()
            raise KeyboardInterrupt

    def release(self) -> None:
        """Give the pipe back: the fetch is over."""
        self._waker.release()


class _Never(Stop):
    """Of a fetch that nobody can stop so."""

    fileno = None

    def __init__(self) -> None:
        pass

    def heed(self) -> None:
        pass


NEVER: Final[Stop] = _Never()
