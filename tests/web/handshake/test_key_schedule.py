"""The section on keys: what is shown of each step, where its links lead, and the program."""

from __future__ import annotations

import re
import ssl
import tomllib
from collections.abc import Callable, Sequence

import pytest
from flask.testing import FlaskClient

from lab import Lab
from netcore import Options, fetch
from netcore.handshake.conversations import conversations
from netcore.handshake.key_schedule import key_schedule
from netcore.options import Options as TraceOptions
from netcore.pdu import DECRYPTED
from netcore.trace import AnyEvent, Trace
from tests.content.rules import ALLOWED_WORDS, BANNED
from tests.netcore.decrypt import rfc8448
from tests.netcore.handshake import rfc8448_resumed, rfc8448_retry, traces
from tests.netcore.handshake.test_key_schedule_tls13 import updated
from tests.netcore.tls_conversation import (
    NO_ENCRYPT_THEN_MAC,
    TLS10,
    TLS11,
    TLS12,
    TLS13,
    contexts,
    converse,
)
from tests.web.conftest import Script
from web import words
from web.addresses import unit_href
from web.handshake.key_schedule import (
    KeyScheduleView,
    StepView,
    key_schedule_script,
    key_schedule_view,
    write_key_href,
)
from web.tale import Tale, tell


def tale_of(events: Sequence[AnyEvent]) -> Tale:
    started = "2026-01-02T03:04:05.000006Z"
    return tell(Trace("https://lab.test/", started, TraceOptions(), list(events)))


def view_of(events: Sequence[AnyEvent]) -> KeyScheduleView:
    tale = tale_of(events)
    (conversation,) = conversations(tale.explanation)
    return key_schedule_view(conversation, tale, "/t/x")


def steps_of(view: KeyScheduleView) -> dict[str, StepView]:
    return {step.name: step for stage in view.stages for step in stage.steps}


def connection(version: ssl.TLSVersion, ciphers: str = "ALL", options: int = 0) -> list[AnyEvent]:
    return converse(*contexts(version, ciphers, options)).events


CASES: dict[str, Callable[[], list[AnyEvent]]] = {
    "simple": traces.simple,
    "without the client's": lambda: traces.simple("CLIENT_HANDSHAKE_TRAFFIC_SECRET"),
    "without any": lambda: traces.simple(*rfc8448.SECRETS),
    "retry": rfc8448_retry.events,
    "resumed": rfc8448_resumed.events,
    "updated": lambda: updated(5),
    "old session": lambda: traces.resumed(*contexts(TLS12)).events,
    "1.3": lambda: connection(TLS13),
    "1.2 gcm": lambda: connection(TLS12, "ECDHE-RSA-AES128-GCM-SHA256"),
    "1.2 chacha20": lambda: connection(TLS12, "ECDHE-RSA-CHACHA20-POLY1305"),
    "1.2 rsa": lambda: connection(TLS12, "AES128-SHA"),
    "1.2 mac first": lambda: connection(TLS12, "AES128-SHA", NO_ENCRYPT_THEN_MAC),
    "1.1": lambda: connection(TLS11, "AES128-SHA"),
    "1.0": lambda: connection(TLS10, "AES128-SHA"),
    "1.2 closed": lambda: converse(*contexts(TLS12)).without("CLIENT_RANDOM").events,
}


@pytest.mark.parametrize("name", CASES)
def test_every_step_is_told_in_words_that_keep_to_the_rules(name: str) -> None:
    view = view_of(CASES[name]())
    steps = steps_of(view)
    assert len(steps) >= 9
    texts = [f"{step.what} {step.why}".strip() for step in steps.values()]
    texts += [f"{stage.title}. {stage.what}" for stage in view.stages]
    for found in (view.intro, view.certificate):
        assert found is not None
        texts.append(f"{found.what} {found.why}")
    for text in texts:
        assert len(text.split()) <= ALLOWED_WORDS, text
        assert [pattern for pattern in BANNED if re.search(pattern, text)] == [], text


