"""The forms of a unit: wire, decrypted and decoded lead to each other."""

from __future__ import annotations

import pytest

from lab import Lab
from netcore import fetch
from netcore.lineage import Forms, forms
from netcore.options import Options
from netcore.pdu import Pdu
from netcore.pdus import Explanation, explain
from tests.netcore.recordings import http_exchange

pytestmark = pytest.mark.wire

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"


def explained(lab: Lab, name: str) -> Explanation:
    target = next(target for target in lab.targets if target.name == name)
    options = Options(lab=lab.options_lab(), cacert=str(lab.cacert))
    return explain(fetch(target.url, options).events)


def only(explanation: Explanation, protocol: str, step: str = "sliced") -> Pdu:
    found = [pdu for pdu in explanation.pdus if (pdu.protocol, pdu.step) == (protocol, step)]
    return found[-1]


def protocols(found: Forms) -> list[str]:
    return [form.protocol if form else "" for form in found]


@pytest.mark.parametrize("name", ["tls13", "tls12"])
def test_a_head_under_tls_has_a_record_below_it(lab: Lab, name: str) -> None:
    explanation = explained(lab, name)
    head = only(explanation, "http1_response_head")
    found = forms(explanation, head)
    assert protocols(found) == ["tls_ciphertext", "http1_response_head", ""]
    assert set(found.wire.events) == set(head.events)


def test_a_record_leads_up_to_what_was_in_it(lab: Lab) -> None:
    explanation = explained(lab, "tls13")
    head = only(explanation, "http1_request_head")
    record = forms(explanation, head).wire
    found = forms(explanation, record)
    assert protocols(found) == ["tls_ciphertext", "tls_inner_plaintext", ""]
    assert found.wire is record
    assert found.decrypted is not None
    assert found.decrypted.octets.startswith(b"GET / HTTP/1.1\r\n")


def test_what_is_not_encrypted_has_one_form(lab: Lab) -> None:
    explanation = explained(lab, "tls13")
    hello = next(pdu for pdu in explanation.pdus if pdu.protocol == "tls_record")
    assert forms(explanation, hello).different == 1


def test_a_coded_body_has_a_decoded_form(lab: Lab) -> None:
    explanation = explained(lab, "gzip")
    wire, decoded = only(explanation, "message_body"), only(explanation, "message_body", "inflated")
    for pdu in (wire, decoded):
        found = forms(explanation, pdu)
        assert (found.wire, found.decrypted, found.decoded) == (wire, None, decoded)


def test_every_chunk_leads_to_the_content_and_the_content_to_the_first_chunk() -> None:
    explanation = explain(http_exchange([b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"], [CHUNKED]))
    content = only(explanation, "message_body", "de-chunked")
    chunks = [pdu for pdu in explanation.pdus if pdu.protocol == "http1_chunk"]
    with_data = chunks[:2]
    assert all(forms(explanation, chunk).decoded is content for chunk in with_data)
    assert forms(explanation, content).wire is chunks[0]
    assert forms(explanation, chunks[-1]).different == 1


def test_every_unit_is_among_its_own_forms(lab: Lab) -> None:
    for name in ("tls13", "tls12", "gzip", "chunked"):
        explanation = explained(lab, name)
        inside = {id(inner) for pdu in explanation.pdus for inner in pdu.inside}
        for pdu in explanation.pdus:
            if id(pdu) not in inside:
                assert any(form is pdu for form in forms(explanation, pdu)), (name, pdu.key)
