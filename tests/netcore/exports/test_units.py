"""The document of all units: JSON for everybody, whatever the trace holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import Lab
from netcore import Options, Trace, explain, fetch, units
from netcore.exports.units import field_json
from netcore.field import Field
from netcore.options import Limits
from netcore.titles import title_of
from netcore.trace import Called, Failed, Truncated
from tests.netcore.recordings import http_exchange, trace_of

KEYS = {"name", "start", "length", "value", "label", "spec", "error", "children"}


def document(trace: Trace) -> dict[str, Any]:
    """What `units` writes, read again by a reader that takes nothing beyond JSON."""
    text = b"".join(units(trace)).decode("utf-8")
    read: dict[str, Any] = json.loads(text, parse_constant=pytest.fail)
    first, *lines, last, rest = text.split("\n")
    assert (first[-8:], last, rest) == ('"pdus":[', "]}", "")
    assert len(lines) == len(read["pdus"])  # a unit a line, for those who want lines
    return read


def fields(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The field and everything below it."""
    yield tree
    for child in tree["children"]:
        yield from fields(child)


@pytest.fixture(scope="module")
def traces() -> dict[str, Trace]:
    """Fetches of some servers of the lab."""
    with Lab(hold_s=0.05) as lab:
        options = Options(lab=lab.options_lab(), cacert=str(lab.cacert), follow_redirects=True)
        wanted = ("plain", "chunked", "gzip", "tls12", "tls13", "expired", "redirect")
        return {t.name: fetch(t.url, options) for t in lab.targets if t.name in wanted}


@pytest.mark.wire
def test_every_unit_is_there_in_order_with_its_origin_and_its_tree(
    traces: dict[str, Trace],
) -> None:
    for trace in traces.values():
        read, explanation = document(trace), explain(trace.events)
        assert read["url"] == trace.url
        assert [pdu["number"] for pdu in read["pdus"]] == list(range(1, len(read["pdus"]) + 1))
        for told, pdu in zip(read["pdus"], explanation.pdus, strict=True):
            assert (told["protocol"], told["title"]) == (pdu.protocol, title_of(pdu))
            assert told["origin"]["how"] == pdu.step
            spans = [[told["origin"]["channel"], *span] for span in told["origin"]["ranges"]]
            assert spans == [list(span) for span in pdu.origin]
            assert told["octets"] * 8 == told["fields"]["length"] == len(pdu.octets) * 8
            assert all(set(field) == KEYS for field in fields(told["fields"]))


@pytest.mark.wire
def test_how_a_unit_was_made_is_told(traces: dict[str, Trace]) -> None:
    hows = {pdu["origin"]["how"] for trace in traces.values() for pdu in document(trace)["pdus"]}
    assert hows >= {"sliced", "decrypted", "inflated", "de-chunked"}


@pytest.mark.wire
def test_the_parts_of_a_field_cover_it(traces: dict[str, Trace]) -> None:
    for pdu in document(traces["tls13"])["pdus"]:
        for field in fields(pdu["fields"]):
            if field["children"]:
                assert sum(child["length"] for child in field["children"]) == field["length"]


def test_where_the_recording_ends_is_told() -> None:
    events = http_exchange([b"GET / HTTP/1.1\r\n\r\n"], [b"HTTP/1.1 200 OK\r\n\r\nabc"])
    more = Called(
        95_000, "tcp:1", "recv", (9,), 9, channel="tcp:1.received", offset=22, length=9, calls=3
    )
    trace = trace_of([*events[:-1], Truncated(94_000, "tcp:1.received", 22), more])
    trace.options = Options(limits=Limits(kept_octets=22))
    read = document(trace)
    assert read["recording_ends"] == [{"what": "tcp:1.received", "limit": 22}]
    assert [pdu["missing"] for pdu in read["pdus"] if pdu["protocol"] == "not_kept"] == [9]


def test_a_failure_is_told() -> None:
    read = document(trace_of([Failed(5, "connect", "tcp.refused", "No.")]))
    assert read["outcome"]["code"] == "tcp.refused"
    assert read["pdus"] == []


def test_what_json_cannot_hold_is_written_otherwise() -> None:
    assert field_json(Field("a", 0, 8, 1 << 53))["value"] == "0x20000000000000"
    assert field_json(Field("a", 0, 8, (1 << 53) - 1))["value"] == (1 << 53) - 1
    assert field_json(Field("a", 0, 8, -(1 << 63)))["value"] == "-0x8000000000000000"
    assert field_json(Field("a", 0, 8, True))["value"] is True
    assert field_json(Field("a", 0, 8, "x\ud800"))["value"] == "x\\ud800"


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=80), st.binary(max_size=200), st.text(max_size=20))
def test_any_octets_make_a_document(request: bytes, response: bytes, url: str) -> None:
    trace = trace_of(http_exchange([request], [b"HTTP/1.1 200 OK\r\n" + response]))
    trace.url = url + "\ud800"
    assert document(trace)["pdus"] is not None
