"""What a strip answers, with its own numbers."""

from __future__ import annotations

import pytest
from flask import Flask

from lab.whole import Lab
from netcore.boundaries import boundaries
from netcore.client import fetch
from netcore.options import Options
from netcore.pdus import explain
from tests.web.layers.strips import CHUNKED, answered, chunked
from web.lab_targets import asked_of
from web.layers.telling import low_parts, measure, sentences

HEAD = len(CHUNKED)


def said(app: Flask, strip: object) -> str:
    with app.test_request_context("/"):
        return " ".join(sentences(measure(strip)))  # type: ignore[arg-type]


def test_chunks_are_set_against_reads(app: Flask) -> None:
    _, strip, _ = chunked([200, 100, 300], HEAD + 100, HEAD + 206)
    assert said(app, strip) == (
        "The server sent 600 bytes of body; the client read them in 3 reads. "
        "The sender cut them into 3 chunks of 100 to 300 bytes. "
        "At one of the 2 places between two of them, a read ended. TCP keeps no such edges. "
        "One of them straddles two or more reads."
    )


def test_a_read_of_the_head_alone_is_told(app: Flask) -> None:
    _, strip, _ = chunked([200, 100], HEAD, HEAD + 206)
    told = said(app, strip)
    assert "read them in 2 reads. One read before these brought the head." in told


def test_what_is_half_as_high_is_what_the_strip_has(app: Flask) -> None:
    _, strip, _ = chunked([200, 100])
    _, plain, _ = answered(b"HTTP/1.1 204 No Content\r\n\r\n")
    with app.test_request_context("/"):
        assert low_parts(strip) == "the size lines of chunks"
        assert low_parts(plain) == ""


def test_edges_that_are_all_the_same_prove_nothing(app: Flask) -> None:
    _, strip, _ = chunked([200, 100], HEAD + 206)
    assert "Here a read ended between each two of them." in said(app, strip)


def test_edges_of_which_none_is_the_same(app: Flask) -> None:
    _, strip, _ = chunked([200, 100])
    assert "No read ended between two of them." in said(app, strip)


def test_pieces_of_one_size_are_said_to_be_so(app: Flask) -> None:
    assert "into 3 chunks of 40 bytes each." in said(app, chunked([40, 40, 40])[1])
    assert "one chunk of them, of 40 bytes." in said(app, chunked([40])[1])


def test_a_body_in_one_piece(app: Flask) -> None:
    _, strip, _ = answered(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", b"ab", b"cd")
    assert said(app, strip) == (
        "The server sent 4 bytes of body; the client read them in 2 reads. "
        "One read before these brought the head."
    )


def test_an_answer_without_a_body(app: Flask) -> None:
    _, strip, _ = answered(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert said(app, strip) == "The server sent 27 bytes; the client read them in one read."


@pytest.mark.wire
def test_writes_that_end_behind_the_tag_of_a_record_end_between_its_frames(
    app: Flask, lab: Lab
) -> None:
    target = next(each for each in lab.targets if each.name == "small-window")
    options = Options(lab=lab.options_lab(), cacert=str(lab.cacert), **asked_of(target))
    events = fetch(target.url, options).events
    strip = boundaries(explain(events), events, "tcp:1")[1]
    assert strip.direction == "sent"
    assert "At 3 of the 3 places between two of them, a write ended." in said(app, strip)


@pytest.mark.wire
def test_frames_of_a_websocket_are_counted_beside_its_messages(app: Flask, lab: Lab) -> None:
    target = next(each for each in lab.targets if each.name == "ws-fragments")
    options = Options(lab=lab.options_lab(), cacert=str(lab.cacert), **asked_of(target))
    events = fetch(target.url, options).events
    strip = boundaries(explain(events), events, "tcp:1")[0]
    assert "frames of a WebSocket are in them. They come to one message." in said(app, strip)
