"""Every kind of file that opens here, by its contents and not by its name."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from netcore.exports.har import har
from netcore.exports.pcapng import pcapng
from netcore.trace import CAPTURE, HAR, BadTrace, SecretLogged, decode, encode
from tests.web.mutations import EXAMPLE
from web.sharing.bringing import read_brought

TRACE = decode(EXAMPLE.read_bytes())
LINES = [event.line for event in TRACE.events if isinstance(event, SecretLogged)]


def test_each_kind_is_told_by_its_contents(app: Flask) -> None:
    packets = b"".join(pcapng(TRACE))
    assert read_brought(encode(TRACE)).origin == ""
    assert read_brought(packets).origin == CAPTURE
    assert read_brought(har(TRACE)).origin == HAR
    with app.test_request_context(), pytest.raises(BadTrace, match="no trace in it"):
        read_brought(b"<!doctype html><p>hello")
    with pytest.raises(BadTrace, match="no trace that was saved here"):
        read_brought(b"hello")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"".join(pcapng(TRACE)), "Imported from a capture of packets"),
        (har(TRACE), "Imported from a HAR, a browser’s log"),
    ],
)
def test_an_import_says_what_it_is_and_is_shown_in_the_same_views(
    client: FlaskClient, data: bytes, said: str
) -> None:
    answer = client.post("/import", data={"trace": (io.BytesIO(data), "a.bin")})
    assert answer.status_code == 303, answer.text
    page = client.get(answer.location).text
    assert said.replace("’", "&#39;") in page
    assert "200 OK" in page
    assert "sock." not in page
    assert "sock.send" not in client.get(f"{answer.location}/list?all=1").text
    is_log = "HAR" in said
    assert (
        "Dashed is put together from the log" in client.get(f"{answer.location}?m=time").text
    ) == is_log
    assert ('id="onlooker"' in page) != is_log
    assert client.get(f"{answer.location}/onlooker").status_code == (404 if is_log else 200)
    for further in ("/list", "/share", ".html", ".pcapng", ".jsonl", "/timeline.svg"):
        assert client.get(f"{answer.location}{further}").status_code == 200, further


def test_keys_may_come_beside_a_capture(client: FlaskClient) -> None:
    sealed = decode(EXAMPLE.read_bytes())
    sealed.events = [each for each in sealed.events if not isinstance(each, SecretLogged)]
    packets = b"".join(pcapng(sealed))
    keys = "\n".join(LINES).encode()
    form = {"trace": (io.BytesIO(packets), "a.pcapng"), "keys": (io.BytesIO(keys), "keys.log")}
    answer = client.post("/import", data=form)
    assert "200 OK" in client.get(answer.location).text
    closed = client.post("/import", data={"trace": (io.BytesIO(packets), "a.pcapng")})
    assert "200 OK" not in client.get(closed.location).text
