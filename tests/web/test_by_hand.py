"""Bytes by hand, from the page: to the lab and to nobody else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from lab.whole import Lab
from netcore import Options, Trace
from netcore.options import Options as Asked
from web.by_hand import CHARACTERS, Typed, octets_of

asked: list[tuple[str, Asked]] = []
called = threading.Event()


def fetch(url: str, options: Options, *_: object, **__: object) -> Trace:
    asked.append((url, options))
    called.set()
    return Trace(url, "2026-01-02T03:04:05.000006+00:00", options, [])


@pytest.fixture
def client(tmp_path: Path, lab: Lab) -> Iterator[FlaskClient]:
    asked.clear()
    called.clear()
    app = create_app({"INSTANCE": tmp_path, "LAB": lab, "TESTING": True, "FETCH": fetch})
    yield app.test_client()
    app.extensions["tracing"].close()


def test_a_line_break_is_sent_as_was_chosen_and_escapes_as_they_say() -> None:
    assert octets_of(Typed("", "a\r\nb\\0", "crlf")) == b"a\r\nb\0"
    assert octets_of(Typed("", "a\nb", "lf")) == b"a\nb"
    assert octets_of(Typed("", r"a\r\n" + "\r\n", "")) == b"a\r\n"


def test_what_cannot_be_sent_is_told_and_kept(client: FlaskClient) -> None:
    for text in (r"\q", "x" * (CHARACTERS + 1)):
        answer = client.post("/by-hand", data={"server": "tcp-echo", "text": text})
        assert answer.status_code == 422
        assert "field-error" in answer.text


def test_the_form_offers_the_labs_servers_and_takes_no_other(client: FlaskClient) -> None:
    page = client.get("/by-hand").text
    for name in ("http", "tcp-echo", "udp-echo"):
        assert f'value="{name}"' in page
    answer = client.post("/by-hand", data={"server": "tcp://example.com:25", "text": "x"})
    assert answer.status_code == 422
    assert asked == []


def test_what_was_typed_goes_to_the_server_and_the_trace_opens(client: FlaskClient) -> None:
    form = {"server": "udp-echo", "text": "hello\n", "line_end": "crlf"}
    answer = client.post("/by-hand", data=form)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/t/")
    assert called.wait(5)
    ((url, options),) = asked
    assert url.startswith("udp://echo.lab.test:")
    assert (options.raw, options.any_port) == (b"hello\r\n", False)


def test_without_a_lab_the_page_says_so(tmp_path: Path) -> None:
    app = create_app({"INSTANCE": tmp_path, "TESTING": True})
    assert "The lab does not run" in app.test_client().get("/by-hand").text
    app.extensions["tracing"].close()


def test_the_form_says_how_a_request_ends_and_what_a_line_break_is(client: FlaskClient) -> None:
    page = client.get("/by-hand").text
    assert "an empty line ends the request" in page
    assert "\\r\\n, CR LF</option>" in page
