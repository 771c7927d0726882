"""Addresses of places, as a browser without a script opens them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.web.recordings import ANSWER

Traced = Callable[..., str]


@pytest.fixture
def answer(client: FlaskClient, traced: Traced) -> str:
    """The page of the event that received the DNS answer."""
    path = traced()
    return address_of_answer(client, path)


def address_of_answer(client: FlaskClient, path: str) -> str:
    for number in range(1, 12):
        found = client.get(f"{path}/e/{number}.bin?u=1")
        if found.status_code == 200 and found.data == ANSWER:
            return f"{path}/e/{number}"
    raise AssertionError


def marked_bits(page: str) -> list[str]:
    return re.findall(r'aria-label="(bit[^"]*)" aria-current="true"', page)


def test_a_link_to_a_bit_opens_on_that_bit(client: FlaskClient, answer: str) -> None:
    page = client.get(f"{answer}?u=1&b=2.7").text
    assert len(marked_bits(page)) == 1
    assert marked_bits(page)[0].startswith("bit 7 at offset 2, value 1, qr")
    assert re.search(r'<a class="field on"[^>]*><span class="name">qr<', page)
    assert re.findall(r'<span class="run [^"]* at" data-f="[^"]*">(..)<', page) == ["81"]


def test_the_same_link_opens_the_same_bit_after_export_and_import(
    client: FlaskClient, answer: str
) -> None:
    path, _, number = answer.rpartition("/e/")
    lines = client.get(f"{path}.jsonl").data
    form = {"trace": (io.BytesIO(lines), "trace.jsonl")}
    imported = client.post("/import", data=form).location
    pages = [client.get(f"{base}/e/{number}?u=1&b=2.5").text for base in (path, imported)]
    assert marked_bits(pages[0]) == marked_bits(pages[1]) != []
    assert path != imported


def test_a_range_is_shown_with_its_readings(client: FlaskClient, answer: str) -> None:
    page = client.get(f"{answer}?u=1&b=0-1").text
    assert "u16, big-endian" in page
    assert f"{int.from_bytes(ANSWER[:2]):,}" in page


def test_a_place_that_is_not_there_is_told_and_the_event_is_open(
    client: FlaskClient, answer: str
) -> None:
    for untrusted in ("999999", "0-999999", "2.9", "<script>", "%00", "0-"):
        opened = client.get(f"{answer}?u=1&b={untrusted}")
        assert opened.status_code == 200
        assert "The address asks for the place" in opened.text
        assert "<script>”" not in opened.text


def test_the_part_is_the_place_alone(client: FlaskClient, answer: str) -> None:
    part = client.get(f"{answer}/range?u=1&f=16-17&part=1")
    assert part.status_code == 200
    assert "bit 7 at offset 2, qr" in part.text
    assert part.text.count("(counted from 0)") == 1
    assert "<html" not in part.text


def test_without_part_it_is_the_page_of_the_event(client: FlaskClient, answer: str) -> None:
    answered = client.get(f"{answer}/range?u=1&b=0-1")
    assert (answered.status_code, answered.location) == (302, f"{answer}?u=1&b=0-1")


def test_of_a_unit_that_is_not_there_is_no_part(client: FlaskClient, answer: str) -> None:
    for wrong in (f"{answer}/range?u=99&part=1", f"{answer}/range?part=1"):
        assert client.get(wrong).status_code == 404
    assert client.get(f"{answer.rpartition('/')[0]}/9999/range?u=1&part=1").status_code == 404


def test_part_of_the_octets_can_be_had(client: FlaskClient, answer: str) -> None:
    part = client.get(f"{answer}.bin?u=1", headers={"Range": "bytes=2-3"})
    assert (part.status_code, part.data) == (206, ANSWER[2:4])
    assert part.headers["Content-Range"] == f"bytes 2-3/{len(ANSWER)}"
    assert "sandbox" in part.headers["Content-Security-Policy"]
    beyond = client.get(f"{answer}.bin?u=1", headers={"Range": "bytes=99999-"})
    assert beyond.status_code == 416


def test_each_way_to_look_at_the_octets_is_a_page(client: FlaskClient, answer: str) -> None:
    for way in ("bytes", "text", "bits", "nonsense"):
        page = client.get(f"{answer}?u=1&f=32-48&v={way}").text
        assert ('class="hex' in page) == (way != "text")
        assert ('class="ruler"' in page) == (way == "bits")


def test_a_place_can_be_typed_without_a_script(client: FlaskClient, answer: str) -> None:
    page = client.get(answer).text
    form = re.search(r'<form class="octet-place" action="([^"]*)".*?</form>', page)
    assert form is not None
    unit = re.search(r'name="u" value="(\d+)"', form[0])
    assert unit is not None
    shown = client.get(form[1].partition("#")[0], query_string={"u": unit[1], "b": "2.7"}).text
    assert marked_bits(shown)[0].startswith("bit 7 at offset 2")
