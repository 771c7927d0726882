"""The static table of RFC 9204, against what pylsqpack makes of its indices."""

from __future__ import annotations

import pylsqpack

from netcore.registries.qpack import STATIC_TABLE


def test_the_static_table_is_the_librarys() -> None:
    assert len(STATIC_TABLE) == 99
    for index, entry in enumerate(STATIC_TABLE):
        wire = bytes([0xC0 | index]) if index < 63 else bytes([0xFF, index - 63])
        decoder = pylsqpack.Decoder(0, 0)
        (field,) = decoder.feed_header(0, b"\0\0" + wire)[1]
        assert field == (entry.name.encode(), entry.value.encode())
