"""Steps: the walk from the root, as it stands in a trace: who was asked what, and what came of it.

A step is one question without recursion (RD=0) in the stage dns: that is what tells a walk from
the questions of a client to its resolver. All of it is read from the recorded octets but for the
name of the server, which no packet to it holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from netcore.field import Field, find, find_all
from netcore.pdu import Pdu
from netcore.pdus import Explanation
from netcore.titles import title_of
from netcore.trace import AnyEvent, Called, Chose, StageStarted, Trace

Kind = Literal["referral", "answer", "none"]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One question of a walk."""

    number: int  # of the event that sent the question
    hop: int
    zone: str  # of whose server it was asked, "." for the root
    server: str  # its name, as far as it is known
    endpoint: str  # "192.0.2.1:53"
    question: str  # "example.com A"
    answer: int = 0  # of the event that brought the answer, 0 if none came
    kind: Kind = "none"
    outcome: str = "no answer"  # "referral: com", "answer: 192.0.2.7"
    glue: tuple[str, ...] = ()  # what a referral says of the servers: "ns.example at 192.0.2.1"
    took_ns: int = 0  # from the question to the answer


def dns_steps(trace: Trace, explanation: Explanation) -> list[Step]:
    """The steps of a trace, in order; none if no name was walked to."""
    if not trace.options.dns_trace:
        return []
    reading = _Reading(trace, explanation)
    for number, event in enumerate(trace.events, start=1):
        reading.take(number, event)
    return reading.steps


class _Reading:
    """What is known while the events are read in order."""

    def __init__(self, trace: Trace, explanation: Explanation) -> None:
        self.steps: list[Step] = []
        self._trace = trace
        self._explanation = explanation
        self._hop = 1
        self._named = ""
        self._places: dict[str, tuple[str, str]] = {}  # by socket: endpoint and name

    def take(self, number: int, event: AnyEvent) -> None:
        if isinstance(event, StageStarted):
            self._hop = event.hop
        elif isinstance(event, Chose) and event.what == "name server":
            self._named = event.value.partition(" at ")[0]
        elif isinstance(event, Called) and event.call == "connect" and event.arguments:
            self._places[event.socket] = (str(event.arguments[0]), self._named)
        elif isinstance(event, Called) and event.call == "send":
            query = _query(self._explanation, number)
            if query is not None:
                self._add(number, event, query)

    def _add(self, number: int, event: Called, query: Field) -> None:
        endpoint, server = self._places.get(event.socket, ("", ""))
        asked = f"{_value(query, 'qname').rstrip('.')} {_label(query, 'qtype')}"
        step = Step(
            number=number,
            hop=self._hop,
            zone=self._zone(query),
            server=server,
            endpoint=endpoint,
            question=asked,
        )
        answer = _answer(self._trace, self._explanation, number, event.socket)
        self.steps.append(step if answer is None else _answered(step, event, *answer))

    def _zone(self, query: Field) -> str:
        """The zone of the server: the nearest to the name of those that were referred to."""
        name = _value(query, "qname").rstrip(".").lower()
        before = [each for each in self.steps if each.hop == self._hop and each.kind == "referral"]
        zones = [each.outcome.partition(": ")[2] for each in before]
        fitting = [zone for zone in zones if name == zone or name.endswith(f".{zone}")]
        return max(fitting, key=len, default=".")


def _answered(step: Step, event: Called, number: int, came: Called, pdu: Pdu) -> Step:
    outcome = title_of(pdu).removeprefix("DNS ")
    is_referral = outcome.startswith("referral")
    return msgspec.structs.replace(
        step,
        answer=number,
        kind="referral" if is_referral else "answer",
        outcome=outcome,
        glue=tuple(_glue(pdu.fields())) if is_referral else (),
        took_ns=max(0, came.end_ns - event.time_ns),
    )


def _query(explanation: Explanation, number: int) -> Field | None:
    """The question that a call sent, if it is one of a walk."""
    for pdu in explanation.of_event(number):
        if pdu.name == "dns_message":
            tree = pdu.fields()
            desired = find(tree, "rd")
            return tree if desired is not None and desired.value is False else None
    return None


def _answer(
    trace: Trace, explanation: Explanation, number: int, socket: str
) -> tuple[int, Called, Pdu] | None:
    """The last message that came on the socket: those before it were ignored."""
    found = None
    for at, event in enumerate(trace.events[number:], start=number + 1):
        if not isinstance(event, Called) or event.socket != socket:
            continue
        if event.call == "close":
            break
        if event.call == "recv" and event.length:
            pdus = [pdu for pdu in explanation.of_event(at) if pdu.name == "dns_message"]
            found = (at, event, pdus[-1]) if pdus else found
    return found


def _glue(tree: Field) -> Iterator[str]:
    addresses = {
        _value(each, "name").rstrip("."): _value(each, "address")
        for each in find_all(tree, "additional")
        if each.label in ("A", "AAAA")
    }
    for record in find_all(tree, "authority"):
        if record.label == "NS":
            server = _value(record, "nsdname").rstrip(".")
            address = addresses.get(server)
            yield f"{server} at {address}" if address else server


def _value(tree: Field, name: str) -> str:
    field = find(tree, name)
    return "" if field is None or field.value is None else str(field.value)


def _label(tree: Field, name: str) -> str:
    field = find(tree, name)
    return "" if field is None else field.label
