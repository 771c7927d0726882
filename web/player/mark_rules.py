"""Mark rules: what is worth saying of calls, decisions, keys and ends, which have no unit."""

from __future__ import annotations

from collections.abc import Iterator

from netcore.field import Field, find
from netcore.timeline import Mark
from netcore.trace import Chose
from web import words
from web.facts import clean
from web.failure import failure_facts
from web.player.found import Found, Place, found
from web.tale import Tale


def of_mark(tale: Tale, mark: Mark) -> Iterator[Found]:
    """What a mark says by itself, before its units."""
    yield from _loss(mark)
    if mark.kind == "connect":
        yield found("connect", server=mark.detail)
    elif mark.kind == "connected":
        yield found("refused", error=mark.error) if mark.error else found("connected")
    elif mark.kind == "close" and "end of file" in mark.title:
        yield found("end_of_file")
    elif mark.kind == "key":
        yield found("keys")
    elif mark.kind == "failure":
        known = failure_facts(tale.trace, tale.explanation)
        headline = clean(words.failure_card(mark.title, known).headline)
        yield found("failure", headline=headline)
    elif mark.kind == "truncated":
        yield found("truncated")
    elif mark.kind == "decision":
        yield from _decision(tale, mark)


def _loss(mark: Mark) -> Iterator[Found]:
    """That it never arrived, or carries again what did not."""
    if mark.lost:
        yield found("segment_lost") if mark.kind == "segment" else found("quic_lost")
    elif mark.first and mark.kind == "send":
        yield found("quic_resent")


def _decision(tale: Tale, mark: Mark) -> Iterator[Found]:
    event = tale.event(mark.number)
    if not isinstance(event, Chose):
        return
    if event.what == "connection" and event.value == "reused":
        yield found("reused")
    elif event.what == "certificate":
        yield found("verified", value=event.value)


def dns(place: Place) -> Iterator[Found]:
    """A message of DNS: who is asked for what, and what the answer says."""
    tree = place.tree
    rcode, name, kind = (find(tree, each) for each in ("rcode", "qname", "qtype"))
    if name is None or kind is None or rcode is None:
        return
    if place.sent:
        facts = {"name": str(name.value).rstrip("."), "type": kind.label}
        desired = find(tree, "rd")
        if desired is not None and desired.value:
            yield found("dns_query", name, **facts)
        else:  # a name server is asked for what it knows itself
            yield found("dns_query_of_zone", name, **facts)
    elif rcode.value:
        yield found("dns_error", rcode, code=rcode.value, label=rcode.label)
    else:
        yield from _answer(tree, kind)


def _answer(tree: Field, kind: Field) -> Iterator[Found]:
    answer = find(tree, "answer")
    if answer is None:
        yield found("dns_nothing", find(tree, "ancount"), type=kind.label)
        return
    address, ttl = find(answer, "address"), find(answer, "ttl")
    if address is not None and ttl is not None:
        yield found("dns_answer", address, address=address.value, ttl=ttl.value)
