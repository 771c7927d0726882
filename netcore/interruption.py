"""Interruption: what Ctrl-C (SIGINT) and SIGTERM do to the program.

While modules are loaded, a signal waits. While a fetch runs, it ends the fetch: KeyboardInterrupt
is raised, which `fetch` turns into an outcome. While files are written, the first is let pass, so
that what was recorded is saved, and the next one ends that too. Signals within a second count as
one: people press Ctrl-C more than once.
"""

from __future__ import annotations

import math
import signal
import time

TYPE_CHECKING = False  # as type checkers know it; this is loaded before all that takes long
if TYPE_CHECKING:
    from collections.abc import Callable

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_ONE_S = 1.0  # signals that are closer than this are one


class Interruption:
    """The signals of one run of the program. In: `clock`, seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._first = 0  # the number of the first that came
        self._last_s = -math.inf
        self._let_pass: float = math.inf  # how many are, before one raises

    def install(self) -> None:
        """Be told of signals from now on. One that is ignored, as under nohup, stays so."""
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self.came)

    @property
    def status(self) -> int:
        """The exit status of a program that was interrupted, as shells have it."""
        return 128 + (self._first or signal.SIGINT)

    def loaded(self) -> None:
        """From now on a signal raises KeyboardInterrupt; so does one that came before."""
        self._let_pass = 0
        if self._first:
            raise KeyboardInterrupt

    def saving(self) -> None:
        """From now on the first signal is let pass."""
        self._let_pass = 1

    def done(self) -> None:
        """From now on signals are ignored: there is nothing left to interrupt.

        Python takes its handlers away as it exits, and leaves what is ignored as it is.
        """
        self._let_pass = math.inf
        self._replace(signal.SIG_IGN)

    def give_up(self) -> None:
        """From now on a signal ends the process at once, whatever it hangs on."""
        self._replace(signal.SIG_DFL)

    def _replace(self, handler: signal.Handlers) -> None:
        for number in _SIGNALS:
            if signal.getsignal(number) == self.came:
                signal.signal(number, handler)

    def came(self, number: int, _frame: object = None) -> None:
        """Meet a signal. Raises: KeyboardInterrupt if it is to end what is going on."""
        self._first = self._first or number
        now_s = self._clock()
        if now_s - self._last_s < _ONE_S:
            return
        self._last_s = now_s
        if self._let_pass <= 0:
            raise KeyboardInterrupt
        self._let_pass -= 1
