"""How the form sets the socket."""

from __future__ import annotations

import pytest

from web.socket_form import UNTOUCHED_SOCKET, read_socket_form, socket_form_options


def test_options_stand_with_spaces_or_commas_between_them_and_the_last_one_holds() -> None:
    form = read_socket_form(
        {"socket_options": "ip_ttl=9, TCP_NODELAY=0 IP_TTL=10", "recv_size": "7"}
    )
    assert socket_form_options(form) == {
        "socket_options": (("IP_TTL", "10"), ("TCP_NODELAY", "0")),
        "recv_size": 7,
    }
    assert form.changed


def test_nothing_typed_asks_for_nothing() -> None:
    form = read_socket_form({"socket_options": " ", "recv_size": ""})
    assert form == UNTOUCHED_SOCKET
    assert socket_form_options(form) == {"socket_options": (), "recv_size": 0}


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"socket_options": "SO_MARK=1"}, "socket_options"),
        ({"socket_options": "IP_TTL=300"}, "socket_options"),
        ({"recv_size": "0"}, "recv_size"),
        ({"recv_size": "9999999999"}, "recv_size"),
        ({"recv_size": "many"}, "recv_size"),
    ],
)
def test_what_cannot_be_asked_for_is_told(typed: dict[str, str], wrong: str) -> None:
    form = read_socket_form(typed)
    assert form.wrong == wrong
    assert form.error
