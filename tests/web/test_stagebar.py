"""The bar of stages, as wide as the page or over time."""

from __future__ import annotations

import pytest
from msgspec import structs

from lab import Lab
from netcore.timeline import StageSpan
from netcore.trace import AnyEvent, Called, Failed, StageEnded, StageStarted, Truncated
from tests.web.drawing.test_steps import tale_of
from tests.web.recordings import SITE, exchange, refused
from tests.web.ways.recordings import lab_trace
from web.drawing.folding import fold
from web.drawing.shapes import Drawing
from web.drawing.steps import FULL_WIDTH, draw_wide
from web.drawing.timed import Timed, draw_time, time_scale
from web.feed import CANCELLED, DONE, FAILED, QUEUED, RUNNING, Standing
from web.phrases import stage_layer
from web.stagebar import MOST_RESERVE, StageView, reserve, stage_bar, steps_bar, timed_bar
from web.tale import Tale, tell

BASE = "/t/x"
WIDTH = 1_300


def over_time(tale: Tale, kept: float = 0, window: tuple[int, int] | None = None) -> Timed:
    window = window or (0, tale.flown.extent_ns)
    scale = time_scale(tale.flown.quiet, window, WIDTH, kept, folding=True)
    return draw_time(tale.timeline, tale.flown, scale, WIDTH, lambda a, b: "")


def by_steps(tale: Tale, standing: Standing) -> Drawing:
    kept = reserve(tale, standing, FULL_WIDTH)
    return draw_wide(tale.timeline, fitted=not standing.live, kept=kept)


def extent(view: StageView, width: int) -> tuple[float, float]:
    x, wide = (float(part.removesuffix("%")) / 100 * width for part in (view.x, view.width))
    return x, x + wide


@pytest.mark.parametrize("state", [DONE, RUNNING])
def test_over_steps_a_stage_stands_over_its_own_marks(state: str) -> None:
    tale, standing = tale_of(exchange()), Standing(state)
    drawing = by_steps(tale, standing)
    bar = steps_bar(tale, standing, BASE, drawing)
    for view in bar.views[:2]:
        low, high = extent(view, bar.width)
        inside = {
            mark.number
            for mark in drawing.marks
            if low < (mark.lines[0].x1 + mark.lines[0].x2) / 2 < high
        }
        assert inside == {m.number for m in tale.timeline.marks if m.stage == view.name}


def test_over_steps_every_stage_has_room_and_what_was_not_reached_comes_last() -> None:
    tale, standing = tale_of(refused()), Standing(FAILED)
    bar = steps_bar(tale, standing, BASE, by_steps(tale, standing))
    places = [extent(view, bar.width) for view in bar.views]
    assert all(end - start > 20 for start, end in places)
    assert [end for _, end in places[:-1]] == pytest.approx([x for x, _ in places[1:]], abs=0.01)
    assert bar.width == FULL_WIDTH
    assert [view.below for view in bar.views[-3:]] == ["not reached"] * 3


def test_the_time_of_a_stage_is_never_cut() -> None:
    tale, standing = tale_of(exchange()), Standing(DONE)
    bars = (
        steps_bar(tale, standing, BASE, by_steps(tale, standing)),
        timed_bar(tale, standing, BASE, over_time(tale)),
    )
    for bar in bars:
        for view in bar.views:
            share = view.width.endswith("%")
            low, high = extent(view, bar.width if share else 100)
            if view.time:
                assert view.time_x + 7.2 * len(view.time) <= high - low - 6
            if view.label:
                assert view.label_x + 7.6 * len(view.label) <= high - low - 4


def test_a_phone_is_told_which_names_have_room() -> None:
    tale, standing = tale_of(exchange()), Standing(DONE)
    bar = steps_bar(tale, standing, BASE, by_steps(tale, standing))
    for view in bar.views:
        low, high = extent(view, 358)
        assert ("named" in view.css.split()) == (7 * len(view.label) + 12 <= high - low)


