"""Traces are kept equal, for a day, within a quota."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from netcore.options import Options
from netcore.trace import AnyEvent, Trace
from tests.web.recordings import exchange, refused
from web.store import CODE_S, LIFETIME_S, Store, TraceTooLarge, new_id


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def trace_of(events: list[AnyEvent], url: str = "http://plain.example/") -> Trace:
    return Trace(url, "2026-01-02T03:04:05.000006Z", Options(headers=(("A", "b"),)), events)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_store(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., Store]]:
    made: list[Store] = []

    def make(**limits: int) -> Store:
        made.append(Store(tmp_path, clock, **limits))
        return made[-1]

    yield make
    for store in made:
        store.close()


def test_a_trace_loads_back_equal_also_in_another_process(
    make_store: Callable[..., Store],
) -> None:
    trace = trace_of(exchange(body=bytes(range(256))))
    make_store().save("a", trace)
    assert make_store().load("a") == trace


def test_a_trace_is_gone_after_its_day(make_store: Callable[..., Store], clock: Clock) -> None:
    store = make_store()
    store.save("a", trace_of(exchange()))
    clock.now += LIFETIME_S - 1
    assert store.load("a") is not None
    clock.now += 2
    assert store.load("a") is None
    assert store.describe(["a"]) == []


def test_what_has_expired_is_deleted_by_the_next_save(
    make_store: Callable[..., Store], clock: Clock, tmp_path: Path
) -> None:
    store = make_store()
    store.save("a", trace_of(exchange()))
    clock.now += LIFETIME_S + 1
    store.save("b", trace_of(refused()))
    clock.now -= LIFETIME_S + 1
    assert store.load("a") is None


def test_the_oldest_make_room_when_the_quota_is_reached(
    make_store: Callable[..., Store], clock: Clock
) -> None:
    size = make_store().describe
    store = make_store()
    store.save("a", trace_of(exchange()))
    octets = store.describe(["a"])[0].octets
    store = make_store(total_octets=octets * 2 + octets // 2)
    for name in ("b", "c"):
        clock.now += 1
        store.save(name, trace_of(exchange()))
    assert [row.id for row in store.describe(["a", "b", "c"])] == ["c", "b"]
    assert size(["a"]) == []


def test_a_trace_beyond_the_limit_is_not_kept(make_store: Callable[..., Store]) -> None:
    store = make_store(trace_octets=100)
    with pytest.raises(TraceTooLarge, match="100 are the limit"):
        store.save("a", trace_of(exchange()))
    assert store.load("a") is None


def test_a_trace_is_described_without_its_events(make_store: Callable[..., Store]) -> None:
    store = make_store()
    store.save("a", trace_of(exchange()))
    store.save("b", trace_of(refused()))
    rows = {row.id: row for row in store.describe(["a", "b", "nosuch"])}
    assert (rows["a"].outcome, rows["a"].succeeded) == ("200 OK", True)
    assert (rows["b"].outcome, rows["b"].succeeded) == ("tcp.refused", False)
    assert rows["a"].duration_ns == 20_000_000


def test_ids_are_22_characters_that_nobody_can_guess() -> None:
    ids = {new_id() for _ in range(1_000)}
    assert len(ids) == 1_000
    assert all(re.fullmatch(r"[\w-]{22}", each) for each in ids)


def test_a_trace_is_kept_as_long_as_was_chosen(
    make_store: Callable[..., Store], clock: Clock
) -> None:
    store = make_store()
    store.save("long", trace_of(exchange()))
    store.save("short", trace_of(exchange(), "http://plain.example/a?secret=1"))
    store.keep("long", 7 * LIFETIME_S)
    store.keep("nothing", LIFETIME_S)
    clock.now += LIFETIME_S + 1
    assert store.load("long") is not None
    assert store.load("short") is None
    assert store.gone("short") == "http://plain.example/a"
    store.save("another", trace_of(exchange()))  # which makes room
    assert store.gone("short") == "http://plain.example/a"
    assert store.gone("long") is None
    assert store.ends("nothing") == 0
    clock.now += 6 * LIFETIME_S
    assert store.load("long") is None


def test_of_a_deleted_trace_it_is_known_only_that_there_was_one(
    make_store: Callable[..., Store],
) -> None:
    store = make_store()
    store.save("a", trace_of(exchange()))
    code = store.code("a")
    assert store.code("a") == code
    assert store.spoken(code) == "a"
    store.delete("a")
    assert store.load("a") is None
    assert store.gone("a") == ""
    assert store.spoken(code) == ""
    assert store.gone("never") is None


def test_a_code_lives_for_hours(make_store: Callable[..., Store], clock: Clock) -> None:
    store = make_store()
    store.save("a", trace_of(exchange()))
    code = store.code("a")
    clock.now += CODE_S
    assert store.spoken(code) == ""
    assert store.code("a") != code
