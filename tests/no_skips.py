"""With WIRETALE_REQUIRE_PEERS=1 a skipped peer or browser test has failed.

On a user's machine such a test is skipped where its server or its browser is missing. Where
everything can be installed, a skip hides a test that nobody runs. Mixed in by conftest.py.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Final

import pytest

REQUIRED: Final = os.environ.get("WIRETALE_REQUIRE_PEERS") == "1"
MARKS: Final = ("peer", "browser")
NO_SKIP: Final = "(WIRETALE_REQUIRE_PEERS=1 allows no skip)"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a test that is marked so into a failure that gives the skip's reason."""
    report = yield
    marked = any(item.get_closest_marker(name) for name in MARKS)
    if REQUIRED and marked and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason} {NO_SKIP}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole file that is skipped: its marks are not known then, so no file may."""
    report = yield
    if REQUIRED and report.outcome == "skipped":
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid}: {report.longrepr} {NO_SKIP}"
    return report
