"""What the connection was: how it began, what was asked on the way, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netcore.dissect.quic_packet import ONE_RTT, VERSION_NEGOTIATION, ZERO_RTT
from netcore.figures import duration
from netcore.framing.quic_connection import Connection, Packet
from netcore.quic.recovery import Recovery, time_ns
from netcore.registries.quic import version_name
from netcore.trace import Called
from web import words
from web.facts import Raw, clean
from web.quic.datagrams import packet_href, packet_title
from web.spoken import gettext as _
from web.tale import Tale

_WHO = {"sent": "client", "received": "server"}
_SHOWN_VERSIONS = 8


@dataclass(frozen=True)
class Turn:
    """A thing worth telling."""

    title: str
    said: words.Explanation
    packet: str  # that shows it, "" if none does
    href: str
    is_error: bool = False


@dataclass(frozen=True)
class Glance:
    """A fact in few words."""

    name: str
    value: str


def connection_facts(connection: Connection, found: Recovery) -> dict[str, Raw]:
    """What the texts about a connection may name; see content/quic."""
    packets = connection.packets
    updates = connection.key_updates
    samples = found.round_trips
    return {
        "version": f"{connection.version:#x}",
        "version_name": version_name(connection.version),
        "alpn": clean(connection.alpn, 40) or None,
        "packets": len(packets),
        "datagrams": len({packet.event for packet in packets}),
        "coalesced": _coalesced(packets),
        "closed": sum(bool(packet.error) for packet in packets),
        "updates": max(updates.values()),
        "early": sum(packet.kind == ZERO_RTT for packet in packets),
        "lost": len(found.lost),
        "again": len(found.again),
        "again_sent": sum(each.packet.direction == "sent" for each in found.again),
        "holes": sum(len(hole) for holes in found.holes.values() for hole in holes),
        "samples": len(samples),
        "least_ns": samples[-1].min_ns if samples else None,
        "least": duration(samples[-1].min_ns) if samples else None,
        "smoothed": duration(samples[-1].smoothed_ns) if samples else None,
        "acknowledged": len(found.acknowledged),
        "ids": len(connection.connection_ids),
        "retired": len(connection.retired),
    }


def _coalesced(packets: list[Packet]) -> int:
    """Packets that shared their datagram with one before them."""
    return len(packets) - len({packet.event for packet in packets})


def glances(connection: Connection) -> tuple[Glance, ...]:
    """The connection in a few words."""
    sent, received = (
        sum(packet.direction == way for packet in connection.packets)
        for way in ("sent", "received")
    )
    found = (
        (_("Version"), version_name(connection.version)),
        (_("Application"), clean(connection.alpn, 40) or _("not told")),
        (_("Cipher suite"), clean(connection.cipher_suite, 60) or _("not told")),
        (_("Packets"), _packets(sent, received)),
    )
    return tuple(Glance(*each) for each in found)


def _packets(sent: int, received: int) -> str:
    return _("%(sent)s sent, %(received)s received", sent=f"{sent:,}", received=f"{received:,}")


def turns(connection: Connection, facts: dict[str, Raw], tale: Tale, base: str) -> tuple[Turn, ...]:
    """The turns of a connection, as they came. In: `base`, the path of the trace."""
    return tuple(_turns(connection, facts, tale, base))


def _turns(connection: Connection, facts: dict[str, Raw], tale: Tale, base: str) -> Iterator[Turn]:
    def turn(
        title: str, name: str, packet: Packet, more: dict[str, Raw], *, is_error: bool = False
    ) -> Turn:
        said = words.quic(name, facts | more)
        shown, href = packet_title(packet), packet_href(packet, tale, base)
        return Turn(title, said, shown, href, is_error)

    packets = connection.packets
    begun = next((each for each in packets if each.direction == "sent"), None)
    if begun is not None:
        octets = _datagram_octets(begun, tale)
        yield turn(_("The first datagram"), "first", begun, {"octets": octets})
    refused = next((each for each in packets if each.kind == VERSION_NEGOTIATION), None)
    if refused is not None:
        offered = ", ".join(map(_version, connection.versions_refused[:_SHOWN_VERSIONS]))
        asked = version_name((begun or refused).version)
        yield turn(_("Version refused"), "versions", refused, {"offered": offered, "asked": asked})
    for packet in connection.retries[:1]:
        known: dict[str, Raw] = {
            "genuine": bool(connection.retry_is_genuine),
            "token": len(packet.token),
        }
        yield turn("Retry", "retry", packet, known, is_error=not connection.retry_is_genuine)
    early = next((each for each in packets if each.kind == ZERO_RTT), None)
    if early is not None:
        yield turn(_("Early data"), "early", early, {"opened": early.opened is not None})
    first = next((each for each in packets if each.kind == ONE_RTT and each.opened), None)
    if first is not None:
        moment = duration(time_ns(first, tale.trace.events))
        yield turn(_("Keys of 1-RTT"), "keys", first, {"moment": moment})
    updated = next((each for each in packets if each.opened and each.opened.generation), None)
    if updated is not None:
        yield turn(_("Key update"), "update", updated, {"who": _WHO[updated.direction]})
    yield _ended(connection, facts, tale, base)


def _datagram_octets(packet: Packet, tale: Tale) -> int:
    call = tale.trace.events[packet.event - 1]
    return call.length or packet.pdu.size if isinstance(call, Called) else packet.pdu.size


def _version(number: int) -> str:
    name = version_name(number)
    return f"{number:#010x} ({name})"


def _ended(connection: Connection, facts: dict[str, Raw], tale: Tale, base: str) -> Turn:
    close = connection.close
    if close is None:
        return Turn(_("The end"), words.quic("close", facts | {"how": "none"}), "", "")
    how = "reset" if close.how == "stateless reset" else "application"
    if how == "application" and not close.is_application:
        how = "transport"
    told: dict[str, Raw] = {
        "how": how,
        "who": _WHO[close.direction],
        "code": f"{close.error_code:#x}",
        "label": clean(close.label, 60) or "unassigned",
        "reason": clean(close.reason, 200) or None,
    }
    is_error = how == "reset" or close.label not in ("NO_ERROR", "H3_NO_ERROR")
    said = words.quic("close", facts | told)
    packet = close.packet
    return Turn(_("The end"), said, packet_title(packet), packet_href(packet, tale, base), is_error)
