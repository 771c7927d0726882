"""The page of a connection with all its layers."""

from __future__ import annotations

import gzip
import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lab.whole import Lab
from netcore.client import fetch
from netcore.options import Options
from tests.netcore.recordings import http_exchange
from tests.web.conftest import Script
from tests.web.layers.strips import CHUNKED, REQUEST
from tests.web.recordings import refused
from web.lab_targets import asked_of

Traced = Callable[..., str]
UNIT = re.compile(
    r'<a id="([^"]+)" class="(unit[^"]*)" href="([^"]*)" data-layers aria-label="([^"]*)"'
)


def units(page: str) -> list[tuple[str, str, str, str]]:
    """Id, classes, address and label of all boxes."""
    return [tuple(map(html.unescape, found)) for found in UNIT.findall(page)]  # type: ignore[misc]


@pytest.fixture
def path(client: FlaskClient, script: Script, traced: Traced) -> str:
    """The path of a page about an answer in chunks, which came in three reads."""
    octets = CHUNKED + b"".join(b"%x\r\n%s\r\n" % (size, b"<" * size) for size in (200, 100))
    octets += b"0\r\n\r\n"
    script.events = http_exchange([REQUEST], [octets[:60], octets[60:100], octets[100:]])
    return f"{traced()}/layers/tcp:1"


def test_the_page_draws_both_directions_and_says_what_it_answers(
    client: FlaskClient, path: str
) -> None:
    text = client.get(path).text
    assert "Server to client" in text
    assert "Client to server" in text
    assert "The sender cut them into 2 chunks of 100 to 200 bytes." in text
    assert "did not happen at the same time" in text
    assert {"read 3, 264 bytes from offset 100 on"} <= {label for *_, label in units(text)}


def test_every_box_leads_to_its_selection_and_from_there_to_its_event(
    client: FlaskClient, path: str
) -> None:
    for name, _, href, label in units(client.get(path).text):
        text = client.get(path + href).text
        on = [each for each in units(text) if " on" in each[1]]
        assert [each[0] for each in on] == [name], label
        assert "See its bytes" in text
        opened = re.search(r'href="([^"]+)">See its bytes', text)
        assert opened is not None
        assert client.get(html.unescape(opened[1])).status_code == 200


def test_the_way_back_leads_to_what_is_selected(client: FlaskClient, path: str) -> None:
    base = path.partition("/layers")[0]
    back = re.compile(r'id="back"><a class="button" href="([^"]+)"')
    assert back.findall(client.get(path).text) == [base]
    chunk = next(each for each in units(client.get(path).text) if "chunk of 200" in each[3])
    text = client.get(path + chunk[2]).text
    opened = re.search(r'href="([^"]+)">See its bytes', text)
    assert opened is not None
    assert back.findall(text) == [opened[1]]
    for mode in ("time", "steps"):
        assert f'href="{opened[1]}{"&amp;" if "?" in opened[1] else "?"}m={mode}"' in text


def test_the_way_there_and_back_keeps_the_field_and_the_bit(client: FlaskClient, path: str) -> None:
    base = path.partition("/layers")[0]
    chunk = next(each for each in units(client.get(path).text) if "chunk of 200" in each[3])
    opened = re.search(r'href="([^"]+)">See its bytes', client.get(path + chunk[2]).text)
    assert opened is not None
    event, unit = re.search(r"/e/(\d+)\?u=(\d+)", opened[1]).groups()  # type: ignore[union-attr]
    there = client.get(f"{base}/layers?e={event}&u={unit}&f=0-16&b=1.3").location
    assert there == f"{path}{html.unescape(chunk[2])}&f=0-16&b=1.3"
    back = f"{base}/e/{event}?u={unit}&amp;f=0-16&amp;b=1.3"
    assert f'id="back"><a class="button" href="{back}"' in client.get(there).text


def test_what_a_row_has_in_the_range_is_said_with_links(client: FlaskClient, path: str) -> None:
    chunk = next(each for each in units(client.get(path).text) if "chunk of 200" in each[3])
    text = client.get(path + chunk[2]).text
    assert "It came in 3 reads." in text
    said = text[text.index('id="said"') : text.index('id="table-received"')]
    assert "read 1" in said
    assert "40 bytes" in said
    assert re.search(r'href="/t/[^/]+/e/\d+">', said)


def test_zoom_without_a_script_is_by_links(client: FlaskClient, path: str) -> None:
    text = client.get(path).text
    closer = re.search(r'id="in-received" href="([^"]+)"', text)
    assert closer is not None
    zoomed = client.get(path + html.unescape(closer[1])).text
    low, high = re.search(
        r'data-direction="received" data-from="(\d+)" data-to="(\d+)"', zoomed
    ).groups()  # type: ignore[union-attr]
    assert 0 < int(low) < int(high) < 367
    assert f"offsets {low} to {high}" in zoomed
    fit = re.search(r'id="fit-received" href="([^"]+)"', zoomed)
    assert fit is not None
    assert 'data-from="0"' in client.get(path + html.unescape(fit[1])).text


