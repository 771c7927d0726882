"""The part of the form about addresses, resolver and patience."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from netcore.options import Lab, Limits, Options
from tests.web.conftest import Script
from web.reach_form import TIMES, UNTOUCHED_REACH, reach_options, read_reach_form

HERE = Options(lab=Lab(dns_server="127.0.0.1:5353", endpoints=("127.0.0.1:8853",)))
URL = {"url": "https://a.example/"}


def test_nothing_typed_is_the_default() -> None:
    form = read_reach_form({"family": "5"}, HERE)
    assert form == UNTOUCHED_REACH
    assert Options(**reach_options(form)) == Options()


@pytest.mark.parametrize(
    "server",
    ["9.9.9.9", "tls://9.9.9.9", "https://[2620:fe::fe]/dns-query", "tcp://127.0.0.1:5353"],
)
def test_a_public_resolver_and_the_labs_are_asked(server: str) -> None:
    form = read_reach_form({"dns_server": server, "family": "6"}, HERE)
    assert form.error == ""
    assert reach_options(form)["dns_server"] == server
    assert reach_options(form)["family"] == "6"


@pytest.mark.parametrize(
    "server",
    [
        *("127.0.0.1", "tls://10.0.0.1", "[::1]", "169.254.169.254:53", "[::ffff:10.0.0.1]:53"),
        *(
            "9.9.9.9:22",
            "224.0.0.1",
            "127.0.0.1:5354",
            "dns.example",
            "ftp://9.9.9.9",
            "64:ff9b::1",
        ),
        "9.9.9.9:53\r\nx",
    ],
)
def test_no_other_resolver_is_asked(server: str) -> None:
    form = read_reach_form({"dns_server": server}, HERE)
    assert form.wrong == "dns_server"
    assert form.error


def test_a_user_of_this_machine_alone_may_ask_a_private_one() -> None:
    form = read_reach_form({"dns_server": "10.0.0.1:5353"}, Options(allow_private=True))
    assert form.error == ""


@pytest.mark.parametrize("name", list(TIMES))
def test_times_are_made_shorter_and_never_longer(name: str) -> None:
    most = getattr(Limits(), name)
    limits = reach_options(read_reach_form({name: "0,5"}, HERE))["limits"]
    assert getattr(limits, name) == 0.5
    for text in (str(most + 1), "0", "-1", "nan", "inf", "1e9", "soon"):
        form = read_reach_form({name: text}, HERE)
        assert form.wrong == name
        assert f"{most:g} s" in form.error


def test_a_name_needs_a_resolver_with_a_certificate() -> None:
    assert read_reach_form({"dns_name": "dns.example"}, HERE).wrong == "dns_name"
    plain = {"dns_server": "9.9.9.9", "dns_name": "dns.example"}
    assert read_reach_form(plain, HERE).wrong == "dns_name"
    form = read_reach_form({"dns_server": "tls://9.9.9.9", "dns_name": "dns.example"}, HERE)
    assert reach_options(form)["dns_name"] == "dns.example"


def test_a_mistake_is_said_in_place_and_all_is_kept(client: FlaskClient, script: Script) -> None:
    typed = {"dns_server": "10.0.0.1", "family": "6", "total_s": "3", "dns_name": "<b>"}
    answer = client.post("/trace", data={**URL, **typed})
    assert answer.status_code == 422
    assert script.asked == []
    assert re.search(r'id="dns_server"[^>]*value="10.0.0.1"[^>]*aria-invalid="true"', answer.text)
    assert "10.0.0.0/8" in answer.text
    assert '<option value="6" selected>' in answer.text
    assert re.search(r'id="total_s"[^>]*value="3"', answer.text)
    assert 'value="&lt;b&gt;"' in answer.text


def test_it_reaches_the_fetch(
    script: Script, traced: Callable[..., str], client: FlaskClient
) -> None:
    client.post("/trace", data={**URL, "dns_server": "9.9.9.9", "family": "4", "total_s": "2"})
    traced()
    options = script.asked[0][1]
    assert (options.dns_server, options.family, options.limits.total_s) == ("9.9.9.9", "4", 2)
