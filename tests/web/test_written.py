"""Figures as German writes them."""

from __future__ import annotations

import pytest

from web.written import bound, written


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("1,024", "1.024"),
        ("517 bytes", "517 Bytes"),
        ("1 byte", "1 Byte"),
        ("11.2 ms", "11,2 ms"),
        ("86,400 seconds (1 day)", "86.400 Sekunden (1 Tag)"),
        ("7,300 seconds (about 2 hours)", "7.300 Sekunden (etwa 2 Stunden)"),
        ("3 March 2026", "3. März 2026"),
        ("1.1", "1.1"),
        ("TLS 1.3", "TLS 1.3"),
        ("192.0.2.1", "192.0.2.1"),
        ("1,2,3 bytes and more", "1,2,3 bytes and more"),
    ],
)
def test_only_what_is_a_figure_is_written_anew(english: str, german: str) -> None:
    assert written(english, "de") == german
    assert written(english, "en") == english


def test_a_unit_is_not_torn_from_its_figure_and_other_words_are() -> None:
    gap = "\N{NO-BREAK SPACE}"
    assert bound("sent 17.8 µs later, 517 B of 2 writes") == (
        f"sent 17.8{gap}µs later, 517{gap}B of 2 writes"
    )
    assert bound("3 sockets, 2 Bytes, event 45 of 105") == "3 sockets, 2 Bytes, event 45 of 105"
