"""What the lab's targets want to be asked."""

from __future__ import annotations

import pytest

from lab.behaviour import Ask
from lab.whole import Lab, LabTarget
from web.lab_targets import asked_of, is_of_lab, lab_hosts, target_of


def test_a_target_is_found_by_its_name_and_its_server_by_its_host(lab: Lab) -> None:
    target = target_of(lab, "plain")
    assert target is not None
    assert target.url == lab_hosts(lab)["plain.lab.test"]
    assert target_of(lab, "") is None
    assert target_of(lab, "nobody-knows") is None
    assert target_of(None, "plain") is None
    assert lab_hosts(None) == {}


def test_what_is_not_asked_for_is_left_to_the_form() -> None:
    plain = asked_of(LabTarget("a", "A", "a", "http://a.lab.test/"))
    assert not plain.keys() & {"http", "alpn", "sni", "socket_options", "raw", "allow_private"}
    ask = Ask(times=3, http="3", alpn=(), sni="", public=True, raw=b"x")
    asked = asked_of(LabTarget("a", "A", "a", "udp://a.lab.test:1", ask))
    assert asked["further_urls"] == ("udp://a.lab.test:1",) * 2
    assert (asked["http"], asked["alpn"], asked["sni"]) == ("3", (), "")
    assert (asked["allow_private"], asked["raw"]) == (False, b"x")


@pytest.mark.parametrize(
    ("url", "is_of"),
    [
        ("http://lab.test/", True),
        ("udp://a.lab.test:9", True),
        ("https://a.lab.test.:9/", True),
        ("http://notlab.test/", False),
        ("http://[::1]/", False),
    ],
)
def test_a_name_of_the_lab_is_one_under_lab_test(url: str, is_of: bool) -> None:
    assert is_of_lab(url) is is_of
