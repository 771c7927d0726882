"""Field sections of HTTP/2: what a request becomes, and which responses are malformed."""

from __future__ import annotations

import pytest

from netcore.errors import FetchError
from netcore.options import Limits
from netcore.protocols.http2_fields import (
    OF_ONE_CONNECTION,
    Fields,
    read_response,
    read_trailers,
    request_fields,
)

OK = (b":status", b"200")


def test_the_request_line_and_host_become_pseudo_header_fields() -> None:
    fields = (("X-One", "1"), ("Host", "a.test:1"), ("TE", "trailers"))
    made, left_out = request_fields("GET", "http", "/a?b", fields)
    assert made == [
        (b":method", b"GET"),
        (b":scheme", b"http"),
        (b":path", b"/a?b"),
        (b":authority", b"a.test:1"),
        (b"x-one", b"1"),
        (b"te", b"trailers"),
    ]
    assert left_out == []


def test_connect_has_no_scheme_and_no_path() -> None:
    made, _ = request_fields("CONNECT", "http", "/", (("Host", "a"),))
    assert made == [(b":method", b"CONNECT"), (b":authority", b"a")]


def test_fields_of_one_connection_are_left_out() -> None:
    named = tuple((name.title(), "x") for name in (*OF_ONE_CONNECTION, "te"))
    made, left_out = request_fields("GET", "https", "/", named)
    assert [name for name, _ in made] == [b":method", b":scheme", b":path"]
    assert left_out == [name for name, _ in named]


def test_a_sound_response_is_read_with_its_odd_value_noted() -> None:
    section = read_response([OK, (b"a", b" b\t"), (b"content-length", b"5")], Limits())
    assert (section.status_code, section.length) == (200, 5)
    assert section.fields == (("a", "b"), ("content-length", "5"))
    assert section.notes == ("The value of a has white space around it.",)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ([(b"a", b"b")], "no :status field"),
        ([OK, OK], "2 :status fields"),
        ([(b"a", b"b"), OK], "behind a field"),
        ([OK, (b":path", b"/")], "':path' is no pseudo-header field"),
        ([(b":status", b"20")], "'20', not a number of three digits"),
        ([(b":status", b"101")], "101"),
        ([OK, (b"Ab", b"c")], "Names are in lower case"),
        ([OK, (b"", b"c")], "'' is not the name"),
        ([OK, (b"a b", b"c")], "'a b' is not the name"),
        ([OK, (b"a", b"b\r\nc: d")], "holds a line end or NUL"),
        ([OK, (b"a", b"\0")], "holds a line end or NUL"),
        ([OK, (b"transfer-encoding", b"chunked")], "speaks of one connection"),
        ([OK, (b"content-length", b"-1")], "content-length is '-1'"),
        ([OK, (b"content-length", b"1"), (b"content-length", b"2")], "1 and 2"),
    ],
)
def test_a_malformed_response_is_refused_with_what_is_wrong(fields: Fields, said: str) -> None:
    with pytest.raises(FetchError) as caught:
        read_response(fields, Limits())
    assert caught.value.code == "h2.bad_header"
    assert said in caught.value.message


@pytest.mark.parametrize(
    "fields",
    [
        [OK, *[(b"a", b"b")] * 256],
        [OK, (b"a", b"b" * 16_384)],
        [OK, *[(b"a", b"b" * 4_000)] * 17],
        [OK, *[(b"a%d" % number, b"") for number in range(250)], (b"b", b"c" * 16_000)] * 1
        + [(b"d", b"e" * 16_000)] * 3,
    ],
)
def test_the_size_of_a_section_is_counted_with_32_octets_a_field(fields: Fields) -> None:
    with pytest.raises(FetchError) as caught:
        read_response(fields, Limits())
    assert caught.value.code == "h2.header_list_too_large"


def test_trailers_have_no_pseudo_header_fields() -> None:
    assert read_trailers([(b"a", b"b")], Limits()) == (("a", "b"),)
    with pytest.raises(FetchError, match="trailer section"):
        read_trailers([OK], Limits())
