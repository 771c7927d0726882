"""Traces taken away as files, and traces brought along as files."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from netcore.exports.pcapng import pcapng
from netcore.imports.capture import trace_of_capture
from netcore.options import Options
from netcore.pdus import explain
from netcore.timeline import timeline
from netcore.trace import BadTrace, SecretLogged, Trace, decode, encode
from tests.web.conftest import STARTED, Script
from tests.web.mutations import EXAMPLE, mutate, originals, saved
from tests.web.recordings import exchange, refused
from web.admission import FILE_OCTETS, admit
from web.exports import EXPORTS
from web.files import FORM_OCTETS
from web.tracing import Tracing

Traced = Callable[[], str]
SUFFIXES = [each.suffix for each in EXPORTS]


def bring(client: FlaskClient, untrusted: bytes, **headers: str) -> TestResponse:
    """Send a file with the form."""
    form = {"trace": (io.BytesIO(untrusted), "trace.jsonl")}
    answer = client.post("/import", data=form, headers=headers)
    answer.request.environ["wsgi.input"].close()  # the test client's, a file where it is large
    return answer


def brought(client: FlaskClient, untrusted: bytes) -> str:
    """The path of a trace that was brought along."""
    answer = bring(client, untrusted)
    assert answer.status_code == 303, answer.text
    return answer.location


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("events", [exchange(), refused()])
def test_a_finished_trace_is_saved_in_every_form(
    client: FlaskClient, script: Script, traced: Traced, suffix: str, events: list[object]
) -> None:
    script.events = events  # type: ignore[assignment]
    answer = client.get(f"{traced()}.{suffix}")
    assert answer.status_code == 200
    assert answer.data
    kind = next(each for each in EXPORTS if each.suffix == suffix)
    assert answer.mimetype == kind.mimetype
    name = f'attachment; filename="wiretale-plain.example-20260102-030405.{suffix}"'
    assert answer.headers["Content-Disposition"] == name
    assert answer.headers["Content-Security-Policy"].endswith("; sandbox")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_files_are_what_their_names_say(client: FlaskClient, traced: Traced) -> None:
    path = traced()
    assert client.get(f"{path}.pcapng").data.startswith(b"\x0a\x0d\x0d\x0a")
    (entry,) = client.get(f"{path}.har").get_json()["log"]["entries"]
    assert entry["response"]["status"] == 200
    assert client.get(f"{path}.explain.json").get_json()["url"] == "http://plain.example/"


def test_a_trace_that_runs_is_saved_in_its_own_form_and_not_yet_in_others(
    client: FlaskClient, app: Flask, script: Script
) -> None:
    script.pause_after = 4
    path = client.post("/trace", data={"url": "http://plain.example/"}).location
    tracing: Tracing = app.extensions["tracing"]
    feed = tracing.feeds.get(path.removeprefix("/t/"))
    assert feed is not None
    assert feed.wait(3, 10)
    assert len(decode(client.get(f"{path}.jsonl").data).events) == 4
    for suffix in SUFFIXES[1:]:
        answer = client.get(f"{path}.{suffix}")
        assert answer.status_code == 409
        assert "This fetch still runs." in answer.text
    script.go_on.set()


def test_a_file_of_no_trace_and_of_no_form_is_not_there(
    client: FlaskClient, traced: Traced
) -> None:
    assert client.get("/t/nothing.pcapng").status_code == 404
    assert client.get(f"{traced()}.exe").status_code == 404


def test_the_page_offers_the_files_without_a_script_and_says_what_is_in_them(
    client: FlaskClient, traced: Traced
) -> None:
    path = traced()
    page = client.get(path).text
    assert 'popovertarget="save"' in page
    menu = page[page.index('id="save" popover') :]
    assert re.findall(r'href="/t/[^"]*?\.([a-z.]+)" download', menu) == [*SUFFIXES, "html"]
    assert "Pass them on as you would pass on the passwords in them." in menu
    assert "keys of the encrypted connections" not in menu


def test_the_keys_in_a_file_are_told_of(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    script.events = [SecretLogged(0, "CLIENT_RANDOM 00 11"), *exchange()]
    assert "the keys of the encrypted connections" in client.get(traced()).text


def test_a_host_from_outside_is_no_part_of_a_header_as_it_is(client: FlaskClient) -> None:
    trace = Trace('http://a"b\r\n.example/', STARTED, Options(), exchange())
    answer = client.get(f"{brought(client, encode(trace))}.jsonl")
    name = re.fullmatch(
        r'attachment; filename="wiretale-[a-z0-9.-]+\.jsonl"',
        answer.headers["Content-Disposition"],
    )
    assert name


@pytest.mark.parametrize("original", originals())
def test_what_was_saved_here_and_brought_back_is_the_same_trace(
    client: FlaskClient, original: bytes
) -> None:
    path = brought(client, original)
    again = client.get(f"{path}.jsonl").data
    assert decode(again) == decode(original)
    before, after = decode(original), decode(client.get(f"{brought(client, again)}.jsonl").data)
    one, other = explain(before.events), explain(after.events)
    assert [one.tree(pdu) for pdu in one.pdus] == [other.tree(pdu) for pdu in other.pdus]
    assert timeline(before, one) == timeline(after, other)


def test_the_page_of_a_trace_that_was_brought_back_differs_by_its_note_alone(
    client: FlaskClient, traced: Traced
) -> None:
    path = traced()
    back = brought(client, client.get(f"{path}.jsonl").data)
    note = re.compile(r'<p class="notice" role="note">.*?</p>', re.DOTALL)
    page = client.get(back).text.replace(back, path).replace(back[3:], path[3:])
    found = note.search(page)
    assert found is not None
    assert "Recorded elsewhere on 2 January 2026, 03:04 UTC by wiretale/" in found[0]
    assert note.sub("", page).splitlines() == client.get(path).text.splitlines()


def test_a_capture_leads_to_its_handshake_although_nobody_told_its_version(
    client: FlaskClient,
) -> None:
    capture = b"".join(pcapng(decode(EXAMPLE.read_bytes())))
    path = brought(client, encode(trace_of_capture(capture)))
    link = re.search(rf'href="{path}/tls/1">(.*?)</a>', client.get(path).text, re.DOTALL)
    assert link is not None
    assert link[1].strip() == "<b>TLS</b>"
    assert client.get(f"{path}/tls/1").status_code == 200


def test_what_was_brought_is_among_the_traces_of_today(client: FlaskClient) -> None:
    path = brought(client, EXAMPLE.read_bytes())
    assert f'href="{path}"' in client.get("/").text


@pytest.mark.parametrize(
    ("untrusted", "reason"),
    [
        (b"", "Choose a file first"),
        (b"hello", "This is no trace that was saved here"),
        (saved(exchange()) + b"{}\n", "is not an event"),
        (saved(exchange()[:-1]), "the file stops before its fetch had ended"),
        (b"x" * (FILE_OCTETS + 1), "more than 8,388,608 bytes"),
    ],
)
def test_what_is_no_trace_is_refused_beside_the_form(
    client: FlaskClient, untrusted: bytes, reason: str
) -> None:
    answer = bring(client, untrusted)
    assert answer.status_code == 422
    error = re.search(r'<p id="import-error".*?</p>', answer.text, re.DOTALL)
    assert error is not None
    assert reason in error[0]
    assert 'aria-describedby="import-help import-error"' in answer.text


def test_an_error_from_a_file_cannot_become_markup(client: FlaskClient) -> None:
    head, _, rest = saved(exchange()).partition(b"\n")
    hostile = rest.replace(b'"StageStarted"', b'"<script>alert(1)</script>"', 1)
    answer = bring(client, head + b"\n" + hostile)
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text


def test_a_form_that_is_far_too_large_is_not_read(client: FlaskClient) -> None:
    answer = bring(client, b"x" * (FORM_OCTETS + 1))
    assert answer.status_code == 413
    assert "more than 8,388,608 bytes" in answer.text


def test_the_greater_limit_is_for_this_form_alone(client: FlaskClient) -> None:
    assert client.post("/trace", data={"url": "x" * 100_000}).status_code == 413


def test_a_file_from_another_site_is_refused(client: FlaskClient) -> None:
    answer = bring(client, EXAMPLE.read_bytes(), **{"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert bring(client, EXAMPLE.read_bytes(), Origin="http://evil.example").status_code == 403
    assert client.get("/import").status_code == 405


@pytest.mark.slow
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 2**64))
def test_every_page_of_a_changed_trace_opens(client: FlaskClient, seed: int) -> None:
    chance = random.Random(seed)
    untrusted = mutate(chance.choice(originals()), chance)
    answer = bring(client, untrusted)
    try:
        trace = admit(untrusted)
    except BadTrace:
        assert answer.status_code == 422
        return
    path = answer.location
    numbers = chance.sample(range(1, len(trace.events) + 1), min(8, len(trace.events)))
    pages = ["", "/again", "/list", "/list?all=1", "/e/1?part=1", *(f"/e/{n}" for n in numbers)]
    pages += [f".{suffix}" for suffix in SUFFIXES]
    for page in pages:
        assert client.get(f"{path}{page}").status_code == 200, page
    assert client.get("/").status_code == 200
