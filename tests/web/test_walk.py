"""The walk from the root on the page of a trace."""

from __future__ import annotations

import pytest
from flask import Flask

from lab import Lab
from netcore import Options, fetch
from netcore.trace import Chose
from web import words
from web.drawing.shapes import lane_places, party, wide_names
from web.form import Form
from web.pages import Settings, request_options
from web.panes import Selection, panes
from web.tale import tell
from web.walk import walk_steps
from web.ways.onlooker import sentences
from web.ways.outside import learnt, outside

pytestmark = pytest.mark.wire


def test_a_step_leads_to_its_question_and_its_answer(lab: Lab) -> None:
    target = next(each for each in lab.targets if each.ask.dns_trace)
    trace = fetch(target.url, Options(lab=lab.options_lab(), dns_trace=True))
    steps = walk_steps(tell(trace), "/t/x")
    assert [step.zone for step in steps] == ["the root", "test", "lab.test", "lab.test"]
    assert [step.server for step in steps][:2] == ["", "ns.test"]
    for step in steps:
        assert step.href == f"/t/x/e/{step.number}"
        assert step.answer_href == f"/t/x/e/{step.answer_number}"
        assert step.took


def test_whom_the_client_asks_is_no_resolver(lab: Lab) -> None:
    target = next(each for each in lab.targets if each.ask.dns_trace)
    tale = tell(fetch(target.url, Options(lab=lab.options_lab(), dns_trace=True)))
    asked = [lane for lane in tale.timeline.lanes if lane.kind == "resolver"]
    assert [party(lane) for lane in asked] == [
        "Root server",
        "Name server of test",
        "Name server of lab.test",
    ]
    names = [label.text for label in wide_names(asked[1], 40)]
    assert names[:2] == ["Name server", "of test"]
    places, _ = lane_places(tale.timeline.lanes, 40)
    lowest, highest = (
        [label.y for label in wide_names(lane, places[lane.key])][at]
        for lane, at in ((asked[0], -1), (asked[1], 0))
    )
    assert highest - lowest > 12
    first = next(mark for mark in tale.timeline.marks if mark.title.startswith("DNS query"))
    assert "client to root server" in panes(tale, "/t/x", first.number, Selection()).facts
    seen = learnt(outside(tale))
    assert seen.walked
    assert sentences(seen)[0].startswith("Name servers were asked for")
    unit = tale.explanation.of_event(first.number)[0]
    told = words.explain_field(unit.protocol, (unit.fields(),), unit.octets)
    assert "which IPv4 address belongs to from-the-root.lab.test (its A record)?" in told.what
    assert "hears, and it looks up nothing for us" in told.why


def test_what_a_server_says_is_cleaned(lab: Lab) -> None:
    target = next(each for each in lab.targets if each.ask.dns_trace)
    trace = fetch(target.url, Options(lab=lab.options_lab(), dns_trace=True))
    for number, event in enumerate(trace.events):
        if isinstance(event, Chose) and event.what == "name server":
            value = "ns\u202e\x1b[1m at 127.0.0.1:1"
            trace.events[number] = Chose(event.time_ns, "name server", value, event.why)
    for step in walk_steps(tell(trace), "/t/x"):
        assert step.server.isprintable()


@pytest.mark.parametrize(
    ("url", "walked"), [("http://plain.lab.test/", True), ("http://a.example/", False)]
)
def test_the_form_walks_to_names_of_the_lab_alone(lab: Lab, url: str, walked: bool) -> None:
    settings = Settings(lab=lab)
    app = Flask(__name__)
    app.extensions["settings"] = settings
    with app.app_context():
        form = Form(url=url, dns_trace=True)
        assert request_options(url, form, {}).dns_trace is walked
        assert form.changed
