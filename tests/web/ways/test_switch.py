"""Wire, Decrypted, Decoded: the same unit, or why it has no such form."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from lab import Lab
from tests.web.test_decrypted import told
from tests.web.ways.recordings import BASE, find, lab_tale, opened
from web.fieldtree import paths
from web.ways.whole import ways

pytestmark = pytest.mark.wire


def test_a_header_field_keeps_its_octets_in_all_three_forms(lab: Lab, app: Flask) -> None:
    tale = lab_tale(lab, "h2")
    section = find(tale.explanation.pdus, "http2_field_section")
    key = next(key for key, path in paths(section.fields()).items() if len(path) == 2)
    with app.test_request_context():
        wire, decrypted, decoded = ways(tale, BASE, opened(tale, section, key)).forms
    assert (wire.title, decrypted.title, decoded.title) == ("Wire", "Decrypted", "Decoded")
    assert decoded.current
    assert decoded.href.endswith(f"&f={key}")
    asked = parse_qs(urlsplit(decrypted.href).query)
    unit = tale.explanation.of_event(decrypted.event)[int(asked["u"][0]) - 1]
    path = paths(tale.explanation.tree(unit))[asked["f"][0]]
    assert "indexed_header_field" in [field.name for field in path]


def test_what_is_not_encrypted_says_so(lab: Lab, app: Flask) -> None:
    tale = lab_tale(lab, "plain")
    head = find(tale.explanation.pdus, "http1_response_head")
    with app.test_request_context():
        _, decrypted, decoded = ways(tale, BASE, opened(tale, head)).forms
    assert (decrypted.href, decrypted.why) == ("", "Nothing here was encrypted.")
    assert decoded.why.startswith("These bytes have no coding to undo")


def test_without_a_key_the_switch_says_that_there_is_none(app: Flask) -> None:
    tale = told(secrets=False)
    record = find(tale.explanation.pdus, "tls_ciphertext")
    with app.test_request_context():
        _, decrypted, decoded = ways(tale, BASE, opened(tale, record)).forms
    assert decrypted.why.startswith("No key was recorded")
    assert decoded.why == "What stays closed cannot be decoded."


def test_a_hello_crossed_before_there_were_keys(app: Flask) -> None:
    tale = told()
    hello = find(tale.explanation.pdus, "tls_record", "sent")
    with app.test_request_context():
        _, decrypted, _ = ways(tale, BASE, opened(tale, hello)).forms
    assert decrypted.why.startswith("It crossed before there were keys")
