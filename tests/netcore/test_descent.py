"""Down from an octet to the call that moved it, and up again to the same octet."""

from __future__ import annotations

import pytest

from lab import Lab
from netcore import fetch
from netcore.descent import Descent, Stretch, leaf_at
from netcore.options import Options
from netcore.pdu import Pdu
from netcore.pdus import Explanation, explain
from tests.netcore.recordings import http_exchange

pytestmark = pytest.mark.wire

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
TARGETS = (
    *("tls13", "tls12", "gzip", "chunked", "h2", "h3"),
    *("ws-fragments", "ws-deflate", "split-records"),
)
EVERY = 37  # of a long unit only each so manieth octet is followed


def explained(lab: Lab, name: str) -> Explanation:
    target = next(target for target in lab.targets if target.name == name)
    ask = {} if target.ask.http == "auto" else {"http": target.ask.http}
    options = Options(
        lab=lab.options_lab(), cacert=str(lab.cacert), messages=target.ask.messages, **ask
    )
    return explain(fetch(target.url, options).events)


def names(stretches: list[Stretch]) -> list[str]:
    return [stretch.pdu.name for stretch in stretches]


def octets_to_follow(pdu: Pdu) -> range:
    return range(0, pdu.size, 1 if pdu.size < 200 else EVERY)


@pytest.mark.parametrize("name", TARGETS)
def test_up_again_leads_to_the_octet_that_one_came_down_from(lab: Lab, name: str) -> None:
    explanation = explained(lab, name)
    descent = Descent(explanation)
    followed = 0
    for pdu in explanation.pdus:
        for octet in octets_to_follow(pdu):
            below = descent.under(pdu, octet, octet + 1)
            if below is None:
                continue
            back = [each for each in descent.above(*below[:3]) if each.pdu is pdu]
            assert len(back) == 1, (pdu.key, octet, below)
            assert back[0].exact == below.exact
            assert back[0].start <= octet < back[0].end
            if below.exact:
                assert back[0].start == octet
                step = below.pdu.octets[below.start]
                assert pdu.step == "unmasked" or pdu.octets[octet] == step
            followed += 1
    assert followed


@pytest.mark.parametrize("name", TARGETS)
def test_every_octet_comes_down_to_the_calls_that_moved_its_unit(lab: Lab, name: str) -> None:
    explanation = explained(lab, name)
    descent = Descent(explanation)
    for pdu in explanation.pdus:
        for octet in octets_to_follow(pdu):
            grounds = descent.ground(pdu, octet)
            assert grounds, (pdu.key, octet)
            for ground in grounds:
                events = explanation.channels[ground.channel].events(ground.start, ground.end)
                assert set(events) <= set(pdu.events)


def test_a_header_field_comes_down_to_its_bits_its_frame_and_its_record(lab: Lab) -> None:
    explanation = explained(lab, "h2")
    sections = [pdu for pdu in explanation.pdus if pdu.name == "http2_field_section"]
    at = sections[0].octets.index(b":path: ")
    chain = Descent(explanation).down(sections[0], at, at + 5)
    assert names(chain) == [
        "http2_field_section",
        "hpack_field_block",
        "http2_headers",
        "tls_inner_plaintext",
        "tls_ciphertext",
    ]
    assert [stretch.exact for stretch in chain] == [True, False, True, True, False]
    block = chain[1]
    assert leaf_at(block.pdu.fields(), block.start)[1].length == (block.end - block.start) * 8


def test_an_octet_of_content_comes_down_to_its_own_octet_in_its_chunk() -> None:
    explanation = explain(http_exchange([b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"], [CHUNKED]))
    content = next(pdu for pdu in explanation.pdus if pdu.octets == b"abcde")
    found = Descent(explanation).down(content, 3, 5)
    assert names(found) == ["message_body", "http1_chunk"]
    assert found[1].pdu.octets[found[1].start : found[1].end] == b"de"


def test_a_record_comes_up_to_what_it_means(lab: Lab) -> None:
    explanation = explained(lab, "h2")
    headers = next(pdu for pdu in explanation.pdus if pdu.name == "http2_field_section")
    bottom = Descent(explanation).down(headers, 0, 1)[-1]
    inner = Descent(explanation).up(bottom.pdu, bottom.start, bottom.end)
    assert inner[0].pdu.name == "tls_inner_plaintext"


def test_octets_that_are_not_there_have_no_chain() -> None:
    explanation = explain(http_exchange([b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"], [CHUNKED]))
    pdu = explanation.pdus[0]
    assert Descent(explanation).down(pdu, pdu.size, pdu.size + 1) == []
