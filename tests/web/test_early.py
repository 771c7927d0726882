"""The head of a long page is on its way before the rest is made."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, has_request_context
from werkzeug.test import EnvironBuilder, run_wsgi_app

import web.views
from app import create_app
from bench.weights import keep


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    made = create_app({"INSTANCE": tmp_path})
    yield made
    made.extensions["tracing"].close()


def pieces(app: Flask, path: str, accepted: str = "") -> Iterator[bytes]:
    """What a server is given to send, one after another."""
    builder = EnvironBuilder(path, headers={"Accept-Encoding": accepted})
    given, status, headers = run_wsgi_app(app, builder.get_environ())
    assert status == "200 OK"
    assert ("Content-Encoding" in headers) == bool(accepted)
    return (piece for piece in given if piece)


def broken(*_: object) -> None:
    raise ZeroDivisionError("drawing")


def test_the_head_goes_out_before_the_drawing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    path = keep(app, 60)
    sent = pieces(app, path)
    head = next(sent)
    assert head.endswith(b"</header>")
    assert b'rel="stylesheet"' in head
    drawn: list[object] = []
    real = web.views.picture
    monkeypatch.setattr(web.views, "picture", lambda *given: (drawn.append(given), real(*given))[1])
    assert not drawn
    rest = b"".join(sent)
    assert len(drawn) == 1
    assert rest.lstrip().startswith(b"<main")
    assert rest.endswith(b"</html>")


def test_a_packed_head_can_be_read_before_the_rest_is_here(app: Flask) -> None:
    path = keep(app, 60)
    reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    sent = pieces(app, path, "gzip")
    assert reader.decompress(next(sent)).endswith(b"</header>")
    rest = reader.decompress(b"".join(sent)) + reader.flush()
    assert rest.endswith(b"</html>")
    assert reader.eof


def test_whoever_takes_no_gzip_gets_it_as_it_is(app: Flask) -> None:
    with app.test_client() as client:
        answer = client.get(keep(app, 60), headers={"Accept-Encoding": "gzip;q=0"})
        assert "Content-Encoding" not in answer.headers
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert answer.text.endswith("</html>")


def test_a_fault_behind_the_head_is_told_in_the_page(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = keep(app, 60)
    monkeypatch.setattr(web.views, "draw_ladder", broken)
    text = app.test_client().get(path).text
    assert "We lost the thread." in text
    assert text.count("<main") == text.count("</header>") == 1
    assert "ZeroDivisionError" not in text
    assert "ZeroDivisionError" in caplog.text


def test_a_fault_in_the_head_is_a_page_of_its_own(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = keep(app, 60)
    monkeypatch.setattr(web.views, "status_line", broken)
    answer = app.test_client().get(path)
    assert answer.status_code == 500
    assert "We lost the thread." in answer.text


def test_a_head_request_makes_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    path = keep(app, 60)
    monkeypatch.setattr(web.views, "picture", broken)
    answer = app.test_client().head(path)
    assert answer.status_code == 200
    assert answer.data == b""


def test_a_page_that_nobody_reads_leaves_nothing_behind(app: Flask) -> None:
    client, path = app.test_client(), keep(app, 60)
    unread = client.get(path)
    next(iter(unread.response))
    assert client.get("/about").status_code == 200
    unread.close()
    assert not has_request_context()
