"""Bars: each stage begins at the same place in every row."""

from __future__ import annotations

import pytest

from tests.web.compare.conftest import Sides, recorded
from tests.web.recordings import exchange, refused
from web.compare.bars import LEAST, WIDE_CHARACTER, aligned, signed


def starts(row: tuple[object, ...]) -> dict[str, float]:
    return {bar.stage: bar.x for bar in row if getattr(bar, "stage", "")}  # type: ignore[attr-defined]


@pytest.mark.parametrize("same_scale", [True, False])
def test_a_fetch_beside_itself_has_equal_rows(same_scale: bool) -> None:
    both = [recorded("a", exchange()), recorded("b", exchange())]
    for by_time in (True, False):
        view = aligned(both, by_time=by_time, same_scale=same_scale)
        assert view.bars[0] == view.bars[1]
    assert {row.cells[1].minus for row in view.rows} == {"±0 ms"}


@pytest.mark.wire
def test_stages_of_both_begin_at_one_place_and_what_is_not_there_says_why(fetched: Sides) -> None:
    sides = [
        fetched(letter, "three-versions", http=v)
        for letter, v in zip("abc", "123", strict=True)
        if v != "1"
    ]
    one = fetched("a", "three-versions", http="1.1")
    view = aligned([one, *sides], by_time=False, same_scale=True)
    first, _second, third = map(starts, view.bars)
    assert all(first[name] == third[name] for name in first.keys() & third.keys())
    reasons = {row.title: [cell.why for cell in row.cells] for row in view.rows}
    assert reasons["TLS handshake"][2].startswith("not needed: QUIC")
    assert reasons["QUIC handshake"][0] == "not needed: this fetch went over TCP"
    for row in view.bars:
        assert all(0 <= bar.x <= 100 and bar.x + bar.width <= 100.1 for bar in row)


@pytest.mark.wire
def test_what_resuming_and_plain_http_do_not_need_is_said(fetched: Sides) -> None:
    cold = fetched("a", "resumption")
    warm = fetched("b", "resumption", resume_session=True)
    rows = aligned([cold, warm], by_time=False, same_scale=True).rows
    assert rows[0].cells[1].why == "not needed: the address was known from the fetch before"
    plain = fetched("b", "plain")
    rows = aligned([cold, plain], by_time=False, same_scale=True).rows
    said = {row.title: row.cells[1].why for row in rows}
    assert said["TLS handshake"] == "not needed: plain HTTP has no TLS"


@pytest.mark.wire
def test_redirects_have_rows_of_their_own(fetched: Sides) -> None:
    one = fetched("a", "plain")
    two = fetched("b", "redirect", follow_redirects=True)
    rows = aligned([one, two], by_time=False, same_scale=True).rows
    second = next(row for row in rows if row.title.endswith(", request 2"))
    assert second.cells[0].why == "not needed: there was no request 2"


def test_a_failed_and_a_running_fetch_say_what_was_not_reached() -> None:
    whole, failed = recorded("a", exchange()), recorded("b", refused())
    running = recorded("b", exchange()[:10])
    assert aligned([whole, failed], by_time=False, same_scale=True).rows[-1].cells[1].why == (
        "not reached"
    )
    assert aligned([whole, running], by_time=False, same_scale=True).rows[-1].cells[1].why == (
        "not yet reached"
    )


def test_a_stage_however_short_is_as_wide_as_a_column_in_which_nothing_took_time() -> None:
    both = [recorded("a", exchange()), recorded("b", refused())]
    for row in aligned(both, by_time=False, same_scale=True).bars:
        stages = [bar for bar in row if bar.stage]
        assert min(bar.width for bar in stages) >= LEAST * 0.8  # the columns are made to fit
        short = [at for at, bar in enumerate(row) if bar.stage and bar.width < LEAST]
        assert not any(row[at + 1].css == "pad" for at in short if at + 1 < len(row))


def test_a_time_stands_behind_its_name_where_both_have_room() -> None:
    (row,) = aligned([recorded("a", exchange())], by_time=False, same_scale=True).bars
    for bar in row:
        if bar.stage:
            length = len(f"{bar.label} {bar.time}")
            assert not bar.time or (bar.label and length * WIDE_CHARACTER < bar.width)
    assert any(bar.time for bar in row)


def test_a_difference_has_its_sign() -> None:
    assert [signed(ns) for ns in (1_200_000, -9_800_000, 0)] == ["+1.20 ms", "−9.80 ms", "±0 ms"]
