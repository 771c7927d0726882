"""A wait is ended from outside, and the pipe is given back."""

from __future__ import annotations

import os
import select

import pytest

from netcore.waker import Waker


def readable(waker: Waker) -> bool:
    return bool(select.select([waker.fileno], [], [], 0)[0])


def test_it_can_be_read_from_until_it_is_told_to_rest() -> None:
    waker = Waker()
    assert not readable(waker)
    waker.wake()
    waker.wake()
    assert readable(waker)
    waker.rest()
    assert not readable(waker)
    waker.rest()
    waker.release()


def test_who_wakes_without_end_never_waits() -> None:
    waker = Waker()
    for _ in range(70_000):  # more than a pipe holds
        waker.wake()
    assert readable(waker)
    waker.release()


def test_it_gives_its_pipe_back_once_and_wakes_nobody_then() -> None:
    waker = Waker()
    descriptor = waker.fileno
    waker.release()
    waker.release()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
    waker.wake()
    waker.rest()
