"""The pages of the player: complete without a script, and nothing from the wire unescaped."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import Script
from tests.web.recordings import exchange, refused
from web.player.pages import MOST_KEPT

HOSTILE = b"HTTP/1.1 302 Found\r\nLocation: <script>alert(1)</script>\r\nContent-Length: 14\r\n\r\n"


def test_a_step_of_the_address_is_opened_without_a_script(
    client: FlaskClient, traced: Callable[[], str]
) -> None:
    path = traced()
    page = client.get(f"{path}?step=1").text
    assert 'data-step="1"' in page
    assert "The resolver hears plain.example and the type A, nothing of the path." in page
    following = re.search(r'id="next" rel="next" href="([^"]+)"', page)
    assert following is not None
    after = client.get(following[1].replace("&amp;", "&")).text
    assert 'data-step="2"' in after
    assert client.get(f"{path}?step=999").status_code == 200


def test_every_event_is_a_link(client: FlaskClient, traced: Callable[[], str]) -> None:
    path = traced()
    page = client.get(f"{path}/e/4?every=1").text
    assert "Chosen steps" in page
    assert re.search(r'id="next" rel="next" href="[^"]+\?every=1"', page)
    assert "Every mark" in client.get(f"{path}/e/4").text


def test_the_page_leads_to_its_projected_form_at_the_same_step(
    client: FlaskClient, traced: Callable[[], str]
) -> None:
    path = traced()
    assert f'href="{path}/present?step=2"' in client.get(f"{path}?step=2").text
    projected = client.get(f"{path}/present?step=2&shown=1").text
    assert f'href="{path}?step=2"' in projected


def test_the_player_is_given_all_steps_in_one_answer(
    client: FlaskClient, traced: Callable[[], str]
) -> None:
    path = traced()
    answer = client.get(f"{path}/player").text
    steps = re.findall(r'<li data-n="\d+" data-href="([^"]+)"', answer)
    assert 0 < len(steps) <= MOST_KEPT
    assert answer.count('<template data-region="steps">') == len(steps)
    assert answer.count('id="event-title"') == len(steps)
    assert "All of it took 20.0 ms." in answer
    every = client.get(f"{path}/player?every=1").text
    assert every.count("data-href") == client.get(path).text.count('<tr id="r-')


def test_a_step_of_the_player_is_what_its_page_shows(
    client: FlaskClient, traced: Callable[[], str]
) -> None:
    path = traced()
    answer = client.get(f"{path}/player").text
    href = re.findall(r'data-href="([^"]+)"', answer)[1].replace("&amp;", "&")
    alone = client.get(f"{href}&part=1").text
    panes = alone.partition("<template")[0].strip()
    assert panes in answer


def test_beyond_its_bound_the_player_is_given_no_panes(
    client: FlaskClient, traced: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.player.pages.MOST_KEPT", 2)
    answer = client.get(f"{traced()}/player").text
    assert answer.count('id="event-title"') == 2
    assert answer.count("data-href") > 2


def test_a_question_comes_before_its_slide_unless_it_is_not_wanted(
    client: FlaskClient, traced: Callable[[], str]
) -> None:
    path = traced()
    asked = client.get(f"{path}/present?step=1").text
    assert "What does it hear of the URL?" in asked
    assert "nothing of the path" not in asked
    assert 'class="strip' not in asked
    shown = client.get(f"{path}/present?step=1&shown=1").text
    assert "nothing of the path" in shown
    assert 'class="strip' in shown
    without = client.get(f"{path}/present?step=1&ask=0").text
    assert "nothing of the path" in without
    assert f"{path}/present?step=2&amp;ask=0" in without


def test_slides_are_links_from_the_first_to_the_last(
    client: FlaskClient, traced: Callable[[], str]
) -> None:
    address, seen = f"{traced()}/present?step=1&theme=light", []
    while address:
        assert address not in seen
        seen.append(address)
        page = client.get(address)
        assert page.status_code == 200
        assert "theme-light" in page.text
        found = re.search(r'rel="next" href="([^"]+)"', page.text)
        address = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) > 12


def test_what_is_chosen_for_a_slide_is_from_a_closed_list(
    client: FlaskClient, traced: Callable[[], str]
) -> None:
    page = client.get(f"{traced()}/present?theme=x%22onload&pane=y%22&step=-4&shown=1").text
    assert "onload" not in re.sub(r'(?:href|data-here|value)="[^"]*"', "", page)
    assert 'data-pane="bytes"' in page


def test_all_slides_come_in_one_answer(client: FlaskClient, traced: Callable[[], str]) -> None:
    path = traced()
    answer = client.get(f"{path}/present?all=1&pane=code").text
    assert answer.count("slide-question") == answer.count("Guess first") > 3
    assert 'data-pane="code"' in answer
    unasked = client.get(f"{path}/present?all=1&ask=0").text
    assert "Guess first" not in unasked


def test_the_handout_has_every_step_and_the_answers_at_its_end(
    client: FlaskClient, traced: Callable[[], str]
) -> None:
    path = traced()
    page = client.get(f"{path}/handout").text
    assert page.count('class="handout-step"') == len(re.findall(r'<li value="\d+"', page))
    assert page.index("What does it hear of the URL?") < page.index('id="answers"')
    assert page.index('id="answers"') < page.index("nothing of the path")
    assert client.get(f"{path}/present?notes=1").location == f"{path}/handout"


def test_the_qr_code_is_a_picture_without_style_or_script(
    client: FlaskClient, traced: Callable[[], str]
) -> None:
    path = traced()
    answer = client.get(f"{path}/qr.svg")
    assert answer.mimetype == "image/svg+xml"
    assert answer.text.startswith("<svg")
    assert "style" not in answer.text
    assert "script" not in answer.text


def test_a_projector_shows_the_short_code_where_there_is_one_and_paper_does_not(
    client: FlaskClient, app: Flask, traced: Callable[[], str]
) -> None:
    path, host = traced(), "http://wiretale.example"

    def page(name: str) -> str:
        return client.get(f"{path}/{name}", base_url=host).text

    long = page("qr.svg")
    assert f"{host}{path}<" in page("present")
    client.post(f"{path}/share/code")
    code = app.extensions["tracing"].store.code_of(path.removeprefix("/t/"))
    assert f"{host}/c/{code}<" in page("present")
    assert page("qr.svg") != long
    assert page("qr.svg?paper=1") == long
    assert f"{host}{path}<" in page("handout")


@pytest.mark.parametrize("page", ["player", "present", "handout", "qr.svg"])
def test_a_trace_that_is_not_there_has_no_steps(client: FlaskClient, page: str) -> None:
    assert client.get(f"/t/nothing/{page}").status_code == 404


def test_a_trace_without_steps_cannot_be_presented(
    client: FlaskClient, script: Script, traced: Callable[[], str]
) -> None:
    script.events = []
    path = traced()
    assert client.get(f"{path}/present").status_code == 404
    assert client.get(f"{path}/handout").status_code == 200
    assert client.get(path).status_code == 200
    assert "All of it took" not in client.get(f"{path}/player").text


@pytest.mark.parametrize("page", ["player", "present?all=1", "handout", "?step=9"])
def test_what_comes_from_the_wire_is_escaped_and_no_style_is_inline(
    client: FlaskClient, script: Script, traced: Callable[[], str], page: str
) -> None:
    script.events = exchange(HOSTILE)
    path = traced()
    text = client.get(path + (page if page.startswith("?") else f"/{page}")).text
    assert "<script>alert" not in text
    assert " style=" not in text
    assert "&lt;script&gt;" in text


def test_a_slide_has_the_bug_and_the_rule_for_whom_wants_them(
    client: FlaskClient, traced: Callable[[], str]
) -> None:
    address = f"{traced()}/present?all=1&ask=0"
    assert "If forgotten" not in client.get(address).text
    assert "If forgotten" in client.get(f"{address}&depth=developer").text
    assert "The rule" in client.get(f"{address}&depth=rfc").text


def test_a_failure_is_the_last_step(
    client: FlaskClient, script: Script, traced: Callable[[], str]
) -> None:
    script.events = refused()
    page = client.get(f"{traced()}/present?step=99&shown=1").text
    assert "Here the fetch ended. The connection was refused." in page


def test_each_id_of_a_page_is_there_once(
    app: Flask, client: FlaskClient, traced: Callable[[], str]
) -> None:
    path = traced()
    for page in ("?step=3", "/present?step=3&shown=1", "/handout"):
        ids = re.findall(r' id="([^"]+)"', client.get(path + page).text)
        assert sorted(ids) == sorted(set(ids))
    assert (Path(app.root_path) / "static/css/components/slide.css").exists()
