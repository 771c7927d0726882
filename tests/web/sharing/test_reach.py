"""From where addresses lead here: what is written out for others is true where it is read."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web.sharing.reach import is_here_alone, is_loopback

ALONE, SEEN = "http://127.0.0.1:8020", "http://wiretale.example"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.1", False),
        ("lab.example", False),
    ],
)
def test_only_loopback_is_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("localhost", True),
        ("127.0.0.1:8020", True),
        ("[::1]:8020", True),
        ("[::1]", True),
        ("lab.example:8020", False),
        ("192.0.2.1", False),
    ],
)
def test_the_host_of_a_request_says_who_else_gets_here(app: Flask, host: str, alone: bool) -> None:
    with app.test_request_context(base_url=f"http://{host}/"):
        assert is_here_alone() is alone


def test_a_link_that_works_here_alone_says_so_and_has_no_qr_code(
    client: FlaskClient, traced: Callable[..., str]
) -> None:
    path = traced()
    for page in ("share", "handout", "present", "present?all=1"):
        here, there = (client.get(f"{path}/{page}", base_url=url).text for url in (ALONE, SEEN))
        assert not re.search(r'<img[^>]* src="[^"]*qr\.svg', here), page
        assert re.search(r'<img[^>]* src="[^"]*qr\.svg', there), page
        assert ("works on this machine only" in here) == (page == "share")
        assert "works on this machine only" not in there
        assert "q QR code" not in here
