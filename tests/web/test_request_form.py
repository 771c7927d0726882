"""The part of the form about the method, header fields and content."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from netcore.options import Options
from tests.web.conftest import WAIT_S, Script
from web.request_form import (
    BODY_OCTETS,
    METHODS,
    UNTOUCHED_REQUEST,
    read_request_form,
    request_form_options,
    suited,
)

ELSEWHERE, LAB = "https://a.example/", "http://plain.lab.test:8000/"
URL = {"url": ELSEWHERE}


def test_nothing_typed_is_the_default() -> None:
    form = read_request_form({"method": "BREW", "headers": "\r\n"})
    assert form == UNTOUCHED_REQUEST
    assert Options(**request_form_options(form)) == Options()


def test_fields_and_content_are_what_was_typed() -> None:
    form = read_request_form(
        {
            "method": "POST",
            "headers": "X-One: 1\r\n\r\nAccept:\r\nX-Empty;\r\n",
            "content_type": " text/plain ",
            "body": "ä\r\nb\n",
        }
    )
    assert form.error == ""
    assert request_form_options(form) == {
        "method": "POST",
        "headers": (
            *(("X-One", "1"), ("Accept:", ""), ("X-Empty", "")),
            ("Content-Type", "text/plain"),
        ),
        "body": "ä\nb\n".encode(),
    }


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        *(
            ({"headers": f"{name}: 1"}, "headers")
            for name in (
                *("Host", "content-length", "Transfer-Encoding", "Connection", "Upgrade", "TE"),
                *("User-Agent", "Trailer", "Sec-WebSocket-Key", "Keep-Alive", "HTTP2-Settings"),
            )
        ),
        ({"headers": "Host:"}, "headers"),
        ({"headers": "Host;"}, "headers"),
        ({"headers": "no colon"}, "headers"),
        ({"headers": "a b: c"}, "headers"),
        ({"headers": "A: b\rInjected: c"}, "headers"),
        ({"headers": "A: \x00"}, "headers"),
        ({"headers": ":method: GET"}, "headers"),
        ({"headers": "A: 1\n" * 33}, "headers"),
        ({"headers": "A: " + "b" * 5_000}, "headers"),
        ({"content_type": "a/b"}, "content_type"),
        ({"method": "POST", "content_type": "a/b\rX: y"}, "content_type"),
        ({"method": "POST", "content_type": "a/b", "headers": "content-TYPE: c/d"}, "content_type"),
        ({"method": "HEAD", "body": "x"}, "body"),
        ({"method": "POST", "body": "x" * (BODY_OCTETS + 1)}, "body"),
        ({"method": "POST", "body": "\ud800"}, "body"),
    ],
)
def test_what_cannot_be_sent_is_told(typed: dict[str, str], wrong: str) -> None:
    form = read_request_form(typed)
    assert form.wrong == wrong
    assert form.error


@pytest.mark.parametrize("method", METHODS)
def test_what_may_change_something_goes_to_the_lab_or_from_ones_own_machine(method: str) -> None:
    form = read_request_form({"method": method})
    safe = method in ("GET", "HEAD", "OPTIONS")
    assert (suited(form, ELSEWHERE, anywhere=False, times=1).wrong == "") is safe
    assert suited(form, ELSEWHERE, anywhere=True, times=1).wrong == ""
    assert suited(form, LAB, anywhere=False, times=1).wrong == ""
    assert (suited(form, LAB, anywhere=False, times=2).wrong == "") is safe
    assert (suited(form, "wss://a.example/", anywhere=True, times=1).wrong == "") is safe


def test_a_mistake_is_said_in_place_and_all_is_kept(client: FlaskClient, script: Script) -> None:
    typed = {"method": "PUT", "headers": "Host: <b>", "body": "\n<i>", "content_type": "a/b"}
    answer = client.post("/trace", data={**URL, **typed})
    assert answer.status_code == 422
    assert script.asked == []
    area = answer.text[answer.text.index('<textarea id="headers"') :]
    assert 'aria-invalid="true"' in area[: area.index(">\n")]
    assert area.index("\nHost: &lt;b&gt;</textarea>")
    assert "\n\n&lt;i&gt;</textarea>" in answer.text
    assert "<option selected>PUT" in answer.text
    assert 'value="a/b"' in answer.text


def test_a_method_that_is_refused_is_said_beside_it(client: FlaskClient) -> None:
    page = client.post("/trace", data={**URL, "method": "DELETE"}).text
    assert 'name="method" aria-invalid="true" aria-describedby="request-error"' in page
    assert "goes to the lab’s servers alone" in page


def test_it_reaches_the_fetch(make_app: Callable[..., Flask], script: Script) -> None:
    app = make_app(ANY_METHOD=True)
    data = {**URL, "method": "POST", "headers": "X: 1", "body": "a=b"}
    answer = app.test_client().post("/trace", data=data)
    feed = app.extensions["tracing"].feeds.get(answer.location.removeprefix("/t/"))
    assert feed.wait(1 << 62, WAIT_S)
    options = script.asked[0][1]
    assert (options.method, options.headers, options.body) == ("POST", (("X", "1"),), b"a=b")
