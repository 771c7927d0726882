"""The three depths of an explanation, and how a device remembers its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Script
from tests.web.recordings import refused
from web.depth import COOKIE

Traced = Callable[[], str]


def explained(client: FlaskClient, address: str) -> str:
    page = client.get(address).text
    return page.partition('id="explanation"')[2].partition("</aside>")[0]


def test_a_newcomer_is_told_what_layer_it_is_and_no_place(
    client: FlaskClient, traced: Traced
) -> None:
    said = explained(client, f"{traced()}/e/4?u=1&f=0-16")
    assert "This is part of DNS" in said
    assert "<dt>Place</dt>" not in said
    section = '<a href="https://www.rfc-editor.org/rfc/rfc1035#section-4.1.1"'
    assert section in said.partition("In the standard:")[2].partition("This is part of")[0]


def test_a_developer_is_told_place_and_python(client: FlaskClient, traced: Traced) -> None:
    said = explained(client, f"{traced()}/e/4?u=1&f=0-16&depth=developer")
    assert "<dt>Place</dt>" in said
    assert "int.from_bytes(data[0:2]" in said
    assert "In the standard" not in said
    assert "This is part of DNS" not in said


def test_a_reader_of_rfcs_is_told_the_section_too(client: FlaskClient, traced: Traced) -> None:
    said = explained(client, f"{traced()}/e/4?u=1&f=0-16&depth=rfc")
    assert "https://www.rfc-editor.org/rfc/rfc1035#section-4.1.1" in said
    assert "<dt>Place</dt>" in said


def test_a_newcomer_is_told_how_to_read_a_row_of_bytes(client: FlaskClient, traced: Traced) -> None:
    address = f"{traced()}/e/4?u=1"
    assert "Row 0010 begins at byte 16" in client.get(address).text
    assert "Row 0010 begins at byte 16" not in client.get(f"{address}&depth=developer").text


def test_the_depth_is_remembered_by_page_and_by_fragment(
    client: FlaskClient, traced: Traced
) -> None:
    base = traced()
    client.get(f"{base}/e/4?u=1&f=0-16&part=field&depth=developer")
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    assert cookie.value == "developer"
    assert "<dt>Place</dt>" in explained(client, f"{base}/e/4?u=1&f=0-16")


@pytest.mark.parametrize("unknown", ["", "expert", "../rfc"])
def test_an_unknown_depth_is_a_newcomers_and_not_kept(
    client: FlaskClient, traced: Traced, unknown: str
) -> None:
    response = client.get(f"{traced()}/e/4?depth={unknown}")
    assert "Set-Cookie" not in response.headers or COOKIE not in response.headers["Set-Cookie"]
    assert 'data-depth="newcomer" aria-current="page"' in response.text


def test_the_links_keep_what_is_selected(client: FlaskClient, traced: Traced) -> None:
    base = traced()
    said = client.get(f"{base}/e/4?u=1&f=0-16&part=field").text
    assert f'href="{base}/e/4?u=1&amp;f=0-16&amp;depth=rfc"' in said


def test_a_developer_is_told_the_bug_and_a_reader_of_rfcs_the_rule_and_the_proof(
    client: FlaskClient, traced: Traced
) -> None:
    address = f"{traced()}/e/4?u=1&f=25-26"  # z of the header of the first question
    newcomer, developer, rfc = (
        explained(client, f"{address}&depth={each}") for each in ("newcomer", "developer", "rfc")
    )
    assert "If forgotten" not in newcomer
    assert "The rule" not in developer
    assert "<dt>The rule</dt>" in rfc
    assert "0: as far as these bytes can show it, the rule is kept." in rfc


def test_a_call_without_bytes_has_its_bug_and_its_rule(client: FlaskClient, traced: Traced) -> None:
    base = traced()
    number = next(
        at for at in range(1, 60) if "EINPROGRESS" in client.get(f"{base}/e/{at}?part=1").text
    )
    assert "EINPROGRESS for a failure" in explained(client, f"{base}/e/{number}?depth=developer")
    assert "EINPROGRESS for a failure" not in explained(client, f"{base}/e/{number}?depth=newcomer")


@pytest.mark.parametrize(("depth", "opened"), [("newcomer", False), ("developer", True)])
def test_a_card_opens_what_programs_say_for_who_wants_it(
    client: FlaskClient, script: Script, traced: Traced, depth: str, opened: bool
) -> None:
    script.events = refused()
    card = client.get(f"{traced()}?depth={depth}").text.partition('id="failure"')[2]
    details = card.partition("<details")[2].partition("</details>")[0]
    assert "ConnectionRefusedError" in details
    assert details.startswith(' class="more" open>') is opened
