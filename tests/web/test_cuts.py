"""Where a recording stopped, in a sentence and aloud."""

from __future__ import annotations

import pytest
from flask import Flask

from netcore.options import Options
from netcore.trace import Trace, Truncated
from tests.web.conftest import STARTED
from tests.web.recordings import exchange
from web.cuts import cut_line, cuts_ns
from web.feed import DONE, Standing
from web.tale import Tale, tell
from web.views import status_line, summary_view


def cut_tale(*cuts: tuple[str, int]) -> Tale:
    *events, end = exchange()
    time_ns = events[-1].time_ns
    events += [Truncated(time_ns, what, limit) for what, limit in cuts]
    return tell(Trace("http://plain.example/", STARTED, Options(), [*events, end]))


@pytest.mark.parametrize(
    ("cuts", "line"),
    [
        ((), ""),
        (
            (("tcp:1.received", 2 << 20), ("tcp:1.sent", 1_000)),
            "Stopped recording after 2 MiB. The rest was not kept.",
        ),
        ((("events", 10_000),), "Stopped recording after 10,000 events. The rest was not kept."),
    ],
)
def test_the_first_cut_is_told(app: Flask, cuts: tuple[tuple[str, int], ...], line: str) -> None:
    tale = cut_tale(*cuts)
    assert len(cuts_ns(tale)) == len(cuts)
    with app.app_context():
        assert cut_line(tale) == line
        assert status_line(tale, Standing(DONE)).endswith(line or "milliseconds.")
        assert summary_view(tale, Standing(DONE), "/t/x").remark == line
