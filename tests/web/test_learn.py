"""The pages of the exercises, and who may run scripts from them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from exercises.exercise import Exercise, find
from exercises.line import write_line
from exercises.running import SCRIPT_OCTETS
from web import learn

KEY = "the-key-that-was-printed"
PAGE = "/learn/sockets/1"
MARKER = "<script>alert(1)</script>"


@pytest.fixture
def exercise() -> Exercise:
    found = find("sockets", 1)
    assert found
    return found


@pytest.fixture
def runner(make_app: Callable[..., Flask]) -> FlaskClient:
    """A browser that was opened with the key."""
    client = make_app(SCRIPTS_KEY=KEY).test_client()
    answer = client.get(f"/learn?key={KEY}")
    assert (answer.status_code, answer.location) == (303, "/learn")
    return client


def send(client: FlaskClient, do: str, page: str = PAGE, **data: str) -> TestResponse:
    return client.post(page, data={"do": do, **data})


def text(answer: TestResponse) -> str:
    """What a reader reads, in one line."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", answer.text)))


def code(client: FlaskClient, page: str = PAGE) -> str:
    found = re.search(r"--code (\w+)", client.get(page).text)
    assert found
    return found[1]


def test_the_tracks_are_listed_with_their_ticks_as_words(client: FlaskClient) -> None:
    page = client.get("/learn").text
    assert "0 of 4 done" in page
    assert page.count("not yet") == 4
    assert re.findall(r'href="(/learn/\w+/\d)"', page) == [f"/learn/sockets/{n}" for n in range(4)]
    assert 'href="/learn"' in client.get("/").text


