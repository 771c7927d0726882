"""What the helper writes is read again, however it is cut; anything else is refused."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcore.capture.records import (
    MOST_OCTETS,
    BadRecord,
    Records,
    Seen,
    build_packet,
    build_reply,
)

PACKETS = st.builds(
    Seen,
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.text(st.characters(codec="utf-8"), max_size=15),
    st.booleans(),
    st.integers(0, (1 << 32) - 1),
    st.binary(max_size=200),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(PACKETS | st.text(st.characters(codec="utf-8"), max_size=20)), st.data())
def test_records_come_out_as_they_went_in(told: list[Seen | str], data: st.DataObject) -> None:
    octets = b"".join(
        build_packet(each) if isinstance(each, Seen) else build_reply(each) for each in told
    )
    cut = data.draw(st.integers(0, len(octets)))
    records = Records()
    found = [*records.receive(octets[:cut]), *records.receive(octets[cut:])]
    assert found == told


@given(st.binary(max_size=100))
def test_any_octets_are_records_or_refused(octets: bytes) -> None:
    with contextlib.suppress(BadRecord):
        list(Records().receive(octets))


@pytest.mark.parametrize(
    "octets",
    [b"X\0\0\0\0", b"P" + (MOST_OCTETS + 1).to_bytes(4, "big"), b"P\0\0\0\3abc"],
)
def test_what_is_no_record_is_refused(octets: bytes) -> None:
    with pytest.raises(BadRecord):
        list(Records().receive(octets))
