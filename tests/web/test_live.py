"""The stream of a running trace: nothing lost, nothing twice, whatever was seen before."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from netcore.options import Options
from netcore.trace import AnyEvent, SecretLogged, Trace
from tests.web.conftest import STARTED, WAIT_S, Script
from tests.web.recordings import MS, exchange, read_late, refused
from web.feed import DONE, FAILED, RUNNING, Feed, Standing
from web.live import Stream
from web.parts import Parts, parts_of
from web.tale import beginning, tell

URL = "http://plain.example/"
Message = tuple[str, str, dict[str, Any]]  # name, id, data


def trace_of(events: list[AnyEvent]) -> Trace:
    return Trace(URL, STARTED, Options(), events)


def read(stream: Iterator[str]) -> Iterator[Message]:
    """The messages of a stream, without its comments."""
    for text in stream:
        assert text.endswith("\n\n")
        lines = text.removesuffix("\n\n").split("\n")
        if lines[0].startswith(("retry", ":")):
            continue
        fields = dict(line.split(": ", 1) for line in lines)
        assert set(fields) <= {"event", "id", "data"}, "one line of data and nothing else"
        yield fields["event"], fields.get("id", ""), json.loads(fields["data"])


class Viewer:
    """A page that does with messages what the script does."""

    def __init__(self, parts: Parts) -> None:
        self.marks = dict(parts.marks)
        self.regions = dict(parts.regions)
        self.lanes, self.size = parts.lanes, parts.size

    def take(self, data: dict[str, Any]) -> None:
        for number in data["gone"]:
            del self.marks[number]
        for mark in data["marks"]:
            self.marks[mark["n"]] = (mark["wide"], mark["ladder"], mark["row"])
        if data["order"]:
            self.marks = {number: self.marks[number] for number in data["order"]}
        self.regions |= data["regions"]
        self.lanes = data["lanes"] or self.lanes
        if data["size"]:
            self.size = {key: tuple(size) for key, size in data["size"].items()}

    def shows(self, parts: Parts) -> bool:
        same = self.marks == parts.marks and list(self.marks) == list(parts.marks)
        return same and (self.regions, self.lanes, self.size) == (
            parts.regions,
            parts.lanes,
            parts.size,
        )


@pytest.fixture
def stream(app: Flask) -> Iterator[Callable[[Feed, int], Stream]]:
    with app.app_context():
        tracing = app.extensions["tracing"]
        yield lambda feed, seen: Stream(tracing, "x", feed, seen, quiet_s=0.01, flush_s=0.001)


def feed_of(events: list[AnyEvent], *, finished: bool) -> Feed:
    feed = Feed(URL, Options(), STARTED)
    feed.begin()
    for number, event in enumerate(events, start=1):
        feed.put(number, event)
    if finished:
        feed.finish(trace_of(events))
    return feed


@pytest.mark.parametrize(
    "events",
    [exchange(), refused(), read_late()],
    ids=["completed", "failed", "read late"],
)
def test_resuming_sends_exactly_what_is_missing(
    stream: Callable[[Feed, int], Stream], events: list[AnyEvent]
) -> None:
    state = FAILED if events == refused() else DONE
    whole = parts_of(tell(trace_of(events)), "x", Standing(state))
    for seen in range(len(events) + 1):
        before = parts_of(tell(beginning(trace_of(events), seen)), "x", Standing(RUNNING))
        viewer = Viewer(before)
        messages = list(read(stream(feed_of(events, finished=True), seen).messages()))
        assert [name for name, _, _ in messages] == ["wire", "done"]
        sent = {mark["n"] for mark in messages[0][2]["marks"]}
        changed = {n for n, html in whole.marks.items() if before.marks.get(n) != html}
        assert sent == changed
        viewer.take(messages[0][2])
        assert viewer.shows(whole)
        assert messages[1][2]["last"] == len(events)


def test_events_arrive_while_the_fetch_runs(stream: Callable[[Feed, int], Stream]) -> None:
    events = exchange()
    feed = feed_of(events[:4], finished=False)
    messages = read(stream(feed, 0).messages())
    viewer = Viewer(parts_of(tell(trace_of([])), "x", Standing(RUNNING)))
    for end in (4, 9, 16):
        for number in range(feed.count + 1, end + 1):
            feed.put(number, events[number - 1])
        name, last, data = next(messages)
        assert (name, last) == ("wire", str(end))
        viewer.take(data)
        assert viewer.shows(parts_of(tell(trace_of(events[:end])), "x", Standing(RUNNING)))
    for number in range(17, len(events) + 1):
        feed.put(number, events[number - 1])
    feed.finish(trace_of(events))
    for name, _, data in messages:
        if name == "wire":
            viewer.take(data)
    assert viewer.shows(parts_of(tell(trace_of(events)), "x", Standing(DONE)))


def test_a_stage_is_spoken_once(stream: Callable[[Feed, int], Stream]) -> None:
    events = exchange()
    feed = feed_of(events[:2], finished=False)
    messages = read(stream(feed, 0).messages())
    assert next(messages)[2]["status"] != ""
    feed.put(3, events[2])
    assert next(messages)[2]["status"] == ""


def test_the_end_turns_the_menu_of_files_on_and_says_what_is_in_them(
    stream: Callable[[Feed, int], Stream],
) -> None:
    secret = SecretLogged(MS, f"CLIENT_RANDOM {'ab' * 32} {'cd' * 48}")
    events = [*exchange()[:-1], secret, exchange()[-1]]
    running = parts_of(tell(beginning(trace_of(events), 3)), "x", Standing(RUNNING)).regions
    assert running["save-files"].count("aria-disabled") == 7  # all but the trace itself
    assert "keys" not in running["save-note"]
    regions = next(read(stream(feed_of(events, finished=True), 3).messages()))[2]["regions"]
    assert "aria-disabled" not in regions["save-files"]
    assert "keys of the encrypted connections" in regions["save-note"]


def test_a_message_says_what_a_page_opens_that_has_nothing_open(
    stream: Callable[[Feed, int], Stream],
) -> None:
    nothing = next(read(stream(feed_of(exchange()[:1], finished=False), 0).messages()))
    assert nothing[2]["open"] == ""
    question = next(read(stream(feed_of(exchange()[:4], finished=False), 1).messages()))
    assert question[2]["open"] == "/t/x/e/4"
    *_, ended = read(stream(feed_of(exchange(), finished=True), 0).messages())
    assert ended[2]["open"] == "/t/x/e/4"


def test_a_quiet_stream_says_what_is_waited_for(stream: Callable[[Feed, int], Stream]) -> None:
    looking_up, asked = exchange()[:4], exchange()[:16]
    for events, whom in ((looking_up, "resolver"), (asked, "server")):
        messages = read(stream(feed_of(events, finished=False), len(events)).messages())
        data = next(data for name, _, data in messages if name == "quiet")
        assert data["status"].startswith(f"Still waiting for the {whom}, ")


def test_the_running_stage_grows_while_nothing_comes(
    stream: Callable[[Feed, int], Stream],
) -> None:
    events = exchange()[:18]  # the request is out
    messages = read(stream(feed_of(events, finished=False), len(events)).messages())
    name, number, data = next(messages)
    assert (name, number, data["marks"]) == ("wire", "18", [])
    assert set(data["regions"]) == {"summary", "stages"}
    assert next(messages)[2]["regions"]["summary"] != data["regions"]["summary"]


def test_a_stage_begins_to_grow_long_before_it_is_told_that_we_wait(app: Flask) -> None:
    events = exchange()[:18]
    waits: list[float] = []
    with app.app_context():
        feed = feed_of(events, finished=False)

        def wait(seen: int, timeout_s: float) -> bool:
            waits.append(timeout_s)
            return False

        feed.wait = wait  # type: ignore[method-assign]
        messages = read(Stream(app.extensions["tracing"], "x", feed, len(events)).messages())
        said = next(data["status"] for name, _, data in messages if name == "quiet")
    assert waits[0] <= 0.1
    assert waits[-1] == 1.0
    assert 3.0 <= sum(waits) < 4.0
    assert said == "Still waiting for the server, 3 seconds."


def test_who_waits_for_a_worker_is_told_how_many_are_ahead(
    stream: Callable[[Feed, int], Stream],
) -> None:
    feed = Feed(URL, Options(), STARTED)
    messages = read(stream(feed, 0).messages())
    name, number, data = next(messages)
    assert (name, number, data["ahead"]) == ("queue", "", 0)
    feed.begin()
    for at, event in enumerate(exchange(), start=1):
        feed.put(at, event)
    feed.finish(trace_of(exchange()))
    assert [name for name, _, _ in messages] == ["wire", "wire", "done"][-2:]


def test_the_route_streams_a_running_fetch_to_its_end(
    app: Flask, client: FlaskClient, script: Script
) -> None:
    script.pause_after = 9
    path = client.post("/trace", data={"url": URL}).location
    answer = client.get(f"{path}/events?after=3")
    assert answer.mimetype == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Accel-Buffering"] == "no"
    threading.Timer(0.2, script.go_on.set).start()
    messages = list(read(chunk.decode() for chunk in answer.iter_encoded()))
    answer.close()
    assert messages[-1][0] == "done"
    assert messages[-1][2]["state"] == DONE
    assert "200 OK" in messages[-1][2]["status"]


def test_the_last_event_id_wins_over_the_address(
    client: FlaskClient, traced: Callable[[], str]
) -> None:
    path = traced()
    last = len(exchange())
    resumed = client.get(f"{path}/events?after=3", headers={"Last-Event-ID": str(last)}).text
    assert resumed == client.get(f"{path}/events?after={last}").text
    assert resumed != client.get(f"{path}/events?after=3").text


def test_hostile_octets_stay_text_and_on_one_line(
    client: FlaskClient, script: Script, traced: Callable[[], str]
) -> None:
    hostile = b"<script>alert(1)</script>\r\ndata: evil\r\n\r\n"
    script.events = exchange(b"HTTP/1.1 200 " + hostile)
    answer = client.get(f"{traced()}/events").text
    assert "<script>" not in answer
    assert "\ndata: evil" not in answer


def test_a_stored_trace_streams_as_well(
    make_app: Callable[..., Flask], traced: Callable[[], str]
) -> None:
    path = traced()
    later = make_app().test_client()  # another process: no feed in its memory
    parts = later.get(f"{path}/events").text.split("\n\n")
    messages = read(f"{part}\n\n" for part in parts if part)
    assert [name for name, _, _ in messages] == ["wire", "done"]


def test_a_quiet_stream_speaks_every_five_seconds(app: Flask) -> None:
    events = exchange()[:18]
    said: list[tuple[float, str]] = []
    waited_s = 0.0
    with app.test_request_context("/?lang=de"):
        feed = feed_of(events, finished=False)

        def wait(seen: int, timeout_s: float) -> bool:
            nonlocal waited_s
            waited_s += timeout_s
            return False

        feed.wait = wait  # type: ignore[method-assign]
        for name, _, data in read(
            Stream(app.extensions["tracing"], "x", feed, len(events)).messages()
        ):
            if name == "quiet":
                said.append((waited_s, data["status"]))
            if len(said) == 3:
                break
    times = [at_s for at_s, _ in said]
    assert [int(at_s) for at_s in times] == [3, 8, 13]
    assert all("Sekunden" in text for _, text in said)


def test_who_gets_no_stream_asks_for_what_there_is_by_now(
    app: Flask, client: FlaskClient, script: Script
) -> None:
    script.pause_after = 9
    path = client.post("/trace", data={"url": URL}).location
    feed = app.extensions["tracing"].feeds.get(path.removeprefix("/t/"))
    while feed.count < 9:
        assert feed.wait(feed.count, WAIT_S)
    (running,) = client.get(f"{path}/events?part=1&after=3").json
    assert (running["name"], running["id"], running["data"]["state"]) == ("wire", 9, RUNNING)
    script.go_on.set()
    assert feed.wait_finished(WAIT_S)
    rest, done = client.get(f"{path}/events?part=1&after=9").json
    assert (rest["name"], rest["id"]) == ("wire", len(exchange()))
    assert (done["name"], done["data"]["state"]) == ("done", DONE)
    assert client.get("/t/none/events?part=1").status_code == 404
    assert client.get(f"{path}/events?part=1&after={'9' * 5_000}").json[-1] == done


def test_who_asks_while_it_waits_for_a_worker_is_told_so(
    stream: Callable[[Feed, int], Stream],
) -> None:
    (told,) = stream(Feed(URL, Options(), STARTED), 0).by_now()
    assert (told.name, told.number, told.data["ahead"]) == ("queue", None, 0)
