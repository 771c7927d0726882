"""Static files may be kept for ever, because their address changes when they do."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lab.frames import TEXT, frame
from tests.netcore.framing.test_websocket import REQUEST, answer
from tests.netcore.http2_conversation import rich
from tests.netcore.quic_conversation import simple
from tests.netcore.recordings import http_exchange
from tests.netcore.tls_conversation import TLS13, contexts, converse
from tests.web.conftest import Script
from web.assets import find_assets

STATIC = Path(__file__).resolve().parents[2] / "static"


def test_a_file_under_its_version_may_be_kept_for_ever(app: Flask, client: FlaskClient) -> None:
    version = app.extensions["assets"].version
    with client.get(f"/s/{version}/css/tokens.css") as answer:
        assert answer.mimetype == "text/css"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_file_under_another_version_is_not_kept(client: FlaskClient) -> None:
    with client.get("/s/00000000/css/tokens.css") as answer:
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"


def test_nothing_outside_of_the_folder_is_served(app: Flask, client: FlaskClient) -> None:
    version = app.extensions["assets"].version
    for name in ("../app.py", "%2e%2e/app.py", "/etc/passwd", "css/../../app.py"):
        answer = client.get(f"/s/{version}/{name}", follow_redirects=True)
        assert answer.status_code == 404


def test_the_version_changes_with_any_file(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a {}")
    before = find_assets(tmp_path).version
    (tmp_path / "a.css").write_text("b {}")
    assert find_assets(tmp_path).version != before


def test_everything_that_a_page_links_is_there(app: Flask, client: FlaskClient) -> None:
    found = app.extensions["assets"]
    assert found.stylesheets[0] == "css/tokens.css"
    linked = [*found.stylesheets, *found.fonts, *found.modules, found.script, found.icon]
    assert len(linked) > 10
    for path in linked:
        with client.get(f"/s/{found.version}/{path}") as answer:
            assert answer.status_code == 200, path


@pytest.mark.parametrize(
    "page",
    [
        "/",
        "/about",
        "/learn",
        "/learn/sockets/1",
        "trace",
        "trace/list",
        "trace/again",
        "trace/layers/tcp:1",
        "/nothing",
        "tls",
        "http2",
        "quic",
        "http3",
    ],
)
def test_the_styles_of_a_page_keep_their_budget(
    client: FlaskClient, script: Script, traced: Callable[[], str], page: str
) -> None:
    pages = {"tls": _tls_page, "http2": _http2_page, "quic": _quic_page, "http3": _http3_page}
    address = pages[page](script, traced) if page in pages else page.replace("trace", traced())
    linked = sheets_of(client, address)
    assert linked[0].startswith((STATIC / "css/tokens.css").read_bytes())
    assert sum(len(gzip.compress(sheet)) for sheet in linked) <= 14 * 1024


def sheets_of(client: FlaskClient, address: str) -> list[bytes]:
    """The stylesheets that a page links, as they are served."""
    page = client.get(address).text
    return [
        client.get(path).data for path in re.findall(r'<link rel="stylesheet" href="(.+?)">', page)
    ]


def _tls_page(script: Script, traced: Callable[[], str]) -> str:
    script.events = converse(*contexts(TLS13)).events
    return f"{traced()}/tls/1"


def _http2_page(script: Script, traced: Callable[[], str]) -> str:
    script.events = rich().events
    return f"{traced()}/http2"


def _quic_page(script: Script, traced: Callable[[], str]) -> str:
    script.events = simple().events
    return f"{traced()}/quic"


def _http3_page(script: Script, traced: Callable[[], str]) -> str:
    return _quic_page(script, traced).replace("/quic", "/http3")


def _websocket_page(script: Script, traced: Callable[..., str]) -> str:
    script.events = http_exchange([REQUEST, frame(TEXT, b"Hello", mask=b"abcd")], [answer()])
    return traced("ws://plain.example/")


def test_every_stylesheet_is_linked_by_some_page(
    client: FlaskClient, script: Script, traced: Callable[..., str]
) -> None:
    parts = (
        "",
        "/list",
        "/again",
        "/sockets",
        "/stream/tcp:1",
        "/report?e=15&u=1",
        "/layers/tcp:1",
        "/present",
        "/handout",
        "/onlooker",
        "/share",
    )
    addresses = (
        "/",
        "/learn",
        "/compare",
        "/about",
        "/style",
        *(traced() + part for part in parts),
        _tls_page(script, traced),
    )
    addresses += (_http2_page(script, traced), _quic_page(script, traced))
    addresses += (_websocket_page(script, traced), "/embed/nothing")
    addresses += ("/stories/what-http2-saved",)
    linked = b"".join(sheet for address in addresses for sheet in sheets_of(client, address))
    files = STATIC.rglob("*.css")
    assert [path.name for path in files if path.read_bytes() not in linked] == []


def test_a_file_that_the_browser_has_is_not_sent_again(app: Flask, client: FlaskClient) -> None:
    address = f"/s/{app.extensions['assets'].version}/css/tokens.css"
    with client.get(address) as first:
        tag = first.headers["ETag"]
    with client.get(address, headers={"If-None-Match": tag}) as again:
        assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("name", ["../app.py", "css", "css/nothing.css", "..%2fapp.py"])
def test_nothing_beside_the_folder_is_served(app: Flask, client: FlaskClient, name: str) -> None:
    assert client.get(f"/s/{app.extensions['assets'].version}/{name}").status_code == 404
