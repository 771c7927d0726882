"""What a browser without JavaScript is given."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient

from netcore.options import Options
from netcore.trace import Completed, Failed, decode
from tests.web.conftest import Script
from tests.web.recordings import MS, QUERY, exchange, moved, read_late, refused
from web.jobs import Jobs

Traced = Callable[[], str]

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;{{7*7}}\u202e"


def test_home_has_the_form_and_says_that_there_are_no_traces_yet(client: FlaskClient) -> None:
    page = client.get("/").text
    assert '<form id="start"' in page
    assert "None yet." in page
    assert "Start here, offline" not in page  # no lab runs


def test_a_trace_begins_with_a_post_and_a_redirect_to_its_page(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    path = traced()
    assert re.fullmatch(r"/t/[\w-]{22}", path)
    assert script.asked == [("http://plain.example/", Options())]


def test_more_options_reach_the_fetch(client: FlaskClient, script: Script, traced: Traced) -> None:
    form = {"url": "http://a.example/", "method": "HEAD", "follow": "on", "insecure": "on"}
    client.post("/trace", data=form | {"http": "2"})
    traced()
    options = script.asked[0][1]
    assert (options.method, options.follow_redirects, options.verify) == ("HEAD", True, False)
    assert options.http == "2"


def test_a_method_or_version_that_is_not_offered_is_not_used(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    data = {"url": "http://a.example/", "method": "BREW", "http": "0.9"}
    client.post("/trace", data=data)
    traced()
    assert (script.asked[0][1].method, script.asked[0][1].http) == ("GET", "auto")


@pytest.mark.parametrize("url", ["", "http://", "ftp://example.com/", "http://a b/", "http://u@h/"])
def test_what_is_no_address_is_said_in_place_and_what_was_typed_is_kept(
    client: FlaskClient, script: Script, url: str
) -> None:
    answer = client.post("/trace", data={"url": url, "follow": "on"})
    assert answer.status_code == 422
    assert 'id="url-error"' in answer.text
    assert 'aria-describedby="url-error"' in answer.text
    assert f'value="{url}"' in answer.text
    assert 'name="follow" checked' in answer.text
    assert script.asked == []


def test_a_finished_trace_is_whole(client: FlaskClient, traced: Traced) -> None:
    page = client.get(traced()).text
    assert "<h1" in page
    assert "Trace of plain.example/, 200 OK" in page
    assert page.count('id="m-') == page.count('id="l-') == page.count('id="r-') > 6
    assert 'data-stage="waiting"' in page
    assert "http-equiv" not in page
    assert "DNS query: A plain.example" in page


def test_every_row_of_the_table_leads_to_a_page_whose_fields_cover_its_bytes(
    client: FlaskClient, traced: Traced
) -> None:
    rows = re.findall(r'<tr id="r-\d+".*?<a href="([^"]+)"', client.get(traced()).text, re.DOTALL)
    covered = 0
    for row in rows:
        page = client.get(row)
        assert page.status_code == 200
        cover = re.search(r"(\d+) fields? covers? (\d+) of (\d+) byte", page.text)
        if cover is not None:
            assert cover[2] == cover[3]
            covered += 1
    assert covered >= 4


def test_an_event_shows_its_bytes_its_fields_its_call_and_a_sentence(
    client: FlaskClient, traced: Traced
) -> None:
    page = client.get(f"{traced()}/e/4").text
    assert f"... &lt;{len(QUERY)} bytes&gt;)  -&gt;  {len(QUERY)}  in 40.0 µs" in page
    assert 'data-f="0-16"' in page
    assert '<span class="offset">0010</span>' in page
    assert "netcore/trace.py:20 send" in page
    assert 'id="explanation-title"' in page


def test_a_read_has_one_time_in_its_heading_and_its_rows(
    client: FlaskClient, traced: Traced
) -> None:
    path = traced()
    number = 6  # the answer of the resolver: asked for at 3 ms, and it took 40 µs
    returned = "3.04 ms"
    assert f"at {returned}" in client.get(f"{path}/e/{number}").text
    for page in (path, f"{path}/list", f"{path}/list?all=1"):
        row = re.search(rf'<tr id="r-{number}".*?</tr>', client.get(page).text, re.DOTALL)
        assert row is not None
        assert returned in row[0]


def test_a_sum_of_reads_says_how_many_they_were(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    body = moved(19 * MS, "tcp:1", "recv", b"", 41)
    summed = msgspec.structs.replace(body, length=851_968, calls=4, duration_ns=MS)
    script.events = [*exchange()[:-3], summed, exchange()[-1]]
    page = client.get(f"{traced()}/e/{len(script.events) - 1}").text
    assert "4 calls of recv() returned 851,968 bytes together" in page
    assert "4 calls of sock.recv()" in page


def test_marks_are_counted_as_marks_and_events_as_events(
    client: FlaskClient, traced: Traced
) -> None:
    path = traced()
    page = client.get(path).text
    steps = len(re.findall(r'<tr id="r-', page))
    assert f">{steps} marks, in order of time</caption>" in page
    assert f"Done: 200 OK, {steps} marks, " in page
    every = client.get(f"{path}?every=1").text
    assert re.search(rf"data-every>\d+ / {steps}<", every)
    assert f" of {len(exchange())} · " in page
    everything = client.get(f"{path}/list?all=1").text
    assert f">{len(exchange())} events, as they were recorded</caption>" in everything


def test_what_was_in_the_kernel_before_it_was_read_stands_where_it_came(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    script.events = read_late()
    page = client.get(f"{traced()}?m=steps").text
    for prefix in ("r", "m", "l"):  # the table, and both drawings in steps
        titles = re.findall(rf'id="{prefix}-\d+".*?(DNS answer|guard)', page, re.DOTALL)[:2]
        assert titles == ["DNS answer", "guard"], prefix
    assert "+0 ms" not in page


def test_a_head_of_256_fields_is_a_page_of_45_kilobytes(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    lines = b"".join(b"Line-%d: there is more\r\n" % number for number in range(256))
    script.events = exchange(b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n")
    page = client.get(f"{traced()}/e/18").text
    assert page.count("<details><summary") >= 3
    assert "field_line 201 to 256" in page
    assert len(gzip.compress(page.encode(), 6)) < 45_000


def test_a_field_in_the_address_is_selected_in_tree_and_bytes(
    client: FlaskClient, traced: Traced
) -> None:
    page = client.get(f"{traced()}/e/4?u=1&f=0-16").text
    assert page.count('aria-current="true"') == 2  # the unit and the field
    selected = re.findall(r'<span class="run \w( bits)? sel" data-f="([^"]+)">([^<]*)<', page)
    assert [(key, text) for _, key, text in selected] == [("0-16", "1a 2b"), ("0-16", "·+")]


@pytest.mark.parametrize("query", ["f=9999-10000", "f=<b>", "u=77", "u=x&o=-5", "o=999999999"])
def test_a_selection_that_does_not_exist_selects_nothing(
    client: FlaskClient, traced: Traced, query: str
) -> None:
    answer = client.get(f"{traced()}/e/4?{query}")
    assert answer.status_code == 200
    assert not re.search(r'class="run[^"]* sel"', answer.text)


def test_a_part_is_the_panes_and_nothing_else(client: FlaskClient, traced: Traced) -> None:
    part = client.get(f"{traced()}/e/4?part=1").text
    assert "<html" not in part
    assert 'id="octets"' in part
    assert '<template data-region="steps">' in part
    words = client.get(f"{traced()}/e/4?part=field&f=0-16").text
    assert 'id="explanation-title"' in words
    assert 'id="octets"' not in words


def test_a_failure_has_its_card_its_event_and_the_stages_not_reached(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    script.events = refused()
    page = client.get(traced()).text
    card = page[page.index('<section id="failure"') : page.index('<section id="stages"')]
    assert "hidden" not in card[:80]
    assert "refused" in card
    assert re.search(r'href="/t/[\w-]+/e/\d+" data-n="\d+">See event', card)
    assert "Waiting: not reached" in page
    assert page.count('id="r-') > 4  # what was recorded before is still there


def test_a_fetch_that_raises_ends_in_a_failure_and_keeps_what_was_recorded(
    client: FlaskClient, script: Script, traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = exchange()[:6]

    class Broken(list):  # type: ignore[type-arg]
        def __iter__(self):  # type: ignore[no-untyped-def]
            yield from events
            raise RuntimeError("planted")

    script.events = Broken()
    path = traced()
    page = client.get(path).text
    assert "planted" not in page
    assert "fetch.bug" in page
    saved = decode(client.get(f"{path}.jsonl").data)
    assert saved.events[:6] == events
    assert isinstance(saved.outcome, Failed)


def test_a_running_trace_reloads_itself_where_there_is_no_script(
    app: Flask, client: FlaskClient, script: Script
) -> None:
    script.pause_after = 6
    path = client.post("/trace", data={"url": "http://plain.example/"}).location
    feed = app.extensions["tracing"].feeds.get(path.removeprefix("/t/"))
    assert feed.wait(5, 10)
    page = client.get(path).text
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page
    assert 'data-state="running"' in page
    assert "not yet reached" in page
    script.go_on.set()
    assert feed.wait(1 << 62, 10)
    assert "http-equiv" not in client.get(path).text


def test_the_list_filters_by_stage_direction_and_layer(client: FlaskClient, traced: Traced) -> None:
    path = traced()

    def rows(query: str) -> list[str]:
        return re.findall(r'<tr id="r-(\d+)"', client.get(f"{path}/list?{query}").text)

    assert rows("layer=dns") == ["4", "6"]
    assert rows("layer=dns&way=received") == ["6"]
    assert rows("stage=request") == ["15"]
    assert rows("stage=nonsense") == []
    assert rows("all=1") == [str(number) for number in range(1, len(exchange()) + 1)]


def test_a_long_list_comes_in_pages_of_500_rows(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    script.events = exchange(body=b"x" * 4_000 * 990)
    path = traced()
    first = client.get(f"{path}/list?all=1").text
    assert first.count("<tr id=") == 500
    second = client.get(re.search(r'href="([^"]+)" rel="next"', first)[1].replace("&amp;", "&"))  # type: ignore[index]
    assert second.text.count("<tr id=") == 500
    assert "page 2 of 3" in second.text


def test_a_saved_trace_is_an_attachment_and_loads_back(client: FlaskClient, traced: Traced) -> None:
    answer = client.get(f"{traced()}.jsonl")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"].endswith("; sandbox")
    assert decode(answer.data).events == exchange()


def test_octets_of_a_unit_are_an_attachment(client: FlaskClient, traced: Traced) -> None:
    path = traced()
    answer = client.get(f"{path}/e/4.bin?u=1")
    assert answer.data == QUERY
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert client.get(f"{path}/e/1.bin").data == b""


def test_hostile_text_stays_text_on_every_page(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    hostile = HOSTILE.encode()
    head = b"HTTP/1.1 200 " + hostile + b"\r\nX-Evil: " + hostile + b"\r\n\r\n"
    script.events = exchange(head, hostile * 20)
    path = traced()
    client.post("/trace", data={"url": f"http://plain.example/{HOSTILE}"})
    pages = [path, f"{path}/list", f"{path}/list?all=1", "/", f"{path}/e/15?f={HOSTILE}"]
    pages += [f"{path}/e/{number}" for number in range(1, len(script.events) + 1)]
    for page in pages:
        text = client.get(page).text
        assert "<script>alert" not in text, page
        assert "<img" not in text, page
        assert "\u202e" not in text, page


def test_a_hostile_address_is_given_back_as_text(client: FlaskClient) -> None:
    answer = client.post("/trace", data={"url": f"nonsense://{HOSTILE}"})
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text


def test_the_traces_of_a_session_are_listed_at_home(client: FlaskClient, traced: Traced) -> None:
    path = traced()
    home = client.get("/").text
    assert f'<a href="{path}">' in home
    assert "200 OK" in home


def test_somebody_elses_home_does_not_list_them(
    app: Flask, client: FlaskClient, traced: Traced
) -> None:
    path = traced()
    assert path not in app.test_client().get("/").text


def test_about_and_health_answer(client: FlaskClient) -> None:
    assert "<h1>" in client.get("/about").text
    assert client.get("/healthz").text == "ok\n"


@pytest.mark.parametrize(
    "path", ["/nowhere", "/t/nosuchtrace", "/t/x/e/1", "/t/x/events", "/words/x"]
)
def test_what_is_not_there_is_said_in_the_house_style(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "<h1>There is nothing here.</h1>" in answer.text


def test_an_event_that_does_not_exist_is_not_found(client: FlaskClient, traced: Traced) -> None:
    path = traced()
    assert client.get(f"{path}/e/0").status_code == 404
    assert client.get(f"{path}/e/999").status_code == 404


def test_a_wrong_method_is_said_in_the_house_style(client: FlaskClient) -> None:
    answer = client.get("/trace")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert "Wiretale" in answer.text


def test_a_status_that_says_no_is_no_failure_but_is_remarked_on(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    script.events = exchange()
    script.events = [*script.events[:-1], Completed(20_000_000, 404, "Not Found", body_octets=14)]
    page = client.get(traced()).text
    assert "a successful conversation about a missing page" in page
    assert '<section id="failure" class="failure" aria-label="What went wrong" hidden>' in page


def test_a_queued_trace_says_how_many_are_ahead(
    make_app: Callable[..., Flask], script: Script
) -> None:
    app = make_app(JOBS=Jobs(workers=1, places=5))
    client = app.test_client()
    script.pause_after = 0
    paths = [client.post("/trace", data={"url": "http://a.example/"}).location for _ in range(3)]
    assert app.extensions["tracing"].feeds.get(paths[0].removeprefix("/t/")).wait_begun(10)
    page = client.get(paths[2]).text
    assert 'data-state="queued"' in page
    assert "Waiting for a free worker. 1 ahead of you." in page
    script.go_on.set()


def test_a_trace_of_which_nothing_is_drawn_does_not_wait_for_an_event(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    script.events = [Completed(MS, 200)]
    page = client.get(traced()).text
    assert "will open here" not in page
    assert "This trace has no marks." in page
