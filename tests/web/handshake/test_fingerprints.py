"""The section on fingerprints: the parts lead to the fields that they are read from."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from lab import Lab
from netcore import Options, fetch
from netcore.handshake.conversations import CLIENT_HELLO, conversations
from netcore.handshake.fingerprints import ja3, ja4
from netcore.options import Options as TraceOptions
from netcore.trace import AnyEvent, Trace
from tests.content.rules import ALLOWED_WORDS, BANNED
from tests.netcore.handshake import traces
from tests.netcore.tls_conversation import TLS13, contexts, converse
from web.fieldtree import paths
from web.handshake.fingerprints import FingerprintsView, fingerprints_view
from web.tale import Tale, tell


def tale_of(events: Sequence[AnyEvent]) -> Tale:
    started = "2026-01-02T03:04:05.000006Z"
    return tell(Trace("https://lab.test/", started, TraceOptions(), list(events)))


def view_of(tale: Tale) -> FingerprintsView:
    (conversation,) = conversations(tale.explanation)
    view = fingerprints_view(conversation, tale, "/t/x")
    assert view is not None
    return view


def test_both_fingerprints_are_those_of_the_hello() -> None:
    tale = tale_of(traces.simple())
    (conversation,) = conversations(tale.explanation)
    pdu = next(conversation.messages(CLIENT_HELLO)).pdu
    shown = {each.name: each.value for each in view_of(tale).fingerprints}
    assert shown == {"JA3": ja3(pdu.fields()).value, "JA4": ja4(pdu.fields(), pdu.octets).value}


def test_each_part_leads_to_the_field_that_it_is_read_from() -> None:
    tale = tale_of(converse(*contexts(TLS13)).events)
    links = 0
    for fingerprint in view_of(tale).fingerprints:
        for part in fingerprint.parts:
            if not part.href:
                continue
            found = re.fullmatch(r"/t/x/e/(\d+)\?u=(\d+)&f=(\S+)", part.href)
            assert found, part.href
            unit = tale.explanation.of_event(int(found[1]))[int(found[2]) - 1]
            assert found[3] in paths(tale.explanation.tree(unit))
            links += 1
    assert links == 5 + 8  # this hello has no ALPN


def test_a_part_of_one_extension_does_not_lead_into_another() -> None:
    tale = tale_of(traces.simple())
    _, of_ja4 = view_of(tale).fingerprints
    schemes = of_ja4.parts[-1]
    found = re.search(r"e/(\d+)\?u=(\d+)&f=(\S+)", schemes.href)
    assert found
    unit = tale.explanation.of_event(int(found[1]))[int(found[2]) - 1]
    path = paths(tale.explanation.tree(unit))[found[3]]
    assert path[-1].name == "supported_signature_algorithms"
    assert "signature_algorithms" in [field.label for field in path]


def test_without_a_request_nothing_is_said_of_it() -> None:
    view = view_of(tale_of(traces.simple()))
    assert view.ours.what.startswith("These say Python's ssl module with OpenSSL, whatever")


def test_a_hello_that_is_cut_has_no_fingerprint() -> None:
    turns = [("send", traces.SIMPLE_TURNS[0][1][:100])]
    tale = tale_of(traces.recorded(turns, {}))
    (conversation,) = conversations(tale.explanation)
    assert fingerprints_view(conversation, tale, "/t/x") is None


@pytest.mark.wire
def test_what_the_request_calls_itself_stands_beside_it(lab: Lab) -> None:
    target = next(each for each in lab.targets if each.name == "tls13")
    options = Options(
        lab=lab.options_lab(),
        cacert=str(lab.cacert),
        headers=(("User-Agent", "Mozilla/5.0 (pretends)"),),
    )
    view = view_of(tell(fetch(target.url, options)))
    assert "User-Agent inside says Mozilla/5.0 (pretends), and" in view.ours.what
    texts = [f"{text.what} {text.why}" for text in (view.intro, view.ours)]
    texts += [f"{each.words.what} {each.words.why}" for each in view.fingerprints]
    texts += [str(part.what) for each in view.fingerprints for part in each.parts]
    for text in texts:
        assert len(text.split()) <= ALLOWED_WORDS
        assert [pattern for pattern in BANNED if re.search(pattern, text)] == [], text
