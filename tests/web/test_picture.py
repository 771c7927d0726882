"""A timeline in a look."""

from __future__ import annotations

import pytest

from netcore.trace import Called
from tests.web.drawing.test_steps import tale_of
from tests.web.recordings import MS, SITE, exchange
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
        assert len(shown.modes) == 3


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
    assert "(server 1.00 ms, measured by connect())" in legend
    assert legend.endswith("A DNS query took 2.04 ms; its halves are a guess.")
    assert "resolver" not in legend
    assert taken(Look(STEPS)).legend == ""


def test_the_legend_says_who_measured() -> None:
    events = exchange()
    told = Called(
        5 * MS, "tcp:1", "getsockopt", ("IPPROTO_TCP", "TCP_INFO", "tcpi_rtt"), 84, site=SITE
    )
    legend = picture(tale_of([*events[:12], told, *events[12:]]), Standing(DONE), BASE, Look(TIME))
    assert "(server 84.0 µs, measured by the kernel)" in legend.legend


@pytest.mark.parametrize("mode", [STEPS, TIME])
def test_the_legend_says_what_a_dashed_half_is_where_nothing_answered(mode: str) -> None:
    closing = Called(20 * MS, "tcp:1", "close", (), None, site=SITE)
    events = exchange()
    tale = tale_of([*events[:-1], closing, events[-1]])
    legend = picture(tale, Standing(DONE), BASE, Look(mode)).legend
    assert "nothing answered" in legend
    assert "nothing answered" not in taken(Look(mode)).legend


def test_what_else_is_to_be_said_is_told_in_few_words() -> None:
    assert taken(Look(TIME)).facts == taken(Look(STEPS)).facts == ()
    assert taken(Look(TIME, width=320, folding=False)).facts == ("slopes not to scale",)


def test_how_it_was_estimated_is_told_only_where_something_is() -> None:
    for look in (Look(TIME), Look(STEPS), Look(TIME, window=(0, 4 * MS))):
        shown = taken(look)
        assert not shown.legend or any(sign.look == "assumed" for sign in shown.signs)


def test_zoomed_to_the_limit_nothing_is_folded_and_the_ends_differ() -> None:
    shown = taken(Look(TIME, window=(6 * MS, 6 * MS + 1_000)))
    assert shown.drawing.folds == ()
    assert "6.00000 to 6.00100 milliseconds" in shown.said
    assert shown.said.endswith(", 1 mark.")


def test_panning_keeps_in_mind_the_scale_that_it_began_at() -> None:
    first = taken(Look(TIME, window=(0, 4 * MS), folding=False))
    kept = float(first.scale)
    nearer = taken(Look(TIME, window=(0, 2 * MS), folding=False))
    assert float(nearer.scale) == pytest.approx(2 * kept)
    moved = taken(Look(TIME, window=(0, 2 * MS), folding=False, pan=300.0, scale=kept))
    assert float(moved.scale) == pytest.approx(kept)


def test_a_pan_goes_over_a_fold() -> None:
    look, spans = Look(TIME, window=(0, 7 * MS), pan=300.0), []
    for _ in range(6):
        start, end = map(float, taken(look).span.split("-"))
        spans.append((start, end))
        look = Look(TIME, window=(round(start * MS), round(end * MS)), pan=300.0)
    assert spans == sorted(spans)
    assert spans[-1][1] == 20  # from before the gap of 6.5 to 17.5 ms to beyond it
