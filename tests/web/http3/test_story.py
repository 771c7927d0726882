"""The page of an HTTP/3 connection: it is found, complete, and shows nothing unescaped."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.netcore.quic_conversation import Conversation, simple
from tests.web.conftest import Script
from tests.web.http3.telling import view
from tests.web.quic.telling import tale_of
from tests.web.recordings import exchange
from web.http3.story import PARTS, http3_view


def test_the_page_has_all_its_parts_and_each_id_once(
    client: FlaskClient, script: Script, traced: Callable[[], str]
) -> None:
    script.events = simple().events
    path = traced()
    page = client.get(f"{path}/http3")
    assert page.status_code == 200
    for part in PARTS:
        assert f'<section id="{part}"' in page.text
        assert f'href="#{part}"' in page.text
    assert len(set(re.findall(r' id="([^"]+)"', page.text))) == page.text.count(' id="')
    assert "style=" not in page.text
    assert f'href="{path}/quic/1"' in page.text
    assert client.get(f"{path}/http3/1").status_code == 200
    assert f'href="{path}/http3"' in client.get(path).text


@pytest.mark.parametrize("path", ["/http3", "/http3/1", "/http3/9"])
def test_a_connection_that_is_not_there_is_404(
    client: FlaskClient, script: Script, traced: Callable[[], str], path: str
) -> None:
    script.events = exchange() if not path.endswith("9") else simple().events
    assert client.get(traced() + path).status_code == 404


def test_every_link_into_the_trace_answers(
    client: FlaskClient, script: Script, traced: Callable[[], str]
) -> None:
    script.events = simple().events
    path = traced()
    page = client.get(f"{path}/http3").text
    for href in sorted(set(re.findall(r'href="(/t/[^"#]+)', page))):
        assert client.get(href.replace("&amp;", "&")).status_code == 200, href


def test_the_cost_of_the_fields_counts_what_the_encoders_said() -> None:
    told = view("key_updates").about["sections"].what
    wire = sum(section.wire for section in view("key_updates").sections)
    assert f"became {wire} with 6 field sections" in told


def test_a_connection_without_a_request_has_a_page_too() -> None:
    talk = Conversation()
    talk.begin()
    told = http3_view(tale_of(talk), "/t/x", "1")
    assert "No request was made." in told.about["lanes"].what
    assert "No field section crossed." in told.about["sections"].what


def test_text_from_the_wire_is_escaped(
    client: FlaskClient, script: Script, traced: Callable[[], str]
) -> None:
    hostile = "<script>alert(1)</script>"
    script.events = simple(hostile.encode()).events
    page = client.get(f"{traced()}/http3").text
    assert hostile not in page
    talk = Conversation()
    talk.begin()
    talk.exchange()
    talk.client.close(0x100, reason_phrase=hostile)
    talk.pump()
    script.events = talk.events
    page = client.get(f"{traced()}/http3").text
    assert hostile not in page
    assert "&lt;script&gt;alert(1)" in page
