"""Where the connections of a fetch went."""

from __future__ import annotations

import pytest

from lab import Lab
from netcore import Options, fetch
from netcore.exports.reached import Reached, host_of, is_address, reached
from netcore.options import Limits
from netcore.trace import Called
from tests.netcore.recordings import http_exchange, tls_exchange, trace_of


@pytest.mark.wire
def test_each_connection_has_the_host_that_led_to_it(lab: Lab) -> None:
    options = Options(lab=lab.options_lab(), follow_redirects=True)
    first, second = reached(fetch(lab.servers["redirect"].url, options))
    assert (first.host, second.host) == ("redirect.lab.test", "plain.lab.test")
    assert (first.address, first.port) == ("127.0.0.1", lab.servers["redirect"].port)
    assert second == Reached(
        second.socket, "plain.lab.test", "127.0.0.1", lab.servers["plain"].port, False, True
    )


@pytest.mark.wire
def test_a_further_url_has_its_own_host(lab: Lab) -> None:
    further = (lab.servers["close-delimited"].url,)
    trace = fetch(lab.servers["plain"].url, Options(lab=lab.options_lab(), further_urls=further))
    assert [each.host for each in reached(trace)] == ["plain.lab.test", "close-delimited.lab.test"]


@pytest.mark.wire
def test_one_that_was_refused_went_nowhere(lab: Lab) -> None:
    options = Options(lab=lab.options_lab(), limits=Limits(connect_s=5))
    assert reached(fetch(lab.servers["port-closed"].url, options)) == []


def test_a_handshake_alone_asked_for_nothing() -> None:
    (only,) = reached(trace_of(tls_exchange([b"\x16"], [b"\x15"])))
    assert (only.address, only.port, only.asked) == ("192.0.2.1", 443, False)


def test_an_address_of_ipv6_has_no_brackets() -> None:
    events = http_exchange([b"GET / HTTP/1.1\r\n\r\n"], [])
    events[1] = Called(10, "tcp:1", "connect", ("[2001:db8::1]:80",))
    (only,) = reached(trace_of(events))
    assert (only.address, only.port) == ("2001:db8::1", 80)
    events[1] = Called(10, "tcp:1", "connect", ())
    assert reached(trace_of(events)) == []


def test_a_host_is_read_off_a_url() -> None:
    assert host_of(" https://[2001:db8::1]:8/x ") == "2001:db8::1"
    assert host_of("nonsense") == ""
    assert is_address("192.0.2.1")
    assert not is_address("a.test")