def test_shares_fill_the_page() -> None:
    bar = stage_bar(tale_of(exchange()), Standing(DONE), BASE)
    shares = [float(view.width.removesuffix("%")) for view in bar.views]
    assert sum(shares) == pytest.approx(100, abs=0.1)
    assert all(share >= 1 for share in shares)
    assert bar.width == 0


def test_over_time_stages_stand_where_the_scale_says() -> None:
    tale = tale_of(exchange())
    timed = over_time(tale)
    bar = timed_bar(tale, Standing(DONE), BASE, timed)
    for view, span in zip(bar.views, tale.timeline.stages, strict=True):
        assert float(view.x) == pytest.approx(timed.scale.x(span.start_ns), abs=0.06)
    assert bar.width == WIDTH


def test_the_bar_is_torn_where_each_fold_begins() -> None:
    tale = tale_of(exchange())
    timed = over_time(tale)
    bar = timed_bar(tale, Standing(DONE), BASE, timed)
    begins = [fold.x1 for fold in timed.scale.folds]
    assert begins
    assert [tear.x for tear in bar.tears] == pytest.approx(begins, abs=0.2)


def test_where_there_is_no_stage_nothing_is_torn() -> None:
    late = [structs.replace(event, time_ns=event.time_ns + 100_000_000) for event in exchange()]
    tale = tale_of(late)
    timed = over_time(tale)
    bar = timed_bar(tale, Standing(DONE), BASE, timed)
    first = float(bar.views[0].x)
    assert any(fold.x1 < first for fold in timed.scale.folds)
    assert all(tear.x > first for tear in bar.tears)


@pytest.mark.parametrize("length", [1_000, 100_000_000])
def test_a_stage_that_failed_is_named_whatever_room_it_has(length: int) -> None:
    sent = 40_000_000
    events: list[AnyEvent] = [
        StageStarted(0, "dns"),
        StageEnded(sent, "dns"),
        StageStarted(sent, "tls"),
        StageEnded(sent + length, "tls", error="tls.alert"),
        Failed(sent + length, "tls", "tls.alert", "It said no."),
    ]
    tale, standing = tale_of(events), Standing(FAILED)
    kept = reserve(tale, standing, WIDTH)
    for bar in (
        stage_bar(tale, standing, BASE),
        timed_bar(tale, standing, BASE, over_time(tale, kept)),
    ):
        failed = next(view for view in bar.views if "failed" in view.css)
        assert failed.label in ("TLS", "TLS handshake")
        low, high = extent(failed, 1_300 if failed.width.endswith("%") else 100)
        assert failed.label_x + 7.6 * len(failed.label) <= high - low


def test_a_stage_that_is_mostly_folded_has_its_name_and_time_beside_the_tear() -> None:
    sent, came = 16_000_000, 34_000_000
    tale = tale_of(
        [
            StageStarted(sent, "connect", 1),
            Called(
                sent, "tcp:1", "connect", ("192.0.2.1:80",), None, errno="EINPROGRESS", site=SITE
            ),
            Called(came, "tcp:1", "getsockopt", ("SOL_SOCKET", "SO_ERROR"), 0, site=SITE),
            StageEnded(came, "connect", 1),
        ]
    )
    scale = fold([(sent, came)], (12_000_000, 38_000_000), 14, 300)
    timed = draw_time(tale.timeline, tale.flown, scale, 314, lambda a, b: "")
    (view,) = timed_bar(tale, Standing(DONE), BASE, timed).views
    assert (view.label, view.below) == ("TCP", "18.0 ms")
    assert float(view.x) + view.label_x > timed.scale.folds[0].x1


def test_a_name_does_not_stand_in_a_tear() -> None:
    tale = tale_of(exchange())
    bar = timed_bar(tale, Standing(DONE), BASE, over_time(tale))
    for view in bar.views:
        start = float(view.x) + view.label_x
        if view.label:
            end = start + 7 * len(view.label)
            assert not any(start < tear.x < end for tear in bar.tears), view.label


