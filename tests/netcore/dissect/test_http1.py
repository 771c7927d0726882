"""HTTP/1 heads, chunks and trailers: what is right, what is odd, and what h11 makes of it."""

from __future__ import annotations

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.dissect import DISSECTORS
from netcore.field import Field, find, find_all
from netcore.reader import dissect

HEAD = "HTTP/1.1 200 OK\r\n"


def explain(text: str, name: str = "http1_response_head") -> Field:
    return dissect(DISSECTORS[name], text.encode("latin-1"), name)


def chunk(text: str) -> Field:
    return explain(text, "http1_chunk")


def errors(tree: Field) -> list[str]:
    return [field.error for field in tree.walk() if field.error]


def values(tree: Field, name: str) -> list[object]:
    return [field.value for field in find_all(tree, name)]


def test_a_request_line_has_five_parts_and_its_end() -> None:
    tree = explain("GET /a HTTP/1.1\r\n\r\n", "http1_request_head")
    assert [part.name for part in tree.children[0].children] == [
        "method",
        "sp",
        "request_target",
        "sp",
        "http_version",
        "crlf",
    ]
    assert tree.children[1].name == "empty_line"


def test_a_status_code_is_a_number_with_its_registered_phrase() -> None:
    code = find(explain("HTTP/1.1 404 Gone fishing\r\n\r\n"), "status_code")
    assert code is not None
    assert (code.value, code.label) == (404, "Not Found")


@pytest.mark.parametrize("line", ["HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.0 200 OK"])
def test_a_reason_phrase_is_optional(line: str) -> None:
    assert errors(explain(f"{line}\r\n\r\n")) == []


@pytest.mark.parametrize(
    "line",
    ["HTTP/9.9 200 OK", "HTTP/1.1 2OO", "HTTP/1.1 99999 x", "HTTP/1.1 -1", "HTTP/1.1  200 OK", "x"],
)
def test_a_bad_status_line_is_shown_with_the_code_of_its_failure(line: str) -> None:
    tree = explain(f"{line}\r\nServer: x\r\n\r\n")
    assert errors(tree)[0].startswith("h1.bad_status_line: ")
    assert values(tree, "field_value") == ["x"]


def test_a_field_line_has_its_registered_status_and_section() -> None:
    tree = explain(f"{HEAD}Content-Length: 5\r\nX-Mine: 1\r\n\r\n")
    known, unknown = find_all(tree, "field_name")
    assert (known.label, known.spec) == ("permanent", "RFC 9110 §8.6")
    assert unknown.label == "not registered"


