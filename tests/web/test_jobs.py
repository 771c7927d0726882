"""Fetches run in a bounded number of threads, and a bounded number waits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.web.conftest import WAIT_S, Script
from web.jobs import Busy, Jobs


@pytest.fixture
def make_jobs() -> Iterator[Callable[..., Jobs]]:
    made: list[Jobs] = []

    def make(**bounds: int) -> Jobs:
        made.append(Jobs(**bounds))
        return made[-1]

    yield make
    for jobs in made:
        jobs.close()


class Held:
    """Jobs that wait until they are let go, and count how many ran at once."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.began = threading.Semaphore(0)
        self.ended = threading.Semaphore(0)
        self.at_once = self.most = 0
        self._lock = threading.Lock()

    def __call__(self) -> None:
        with self._lock:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        self.began.release()
        assert self.go_on.wait(WAIT_S)
        with self._lock:
            self.at_once -= 1
        self.ended.release()


def test_no_more_jobs_run_at_once_than_there_are_workers(make_jobs: Callable[..., Jobs]) -> None:
    jobs, held = make_jobs(workers=3, places=10), Held()
    for name in "abcdefgh":
        jobs.submit(name, held)
    for _ in range(3):
        assert held.began.acquire(timeout=WAIT_S)
    assert [jobs.ahead(name) for name in "adefgh"] == [0, 0, 1, 2, 3, 4]
    held.go_on.set()
    for _ in range(8):
        assert held.ended.acquire(timeout=WAIT_S)
    assert held.most == 3


def test_a_full_queue_takes_nothing_and_says_when_to_ask_again(
    make_jobs: Callable[..., Jobs],
) -> None:
    jobs, held = make_jobs(workers=1, places=2, retry_after_s=7), Held()
    for name in "abc":
        jobs.submit(name, held)
    with pytest.raises(Busy) as refused:
        jobs.submit("d", held)
    assert refused.value.retry_after_s == 7
    held.go_on.set()
    for _ in range(3):
        assert held.ended.acquire(timeout=WAIT_S)


def test_a_job_that_raises_ends_no_worker(
    make_jobs: Callable[..., Jobs], caplog: pytest.LogCaptureFixture
) -> None:
    jobs, held = make_jobs(workers=1, places=2), Held()
    held.go_on.set()
    with caplog.at_level(logging.CRITICAL, "web.jobs"):
        jobs.submit("a", lambda: [][0])
        jobs.submit("b", held)
        assert held.ended.acquire(timeout=WAIT_S)


def test_closed_jobs_take_nothing(make_jobs: Callable[..., Jobs]) -> None:
    jobs = make_jobs()
    jobs.close()
    with pytest.raises(Busy):
        jobs.submit("a", lambda: None)


def test_the_page_of_a_full_queue_says_so_and_when_to_come_back(
    make_app: Callable[..., Flask], script: Script
) -> None:
    client = make_app(JOBS=Jobs(workers=1, places=1, retry_after_s=9)).test_client()
    script.pause_after = 0
    address = {"url": "http://plain.example/"}
    answers = [client.post("/trace", data=address) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 503]
    assert answers[2].headers["Retry-After"] == "9"
    assert "Ask again in 9 seconds." in answers[2].text
    script.go_on.set()
