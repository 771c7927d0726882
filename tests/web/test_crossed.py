"""Sizes of units and of the call that moved them, which agree."""

from __future__ import annotations

from netcore.trace import Called
from tests.web.test_decrypted import opened, told


def test_the_sizes_on_the_wire_add_up_to_what_the_call_moved() -> None:
    tale = told()
    view = opened(tale, "ServerHello")
    event = tale.trace.events[view.number - 1]
    assert isinstance(event, Called)
    crossed = [unit.crossed.removesuffix(" on the wire") or unit.size for unit in view.units]
    assert any(unit.crossed for unit in view.units)
    assert sum(int(each.removesuffix(" B").replace(",", "")) for each in crossed) == event.length


def test_what_crossed_in_the_clear_has_one_size() -> None:
    assert all(not unit.crossed for unit in opened(told(), "ClientHello").units)