def test_spaces_around_a_value_are_their_own_leaves() -> None:
    tree = explain(f"{HEAD}A: \t b c \t\r\nB:\r\n\r\n")
    assert values(tree, "field_value") == ["b c"]
    assert [field.length // 8 for field in find_all(tree, "ows")] == [3, 2]
    assert errors(tree) == []


def test_a_value_may_hold_any_octet_that_is_no_control_character() -> None:
    tree = explain(f"{HEAD}A: caf\xe9\xff\r\n\r\n")
    assert values(tree, "field_value") == ["caf\xe9\xff"]
    assert errors(tree) == []


def test_a_carriage_return_alone_stays_in_the_value() -> None:
    tree = explain(f"{HEAD}A: b\rC: d\r\n\r\n")
    assert values(tree, "field_value") == ["b\rC: d"]
    assert errors(tree) == ["h1.bad_header: CR, LF, NUL, VT and FF cannot stand in a field value"]


@pytest.mark.parametrize("line", ["no colon", "Space : x", ": nameless", "a b: c"])
def test_a_bad_field_line_does_not_hide_the_next_one(line: str) -> None:
    tree = explain(f"{HEAD}{line}\r\nServer: x\r\n\r\n")
    assert errors(tree)[0].startswith("h1.bad_header: ")
    assert values(tree, "field_value")[-1] == "x"


def test_a_folded_value_is_one_line_with_its_folds_named() -> None:
    tree = explain(f"{HEAD}A: one \r\n  two\r\n\tthree\r\nB: x\r\n\r\n")
    assert len(list(find_all(tree, "field_line"))) == 2
    assert values(tree, "field_value") == ["one", "two", "three", "x"]
    assert [fold.length // 8 for fold in find_all(tree, "obs_fold")] == [5, 3]


def test_lines_that_end_with_lf_alone_are_shown_and_named() -> None:
    tree = explain("HTTP/1.1 200 OK\nA: b\n\n")
    assert values(tree, "field_value") == ["b"]
    assert len(errors(tree)) == 3
    assert all("LF stands here without CR" in error for error in errors(tree))


@pytest.mark.parametrize("cut", range(1, len(HEAD) + 9))
def test_a_head_that_was_cut_is_incomplete_wherever_it_was_cut(cut: int) -> None:
    tree = explain(f"{HEAD}A: b\r\n\r\n"[:cut])
    assert errors(tree) if cut < len(HEAD) + 8 else not errors(tree)


def test_field_lines_are_shown_up_to_a_number() -> None:
    tree = explain(HEAD + "a: b\r\n" * 1_001 + "\r\n")
    assert len(list(find_all(tree, "field_line"))) == 1_000
    assert tree.error.startswith("h1.too_many_headers: ")
    assert tree.children[-1].name == "not_explained"


def test_a_chunk_is_its_size_in_hexadecimal_and_that_many_octets() -> None:
    tree = chunk("1A\r\n" + "x" * 26 + "\r\n")
    assert [leaf.name for leaf in tree.leaves()] == ["chunk_size", "crlf", "chunk_data", "crlf"]
    size = tree.children[0]
    assert (size.value, size.label) == (26, "26 octets")


def test_the_last_chunk_has_no_data() -> None:
    tree = chunk("00;a=b\r\n")
    assert [leaf.name for leaf in tree.leaves()] == ["chunk_size", "chunk_ext", "crlf"]
    assert tree.children[0].label == "last chunk"


@pytest.mark.parametrize("size", ["0x10", "+5", "-1", "5_0", "", "５", "g"])
def test_a_size_is_hexadecimal_digits_and_nothing_else(size: str) -> None:
    tree = dissect(DISSECTORS["http1_chunk"], f"{size}\r\nabcde\r\n".encode(), "http1_chunk")
    assert tree.error.startswith("chunk.bad_size: ")


def test_a_size_of_a_thousand_zeros_is_too_long_a_line() -> None:
    assert chunk("0" * 1_000 + "5\r\nabcde\r\n").error.startswith("chunk.line_too_long: ")


def test_data_that_ends_early_or_without_crlf_says_so() -> None:
    assert chunk("5\r\nabc").error == (
        "http.incomplete_body: chunk_data should be 5 octets long, 3 are there"
    )
    assert chunk("3\r\nabcXX").error.startswith("chunk.bad_delimiter: ")


def test_the_data_of_a_chunk_may_be_anything() -> None:
    assert errors(chunk("5\r\n\r\n\r\n0\r\n")) == []


NAME = st.text("abcXYZ0-_!", min_size=1, max_size=8).map(lambda name: f"X-{name}")
VALUE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=12)


@settings(deadline=None, max_examples=150)
@given(
    st.integers(200, 599),
    st.text("abc ", max_size=8),
    st.lists(st.tuples(NAME, st.sampled_from(["", " ", "\t "]), VALUE), max_size=6),
)
def test_field_lines_are_those_that_h11_reads(
    status: int, reason: str, lines: list[tuple[str, str, str]]
) -> None:
    text = f"HTTP/1.1 {status} {reason}\r\n"
    text += "".join(f"{name}:{space}{value}{space}\r\n" for name, space, value in lines) + "\r\n"
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(text.encode("ascii"))
    response = connection.next_event()
    assert isinstance(response, h11.Response)
    tree = explain(text)
    assert errors(tree) == []
    assert values(tree, "status_code") == [response.status_code]
    ours = [
        (str(values(line, "field_name")[0]), "".join(map(str, values(line, "field_value"))))
        for line in find_all(tree, "field_line")
    ]
    assert ours == [(name.decode(), value.decode()) for name, value in response.headers.raw_items()]
