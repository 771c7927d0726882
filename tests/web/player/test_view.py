"""The foot of a trace's page: where what is open stands among the steps."""

from __future__ import annotations

from tests.web.player.test_steps import recorded, step_of
from web.player.steps import steps
from web.player.view import address, lines, player_view, step_opened


def test_each_line_leads_to_its_step_and_says_when() -> None:
    tale = recorded()
    told = lines(tale, "/t/x")
    assert [line.number for line in told] == list(range(1, len(told) + 1))
    assert [line.href for line in told] == [address(step, "/t/x") for step in steps(tale)]
    assert told[0].href.startswith("/t/x/e/4?u=1&f=")
    assert [line.time_ns for line in told] == sorted(line.time_ns for line in told)


def test_the_open_step_has_its_neighbours() -> None:
    tale = recorded()
    step = steps(tale)[1]
    view = player_view(tale, "/t/x", step.event, (step.unit, step.field))
    assert view.at == 2
    assert view.before == view.first == lines(tale, "/t/x")[0]
    assert view.after == lines(tale, "/t/x")[2]
    assert view.caption == lines(tale, "/t/x")[1].caption
    assert view.place == f"2 / {len(view.lines)}"


def test_an_event_of_a_step_is_marked_before_its_field_is_chosen() -> None:
    tale = recorded()
    step = steps(tale)[1]
    view = player_view(tale, "/t/x", step.event)
    told = lines(tale, "/t/x")
    assert (view.at, view.place) == (0, f"{view.marked} / {len(told)}")
    assert told[view.marked - 1].event == step.event
    assert view.before == (told[view.marked - 2] if view.marked > 1 else None)
    assert view.after == told[view.marked]


def test_what_is_no_step_stands_between_two() -> None:
    tale = recorded()
    connect = step_of(tale, "connect")
    view = player_view(tale, "/t/x", connect.event + 1)
    assert view.at == 0
    assert view.before is not None
    assert view.before.event <= connect.event + 1
    assert view.after is not None
    assert view.after.event > connect.event + 1


def test_the_ends_have_no_way_further() -> None:
    tale = recorded()
    first, last = steps(tale)[0], steps(tale)[-1]
    begin = player_view(tale, "/t/x", first.event, (first.unit, first.field))
    end = player_view(tale, "/t/x", last.event, (last.unit, last.field))
    assert (begin.before, begin.first) == (None, None)
    assert (end.after, end.last) == (None, None)
    nothing = player_view(recorded(0), "/t/x", 0)
    assert (nothing.lines, nothing.at, nothing.after) == ((), 0, None)


def test_every_event_is_a_choice_that_links_keep() -> None:
    tale = recorded()
    view = player_view(tale, "/t/x", tale.timeline.marks[2].number, every=True)
    assert view.at == 3
    assert view.after is not None
    assert view.after.href.endswith("?every=1")
    assert len(view.lines) == len(tale.timeline.marks)
    assert "every" not in view.switch


def test_a_step_of_the_address_is_opened_if_there_is_one() -> None:
    tale = recorded()
    opened = step_opened(tale, 1)
    assert opened is not None
    assert (opened.event, opened.unit, opened.field) == steps(tale)[0].selection
    assert step_opened(tale, 0) is None
    assert step_opened(tale, 999) is None
    assert step_opened(tale, -1) is None
