"""The page of a connection with streams: it is found, complete, and shows nothing unescaped."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from hpack import Encoder

from tests.netcore.http2_conversation import Conversation, rich
from tests.web.conftest import Script
from tests.web.recordings import exchange
from tests.web.streams.telling import tale_of
from web import words
from web.addresses import streams_href
from web.streams.story import streams_view

PARTS = ("lanes", "states", "windows", "sections", "settings", "endings")


def test_the_page_has_all_its_parts_and_each_id_once(
    client: FlaskClient, script: Script, traced: Callable[[], str]
) -> None:
    script.events = rich().events
    path = traced()
    page = client.get(f"{path}/http2")
    assert page.status_code == 200
    for part in PARTS:
        assert f'<section id="{part}"' in page.text
        assert f'href="#{part}"' in page.text
    assert len(set(re.findall(r' id="([^"]+)"', page.text))) == page.text.count(' id="')
    assert "style=" not in page.text
    assert client.get(f"{path}/http2/1").status_code == 200


def test_the_summary_leads_to_the_page(
    client: FlaskClient, script: Script, traced: Callable[[], str]
) -> None:
    script.events = rich().events
    path = traced()
    assert f'href="{path}/http2"' in client.get(path).text
    script.events = exchange()
    path = traced()
    assert "/http2" not in client.get(path).text


def test_an_event_with_frames_leads_to_the_page_and_no_other_does() -> None:
    tale = tale_of(rich())
    numbers = range(1, len(tale.trace.events) + 1)
    found = {streams_href(tale, "/t/x", number) for number in numbers}
    assert found == {"", "/t/x/http2/1"}
    assert streams_href(tale, "/t/x", 1) == ""


@pytest.mark.parametrize("path", ["/http2", "/http2/1", "/http2/9"])
def test_a_connection_that_is_not_there_is_404(
    client: FlaskClient, script: Script, traced: Callable[[], str], path: str
) -> None:
    script.events = exchange() if not path.endswith("9") else rich().events
    assert client.get(traced() + path).status_code == 404


def test_every_link_into_the_trace_answers(
    client: FlaskClient, script: Script, traced: Callable[[], str]
) -> None:
    script.events = rich().events
    path = traced()
    page = client.get(f"{path}/http2").text
    for href in set(re.findall(r'href="(/t/[^"#]+)', page)):
        assert client.get(href.replace("&amp;", "&")).status_code == 200, href


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("alpn", "the client offered h2 by ALPN"),
        ("upgrade", "asked to switch"),
        ("prior_knowledge", "no HTTP/1.1 server can take for a request"),
    ],
)
def test_it_is_told_how_the_connection_became_one_of_http_2(how: str, said: str) -> None:
    assert said in words.streams("began", {"how": how}).what
    if how == "prior_knowledge":
        assert said in streams_view(tale_of(rich()), "/t/x", "1").about["began"].what


def test_the_query_chooses_a_stream_and_what_the_width_shows() -> None:
    tale = tale_of(rich())
    view = streams_view(tale, "/t/x", "1", stream=3, over_time=True)
    assert [link.title for link in view.choices if link.current] == ["Stream 3"]
    assert [link.title for link in view.widths if link.current] == ["Time"]
    assert view.states is not None
    assert view.states.stream == 3
    assert [graph.title for graph in view.graphs] == [
        "What the client may send on the connection",
        "What the client may send on stream 3",
        "What the server may send on the connection",
        "What the server may send on stream 3",
    ]
    other = streams_view(tale, "/t/x", "1", stream=77)
    assert other.states is not None
    assert other.states.stream == 1


def test_a_connection_without_a_stream_has_a_page_too(
    client: FlaskClient, script: Script, traced: Callable[[], str]
) -> None:
    talk = Conversation()
    talk.begin()
    script.events = talk.events
    page = client.get(f"{traced()}/http2").text
    assert "no stream was opened" in page
    assert "No field section crossed." in page


def test_text_from_the_wire_is_escaped(
    client: FlaskClient, script: Script, traced: Callable[[], str]
) -> None:
    hostile = "<script>alert(1)</script>"
    talk = Conversation()
    talk.begin()
    block = Encoder().encode([(":method", hostile), (":path", hostile), (hostile, hostile)])
    head = len(block).to_bytes(3, "big") + b"\x01\x05\0\0\0\x01"
    talk.move("sent", head + block)
    debug = hostile.encode()
    goaway = (8 + len(debug)).to_bytes(3, "big") + b"\x07\0\0\0\0\0" + bytes(8) + debug
    talk.move("received", goaway)
    script.events = talk.events
    page = client.get(f"{traced()}/http2").text
    assert hostile not in page
    assert "&lt;script&gt;alert(1)" in page
