"""A recording of QUIC on the page: every event, its units and their words."""

from __future__ import annotations

import html
import json
import re

import pytest
from flask.testing import FlaskClient

from netcore.pdus import explain
from netcore.trace import Completed, encode
from tests.netcore.quic_conversation import STORIES, Conversation
from tests.web.test_files import brought
from web import words

pytestmark = pytest.mark.slow


def path_of(client: FlaskClient, talk: Conversation) -> str:
    trace = talk.trace()
    trace.events.append(Completed(talk.events[-1].time_ns, 200, http_version="3"))
    return brought(client, encode(trace))


def text_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return html.unescape(re.sub(r"<[^>]+>", " ", answer.text))


def test_each_datagram_has_its_page(client: FlaskClient) -> None:
    talk = STORIES["simple"]()
    path = path_of(client, talk)
    page = text_of(client, path)
    assert "ClientHello" in page
    assert "200 OK" in page
    for number in range(1, len(talk.events) + 1):
        text_of(client, f"{path}/e/{number}")


def test_a_packet_is_explained_with_and_without_its_protection(client: FlaskClient) -> None:
    path = path_of(client, STORIES["simple"]())
    page = text_of(client, f"{path}/e/2")
    assert "long_packet_type" in page
    assert "packet_number" in page
    assert "crypto_data" in page


def test_every_field_of_every_story_has_words_of_its_own() -> None:
    missing = set()
    for make in STORIES.values():
        explanation = explain(make().events)
        for pdu in explanation.pdus:
            stack = [(pdu.fields(),)]
            while stack:
                trail = stack.pop()
                found = words.explain_field(pdu.protocol, trail, pdu.octets)
                if found.what.startswith(f"{trail[-1].name} stands at offset"):
                    missing.add((pdu.protocol, trail[-1].name))
                stack += [(*trail, child) for child in trail[-1].children]
    assert missing == set()


def test_the_log_of_quic_is_among_the_files(client: FlaskClient) -> None:
    path = path_of(client, STORIES["retry"]())
    answer = client.get(f"{path}.qlog")
    assert answer.mimetype == "application/qlog+json"
    assert json.loads(answer.data)["qlog_version"] == "0.3"
    archive = json.loads(client.get(f"{path}.har").data)
    assert archive["log"]["entries"]
