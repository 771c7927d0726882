"""Marks that become one."""

from __future__ import annotations

from typing import Any

from netcore.marks import Mark, bundle, join


def mark(number: int, **changes: Any) -> Mark:
    settings: dict[str, Any] = {
        "kind": "receive",
        "direction": "received",
        "layer": "http",
        "lane": "tcp:192.0.2.1:80",
        "stage": "response",
        "hop": 1,
        "time_ns": number * 10,
        "last_ns": number * 10,
        "octets": 100,
        "title": "body",
        "opaque": True,
    } | changes
    return Mark(number=number, members=(number,), **settings)


def test_what_has_no_name_of_its_own_is_joined() -> None:
    joined = bundle([mark(1), mark(2), mark(3, opaque=False), mark(4)])
    assert [(one.members, one.title) for one in joined] == [
        ((1, 2), "2 reads, 200 B"),
        ((3,), "body"),
        ((4,), "body"),
    ]
    assert (joined[0].time_ns, joined[0].last_ns) == (10, 20)


def test_what_was_not_kept_is_not_joined_with_what_was() -> None:
    sums = [mark(2, calls=1_204, octets=83_000_000, kept=False), mark(3, kept=False)]
    joined = bundle([mark(1), *sums])
    assert [one.title for one in joined] == ["body", "1,205 reads, 83,000,100 B, not kept"]
    assert joined[1].calls == 1_205


def test_one_error_among_several_marks_is_not_lost() -> None:
    marks = [mark(at, kind="connect", error="ECONNRESET" if at == 2 else "") for at in (1, 2)]
    assert join(marks).error == "ECONNRESET"
    assert join(marks).title == "2 connects"


def test_ends_are_joined_under_their_names() -> None:
    names = ["shutdown()", "close()", "close()"]
    marks = [mark(at, kind="close", title=name) for at, name in enumerate(names, start=1)]
    assert join(marks).title == "shutdown(), close()"


def test_a_mark_alone_stays_as_it_is() -> None:
    assert join([mark(7)]) == mark(7)
