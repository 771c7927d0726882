"""Which version a connection speaks, and how a request asks to switch."""

from __future__ import annotations

from netcore.options import Limits, Options
from netcore.protocols.http1 import Http1
from netcore.protocols.http2 import Http2
from netcore.recorder import Recorder
from netcore.request import Request
from netcore.speaking import Speaking
from netcore.trace import Chose, Trace

GET = Request("GET", (), None)


def speaking(upgrade: bool = False, http2: bool = False) -> tuple[Speaking, Trace]:
    trace = Trace("http://a.example/", "", Options(), [])
    return Speaking(Recorder(trace), Limits(), http2=http2, upgrade=upgrade), trace


def chosen(trace: Trace) -> list[str]:
    return [event.value for event in trace.events if isinstance(event, Chose)]


def test_http_2_lasts_from_one_request_to_the_next() -> None:
    both, _ = speaking(http2=True)
    first = both.begin(GET)
    assert isinstance(first, Http2)
    assert both.begin(GET) is first
    assert both.goodbye() == b"", "nothing was said"


def test_http_1_is_begun_anew_for_each_request_and_says_no_goodbye() -> None:
    both, _ = speaking()
    first = both.begin(GET)
    assert isinstance(first, Http1)
    assert both.begin(GET) is not first
    assert both.upgrade_fields() == ()
    assert both.goodbye() is None


def test_the_first_request_asks_to_switch_and_no_other() -> None:
    both, trace = speaking(upgrade=True)
    both.begin(GET)
    names = [name for name, _ in both.upgrade_fields()]
    assert names == ["Connection", "Upgrade", "HTTP2-Settings"]
    both.note_answer()
    both.begin(GET)
    assert both.upgrade_fields() == ()
    both.note_answer()
    assert chosen(trace) == ["h2c-upgrade", "1.1"]


def test_a_request_with_such_fields_of_its_own_does_not_ask() -> None:
    both, trace = speaking(upgrade=True)
    both.begin(Request("GET", (("Connection", "close"),), None))
    assert both.upgrade_fields() == ()
    assert chosen(trace) == ["1.1"]


def test_after_the_switch_http_2_is_spoken() -> None:
    both, trace = speaking(upgrade=True)
    both.begin(GET)
    both.upgrade_fields()
    switched = both.switch(GET)
    assert both.begin(GET) is switched
    assert switched.data_to_send().startswith(b"PRI * HTTP/2.0")
    assert (both.goodbye() or b"").endswith(bytes(8)), "GOAWAY"
    assert chosen(trace) == ["h2c-upgrade", "2"]
