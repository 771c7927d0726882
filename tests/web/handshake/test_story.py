"""The page of a TLS connection."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import msgspec
import pytest
from flask import render_template
from flask.testing import FlaskClient

from lab import Lab
from netcore import fetch
from netcore.handshake.conversations import conversations
from netcore.options import Options
from netcore.trace import Trace
from tests.web.conftest import Script
from web.addresses import handshake_href
from web.handshake.conversation import ConversationView, conversation_view
from web.handshake.story import frame
from web.tale import Tale, tell

pytestmark = pytest.mark.wire

TraceOf = Callable[[str], Trace]


@pytest.fixture
def trace_of(lab: Lab) -> TraceOf:
    def traced(name: str, **options: str) -> Trace:
        target = next(target for target in lab.targets if target.name == name)
        return fetch(target.url, Options(lab=lab.options_lab(), cacert=str(lab.cacert), **options))

    return traced


def said(tale: Tale) -> ConversationView:
    (conversation,) = conversations(tale.explanation)
    return conversation_view(conversation, tale, "/t/x")


def test_the_flights_alternate_and_links_lead_to_their_units(trace_of: TraceOf) -> None:
    tale = tell(trace_of("tls13"))
    view = said(tale)
    sides = [flight.css for flight in view.flights]
    assert sides[:3] == ["sent", "received", "sent"]
    assert all(one != other for one, other in itertools.pairwise(sides))
    for flight in view.flights:
        for message in flight.messages:
            found = re.fullmatch(r"/t/x/e/(\d+)\?u=(\d+)", message.href)
            assert found, message.href
            event, unit = map(int, found.groups())
            assert unit <= len(tale.explanation.of_event(event))


def test_it_is_said_once_for_each_side_where_encryption_begins(trace_of: TraceOf) -> None:
    view = said(tell(trace_of("tls12")))
    locked = [(flight.css, str(flight.locked)) for flight in view.flights]
    assert [side for side, text in locked if text] == ["sent", "received"]


def test_after_a_refused_certificate_the_whole_flight_of_the_server_is_there(
    trace_of: TraceOf,
) -> None:
    view = said(tell(trace_of("expired")))
    titles = [message.title for message in view.flights[1].messages]
    assert {"Certificate", "CertificateVerify", "Finished"} <= set(titles)
    alert = view.flights[2].messages[0]
    assert (alert.title, alert.secret) == ("alert certificate_expired", "")


@pytest.mark.parametrize("part", ["", "/trust", "/keys"])
def test_each_part_answers_and_leads_to_the_others(
    client: FlaskClient,
    script: Script,
    traced: Callable[[], str],
    trace_of: TraceOf,
    part: str,
) -> None:
    script.events = trace_of("tls13").events
    path = traced()
    page = client.get(f"{path}/tls/1{part}")
    assert page.status_code == 200
    for other in ("", "/trust", "/keys"):
        assert f'href="{path}/tls/1{other}"' in page.text
    assert page.text.count('aria-current="page"') == 1
    assert len(set(re.findall(r' id="([^"]+)"', page.text))) == page.text.count(' id="')
    assert f'href="{path}/tls/1"' in client.get(path).text


@pytest.mark.parametrize("part", ["", "/trust", "/keys", ".py"])
def test_a_connection_that_is_not_there_is_404(
    client: FlaskClient, script: Script, traced: Callable[[], str], trace_of: TraceOf, part: str
) -> None:
    script.events = trace_of("tls13").events
    assert client.get(f"{traced()}/tls/7{part}").status_code == 404
    script.events = trace_of("plain").events
    assert client.get(f"{traced()}/tls/1{part}").status_code == 404


def test_text_from_the_wire_is_escaped(trace_of: TraceOf, client: FlaskClient) -> None:
    hostile = "<script>alert(1)</script>"
    with_url = msgspec.structs.replace(trace_of("tls13"), url=f"https://x.test/{hostile}")
    tale = tell(with_url)
    with client.application.test_request_context("/"):
        page = render_template(
            "pages/tls.html",
            frame=frame(tale, "/t/x", "1", ""),
            view=said(tale),
            fingerprints=None,
        )
    assert hostile not in page


def test_the_summary_and_the_panes_lead_to_the_page(trace_of: TraceOf) -> None:
    tale = tell(trace_of("tls13"))
    assert handshake_href(tale, "/t/x") == "/t/x/tls/1"
    hello = next(mark for mark in tale.timeline.marks if mark.title == "ClientHello")
    query = next(mark for mark in tale.timeline.marks if mark.title.startswith("DNS query"))
    assert handshake_href(tale, "/t/x", hello.number) == "/t/x/tls/1"
    assert handshake_href(tale, "/t/x", query.number) == ""
    assert handshake_href(tell(trace_of("plain")), "/t/x") == ""