@pytest.mark.parametrize("name", CASES)
def test_links_lead_to_steps_before_or_to_units_of_the_trace(name: str) -> None:
    tale = tale_of(CASES[name]())
    (conversation,) = conversations(tale.explanation)
    view = key_schedule_view(conversation, tale, "/t/x")
    before: set[str] = set()
    for step in steps_of(view).values():
        for each in step.inputs:
            if each.href.startswith("#"):
                assert each.href[1:] in before
            elif each.href:
                found = re.fullmatch(r"/t/x/e/(\d+)\?u=(\d+)", each.href)
                assert found, each.href
                assert int(found[2]) <= len(tale.explanation.of_event(int(found[1])))
        before.add(step.anchor)


def test_further_key_updates_are_counted() -> None:
    view = view_of(updated(5))
    assert "server_application_traffic_secret_3" in steps_of(view)
    assert view.left_out.startswith("2 more key updates and tickets")
    assert view_of(traces.simple()).left_out == ""


def test_no_words_are_without_a_step() -> None:
    text = (words.CONTENT / "handshake" / "key_schedule.toml").read_text("utf-8")
    written = {name for name in tomllib.loads(text) if name.startswith(("step_", "stage_"))}
    used = set()
    for events in CASES.values():
        for step in key_schedule(*traces.told(events())).steps:
            used |= {f"step_{step.kind}", f"stage_{step.stage}"}
    assert written == used


def test_a_step_says_where_its_value_is_from() -> None:
    steps = steps_of(view_of(traces.simple()))
    said = {name: (step.certainty, step.source) for name, step in steps.items()}
    assert said["shared_secret"] == (
        "not known",
        "OpenSSL keeps it, and a key log has no line for it",
    )
    assert said["server_handshake_traffic_secret"] == (
        "observed",
        "in the key log: SERVER_HANDSHAKE_TRAFFIC_SECRET",
    )
    assert said["server_handshake_write_key"] == ("derived", "computed here")
    assert said["server_verify_data"] == ("derived", "computed here, the same as in Finished")
    key = steps["server_application_write_key"]
    assert (key.first, key.size) == ("9f 02 28 3b 6c 9c 07 ef …", "16 bytes")
    assert key.value == bytes.fromhex(rfc8448.KEYS["SERVER_TRAFFIC_SECRET_0"][0]).hex(" ")
    assert key.opened == "opened 3 records"
    assert key.opened_href.startswith("/t/x/e/")


def test_inputs_are_named_as_in_the_rfc() -> None:
    steps = steps_of(view_of(traces.simple()))
    shown = [(each.name, each.text) for each in steps["server_handshake_traffic_secret"].inputs]
    assert shown == [
        ("Secret", "handshake_secret"),
        ("Label", '"s hs traffic"'),
        ("Messages", "transcript_hash_server_hello"),
    ]
    hashed = steps["transcript_hash_server_hello"].inputs
    assert [each.text for each in hashed] == ["ClientHello", "ServerHello"]
    assert [each.text for each in steps["early_secret"].inputs] == ["32 zeros", "32 zeros"]


def test_the_record_is_shown_before_and_after() -> None:
    view = view_of(connection(TLS13))
    assert view.record is not None
    assert view.record.before.startswith("17 03 03")
    assert view.record.after.startswith("48 54 54 50 2f 31 2e 31")
    assert view.record.text.startswith("HTTP/1.1 200 OK\\x0d\\x0a")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("1.3", "Its key neither signed nor encrypted any of the page"),
        ("1.2 gcm", "Its key neither signed nor encrypted any of the page"),
        ("1.2 rsa", "Its key encrypted 48 bytes, the pre-master secret, and nothing of the page"),
        ("old session", "None was shown"),
        ("resumed", "None was shown"),
    ],
)
def test_what_the_certificates_key_did_is_said(name: str, text: str) -> None:
    found = view_of(CASES[name]()).certificate
    assert found is not None
    assert found.what.startswith(text)


