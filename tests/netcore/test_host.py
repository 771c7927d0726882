"""Hosts: one spelling for an address, one mapping for a name."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.errors import Refused
from netcore.host import MAX_NAME_OCTETS, last_label, read_host, shown, unicode_form


@pytest.mark.parametrize(
    ("written", "host", "address"),
    [
        ("EXAMPLE.com", "example.com", ""),
        ("example.com.", "example.com.", ""),
        ("m\u00fcnchen.de", "xn--mnchen-3ya.de", ""),
        ("XN--MNCHEN-3YA.de", "xn--mnchen-3ya.de", ""),
        ("\u4f8b\u3048\u3002jp", "xn--r8jz45g.jp", ""),
        ("\uff45xample.com", "example.com", ""),
        ("a_b.example.com", "a_b.example.com", ""),
        ("r3---sn-x.example.com", "r3---sn-x.example.com", ""),
        ("127.example.com", "127.example.com", ""),
        ("example.xn--p1ai", "example.xn--p1ai", ""),
        ("255.255.255.255", "255.255.255.255", "255.255.255.255"),
        ("[2001:DB8:0:0:0:0:0:1]", "2001:db8::1", "2001:db8::1"),
    ],
)
def test_a_host_has_one_form(written: str, host: str, address: str) -> None:
    assert read_host(written) == (host, address)


def test_a_name_may_have_253_octets_and_a_dot() -> None:
    longest = "a." * 125 + "com"
    assert len(longest) == MAX_NAME_OCTETS
    assert read_host(f"{longest}.")[0] == f"{longest}."
    with pytest.raises(Refused, match="254 octets"):
        read_host(f"b{longest}")


def test_a_label_fits_dns_in_utf_8_too() -> None:
    """Forty emoji are 47 octets as an A-label and 160 in UTF-8."""
    assert read_host("\U0001f600" * 15 + ".com")[0].startswith("xn--")
    for label in ("\U0001f600" * 16, "xn--e28h" + "a" * 15):
        with pytest.raises(Refused, match="64 octets as UTF-8"):
            read_host(f"{label}.com")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 2**32), min_size=1, max_size=4), st.sampled_from("xod"))
def test_what_the_c_library_reads_as_an_address_has_one_spelling(
    numbers: list[int], base: str
) -> None:
    """inet_aton takes one to four numbers in three bases; only four decimal octets pass here."""
    written = ".".join(
        {"x": f"0x{each:x}", "o": f"0{each:o}", "d": str(each)}[base] for each in numbers
    )
    try:
        canonical = socket.inet_ntoa(socket.inet_aton(written))
    except OSError:
        canonical = ""
    if written == canonical:
        assert read_host(written) == (canonical, canonical)
    else:
        with pytest.raises(Refused) as caught:
            read_host(written)
        assert not canonical or f"write {canonical}." in caught.value.message


def test_the_last_label_is_that_before_the_trailing_dot() -> None:
    assert last_label("a.b.com.") == last_label("com") == "com"


def test_text_from_outside_is_cut_and_its_invisible_characters_are_named() -> None:
    assert shown("a\u200bb\u202e") == "a<U+200B>b<U+202E>"
    assert shown("x" * 61) == "x" * 60 + "\u2026"


def test_a_name_has_the_form_that_people_write() -> None:
    assert unicode_form("xn--mnchen-3ya.example.xn--p1ai") == "m\u00fcnchen.example.\u0440\u0444"
    assert unicode_form("example.com") == "example.com"


def test_a_label_of_another_script_begins_and_ends_without_a_hyphen() -> None:
    for label in ("-\u00fc", "\u00fc-"):
        with pytest.raises(Refused, match="hyphen"):
            read_host(f"{label}.example.com")
