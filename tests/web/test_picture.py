"""A timeline in a look."""

from __future__ import annotations

from tests.web.drawing.test_steps import tale_of
from tests.web.recordings import MS, exchange
from web.feed import DONE, RUNNING, Standing
from web.look import STEPS, TIME, Look, read_look
from web.picture import Picture, picture

BASE = "/t/x"


def taken(look: Look, state: str = DONE) -> Picture:
    return picture(tale_of(exchange()), Standing(state), BASE, look)


def test_a_running_trace_is_shown_in_steps_without_controls() -> None:
    shown = taken(Look(TIME, chosen=True), RUNNING)
    assert (shown.mode, shown.modes, shown.zoom, shown.wanted) == (STEPS, (), (), TIME)


def test_both_modes_are_offered_and_the_current_one_is_marked() -> None:
    for mode in (STEPS, TIME):
        shown = taken(Look(mode))
        assert [one.id for one in shown.modes if one.current] == [f"mode-{mode}"]
        assert len(shown.modes) == 2


def test_zooming_in_and_out_again_leads_back() -> None:
    whole = taken(Look(TIME, folding=False))
    step_in = next(one for one in whole.zoom if one.id == "zoom-in")
    query = dict(part.split("=") for part in step_in.href.partition("?")[2].split("&"))
    nearer = taken(read_look(query, ""))
    assert nearer.span != "" == whole.span
    out = next(one for one in nearer.zoom if one.id == "zoom-out")
    query = dict(part.split("=") for part in out.href.partition("?")[2].split("&"))
    assert taken(read_look(query, "")).span == ""


def test_pixels_of_a_gesture_become_a_span() -> None:
    shown = taken(Look(TIME, folding=False, pixels=(650.0, 1_286.0)))
    start, end = map(float, shown.span.split("-"))
    assert 9 < start < 11
    assert 20 <= end < 22


def test_an_event_that_is_asked_for_is_in_view() -> None:
    look = Look(TIME, window=(MS, 2 * MS), event=len(exchange()))
    start, end = map(float, taken(look).span.split("-"))
    assert start <= 20 <= end
    assert round(end - start, 3) == 1


def test_the_legend_says_what_the_assumed_ends_rest_on() -> None:
    legend = taken(Look(TIME)).legend
    assert "resolver" in legend
    assert "server" in legend
    assert taken(Look(STEPS)).legend == ""


def test_the_look_is_said_in_words() -> None:
    assert taken(Look(TIME, folding=False)).said.startswith(
        "Width shows time, all of it, no gaps folded, "
    )