def test_the_part_has_the_strips_alone(client: FlaskClient, path: str) -> None:
    part = client.get(f"{path}?part=1&w=700").text
    assert "<html" not in part
    assert re.findall(r'data-region="([^"]+)"', part) == [
        *("strip-received", "strip-sent"),
        *("back", "widths"),
    ]
    assert 'width="700"' in part


def test_octets_of_the_wire_never_become_markup(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    head = b"HTTP/1.1 200 <script>x\r\nContent-Length: 0\r\n\r\n"
    script.events = http_exchange([b"GET /<b> HTTP/1.1\r\nHost: a\r\n\r\n"], [head])
    text = client.get(f"{traced()}/layers/tcp:1").text
    assert "<script>x" not in text
    assert "GET /<b>" not in text
    assert "GET /&lt;b&gt;" in text


def test_the_width_of_a_trace_leads_here_and_back(client: FlaskClient, path: str) -> None:
    base = path.removesuffix("/layers/tcp:1")
    assert f'href="{base}/layers"' in client.get(base).text
    assert client.get(f"{base}/layers").location == path
    assert client.get(f"{base}?m=bytes").location == f"{base}/layers"
    text = client.get(path).text
    assert f'href="{base}?m=time"' in text
    assert f'href="{base}?m=steps"' in text


def test_an_event_leads_to_its_connection_with_itself_selected(
    client: FlaskClient, path: str
) -> None:
    base = path.removesuffix("/layers/tcp:1")
    name = next(each[0] for each in units(client.get(path).text) if each[3].startswith("read 2"))
    number = name.removeprefix("e-")
    assert client.get(f"{base}/layers?e={number}").location == f"{path}?e={number}"
    assert client.get(f"{base}/layers?e=1&z=5-90").location == f"{path}?z=5-90&e=1"


@pytest.mark.wire
@pytest.mark.parametrize("name", ["tls13", "h2", "h3"])
@pytest.mark.thorough
def test_the_unit_that_is_open_leads_to_its_edges(
    lab: Lab, name: str, client: FlaskClient, script: Script, traced: Traced
) -> None:
    target = next(each for each in lab.targets if each.name == name)
    options = Options(lab=lab.options_lab(), cacert=str(lab.cacert), **asked_of(target))
    script.events = fetch(target.url, options).events
    base = traced(target.url)
    listed = client.get(base).text
    numbers = re.findall(rf'<a href="{base}/e/(\d+)" data-n', listed)
    led = 0
    for number in dict.fromkeys(numbers):
        text = client.get(f"{base}/e/{number}?part=1").text
        for unit in [0, *range(1, 1 + len(set(re.findall(r"\?u=(\d+)\"", text))))]:
            part = client.get(f"{base}/e/{number}?part=1&u={unit}").text
            link = re.search(r'href="([^"]+)">Where its edges are', part)
            if link is None:
                continue
            place = client.get(html.unescape(link[1])).location
            on = [each for each in units(client.get(place).text) if " on" in each[1]]
            assert len(on) == 1, place
            led += 1
    assert led > 5


def test_a_trace_without_octets_has_no_such_page(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    script.events = refused()
    base = traced()
    assert client.get(f"{base}/layers").status_code == 404
    assert client.get(f"{base}/layers/tcp:1").status_code == 404
    assert f'href="{base}/layers"' not in client.get(base).text


def test_ten_thousand_reads_and_chunks_are_a_small_page(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    octets = CHUNKED + (b"c8\r\n" + b"x" * 200 + b"\r\n") * 3_000 + b"0\r\n\r\n"
    reads = [octets[at : at + 60] for at in range(0, len(octets), 60)]
    script.events = http_exchange([REQUEST], reads)
    answer = client.get(f"{traced()}/layers/tcp:1")
    assert len(script.events) > 10_000
    assert len(gzip.compress(answer.data)) < 60_000
    assert len(units(answer.text)) <= 300
    assert "stand in hatched runs" in answer.text


@pytest.mark.wire
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("tls13", {"TLS records", "Heads, bodies", "Reads"}),
        ("h2-streams", {"Streams", "Frames", "TLS records", "Reads"}),
        ("h3", {"Streams", "Frames", "QUIC frames", "QUIC packets", "Reads"}),
        ("ws-fragments", {"Messages", "Frames", "Reads"}),
    ],
)
def test_each_protocol_has_its_rows(
    lab: Lab, name: str, rows: set[str], client: FlaskClient, script: Script, traced: Traced
) -> None:
    target = next(each for each in lab.targets if each.name == name)
    options = Options(lab=lab.options_lab(), cacert=str(lab.cacert), **asked_of(target))
    script.events = fetch(target.url, options).events
    path = client.get(f"{traced(target.url)}/layers").location
    text = client.get(path).text
    assert rows <= set(re.findall(r'class="row-name"[^>]*>([^<]+)<', text))
    for *_, href, label in units(text)[:40]:
        answer = client.get(path + href)
        assert answer.status_code == 200, label


def test_a_word_of_another_language_does_not_break_it(app: Flask, path: str) -> None:
    answer = app.test_client().get(path, headers={"Accept-Language": "de"})
    assert answer.status_code == 200
