"""What is sent compressed, and what is not."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

TAKES_GZIP = {"Accept-Encoding": "gzip, deflate"}


@pytest.mark.parametrize(
    ("accepted", "unpack"),
    [("gzip, deflate", gzip.decompress), ("gzip, deflate, br", brotli.decompress)],
)
def test_a_page_goes_out_as_its_reader_can_take_it(
    client: FlaskClient, traced: Callable[..., str], accepted: str, unpack: Callable[[bytes], bytes]
) -> None:
    page = traced()
    plain = client.get(f"{page}/list")
    packed = client.get(f"{page}/list", headers={"Accept-Encoding": accepted})
    assert unpack(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    assert "Content-Encoding" not in plain.headers
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_static_file_is_packed_once_and_a_version_of_somebody_else_is_not_kept(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    version, packed = app.extensions["assets"].version, []
    pack = gzip.compress

    def counting(data: bytes, level: int) -> bytes:
        packed.append(len(data))
        return pack(data, level)

    monkeypatch.setattr("flask_compress.flask_compress.compression.gzip.compress", counting)
    for each in (version, version, "00000000", "00000000"):
        answer = client.get(f"/s/{each}/css/page-trace.css", headers=TAKES_GZIP)
        plain = client.get(f"/s/{each}/css/page-trace.css")
        assert gzip.decompress(answer.data) == plain.data
    assert len(packed) == 3
    etag = client.get(f"/s/{version}/main.js", headers=TAKES_GZIP).headers["ETag"]
    again = {**TAKES_GZIP, "If-None-Match": etag}
    assert client.get(f"/s/{version}/main.js", headers=again).status_code == 304


def test_the_list_of_ones_own_traces_beside_what_a_link_brings_is_not_packed(
    client: FlaskClient, traced: Callable[..., str]
) -> None:
    page = traced()
    for address in ("/?url=http://guess.example/", "/compare?x=http://guess.example/"):
        own = client.get(address, headers=TAKES_GZIP)
        assert page.rpartition("/")[2] in own.text
        assert "Content-Encoding" not in own.headers
    two = page.rpartition("/")[2]
    beside = client.get(f"/compare?a={two}&b={two}", headers=TAKES_GZIP)
    assert beside.headers["Content-Encoding"] == "gzip", "it lists none of them"


def test_who_refuses_a_coding_is_not_sent_it(client: FlaskClient) -> None:
    answer = client.get("/about", headers={"Accept-Encoding": "gzip;q=0, br;q=0.000"})
    assert "Content-Encoding" not in answer.headers
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_octets_and_the_stream_of_events_are_not_packed(
    client: FlaskClient, traced: Callable[..., str]
) -> None:
    page = traced()
    with client.get(f"{page}/events", headers=TAKES_GZIP) as events:
        assert events.mimetype == "text/event-stream"
        assert "Content-Encoding" not in events.headers
    octets = client.get(f"{page}/e/4.bin", headers={**TAKES_GZIP, "Range": "bytes=0-3"})
    assert (octets.status_code, len(octets.data)) == (206, 4)
    assert "Content-Encoding" not in octets.headers
