"""What is said of TLS stands in its octets."""

from __future__ import annotations

import pytest

from tests.web.player.conftest import Told
from tests.web.player.test_steps import step_of

pytestmark = pytest.mark.wire


def test_the_name_of_the_site_is_found_in_the_clear(told: Told) -> None:
    tale = told("tls13")
    step = step_of(tale, "server_name")
    assert dict(step.facts)["name"] == "tls13.lab.test"
    assert b"tls13.lab.test" in tale.explanation.of_event(step.event)[step.unit - 1].octets


@pytest.mark.parametrize("name", ["h2", "h3"])
def test_the_server_chooses_from_what_the_client_offered(told: Told, name: str) -> None:
    tale = told(name)
    offered = dict(step_of(tale, "alpn_offer").facts)["protocols"].split(", ")
    assert dict(step_of(tale, "alpn_choice").facts)["protocol"] in offered


def test_the_certificate_is_the_servers(told: Told) -> None:
    assert dict(step_of(told("tls12"), "certificate").facts)["subject"] == "tls12.lab.test"


def test_an_alert_has_its_code(told: Told) -> None:
    facts = dict(step_of(told("expired"), "alert").facts)
    assert facts == {"code": "45", "label": "certificate_expired"}
