"""What became of an event, in words."""

from __future__ import annotations

import html
import re

from flask import Flask

from netcore.trace import Called, Completed, Trace
from tests.netcore.quic_conversation import with_our_loss
from tests.web.quic.telling import tale_of_events
from tests.web.recordings import MS
from web.fates import fates
from web.store import new_id
from web.tale import Tale


def lossy() -> Tale:
    begins, *events = with_our_loss().events
    opened = Called(0, "udp:1", "connect", ("192.0.2.1:443",))
    return tale_of_events([begins, opened, *events, Completed(9_000 * MS, 200)])


def test_a_loss_says_how_it_is_known_and_where(app: Flask) -> None:
    tale = lossy()
    (lost,) = [mark for mark in tale.timeline.marks if mark.lost]
    with app.test_request_context():
        told, carried = fates(tale, "/t/x", lost.number)[:2]
    assert told.text.startswith("Packet lost (derived): the ACK in event")
    assert "RFC 9002" in told.text
    assert (told.number, told.href) == (lost.lost, f"/t/x/e/{lost.lost}")
    assert carried.text == "Carried again by:"
    again = tale.mark_of(carried.number)
    assert again is not None
    assert carried.link == f"{again.title} (event {carried.number})"
    with app.test_request_context():
        back = fates(tale, "/t/x", carried.number)
    assert (lost.number, "Carries again some of:") in [(each.number, each.text) for each in back]


def test_every_drawing_has_the_cross_and_the_word(app: Flask) -> None:
    trace: Trace = lossy().trace
    (lost,) = [mark.number for mark in lossy().timeline.marks if mark.lost]
    name = new_id()
    app.extensions["tracing"].store.save(name, trace)
    client = app.test_client()
    word = "packet lost (derived)"
    for look in ("steps", "time"):
        page = client.get(f"/t/{name}/e/{lost}?m={look}").text
        crossed = re.findall(rf'id="([ml])-{lost}".*?class="cross lost"', page)
        assert crossed == ["m", "l"]
        assert page.count(word) >= 4  # two drawings, the legend and the table
        assert re.search(rf'<path class="bow again on" [^>]*data-members="{lost}-{lost} ', page)
    for place in (f"/t/{name}/timeline.svg", f"/embed/{name}"):
        assert word in client.get(place).text, place
    slides = client.get(f"/t/{name}/handout").text
    assert "This packet never arrived (derived)" in slides
    assert word in slides
    assert "M" in re.findall(r'<path class="cross" d="([^"]*)"', slides)[0]
    saved = client.get(f"/t/{name}.html").text
    assert word in saved
    title = html.escape(next(each.title for each in lossy().timeline.marks if each.lost))
    assert f"Carries again some of: {title} (event {lost})" in saved
