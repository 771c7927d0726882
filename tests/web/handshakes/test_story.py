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
from netcore.options import Options
from netcore.trace import Trace
from tests.web.conftest import Script
from web.addresses import handshake_href
from web.handshakes.story import story_view
from web.tale import tell

pytestmark = pytest.mark.wire

TraceOf = Callable[[str], Trace]


@pytest.fixture
def trace_of(lab: Lab) -> TraceOf:
    def traced(name: str, **options: str) -> Trace:
        target = next(target for target in lab.targets if target.name == name)
        return fetch(target.url, Options(lab=lab.options_lab(), cacert=str(lab.cacert), **options))

    return traced


def test_a_connection_without_tls_has_no_page(trace_of: TraceOf) -> None:
    assert story_view(tell(trace_of("plain")), "/t/x", "1") is None


def test_the_flights_alternate_and_links_lead_to_their_units(trace_of: TraceOf) -> None:
    tale = tell(trace_of("tls13"))
    view = story_view(tale, "/t/x", "1")
    assert view is not None
    sides = [flight.css for flight in view.conversation.flights]
    assert sides[:3] == ["sent", "received", "sent"]
    assert all(one != other for one, other in itertools.pairwise(sides))
    for flight in view.conversation.flights:
        for message in flight.messages:
            found = re.fullmatch(r"/t/x/e/(\d+)\?u=(\d+)", message.href)
            assert found, message.href
            event, unit = map(int, found.groups())
            assert unit <= len(tale.explanation.of_event(event))


def test_it_is_said_once_for_each_side_where_encryption_begins(trace_of: TraceOf) -> None:
    view = story_view(tell(trace_of("tls12")), "/t/x", "1")
    assert view is not None
    locked = [(flight.css, str(flight.locked)) for flight in view.conversation.flights]
    said = [(side, text) for side, text in locked if text]
    assert [side for side, _ in said] == ["sent", "received"]


def test_after_a_refused_certificate_the_whole_flight_of_the_server_is_there(
    trace_of: TraceOf,
) -> None:
    view = story_view(tell(trace_of("expired")), "/t/x", "1")
    assert view is not None
    titles = [message.title for message in view.conversation.flights[1].messages]
    assert {"Certificate", "CertificateVerify", "Finished"} <= set(titles)
    alert = view.conversation.flights[2].messages[0]
    assert (alert.title, alert.secret) == ("alert certificate_expired", "")


def test_the_page_answers_and_a_connection_that_is_not_there_is_404(
    client: FlaskClient, script: Script, traced: Callable[[], str], trace_of: TraceOf
) -> None:
    script.events = trace_of("tls13").events
    path = traced()
    page = client.get(f"{path}/tls/1")
    assert page.status_code == 200
    assert "ClientHello" in page.text
    assert client.get(f"{path}/tls/7").status_code == 404
    assert f'href="{path}/tls/1"' in client.get(path).text


def test_text_from_the_wire_is_escaped(trace_of: TraceOf, client: FlaskClient) -> None:
    hostile = "<script>alert(1)</script>"
    with_url = msgspec.structs.replace(trace_of("tls13"), url=f"https://x.test/{hostile}")
    tale = tell(with_url)
    with client.application.test_request_context("/"):
        page = render_template("pages/tls.html", view=story_view(tale, "/t/x", "1"))
    assert hostile not in page


def test_the_summary_and_the_panes_lead_to_the_page(trace_of: TraceOf) -> None:
    tale = tell(trace_of("tls13"))
    assert handshake_href(tale, "/t/x") == "/t/x/tls/1"
    hello = next(mark for mark in tale.timeline.marks if mark.title == "ClientHello")
    query = next(mark for mark in tale.timeline.marks if mark.title.startswith("DNS query"))
    assert handshake_href(tale, "/t/x", hello.number) == "/t/x/tls/1"
    assert handshake_href(tale, "/t/x", query.number) == ""
    assert handshake_href(tell(trace_of("plain")), "/t/x") == ""
