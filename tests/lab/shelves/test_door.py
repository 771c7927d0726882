"""What ends before a request has left."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lab import LabServer
from lab.shelves import door
from tests.lab.asking import asked

pytestmark = pytest.mark.wire


def test_a_header_would_smuggle_a_second_one() -> None:
    ((name, value),) = door.INJECTED
    assert f"{name}: {value}".split("\r\n")[1:] == ["X-Smuggled: yes"]


def test_a_page_leads_to_a_websocket() -> None:
    links = {"ws-echo": "ws://ws-echo.lab.test:1/"}
    with LabServer("to-a-websocket", links=links) as server, asked(server) as response:
        assert (response.status, response.headers["Location"]) == (302, links["ws-echo"])


def test_who_is_meant_for_the_public_is_held_to_its_rules() -> None:
    for named in door.SHELF.named:
        assert named.ask.options("http://localhost/")["allow_private"] is False


def test_http_in_the_clear_is_all_that_is_there(lab_server: Callable[[str], LabServer]) -> None:
    server = lab_server("h3-in-the-clear")
    assert server.url.startswith("http://")
    with asked(server) as response:
        assert response.status == 200
