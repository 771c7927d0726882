"""What a strip answers, with its own numbers."""

from __future__ import annotations

from flask import Flask

from tests.web.layers.strips import CHUNKED, answered, chunked
from web.layers.telling import measure, sentences

HEAD = len(CHUNKED)


def said(app: Flask, strip: object) -> str:
    with app.test_request_context("/"):
        return " ".join(sentences(measure(strip)))  # type: ignore[arg-type]


def test_chunks_are_set_against_reads(app: Flask) -> None:
    _, strip, _ = chunked([200, 100, 300], HEAD + 100, HEAD + 206)
    assert said(app, strip) == (
        "The server sent 600 bytes of body; the client read them in 3 reads. "
        "The sender cut them into 3 chunks of 100 to 300 bytes. "
        "Of the 2 edges between them, one is an edge between two reads, too. TCP keeps none. "
        "One of them straddles two or more reads."
    )


def test_edges_that_are_all_the_same_prove_nothing(app: Flask) -> None:
    _, strip, _ = chunked([200, 100], HEAD + 206)
    assert "Here each piece ended where a read ended, too." in said(app, strip)


def test_edges_of_which_none_is_the_same(app: Flask) -> None:
    _, strip, _ = chunked([200, 100])
    assert "No edge between two of them is an edge between two reads." in said(app, strip)


def test_a_body_in_one_piece(app: Flask) -> None:
    _, strip, _ = answered(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", b"ab", b"cd")
    assert said(app, strip) == "The server sent 4 bytes of body; the client read them in 2 reads."


def test_an_answer_without_a_body(app: Flask) -> None:
    _, strip, _ = answered(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert said(app, strip) == "The server sent 27 bytes; the client read them in one read."
