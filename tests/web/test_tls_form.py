"""The part of the form that says what TLS offers."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from netcore.options import Options
from tests.web.conftest import Script
from web.tls_form import GROUPS, UNTOUCHED, read_tls_form, tls_options

Traced = Callable[[], str]
URL = {"url": "https://a.example/"}


def test_nothing_typed_is_the_default() -> None:
    form = read_tls_form({})
    assert form == UNTOUCHED
    assert not form.changed
    assert Options(**tls_options(form)) == Options()


@pytest.mark.parametrize(
    ("typed", "options"),
    [
        ({"tls_min": "1.0", "tls_max": "1.1"}, {"tls_min": "1.0", "tls_max": "1.1"}),
        ({"ciphers": " AES128-SHA "}, {"ciphers": "AES128-SHA"}),
        ({"curves": "P-521"}, {"curves": "secp521r1"}),
        ({"alpn": "h2, http/1.1"}, {"alpn": ("h2", "http/1.1")}),
        ({"no_alpn": "on"}, {"alpn": ()}),
        ({"sni": "Other.Example"}, {"sni": "other.example"}),
        ({"no_sni": "on"}, {"sni": ""}),
        ({"resume_session": "on"}, {"resume_session": True}),
    ],
)
def test_what_is_typed_is_what_is_offered(
    typed: dict[str, str], options: dict[str, object]
) -> None:
    form = read_tls_form(typed)
    assert (form.error, form.wrong) == ("", "")
    assert form.changed
    assert Options(**tls_options(form)) == Options(**options)  # type: ignore[arg-type]


WRONG = [
    ({"tls_min": "1.3", "tls_max": "1.2"}, "tls_min", "no version to offer"),
    ({"tls_max": "9"}, "tls_min", "no version of TLS"),
    ({"ciphers": "nonsense"}, "ciphers", "no cipher suite"),
    ({"ciphers": "A" * 9_000}, "ciphers", "8,192"),
    ({"curves": "P-1"}, "curves", "none of the groups"),
    ({"alpn": ","}, "alpn", "no name for ALPN"),
    ({"alpn": "h2", "no_alpn": "on"}, "alpn", "ALPN is switched off and has a name"),
    ({"sni": "127.0.0.1"}, "sni", "is an address"),
    ({"sni": "a b"}, "sni", "SNI takes a host name"),
    ({"sni": "a.example", "no_sni": "on"}, "sni", "SNI is switched off and has a name"),
]


@pytest.mark.parametrize(("typed", "wrong", "says"), WRONG)
def test_what_cannot_be_offered_is_said_in_place_and_kept(
    client: FlaskClient, script: Script, typed: dict[str, str], wrong: str, says: str
) -> None:
    answer = client.post("/trace", data={**URL, **typed})
    assert answer.status_code == 422
    assert script.asked == []
    (error,) = re.findall(r'<p id="tls-error"[^>]*>.*?</p>', answer.text, re.DOTALL)
    assert says in error
    marked = re.findall(
        r'<(?:input|select) id="(\w+)"[^>]*aria-describedby="tls-error"', answer.text
    )
    assert marked == [wrong]
    assert '<details class="more" open>' in answer.text
    assert 'value="https://a.example/"' in answer.text
    for name, value in typed.items():
        if name.startswith("no_"):
            assert f'name="{name}" checked' in answer.text
        elif name in ("ciphers", "alpn", "sni"):
            assert f'value="{value}"' in answer.text


def test_another_mistake_keeps_what_was_typed_here(client: FlaskClient) -> None:
    typed = {"url": "", "ciphers": "AES128-SHA", "curves": "X448", "tls_min": "1.0", "no_sni": "on"}
    page = client.post("/trace", data=typed).text
    assert 'value="AES128-SHA"' in page
    assert '<option value="X448" selected>' in page
    assert '<option value="1.0" selected>' in page
    assert 'name="no_sni" checked' in page


def test_it_reaches_the_fetch(client: FlaskClient, script: Script, traced: Traced) -> None:
    client.post("/trace", data={**URL, "sni": "b.example", "resume_session": "on"})
    traced()
    options = script.asked[0][1]
    assert (options.sni, options.resume_session) == ("b.example", True)


def test_no_file_is_asked_for_and_hostile_text_is_text(client: FlaskClient) -> None:
    page = client.get("/").text
    form = page[page.index('<form id="start"') : page.index("</form>")]
    assert 'type="file"' not in form
    hostile = "<script>alert(1)</script>\"'"
    refused = client.post("/trace", data={**URL, "ciphers": hostile, "sni": hostile}).text
    assert "<script>alert" not in refused


def test_every_group_that_is_shown_can_be_offered() -> None:
    for group in GROUPS:
        assert not read_tls_form({"curves": group}).error
