"""The page of a QUIC connection: it is found, complete, and shows nothing unescaped."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.netcore.quic_conversation import Conversation, simple, with_key_updates
from tests.web.conftest import Script
from tests.web.quic.telling import ALL, story, view
from tests.web.recordings import exchange
from web.addresses import quic_href

PARTS = (
    "story",
    "packets",
    "acks",
    "round-trips",
    "losses",
    "ids",
    "phases",
    "parameters",
)


def test_the_page_has_all_its_parts_and_each_id_once(
    client: FlaskClient, script: Script, traced: Callable[[], str]
) -> None:
    script.events = simple().events
    path = traced()
    page = client.get(f"{path}/quic")
    assert page.status_code == 200
    for part in PARTS:
        assert f'<section id="{part}"' in page.text
        assert f'href="#{part}"' in page.text
    assert len(set(re.findall(r' id="([^"]+)"', page.text))) == page.text.count(' id="')
    assert "style=" not in page.text
    assert client.get(f"{path}/quic/1").status_code == 200


def test_the_summary_leads_to_the_page(
    client: FlaskClient, script: Script, traced: Callable[[], str]
) -> None:
    script.events = simple().events
    path = traced()
    assert f'href="{path}/quic"' in client.get(path).text
    script.events = exchange()
    path = traced()
    assert "/quic" not in client.get(path).text


def test_every_datagram_leads_to_the_page_and_no_other_event_does() -> None:
    tale = story("simple")
    packets = tale.explanation.quic["1"].packets
    numbers = range(1, len(tale.trace.events) + 1)
    leading = {number for number in numbers if quic_href(tale, "/t/x", number)}
    assert leading == {packet.event for packet in packets}
    assert quic_href(tale, "/t/x", min(leading)) == "/t/x/quic/1"


def test_the_inspector_of_a_datagram_has_the_link(
    client: FlaskClient, script: Script, traced: Callable[[], str]
) -> None:
    script.events = simple().events
    path = traced()
    event = story("simple").explanation.quic["1"].packets[0].event
    assert f'href="{path}/quic/1"' in client.get(f"{path}/e/{event}").text


@pytest.mark.parametrize("path", ["/quic", "/quic/1", "/quic/9"])
def test_a_connection_that_is_not_there_is_404(
    client: FlaskClient, script: Script, traced: Callable[[], str], path: str
) -> None:
    script.events = exchange() if not path.endswith("9") else simple().events
    assert client.get(traced() + path).status_code == 404


@pytest.mark.slow
def test_every_link_into_the_trace_answers(
    client: FlaskClient, script: Script, traced: Callable[[], str]
) -> None:
    script.events = with_key_updates().events
    path = traced()
    page = client.get(f"{path}/quic").text
    for href in sorted(set(re.findall(r'href="(/t/[^"#]+)', page))):
        assert client.get(href.replace("&amp;", "&")).status_code == 200, href


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_conversation_has_a_view_whose_drawing_and_table_agree(name: str) -> None:
    told = view(name)
    assert len(told.packets.packets) == len(told.rows)
    assert [box.href for box in told.packets.packets] == [row.href for row in told.rows]
    assert told.http3 == "/t/x/http3/1"
    assert not told.left_out


def test_text_from_the_wire_is_escaped(
    client: FlaskClient, script: Script, traced: Callable[[], str]
) -> None:
    hostile = "<script>alert(1)</script>"
    talk = Conversation()
    talk.begin()
    talk.exchange()
    talk.client.close(0x100, reason_phrase=hostile)
    talk.pump()
    script.events = talk.events
    page = client.get(f"{traced()}/quic").text
    assert hostile not in page
    assert "&lt;script&gt;alert(1)" in page
