"""The handshake as a conversation: flights, what each message says, what is encrypted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netcore.decrypt.openers import TLS13
from netcore.field import Field, find, find_all
from netcore.figures import duration, size
from netcore.handshake.conversations import (
    CLIENT_HELLO,
    SERVER_HELLO,
    Conversation,
    Flight,
    Said,
)
from netcore.pdu import Pdu
from netcore.trace import Called
from web import words
from web.addresses import unit_href
from web.facts import Raw, clean
from web.phrases import side
from web.spoken import figure
from web.spoken import gettext as _
from web.tale import Tale
from web.titles import unit_title

_CERTIFICATE = 11
_PRE_SHARED_KEY = 41
VERSIONS = {0x0301: "TLS 1.0", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2", TLS13: "TLS 1.3"}


SHOWN_MESSAGES = 200  # of a conversation; real ones have fewer than thirty


@dataclass(frozen=True)
class MessageView:
    """One message."""

    title: str
    href: str
    size: str
    what: words.Text
    secret: str  # the label of the secret that its record was opened with, "" in the clear
    record: str  # which record under that secret's keys, or packet


@dataclass(frozen=True)
class FlightView:
    """Messages of one side in a row."""

    css: str  # "sent" or "received"
    who: str
    at: str
    messages: tuple[MessageView, ...]
    later: bool  # nobody had to wait for it: it came when the keys were in use
    locked: words.Text  # said where a side's messages begin to be encrypted, else ""


@dataclass(frozen=True)
class ConversationView:
    """The conversation with its moral."""

    title: str
    flights: tuple[FlightView, ...]
    more: int  # messages that are not shown
    trips: words.Explanation
    kind: words.Explanation  # full, resumed, asked again, refused


def conversation_view(conversation: Conversation, tale: Tale, base: str) -> ConversationView:
    """The conversation of one connection.

    In: `base`, the path of the trace, which links begin with.
    """
    facts = conversation_facts(conversation, tale)
    locked: set[str] = set()
    unit = "packet" if conversation.is_quic else "record"
    flights: list[FlightView] = []
    shown = conversation._replace(said=conversation.said[:SHOWN_MESSAGES])
    for flight in shown.flights:
        is_locked = any(each.protection for each in flight.said)
        begins = is_locked and flight.direction not in locked
        locked |= {flight.direction} if is_locked else set()
        flights.append(_flight(flight, tale, base, unit, begins=begins))
    return ConversationView(
        title=str(facts["version"] or "TLS"),
        flights=tuple(flights),
        more=len(conversation.said) - len(shown.said),
        trips=words.handshake("round_trips", facts),
        kind=words.handshake("kind", facts),
    )


def conversation_facts(conversation: Conversation, tale: Tale) -> Mapping[str, Raw]:
    """What the texts about a handshake may name; see content/handshake."""
    hello = next(conversation.messages(CLIENT_HELLO), None)
    answers = [each.pdu for each in conversation.messages(SERVER_HELLO)]
    retry = any(find(pdu.fields(), "hello_retry_request") for pdu in answers)
    certificates = [each.pdu for each in conversation.messages(_CERTIFICATE, "received")]
    version = conversation.hellos.version
    first, last = _first_wait(conversation, tale)
    return {
        "version": VERSIONS.get(version),
        "cipher_suite": conversation.hellos.cipher_suite or None,
        "round_trips": conversation.round_trips,
        "retry": retry,
        "resumed": _resumed(conversation, hello, answers),
        "answered": bool(version),
        "certificate_octets": sum(pdu.size for pdu in certificates),
        "hello_octets": hello.pdu.size if hello else None,
        "first_wait_ns": max(0, last - first) if last else None,
        "group": _label(answers[0], "selected_group") if retry else None,
        "offered_group": _label(hello.pdu, "group") if hello else None,
        "secrets": bool(conversation.secrets),
    }


def _resumed(conversation: Conversation, hello: Said | None, answers: list[Pdu]) -> bool:
    """Whether the server took a session up again (RFC 8446 §2.2, RFC 5246 §7.3, RFC 5077 §3.1)."""
    if not answers or hello is None:
        return False
    tree = answers[-1].fields()
    if conversation.hellos.version == TLS13:
        numbers = {field.value for field in find_all(tree, "extension_type")}
        return _PRE_SHARED_KEY in numbers
    # Before TLS 1.3 a resumed handshake has no key exchange: the server finishes first.
    finished = [each.direction for each in conversation.messages(20)]
    return finished[:1] == ["received"]


def _first_wait(conversation: Conversation, tale: Tale) -> tuple[int, int]:
    """When the first ClientHello left and when the first answer had come; 0 for what was not."""
    times: dict[str, int] = {}
    for each in conversation.said:
        times.setdefault(each.direction, _moment_ns(each, tale))
    return times.get("sent", 0), times.get("received", 0)


def _label(pdu: Pdu, name: str) -> str | None:
    field: Field | None = find(pdu.fields(), name)
    return field.label if field else None


def _moment_ns(said: Said, tale: Tale) -> int:
    """When a message was sent, or was there."""
    event = tale.trace.events[said.pdu.events[0] - 1]
    if isinstance(event, Called):
        seen_ns = tale.kernel.crossed_ns(event)
        if seen_ns is not None:
            return seen_ns
        if said.direction == "received":
            return event.end_ns
    return event.time_ns


def _flight(flight: Flight, tale: Tale, base: str, unit: str, *, begins: bool) -> FlightView:
    return FlightView(
        css=flight.direction,
        who=side("client" if flight.direction == "sent" else "server"),
        at=duration(_moment_ns(flight.said[0], tale)),
        messages=tuple(_message(each, tale, base, unit) for each in flight.said),
        later=flight.later,
        locked=words.handshake(f"locked_{flight.direction}", {}).what if begins else words.Text(),
    )


def _message(said: Said, tale: Tale, base: str, unit: str) -> MessageView:
    pdu, used = said.pdu, said.protection
    return MessageView(
        title=clean(unit_title(pdu)),
        href=unit_href(pdu, tale, base),
        size=_size(pdu),
        what=_what(pdu),
        secret=used.secret if used else "",
        record=_sealed(unit, used.sequence_number) if used else _open(unit),
    )


def _open(unit: str) -> str:
    return _("in an Initial packet, whose keys everyone can compute") if unit == "packet" else ""


def _sealed(unit: str, number: int) -> str:
    """The record or packet that a message came in, with its number."""
    if unit == "packet":
        return _("packet %(number)s", number=f"{number:,}")
    return _("record %(number)s", number=f"{number:,}")


def _what(pdu: Pdu) -> words.Text:
    """What the message says: the words of its body, or of all of it where it has none."""
    return words.explain_field(pdu.protocol, _told(pdu), pdu.octets).what


def _size(pdu: Pdu) -> str:
    """How long the message is: what its words measure, and what stands before that."""
    octets = _told(pdu)[-1].length // 8
    whole = size(pdu.size)
    if octets == pdu.size:
        return figure(whole)
    header = size(pdu.size - octets)
    return _("%(body)s and a header of %(header)s", body=size(octets), header=header)


def _told(pdu: Pdu) -> tuple[Field, ...]:
    """The way to the field that the words of a message are about."""
    tree = pdu.fields()
    body = tree.children[-1] if tree.children and tree.children[-1].children else tree
    return (tree,) if body is tree else (tree, body)
