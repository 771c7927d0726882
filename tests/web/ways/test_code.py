"""The code pane: the call, its function, and the lines of the script that make the octets."""

from __future__ import annotations

import pytest
from flask import Flask

from lab import Lab
from netcore.pdu import Pdu
from netcore.trace import Called
from tests.web.ways.recordings import BASE, find, lab_tale
from web.tale import Tale
from web.ways.code import FUNCTION, SCRIPT, Code, code_of

pytestmark = pytest.mark.wire


def code(tale: Tale, pdu: Pdu, tab: str, app: Flask) -> Code:
    with app.test_request_context():
        return code_of(tale, BASE, pdu.events[0], pdu, tab, f"{BASE}/e/1?u=1")


def marked(found: Code) -> str:
    return "\n".join(line.markup.striptags() for line in found.lines if line.current)


def test_three_tabs_are_links_and_one_is_open(lab: Lab, app: Flask) -> None:
    tale = lab_tale(lab, "plain")
    found = code(tale, find(tale.explanation.pdus, "http1_response_head"), "", app)
    assert [tab.current for tab in found.tabs] == [True, False, False]
    assert found.tabs[2].href == f"{BASE}/e/1?u=1&code=script"
    assert not found.lines


def test_the_whole_function_has_the_line_that_called_marked(lab: Lab, app: Flask) -> None:
    tale = lab_tale(lab, "plain")
    found = code(tale, find(tale.explanation.pdus, "http1_request_head", "sent"), FUNCTION, app)
    assert "def send" in found.lines[0].markup.striptags()
    assert "send" in marked(found)
    assert found.note == "send() in netcore/wire.py"


def test_the_script_has_the_lines_marked_that_make_a_request(lab: Lab, app: Flask) -> None:
    tale = lab_tale(lab, "plain")
    found = code(tale, find(tale.explanation.pdus, "http1_request_head", "sent"), SCRIPT, app)
    assert "GET /?secret-path HTTP/1.1" in marked(found)
    assert "socket.create_connection" not in marked(found)
    assert found.whole == f"{BASE}/again"


def test_the_script_has_the_line_marked_that_waits_for_an_answer(lab: Lab, app: Flask) -> None:
    tale = lab_tale(lab, "plain")
    found = code(tale, find(tale.explanation.pdus, "http1_response_head"), SCRIPT, app)
    assert marked(found) == "head = read_head(answer)"


@pytest.mark.parametrize(
    ("unit", "line"), [("http2_settings", "conn.sendall"), ("tls_record", "wrap_socket")]
)
def test_a_frame_and_a_hello_have_their_lines_too(
    lab: Lab, app: Flask, unit: str, line: str
) -> None:
    tale = lab_tale(lab, "h2")
    found = code(tale, find(tale.explanation.pdus, unit, "sent"), SCRIPT, app)
    around = "\n".join(each.markup.striptags() for each in found.lines)
    assert marked(found)
    assert line in around


def test_where_no_script_is_possible_it_says_so(lab: Lab, app: Flask) -> None:
    tale = lab_tale(lab, "h3")
    event = next(e for e in tale.trace.events if isinstance(e, Called) and e.call == "send")
    number = tale.trace.events.index(event) + 1
    with app.test_request_context():
        found = code_of(tale, BASE, number, None, SCRIPT, f"{BASE}/e/{number}")
    assert found.note.startswith("There is no script for this protocol")
    assert any("cannot be played again" in line.markup.striptags() for line in found.lines)
