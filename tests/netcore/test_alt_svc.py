"""Alt-Svc, as RFC 7838 has it and as servers send it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcore.alt_svc import MOST, Alternative, read_alt_svc


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (['h3=":443"; ma=2592000'], [Alternative("h3", "", 443, 2_592_000)]),
        (
            ['h3=":443"; ma=86400,h3-29=":443"; ma=86400'],
            [Alternative("h3", "", 443), Alternative("h3-29", "", 443)],
        ),
        (['h2="alt.example.com:8000"', 'h3=":1"'], [
            Alternative("h2", "alt.example.com", 8000),
            Alternative("h3", "", 1),
        ]),
        (['h3="[2001:db8::1]:443"; persist=1; ma="60"'], [
            Alternative("h3", "[2001:db8::1]", 443, 60)
        ]),
        (['w%3D%3Ax%3Ay="h:9"'], [Alternative("w=:x:y", "h", 9)]),  # RFC 7838 §3
        (['h3=":443" ;MA=0'], [Alternative("h3", "", 443, 0)]),
        (['h3=":443"; ma=soon'], [Alternative("h3", "", 443)]),
        (["clear"], []),
        ([""], []),
        (["h3=:443"], []),
        (['h3=":443" and more'], []),
        (['h3=":0"', 'h3=":65536"', 'h3="443"'], []),
        (["x" * 5_000], []),
    ],
)  # fmt: skip
def test_fields(values: list[str], found: list[Alternative]) -> None:
    assert read_alt_svc(values) == found


def test_a_list_has_a_bound() -> None:
    assert len(read_alt_svc(['h3=":443"'] * 100)) == MOST


def test_how_one_is_written() -> None:
    assert Alternative("h3", "", 443).text == 'h3=":443"'


@given(st.text(max_size=200))
def test_nothing_raises(text: str) -> None:
    for each in read_alt_svc([text]):
        assert 0 < each.port < 65_536