def test_what_was_not_reached_stands_behind_the_end_of_time() -> None:
    tale, standing = tale_of(refused()), Standing(FAILED)
    kept = reserve(tale, standing, WIDTH)
    assert 0 < kept <= MOST_RESERVE * WIDTH
    timed = over_time(tale, kept)
    bar = timed_bar(tale, standing, BASE, timed)
    unreached = [view for view in bar.views if "unreached" in view.css]
    assert [view.name for view in unreached] == ["request", "waiting", "response"]
    assert all(float(view.x) >= timed.scale.pieces[-1].x2 - 0.1 for view in unreached)
    assert all("not reached" in view.spoken for view in unreached)


def test_a_stage_out_of_sight_can_still_be_asked_for() -> None:
    tale = tale_of(exchange())
    timed = over_time(tale, 0, (17_000_000, 20_000_000))
    bar = timed_bar(tale, Standing(DONE), BASE, timed)
    assert bar.views[0].css.endswith(" away")
    assert bar.views[0].number > 0
    assert len(bar.views) == len(tale.timeline.stages)


def test_while_it_waits_for_a_worker_all_stages_are_outlined_over_the_whole_width() -> None:
    bar = stage_bar(tale_of([]), Standing(QUEUED), BASE)
    assert [view.name for view in bar.views] == ["dns", "connect", "request", "waiting", "response"]
    shares = [float(view.width.removesuffix("%")) for view in bar.views]
    assert sum(shares) == pytest.approx(100, abs=0.1)
    assert all("not yet reached" in view.spoken and not view.below for view in bar.views)


@pytest.mark.parametrize("state", [FAILED, CANCELLED])
def test_what_will_never_be_reached_reads_so(state: str) -> None:
    bar = stage_bar(tale_of(refused()), Standing(state), BASE)
    unreached = [view for view in bar.views if "unreached" in view.css]
    assert [view.below for view in unreached] == ["not reached"] * 3
    assert [view.label for view in unreached] == ["Request", "Waiting", "Response"]


def test_a_stage_in_which_recording_stopped_has_a_torn_edge() -> None:
    *events, end = exchange()
    cut = Truncated(events[-1].time_ns, "tcp:1.received", 2 << 20)
    bar = stage_bar(tale_of([*events, cut, end]), Standing(DONE), BASE)
    assert any("cut" in view.css.split() for view in bar.views)
    whole = stage_bar(tale_of(exchange()), Standing(DONE), BASE)
    assert not any("cut" in view.css.split() for view in whole.views)


def test_what_is_closed_has_the_colour_of_what_was_opened() -> None:
    tcp = [StageSpan("connect", 1, 0, 1), StageSpan("tls", 1, 1, 2), StageSpan("close", 1, 3, 4)]
    quic = [StageSpan("quic", 1, 0, 1), StageSpan("close", 1, 3, 4)]
    assert stage_layer("close", tcp) == "tcp"
    assert stage_layer("close", quic) == "quic"
    assert stage_layer("close", ()) == "tcp"
    assert stage_layer("waiting", quic) == "wait"


@pytest.mark.wire
def test_a_trace_over_quic_has_nothing_of_tcp(lab: Lab) -> None:
    tale = tell(lab_trace(lab, "h3"))
    layers = {mark.layer for mark in tale.timeline.singles}
    assert layers == {"dns", "tls", "quic", "http"}
    hello = next(mark for mark in tale.timeline.singles if mark.title.startswith("ServerHello"))
    assert hello.layer == "tls"
    bar = stage_bar(tale, Standing(DONE), BASE)
    (close,) = [view for view in bar.views if view.name == "close"]
    assert close.css.split()[:2] == ["stage", "L-quic"]
    assert "L-tcp" not in " ".join(view.css for view in bar.views)
