"""Octets: fields are held against fields of the same name."""

from __future__ import annotations

from netcore.field import Field
from netcore.pdu import Pdu
from netcore.pdus import Explanation
from netcore.titles import title_of
from tests.web.compare.conftest import recorded
from tests.web.recordings import REQUEST, exchange
from web.compare.octets import differing, marked_in, paired_rows


def head(text: bytes) -> tuple[Pdu, Field, Explanation]:
    events = exchange(b"HTTP/1.1 200 OK\r\n" + text + b"Content-Length: 13\r\n\r\n")
    tale = recorded("a", events).tale
    pdu = next(each for each in tale.explanation.pdus if each.name == "http1_response_head")
    assert title_of(pdu) == "200 OK"
    return pdu, tale.explanation.tree(pdu), tale.explanation


def test_a_unit_does_not_differ_from_itself() -> None:
    pdu, tree, _ = head(b"Server: a\r\n")
    assert differing((pdu, tree), (pdu, tree)) == set()


def test_a_longer_value_does_not_make_all_behind_it_differ() -> None:
    one, other = head(b"Server: a\r\n"), head(b"Server: abcd\r\n")
    marked = differing(one[:2], other[:2])
    assert {one[0].octets[at : at + 1] for at in marked} == {b"a"}
    back = differing(other[:2], one[:2])
    assert bytes(other[0].octets[at] for at in sorted(back)) == b"abcd"


def test_octets_of_values_of_one_length_differ_one_by_one() -> None:
    one, other = head(b"Server: abcd\r\n"), head(b"Server: abXd\r\n")
    assert [one[0].octets[at : at + 1] for at in differing(one[:2], other[:2])] == [b"c"]


def test_only_units_of_one_kind_are_held_against_each_other() -> None:
    pdu, tree, explanation = head(b"Server: a\r\n")
    request = next(each for each in explanation.pdus if each.name == "http1_request_head")
    assert request.octets == REQUEST
    pair = ((pdu, tree), (request, explanation.tree(request)))
    assert marked_in(pair, 0) == marked_in(pair, 1) == set()
    assert marked_in((None, (pdu, tree)), 1) == set()


def test_rows_hold_each_octet_once_and_mark_those_that_differ() -> None:
    pdu, _, explanation = head(b"Server: a\r\n")
    rows = paired_rows(pdu, explanation, {0, 17})
    pieces = [piece for row in rows for half in row.hex for run in half for piece in run.pieces]
    assert bytes.fromhex("".join(piece.text for piece in pieces)) == pdu.octets
    marked = "".join(piece.text for piece in pieces if piece.differs)
    assert bytes.fromhex(marked) == pdu.octets[0:1] + pdu.octets[17:18]
    texts = [piece for row in rows for half in row.text for run in half for piece in run.pieces]
    assert len("".join(piece.text for piece in texts)) == len(pdu.octets)
