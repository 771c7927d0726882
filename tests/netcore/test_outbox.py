"""What is typed waits in order, wakes who waits, and is bounded."""

from __future__ import annotations

import os
import select

import pytest

from netcore.outbox import PLACES, Outbox


def readable(outbox: Outbox) -> bool:
    return bool(select.select([outbox.fileno], [], [], 0)[0])


def test_nothing_is_taken_before_it_is_open_and_behind_its_end() -> None:
    outbox = Outbox()
    assert not outbox.put("early")
    outbox.open()
    assert outbox.put("now")
    outbox.shut()
    assert not outbox.put("late")
    outbox.release()


def test_a_message_wakes_who_waits_once() -> None:
    outbox = Outbox()
    outbox.open()
    assert not readable(outbox)
    outbox.put("one")
    outbox.put("two")
    assert readable(outbox)
    assert outbox.take() == (["one", "two"], False)
    assert not readable(outbox)
    assert outbox.take() == ([], False)
    outbox.release()


def test_it_holds_so_many_and_no_more() -> None:
    outbox = Outbox()
    outbox.open()
    assert [outbox.put(str(number)) for number in range(PLACES + 1)] == [True] * PLACES + [False]
    outbox.release()


def test_closing_wakes_too_and_takes_nothing_more() -> None:
    outbox = Outbox()
    outbox.open()
    outbox.put("last")
    outbox.close()
    assert readable(outbox)
    assert not outbox.put("later")
    assert outbox.take() == (["last"], True)
    outbox.release()


def test_it_gives_its_pipe_back_once() -> None:
    outbox = Outbox()
    outbox.open()
    descriptor = outbox.fileno
    outbox.release()
    outbox.release()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
    assert not outbox.put("late")
    outbox.close()
    assert outbox.take() == ([], True)