@pytest.mark.parametrize("address", ["/learn/sockets/99", "/learn/nothing/0", "/learn/sockets/x"])
def test_an_exercise_that_is_none_is_not_found(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404
    assert client.post(address).status_code in (404, 405)


def test_every_exercise_opens_and_says_that_nothing_was_seen(client: FlaskClient) -> None:
    for number in range(4):
        page = client.get(f"/learn/sockets/{number}")
        assert page.status_code == 200
        assert "Nothing seen so far." in page.text
        assert page.text.count("<details") == 3


def test_what_is_not_offered_is_refused(client: FlaskClient) -> None:
    assert send(client, "").status_code == 404
    assert send(client, "__class__").status_code == 404


def test_a_prediction_may_be_any_number_and_is_kept(client: FlaskClient) -> None:
    refused = send(client, "predict", prediction="many")
    assert refused.status_code == 422
    assert "any guess will do" in refused.text
    assert "--code" not in refused.text
    assert "You said 4,096." in send(client, "predict", prediction="0x1000").text
    assert "You said 4,096." in client.get(PAGE).text


def test_the_script_can_be_saved(client: FlaskClient, exercise: Exercise) -> None:
    answer = client.get(f"{PAGE}/script.py")
    assert answer.data.decode() == exercise.starter
    assert answer.headers["Content-Disposition"] == 'attachment; filename="sockets-1.py"'
    assert client.get("/learn/sockets/0/script.py").status_code == 404


def test_the_line_of_the_terminal_is_marked_by_the_page(
    client: FlaskClient, exercise: Exercise
) -> None:
    send(client, "predict", prediction="1")
    facts = {"script.connected": True, "script.asked": 4096, "lab.sent": 50_000}
    bad = write_line(exercise.key, code(client), {**facts, "script.received": 1448}, exercise.facts)
    answer = text(send(client, "line", line=bad))
    assert "You got 1,448 of 50,000 bytes." in answer
    assert "1,448 bytes had arrived when you stopped asking." in answer
    good = write_line(
        exercise.key, code(client), {**facts, "script.received": 50_000}, exercise.facts
    )
    answer = text(send(client, "line", line=good))
    assert "It holds." in answer
    assert exercise.why in answer
    assert "1 of 4 done" in client.get("/learn").text


def test_a_line_before_the_prediction_or_of_another_code_is_refused(
    client: FlaskClient, exercise: Exercise
) -> None:
    line = write_line(exercise.key, "another", {"lab.sent": 1}, exercise.facts)
    assert "Predict first." in send(client, "line", line=line).text
    send(client, "predict", prediction="1")
    refused = send(client, "line", line=line)
    assert refused.status_code == 422
    assert "another code" in refused.text
    assert MARKER not in send(client, "line", line=f'{MARKER}?"&proof=1').text


def test_show_me_comes_after_an_attempt_and_then_the_code_is_another(
    client: FlaskClient, exercise: Exercise
) -> None:
    send(client, "predict", prediction="1")
    before = code(client)
    assert "One way" not in send(client, "show").text
    assert re.search(r'value="show"[^>]* hidden data-after="\d+"', client.get(PAGE).text)
    send(client, "line", line=write_line(exercise.key, before, {}, exercise.facts))
    assert re.search(r'value="show"[^>]*>Show me', client.get(PAGE).text)
    assert "hidden data-after" not in client.get(PAGE).text
    assert "One way" in send(client, "show").text
    assert code(client) != before


def test_nothing_is_run_without_the_key(
    client: FlaskClient, make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    monkeypatch.setattr(learn, "run", lambda script, *_: ran.append(script))
    with_key = make_app(SCRIPTS_KEY=KEY)
    for browser in (client, with_key.test_client()):
        for key in ("", "wrong", f"{KEY}x", "é"):
            browser.get("/learn", query_string={"key": key})
            send(browser, "predict", prediction="1")
            assert send(browser, "run", script="print(1)").status_code == 403
            assert "<textarea" not in browser.get(PAGE).text
    assert ran == []


def test_a_key_of_an_earlier_start_is_worth_nothing(
    runner: FlaskClient, make_app: Callable[..., Flask]
) -> None:
    assert "<textarea" in runner.get(PAGE).text
    cookie = runner.get_cookie("session")
    assert cookie
    later = make_app(SCRIPTS_KEY="another").test_client()  # it signs with the same secret
    later.set_cookie("session", cookie.value)
    assert "<textarea" not in later.get(PAGE).text
    assert send(later, "run", script="print(1)").status_code == 403


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://evil"}],
)
def test_nothing_is_run_for_another_site(
    runner: FlaskClient, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    ran: list[str] = []
    monkeypatch.setattr(learn, "run", lambda script, *_: ran.append(script))
    answer = runner.post(PAGE, data={"do": "run", "script": "print(1)"}, headers=headers)
    assert answer.status_code == 403
    assert ran == []


def test_a_script_is_refused_before_the_prediction_when_empty_and_when_long(
    runner: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    monkeypatch.setattr(learn, "run", lambda script, *_: ran.append(script))
    early = send(runner, "run", script="print(1)")
    assert early.status_code == 422
    assert "Predict first" in early.text
    send(runner, "predict", prediction="1")
    assert "no script to run" in send(runner, "run", script=" \r\n").text
    assert "longer than 20,000 bytes" in send(runner, "run", script="#" * SCRIPT_OCTETS + "#").text
    assert ran == []


def test_more_scripts_than_have_room_wait(
    runner: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(runner, "predict", prediction="1")
    monkeypatch.setattr(learn, "_places", learn.threading.BoundedSemaphore(1))
    assert learn._places.acquire(blocking=False)
    answer = send(runner, "run", script="print('mine')")
    assert answer.status_code == 422
    assert "Other scripts are running" in answer.text
    assert "print(&#39;mine&#39;)" in answer.text


@pytest.mark.wire
@pytest.mark.slow
def test_a_script_is_run_and_marked_and_shown_beside_the_prediction(
    runner: FlaskClient, exercise: Exercise
) -> None:
    send(runner, "predict", prediction="4096")
    first = send(runner, "run", script=exercise.starter.replace("\n", "\r\n"))
    assert first.status_code == 200
    shown = text(first)
    assert re.search(r"Your script printed, and you predicted 4,096 \d{4}\b", shown)
    assert re.search(r"recv\(4096\) returned \d,\d{3} bytes", shown)
    assert re.search(r"You got \d,\d{3} of \d\d,\d{3} bytes\.", shown)
    second = text(send(runner, "run", script=exercise.show))
    assert "It holds." in second
    assert re.search(r"\d\d more", second)
    assert 'recv(4096) returned b""' in second


@pytest.mark.wire
@pytest.mark.slow
def test_what_a_script_prints_is_text(runner: FlaskClient) -> None:
    send(runner, "predict", prediction="1")
    answer = send(runner, "run", script=f"print('{MARKER}')\n# </textarea>{MARKER}")
    assert MARKER not in answer.text
    assert html.escape(MARKER) in answer.text
    assert "Your script never connected to the server." in answer.text


def test_without_the_lab_the_exercise_that_needs_it_says_so(client: FlaskClient) -> None:
    page = client.get("/learn/sockets/0").text
    assert "needs the servers of the lab" in page
    assert "Trace plain" not in page.partition('class="bench"')[2].partition("</p>")[0]
