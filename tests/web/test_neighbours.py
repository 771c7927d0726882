"""Where an open event stands among the steps, and what is beside it."""

from __future__ import annotations

from netcore.options import Options
from netcore.trace import AnyEvent, Trace
from tests.netcore.recordings import http_exchange
from web.neighbours import step_view
from web.tale import tell


def _trace(events: list[AnyEvent]) -> Trace:
    return Trace("http://plain.example/", "2026-01-01T00:00:00+00:00", Options(), events)


def test_each_step_leads_to_the_next_and_back() -> None:
    tale = tell(_trace(http_exchange([b"GET / HTTP/1.1\r\n\r\n"], [b"HTTP/1.1 204 No\r\n\r\n"])))
    numbers = [mark.number for mark in tale.timeline.marks]
    views = [step_view(tale, "/t/x", number) for number in numbers]
    assert [view.after for view in views] == [*numbers[1:], 0]
    assert [view.before for view in views] == [0, *numbers[:-1]]
    assert views[0].after_href == f"/t/x/e/{numbers[1]}"
    assert views[0].place == f"mark 1 of {len(numbers)}"


def test_no_event_has_no_neighbour_before_it() -> None:
    tale = tell(_trace(http_exchange([], [])))
    view = step_view(tale, "/t/x", 0)
    assert (view.before, view.caption) == (0, "")
