"""What signals do while modules are loaded, a fetch runs, and files are written."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from netcore.interruption import Interruption


class Clock:
    """Seconds, as a test sets them."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_while_modules_are_loaded_a_signal_waits() -> None:
    interruption = Interruption(Clock())
    interruption.came(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        interruption.loaded()
    assert interruption.status == 143


def test_a_fetch_is_ended_by_each_signal_that_is_no_repetition() -> None:
    clock = Clock()
    interruption = Interruption(clock)
    interruption.loaded()
    with pytest.raises(KeyboardInterrupt):
        interruption.came(signal.SIGINT)
    clock.now_s = 0.9
    interruption.came(signal.SIGTERM)
    clock.now_s = 1.0  # the first was lost somewhere
    with pytest.raises(KeyboardInterrupt):
        interruption.came(signal.SIGINT)
    assert interruption.status == 130


def test_writing_is_ended_by_the_second_that_is_no_repetition() -> None:
    clock = Clock()
    interruption = Interruption(clock)
    interruption.loaded()
    interruption.saving()
    for clock.now_s in (0, 0.5, 0.9):
        interruption.came(signal.SIGINT)
    clock.now_s = 1.2
    with pytest.raises(KeyboardInterrupt):
        interruption.came(signal.SIGINT)


def test_what_is_done_is_not_interrupted() -> None:
    clock = Clock()
    interruption = Interruption(clock)
    interruption.loaded()
    interruption.done()
    for clock.now_s in range(5):
        interruption.came(signal.SIGINT)


@pytest.mark.parametrize(("end", "left"), [("give_up", "SIG_DFL"), ("done", "SIG_IGN")])
def test_a_signal_that_is_ignored_stays_ignored_and_the_others_end_as_they_should(
    end: str, left: str
) -> None:
    program = (
        "import signal as s; from netcore.interruption import Interruption; "
        "s.signal(s.SIGINT, s.SIG_IGN); one = Interruption(); one.install(); "
        "assert s.getsignal(s.SIGINT) is s.SIG_IGN; assert s.getsignal(s.SIGTERM) == one.came; "
        f"one.{end}(); assert s.getsignal(s.SIGINT) is s.SIG_IGN; "
        f"assert s.getsignal(s.SIGTERM) is s.{left}"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
