"""Those in sight are found by two searches, and none is forgotten."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bench.generated import generated
from netcore.marks import Summary, Timeline
from tests.web.drawing.marks import lane, mark
from web.drawing.flown import Flown, is_summed
from web.tale import tell

MOMENTS = st.integers(0, 1_000)


def flown_of(*moments: tuple[str, int]) -> Flown:
    marks = tuple(mark(at, way, when) for at, (way, when) in enumerate(moments, start=1))
    total = max((when for _, when in moments), default=0)
    return Flown(
        Timeline((), (lane(),), marks, Summary(url="", running=False, total_ns=total), marks)
    )


@given(
    st.lists(st.tuples(st.sampled_from(["sent", "received"]), MOMENTS), max_size=30),
    MOMENTS,
    MOMENTS,
)
def test_all_that_touches_a_span_is_found_in_the_order_of_marks(
    moments: list[tuple[str, int]], one: int, other: int
) -> None:
    flown = flown_of(*sorted(moments, key=lambda each: each[1]))
    window = min(one, other), max(one, other)
    found = flown.between(window)
    touching = [
        each
        for each in flown.flights
        if each.interval[0] <= window[1] and each.interval[1] >= window[0]
    ]
    assert [each for each in found if each in touching] == touching
    assert flown.count(window) == len(found)


def test_the_neighbours_of_an_event_come_along() -> None:
    flown = flown_of(("sent", 10), ("received", 20), ("sent", 30), ("received", 40))
    assert [each.mark.number for each in flown.around(3)] == [2, 3, 4]
    assert [each.mark.number for each in flown.around(1)] == [1, 2]
    assert [each.mark.number for each in flown.around(99)] == [3, 4]
    assert flown.around(0) == []


def test_sums_have_every_octet_once() -> None:
    tale = tell(generated(500))
    summed = [each.mark for each in tale.flown.flights if is_summed(each)]
    assert sum(each.octets[-1] for each in tale.flown.series) == sum(m.octets for m in summed)
    assert sum(each.calls[-1] for each in tale.flown.series) == len(summed)
    for series in tale.flown.series:
        assert list(series.times_ns) == sorted(series.times_ns)
        assert len(series.octets) == len(series.times_ns) + 1


def test_what_is_rare_is_never_summed() -> None:
    tale = tell(generated(500))
    kinds = {each.mark.kind for each in tale.flown.rare}
    assert {"connect", "connected", "decision", "close"} <= kinds
    assert not kinds & {"send", "receive"}
