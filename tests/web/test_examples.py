"""The examples open on a first visit, are read by today's code, and can be recorded anew."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lab.whole import Lab
from netcore.trace import Completed, decode
from tools.record_examples import record
from web.admission import admit
from web.examples import FOLDER, TARGETS, example, recorded
from web.tale import tell

LARGEST = 150_000  # octets


def kinds(path: Path) -> list[str]:
    """The names of the units of a trace, each once."""
    return sorted({pdu.name for pdu in tell(decode(path.read_bytes())).explanation.pdus})


def test_there_is_a_file_for_each_and_no_other() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(TARGETS)


@pytest.mark.parametrize("trace_id", TARGETS)
def test_an_example_is_small_whole_and_could_be_brought_along(trace_id: str) -> None:
    octets = (FOLDER / f"{trace_id}.jsonl").read_bytes()
    assert len(octets) < LARGEST
    assert isinstance(admit(octets).outcome, Completed)


@pytest.mark.parametrize("trace_id", TARGETS)
@pytest.mark.thorough
def test_an_example_opens_without_lab_and_worker_and_says_what_it_is(
    client: FlaskClient, trace_id: str
) -> None:
    page = html.unescape(client.get(f"/t/{trace_id}").text)
    assert "This is an example that comes with Wiretale." in page
    found = recorded(trace_id)
    assert found is not None
    assert f"{found.day.day} {found.day:%B %Y}" in page
    assert f"{TARGETS[trace_id]}.lab.test" in page
    numbers = range(1, len(tell_of(trace_id)) + 1)
    for number in numbers:
        event = client.get(f"/t/{trace_id}/e/{number}")
        assert event.status_code == 200
        cover = re.search(r"cover[s]? ([\d,]+) of ([\d,]+) byte", event.text)
        assert cover is None or cover[1] == cover[2]


def tell_of(trace_id: str) -> list[object]:
    """The events of an example."""
    found = example(trace_id)
    assert found is not None
    return list(found.events)


def test_what_is_no_example_is_none(app: Flask) -> None:
    assert example("../examples/example-http1") is None
    assert recorded("example-nothing") is None
    assert app.test_client().get("/t/example-nothing").status_code == 404


@pytest.mark.wire
def test_the_examples_can_be_recorded_anew(lab: Lab, tmp_path: Path) -> None:
    for path in record(lab, tmp_path):
        assert kinds(path) == kinds(FOLDER / path.name)
