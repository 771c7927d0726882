"""What a failure card may name, computed from the trace that ended in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from netcore.field import Field, find, find_all
from netcore.options import Limits
from netcore.pdu import INFLATED
from netcore.pdus import Explanation
from netcore.trace import AnyEvent, Called, Chose, Failed, StageStarted, Trace
from web.evidence import NO_ERROR, evidence, telling_event
from web.facts import Raw, size
from web.fieldtree import paths

FIRST_OCTETS: Final = 16  # of an answer that is no HTTP or no TLS

LIMITS: Final = {
    "dns.chain_too_long": "cname_links",
    "h1.too_many_headers": "header_count",
    "h1.header_too_large": "header_octets",
    "chunk.line_too_long": "chunk_line_octets",
    "limit.body": "body_read_octets",
    "limit.decoded": "decoded_octets",
    "limit.codings": "codings",
    "limit.chunks": "chunks",
    "limit.interim": "interim",
    "h2.header_list_too_large": "header_octets",
    "h2.continuation_flood": "field_block_frames",
    "redirect.too_many": "hops",
}
"""Which limit of `netcore.options.Limits` a code is about."""

_ENDED: Final = re.compile(r"^The certificate expired on (\d+ \w+ \d+), (.+)\.$")
_ONLY: Final = re.compile(r"has no address of IPv([46]), and only")
_PROMISED: Final = re.compile(r"Content-Length says ([\d,]+) octets")
_PORTS: Final = {"http": 80, "https": 443}


def failure_facts(trace: Trace, explanation: Explanation | None = None) -> dict[str, Raw]:
    """The facts for `web.words.failure_card`. Empty for a trace that did not fail.

    Keys that end in `_ns` are durations. A fact that the trace does not hold is not there, and
    what stands in the answer itself only with its explanation. `event` is the number of the event
    that shows the failure best.
    """
    failed = trace.outcome
    if not isinstance(failed, Failed):
        return {}
    facts: dict[str, Raw] = {
        "code": failed.code,
        "message": failed.message,
        "stage": failed.stage,
        "hop": failed.hop,
        "total_ns": failed.time_ns,
        "elapsed_ns": failed.time_ns - _stage_start(trace.events, failed),
        "limit": _limit(trace.options.limits, failed.code),
        "event": telling_event(trace.events, failed),
    }
    facts |= _place(trace, failed)
    facts |= _said(trace.events, failed)
    facts |= _dns(trace.events, failed)
    facts |= _connection(trace.events, failed)
    facts |= _reads(trace.events, failed)
    facts |= _redirects(trace.events)
    if explanation is not None:
        facts |= _answer(explanation, trace, failed)
        facts |= _shown(explanation, trace, failed)
    return {name: value for name, value in facts.items() if value is not None}


def _stage_start(events: Sequence[AnyEvent], failed: Failed) -> int:
    for event in reversed(events):
        if isinstance(event, StageStarted) and event.stage == failed.stage:
            return event.time_ns
    return 0


def _limit(limits: Limits, code: str) -> int | None:
    value = getattr(limits, LIMITS[code]) if code in LIMITS else None
    return value if isinstance(value, int) else None


def _place(trace: Trace, failed: Failed) -> dict[str, Raw]:
    """Host and port of the hop that failed, where its URL can be read at all."""
    url = trace.url
    if failed.hop > 1:
        moves = [e.value for e in trace.events if isinstance(e, Chose) and e.what == "redirect"]
        # Without one, the same URL once more; one that "stopped" led nowhere.
        url = next((to for to in reversed(moves) if "://" in to), url)
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return {"url": url}
    # The port as text: a name, not a quantity, so it gets no thousands separator.
    return {"url": url, "host": parts.hostname, "port": str(port) if port else None}


def _said(events: Sequence[AnyEvent], failed: Failed) -> dict[str, Raw]:
    """Facts that stand in what the engine wrote: when a certificate ended, what was promised."""
    facts: dict[str, Raw] = {}
    ended = _ENDED.search(failed.message)
    if ended:
        facts |= {"ended_on": ended[1], "ended_at": ended[2]}
    only = _ONLY.search(failed.message)
    if only:
        facts["only_family"] = only[1]
    framings = [e.why for e in events if isinstance(e, Chose) and e.what == "framing"]
    promised = _PROMISED.search(framings[-1]) if framings else None
    if promised:
        facts["promised"] = int(promised[1].replace(",", ""))
    return facts


def _dns(events: Sequence[AnyEvent], failed: Failed) -> dict[str, Raw]:
    """Whom we asked last, how often in all, and how long the last answer took."""
    if failed.stage != "dns":
        return {}
    calls = [e for e in _hop_calls(events, failed.hop) if e.socket.startswith("udp")]
    asked = [e for e in calls if e.call == "send"]
    answered = [e for e in calls if e.call == "recv" and e.length]
    resolvers = [e.arguments[0] for e in calls if e.call == "connect" and e.arguments]
    facts: dict[str, Raw] = {"dns_questions": len(asked)}
    if resolvers:
        facts["resolver"] = resolvers[-1]
    if answered:
        before = [e for e in asked if e.time_ns <= answered[-1].time_ns]
        if before:
            facts["dns_wait_ns"] = answered[-1].end_ns - before[-1].time_ns
    return facts


def _connection(events: Sequence[AnyEvent], failed: Failed) -> dict[str, Raw]:
    """The last TCP connection: its address, how connecting ended, and what crossed."""
    calls = [e for e in _hop_calls(events, failed.hop) if e.socket.startswith("tcp")]
    attempts = [e for e in calls if e.call == "connect"]
    if not attempts:
        return {}
    last = attempts[-1]
    own = [e for e in calls if e.socket == last.socket]
    refused = [e for e in own if e.errno not in NO_ERROR and e.call in ("connect", "getsockopt")]
    ended = refused[-1].end_ns if refused else failed.time_ns
    errno = refused[-1].errno if refused else ""
    received = [e for e in own if e.call == "recv"]
    facts: dict[str, Raw] = {
        "address": last.arguments[0] if last.arguments else None,
        "connect_wait_ns": ended - last.time_ns,
        "errno": errno or None,
        "sent": sum(e.length for e in own if e.call == "send"),
        "received": sum(e.length for e in received),
    }
    start = b"".join(e.data for e in received if e.offset < FIRST_OCTETS)[:FIRST_OCTETS]
    if start:
        facts["first"] = start.hex(" ")
        facts["first_text"] = start.decode("latin-1")
    return facts


def _hop_calls(events: Sequence[AnyEvent], hop: int) -> list[Called]:
    """The calls since this hop began; calls of earlier hops are not to blame."""
    starts = (n for n, e in enumerate(events) if isinstance(e, StageStarted) and e.hop == hop)
    return [e for e in events[next(starts, 0) :] if isinstance(e, Called)]


def _reads(events: Sequence[AnyEvent], failed: Failed) -> dict[str, Raw]:
    """What came of an answer once it was waited for, and how long ago that was at the end."""
    waiting = (
        n
        for n, e in enumerate(events)
        if isinstance(e, StageStarted) and (e.stage, e.hop) == ("waiting", failed.hop)
    )
    start = next(waiting, None)
    if start is None:
        return {}
    after = [(n, e) for n, e in enumerate(events, start=1) if n > start and isinstance(e, Called)]
    reads = [(number, event) for number, event in after if event.call == "recv" and event.length]
    if not reads:
        return {"reads": 0}
    number, last = reads[-1]
    return {
        "reads": sum(event.calls for _, event in reads),
        "read_size": size(sum(event.length for _, event in reads)),
        "last_read": number,
        "since_read_ns": max(0, failed.time_ns - last.end_ns),
    }


def _redirects(events: Sequence[AnyEvent]) -> dict[str, Raw]:
    """Where the last two redirects led."""
    moves = [e.value for e in events if isinstance(e, Chose) and e.what == "redirect"]
    return dict(zip(("moved_to", "moved_before"), reversed(moves[-2:]), strict=False))


def _answer(explanation: Explanation, trace: Trace, failed: Failed) -> dict[str, Raw]:
    """How much of a body came, how it begins, and which names of field lines repeat."""
    calls = _hop_calls(trace.events, failed.hop)
    first = next((n for n, e in enumerate(trace.events, start=1) if calls and e is calls[0]), 0)
    own = [pdu for pdu in explanation.pdus if pdu.events and pdu.events[0] >= first > 0]
    facts: dict[str, Raw] = {}
    bodies = [pdu for pdu in own if pdu.name == "message_body" and pdu.step != INFLATED]
    if bodies:
        body = bodies[-1]
        came = body.size + body.missing
        facts |= {"body": came, "body_size": size(came), "body_first": body.octets[:2].hex(" ")}
        promised = _said(trace.events, failed).get("promised")
        if isinstance(promised, int) and promised > came:
            facts["lacking_size"] = size(promised - came)
        limit = _limit(trace.options.limits, failed.code)
        if failed.code == "limit.decoded" and limit and came:
            facts["growth"] = limit // came
    heads = [pdu for pdu in own if pdu.name == "http1_response_head"]
    return facts | (_names(heads[-1].fields()) if heads else {})


def _shown(explanation: Explanation, trace: Trace, failed: Failed) -> dict[str, Raw]:
    """What the field says that the card leads to: its name, its value or the word for it."""
    found = evidence(trace.events, failed, explanation)
    if not found.unit:
        return {}
    pdu = explanation.of_event(found.event)[found.unit - 1]
    field = paths(explanation.tree(pdu))[found.field][-1]
    said = field.label or field.value
    facts: dict[str, Raw] = {"shown_field": field.name, "shown_bits": field.length}
    if isinstance(said, str | int) and not isinstance(said, bool):
        facts["shown"] = said
    return facts


def _names(head: Field) -> dict[str, Raw]:
    """Of a head's field lines: the name that stands there most often, or how many differ."""
    lines = find_all(head, "field_line")
    found = [find(line, "field_name") for line in lines]
    names = Counter(str(field.value).lower() for field in found if field is not None)
    if not names:
        return {}
    name, times = names.most_common(1)[0]
    if times == 1:
        return {"different": len(names)}
    return {"repeated": name, "times": times}