def test_a_connection_that_agreed_on_nothing_has_a_reason_and_no_program() -> None:
    tale = tale_of(traces.simple()[:2])
    (conversation,) = conversations(tale.explanation)
    view = key_schedule_view(conversation, tale, "/t/x")
    assert view.stages == ()
    assert view.none == "No key can be told: no ServerHello was recorded that says how."
    assert key_schedule_script(conversation, tale, "a.py") == ""


def test_the_page_has_all_steps_and_the_program_is_a_file(
    traced: Callable[[], str], script: Script, client: FlaskClient
) -> None:
    script.events = traces.simple()
    path = traced()
    page = client.get(f"{path}/tls/1/keys").text
    assert page.count('class="key-step ') == len(steps_of(view_of(script.events)))
    assert 'id="step-handshake_secret"' in page
    assert 'href="#step-handshake_secret"' in page
    assert " style=" not in page
    answer = client.get(f"{path}/tls/1.py")
    assert answer.status_code == 200
    assert answer.mimetype == "text/x-python"
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="wiretale-plain.example-20260102-030405.tls1.py"'
    )
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.text.startswith('"""The keys of one TLS connection')
    assert "TLS 1.3 with TLS_AES_128_GCM_SHA256." in answer.text
    compile(answer.text, "keys.py", "exec")


@pytest.mark.parametrize("number", ["2", "x", "1.py", "..", "%0a"])
def test_another_number_has_no_program(
    traced: Callable[[], str], script: Script, client: FlaskClient, number: str
) -> None:
    script.events = traces.simple()
    assert client.get(f"{traced()}/tls/{number}.py").status_code == 404


@pytest.mark.wire
@pytest.mark.slow
def test_every_connection_of_the_lab_is_told_and_nothing_disagrees(lab: Lab) -> None:
    told = 0
    for target in (target for target in lab.targets if target.url.startswith("https")):
        if target.name in ("slow", "silence", "big"):
            continue
        ask, where = target.ask, {"lab": lab.options_lab(), "cacert": str(lab.cacert)}
        options = Options(tls_min="1.0", method=ask.method, headers=ask.headers, **where)
        tale = tell(fetch(target.url, options))
        for conversation in conversations(tale.explanation):
            view = key_schedule_view(conversation, tale, "/t/x")
            sources = [step.source for step in steps_of(view).values()]
            assert [each for each in sources if "not the same" in each] == [], target.name
            told += bool(view.stages)
    assert told > 15


@pytest.mark.parametrize("case", ["simple", "updated", "1.3", "1.2 gcm", "1.2 rsa", "1.0"])
def test_what_was_decrypted_leads_to_the_step_of_its_key(
    case: str, client: FlaskClient, script: Script, traced: Callable[[], str]
) -> None:
    script.events = CASES[case]()
    tale, path = tale_of(script.events), traced()
    schedule = client.get(f"{path}/tls/1/keys").text
    opened = [pdu for pdu in tale.explanation.pdus if pdu.step == DECRYPTED]
    hrefs = [write_key_href(pdu, tale, path) for pdu in opened]
    steps = dict.fromkeys(href.partition("#")[2] for href in hrefs if href)
    assert len(steps) >= 2
    assert all(f'id="{step}"' in schedule for step in steps)
    place, href = next(pair for pair in zip(opened, hrefs, strict=True) if pair[1])
    page = client.get(unit_href(place, tale, path)).text
    assert f'<a href="{href}">' in page


def test_what_crossed_in_the_clear_leads_to_no_key() -> None:
    tale = tale_of(traces.simple())
    hello = next(pdu for pdu in tale.explanation.pdus if pdu.name == "tls_handshake")
    assert write_key_href(hello, tale, "/t/x") == ""
