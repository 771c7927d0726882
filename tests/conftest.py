"""Fixtures that several tests share."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from lab import Authority, Lab, LabServer
from netcore.wire import keep_kernel_clock
from tests.compiled import keep_compiled_templates
from tests.no_skips import pytest_make_collect_report, pytest_runtest_makereport
from tests.tripwire import watch

__all__ = ["pytest_make_collect_report", "pytest_runtest_makereport"]

# The same code is told the same, on a busy machine too; inputs that nobody has tried yet are what
# `make fuzz` is for.
settings.register_profile(
    "wiretale", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("wiretale")
# What their helpers assert is told with its values too.
pytest.register_assert_rewrite("tests.faults", "tests.peers")
watch()
keep_compiled_templates()
keep_kernel_clock()  # opened once for the process, so that no test seems to leave it behind


@pytest.fixture(scope="session")
def authority() -> Iterator[Authority]:
    """A certificate authority for servers that a test starts itself."""
    with Authority() as made:
        yield made


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """The whole lab, started once. `slow` holds its body back until it is released."""
    with Lab(hold_s=30) as started:
        yield started


@pytest.fixture
def lab_server(authority: Authority) -> Iterator[Callable[[str], LabServer]]:
    """Starts one lab server by name; it is stopped when the test ends."""
    started: list[LabServer] = []

    def start(name: str) -> LabServer:
        server = LabServer(name, authority=authority, hold_s=30)
        started.append(server.__enter__())
        return server

    yield start
    for server in started:
        server.__exit__(None, None, None)


@pytest.fixture
def nothing_left() -> Iterator[None]:
    """Fails the test if it leaves a file descriptor or a thread behind, a second later."""
    threads = set(threading.enumerate())
    descriptors = open_descriptors()
    yield
    for thread in set(threading.enumerate()) - threads:
        thread.join(1)  # a server that outlives the test may be about to close its end
    assert set(threading.enumerate()) <= threads
    assert open_descriptors() <= descriptors


def open_descriptors() -> set[str]:
    """The file descriptors of this process, each with what it is open on."""
    found = set()
    for link in Path("/proc/self/fd").iterdir():
        try:
            found.add(f"{link.name} {os.readlink(link)}")
        except FileNotFoundError:  # the one that lists this directory
            continue
    return found
