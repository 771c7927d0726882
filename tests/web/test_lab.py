"""Every lab target from its button to its last event, over real sockets on loopback."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lab.whole import Lab
from netcore.client import fetch
from web.feed import DONE, FAILED, Feed
from web.tracing import Tracing

pytestmark = pytest.mark.wire

OUTCOMES = {
    "plain": "200 OK",
    "chunked": "200 OK",
    "gzip": "200 OK",
    "redirect": "200 OK",
    "slow": "200 OK",
    "tls12": "200 OK",
    "tls13": "200 OK",
    "expired": "tls.cert_expired",
    "wrong-host": "tls.hostname_mismatch",
    "self-signed": "tls.self_signed",
    "port-closed": "tcp.refused",
    "resets": "",
    "no-such-name": "dns.nxdomain",
}


@pytest.fixture
def client(make_app: Callable[..., Flask], lab: Lab) -> FlaskClient:
    return make_app(LAB=lab, FETCH=fetch).test_client()


def start(client: FlaskClient, name: str) -> tuple[str, Feed]:
    """Press the button of a target. Returns the path of its trace and its feed."""
    path = client.post("/trace", data={"lab": name}).location
    tracing: Tracing = client.application.extensions["tracing"]
    feed = tracing.feeds.get(path.removeprefix("/t/"))
    assert feed is not None
    return path, feed


def test_every_target_has_a_button_and_an_outcome(client: FlaskClient, lab: Lab) -> None:
    buttons = re.findall(r'name="lab" value="([^"]+)"', client.get("/").text)
    assert buttons == [target.name for target in lab.targets]
    assert set(buttons) == set(OUTCOMES)


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_target_ends_as_it_should_and_every_page_of_its_trace_opens(
    client: FlaskClient, lab: Lab, name: str
) -> None:
    lab.servers["slow"].release.set()
    path, feed = start(client, name)
    assert feed.wait(1 << 62, 20)
    page = client.get(path)
    assert feed.state == (DONE if OUTCOMES[name] == "200 OK" else FAILED), feed.snapshot().outcome
    assert OUTCOMES[name] in page.text
    for number in range(1, feed.count + 1):
        event = client.get(f"{path}/e/{number}")
        assert event.status_code == 200
        assert "not explained" not in event.text
        cover = re.search(r"cover[s]? ([\d,]+) of ([\d,]+) byte", event.text)
        assert cover is None or cover[1] == cover[2]


def test_the_connection_is_seen_while_a_slow_server_still_holds_its_body(
    client: FlaskClient, lab: Lab
) -> None:
    lab.servers["slow"].release.clear()
    path, feed = start(client, "slow")
    with client.get(f"{path}/events") as stream:
        seen = ""
        for part in stream.iter_encoded():
            seen += part.decode()
            if "200 OK" in seen:
                break
        assert not feed.finished
        assert "connected" in seen
        assert 'data-state="running"' in client.get(path).text
        lab.servers["slow"].release.set()
        assert "event: done" in "".join(part.decode() for part in stream.iter_encoded())


@pytest.mark.parametrize("name", ["expired", "wrong-host", "self-signed"])
def test_the_card_of_a_refused_certificate_offers_to_go_on(client: FlaskClient, name: str) -> None:
    path, feed = start(client, name)
    assert feed.wait(1 << 62, 20)
    page = client.get(path).text
    assert "Go on although the certificate is refused" in page
    assert re.search(r"See event (\d+)", page)
    shown = re.search(r'class="saw">.*?data-n="(\d+)"', page, re.DOTALL)
    assert shown is not None
    assert "alert" in client.get(f"{path}/e/{shown[1]}").text
    inputs = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    again = client.post("/trace", data=inputs).location
    tracing: Tracing = client.application.extensions["tracing"]
    second = tracing.feeds.get(again.removeprefix("/t/"))
    assert second is not None
    assert second.wait(1 << 62, 20)
    assert second.state == DONE
    assert "not verified" in client.get(again).text


def test_a_refusal_of_another_kind_offers_no_way_on(client: FlaskClient) -> None:
    path, feed = start(client, "port-closed")
    assert feed.wait(1 << 62, 20)
    assert "Go on although" not in client.get(path).text
