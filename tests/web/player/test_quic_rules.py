"""What is said of QUIC stands in its datagrams."""

from __future__ import annotations

import pytest

from tests.web.player.conftest import Told
from tests.web.player.test_steps import step_of

pytestmark = pytest.mark.wire


def test_the_first_datagram_is_large_because_it_is_filled(told: Told) -> None:
    tale = told("h3")
    initial, padding = step_of(tale, "quic_initial"), step_of(tale, "quic_padding")
    assert dict(initial.facts)["size"] == "1,200"
    assert initial.event == padding.event
    pdu = tale.explanation.of_event(padding.event)[padding.unit - 1]
    assert dict(padding.facts)["size"] == f"{pdu.size:,}"
    assert set(pdu.octets) == {0}
