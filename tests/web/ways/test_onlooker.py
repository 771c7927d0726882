"""The pages that show a trace without keys: what is hidden is not in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from lab import Lab
from tests.web.conftest import Script
from tests.web.ways.recordings import lab_trace
from web.ways.onlooker import sentences
from web.ways.outside import Learnt

pytestmark = pytest.mark.wire
NOBODY = Learnt((), False, (), (), (), (), 1, 2, 0, 1_000)


@pytest.fixture
def base(lab: Lab, script: Script, traced: Callable[..., str]) -> str:
    trace = lab_trace(lab, "tls13")
    script.events = trace.events
    return traced(trace.url)


def test_the_page_has_the_name_and_neither_path_nor_content(base: str, client: FlaskClient) -> None:
    page = client.get(f"{base}/onlooker").text
    assert "tls13.lab.test" in page
    assert "stay closed; the path, the header fields and the content are among them" in page
    assert "200 OK" not in page
    assert "secret-path" not in page
    assert "200 OK" in client.get(base).text


def test_what_crossed_is_counted_with_dns_and_said_so() -> None:
    asked = sentences(replace(NOBODY, asked=("a.example",), addresses=("192.0.2.1:443",), sealed=2))
    assert asked[1] == "The request went to 192.0.2.1:443."
    assert asked[2] == "In all, DNS included, 1 B went out and 2 B came back."
    assert asked[-1].startswith("2 B of what crossed stay closed; the path, the header fields and")
    read = sentences(replace(NOBODY, requests=("GET / HTTP/1.1",), sealed=2))
    assert read[1] == "In all, 1 B went out and 2 B came back."
    assert read[-1] == "2 B of what crossed stay closed."


@pytest.mark.thorough
def test_every_event_page_hides_the_same(base: str, client: FlaskClient) -> None:
    hidden = ("secret-path", "200 OK", "Hello", "netcore/", "CLIENT_TRAFFIC_SECRET_0 ")
    number = 1
    while (
        answer := client.get(f"{base}/onlooker/e/{number}", follow_redirects=True)
    ).status_code == 200:
        for word in hidden:
            assert word not in answer.text.replace("ClientHello", "").replace("ServerHello", "")
        number += 1
    assert answer.status_code == 404
    assert number > 10


def test_every_link_of_the_page_stays_in_the_view(base: str, client: FlaskClient) -> None:
    page = client.get(f"{base}/onlooker").text
    links = {part.partition('"')[0] for part in page.split(f'href="{base}')[1:]}
    assert len(links) > 10
    assert [link for link in links if not link.startswith("/onlooker")] == [
        link for link in links if link.startswith("/e/")
    ]
    assert len([link for link in links if link.startswith("/e/")]) == 1  # back to the keys


def test_the_trace_page_leads_to_the_onlooker_of_the_open_event(
    base: str, client: FlaskClient
) -> None:
    assert f'href="{base}/onlooker/e/' in client.get(base).text


def test_the_way_there_and_back_keeps_what_both_can_see(base: str, client: FlaskClient) -> None:
    row = re.search(
        r'href="[^"]+/e/(\d+)"[^>]*>\1</a></td>(?:(?!</tr>).)*ClientHello',
        client.get(base).text,
        re.DOTALL,
    )
    assert row is not None
    selects = f"/e/{row[1]}?u=1&f=24-40&b=3.2"
    trace = client.get(base + selects).text
    assert f'href="{base}/onlooker/e/{row[1]}?from=trace&amp;u=1&amp;f=24-40"' in trace
    there = client.get(f"{base}/onlooker{selects}&from=trace").text
    assert "bit 2 at offset 3, length" in there
    assert f'href="{base}{selects.replace("&", "&amp;")}" aria-keyshortcuts="o"' in there


def test_a_unit_that_was_sealed_is_not_selected_there_and_is_on_the_way_back(
    base: str, client: FlaskClient
) -> None:
    hidden = re.search(
        r'href="[^"]+/e/(\d+)"[^>]*>\1</a></td>(?:(?!</tr>).)*200 OK',
        client.get(base).text,
        re.DOTALL,
    )
    assert hidden is not None
    page = client.get(f"{base}/onlooker/e/{hidden[1]}?from=trace&u=2&f=0-8", follow_redirects=True)
    assert "Nothing is selected" in page.text
    assert f'href="{base}/e/{hidden[1]}?u=2&amp;f=0-8" aria-keyshortcuts="o"' in page.text


def test_a_trace_without_encryption_says_that_nothing_is_hidden(
    traced: Callable[..., str], client: FlaskClient
) -> None:
    page = client.get(f"{traced()}/onlooker").text
    assert "Nothing was encrypted, so nothing is hidden" in page
    assert "GET / HTTP/1.1" in page


def test_a_running_trace_has_no_such_page_yet(
    traced: Callable[..., str], client: FlaskClient, script: Script
) -> None:
    script.pause_after = 5
    path = client.post("/trace", data={"url": "http://plain.example/"}).location
    assert client.get(f"{path}/onlooker").status_code == 409


def test_an_event_that_is_not_there_is_said_to_be_so(base: str, client: FlaskClient) -> None:
    assert client.get(f"{base}/onlooker/e/99999").status_code == 404
