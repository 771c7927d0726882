"""The pages of a TLS handshake also tell one inside QUIC."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.netcore.quic_conversation import simple
from tests.web.conftest import Script
from tests.web.quic.telling import story
from web.addresses import handshake_href


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("", "whose keys everyone can compute"),
        ("/trust", "lab.test"),
        ("/keys", "they open packets of QUIC"),
    ],
)
def test_each_part_has_its_page(
    client: FlaskClient, script: Script, traced: Callable[[], str], part: str, said: str
) -> None:
    script.events = simple().events
    path = traced()
    page = client.get(f"{path}/tls/quic-1{part}")
    assert page.status_code == 200
    assert said in page.text
    assert "style=" not in page.text


def test_the_conversation_is_found_from_the_trace_and_from_the_connection(
    client: FlaskClient, script: Script, traced: Callable[[], str]
) -> None:
    script.events = simple().events
    path = traced()
    assert f'href="{path}/tls/quic-1"' in client.get(f"{path}/quic").text
    tale = story("simple")
    assert handshake_href(tale, "/t/x") == "/t/x/tls/quic-1"
    assert handshake_href(tale, "/t/x", 2) == "/t/x/tls/quic-1"
    assert handshake_href(tale, "/t/x", len(tale.trace.events)) == ""


def test_the_fingerprint_says_that_it_is_of_quic(
    client: FlaskClient, script: Script, traced: Callable[[], str]
) -> None:
    script.events = simple().events
    page = client.get(f"{traced()}/tls/quic-1").text
    assert "q13d" in page
    assert "in QUIC; t would be TCP" in page
    assert "aioquic" in page


@pytest.mark.parametrize("number", ["quic-7", "quic-", "1"])
def test_another_number_is_404(
    client: FlaskClient, script: Script, traced: Callable[[], str], number: str
) -> None:
    script.events = simple().events
    assert client.get(f"{traced()}/tls/{number}").status_code == 404
