"""Both address families against the lab's own servers: who is asked first, and who overtakes."""

from __future__ import annotations

import pytest

from lab import Lab
from netcore import Options, fetch
from netcore.trace import Called, Chose, Completed, Failed, Trace
from tests.lab.test_families import needs_ipv6

pytestmark = [pytest.mark.wire, needs_ipv6]


def traced(lab: Lab, name: str, **more: object) -> Trace:
    options = Options(lab=lab.options_lab(), **more)  # type: ignore[arg-type]
    return fetch(lab.servers[name].url, options)


def connected_to(trace: Trace) -> list[str]:
    calls = [event for event in trace.events if isinstance(event, Called)]
    return [
        str(each.arguments[0]).rpartition(":")[0]
        for each in calls
        if each.call == "connect" and each.socket.startswith("tcp:")
    ]


def test_of_two_addresses_that_answer_ipv6_is_taken(lab: Lab) -> None:
    trace = traced(lab, "two-families")
    assert isinstance(trace.outcome, Completed)
    assert connected_to(trace) == ["[::1]"]


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_either_address_can_be_asked_for(lab: Lab, address: str) -> None:
    server = lab.servers["two-families"]
    trace = traced(lab, server.name, resolve=(f"{server.host}:{server.port}:{address}",))
    assert isinstance(trace.outcome, Completed)
    assert [each.strip("[]") for each in connected_to(trace)] == [address]


@pytest.mark.parametrize(("family", "address"), [("4", "127.0.0.1"), ("6", "[::1]")])
def test_one_family_alone_can_be_asked_for(lab: Lab, family: str, address: str) -> None:
    trace = traced(lab, "two-families", family=family)
    assert isinstance(trace.outcome, Completed)
    assert connected_to(trace) == [address]


def test_ipv4_overtakes_an_ipv6_address_that_is_silent(lab: Lab) -> None:
    trace = traced(lab, "race")
    assert isinstance(trace.outcome, Completed)
    assert connected_to(trace) == ["[::1]", "127.0.0.1"]
    lost = [event.value for event in trace.events if isinstance(event, Chose)]
    assert f"[::1]:{lab.servers['race'].port}" in lost


@pytest.mark.parametrize(
    ("private", "code"), [(False, "guard.blocked_address"), (True, "tcp.refused")]
)
def test_what_the_lab_has_not_registered_at_ipv6_is_for_the_private_alone(
    lab: Lab, private: bool, code: str
) -> None:
    url = f"http://[::1]:{lab.servers['plain'].port}/"
    trace = fetch(url, Options(lab=lab.options_lab(), allow_private=private))
    assert isinstance(trace.outcome, Failed)
    assert trace.outcome.code == code
