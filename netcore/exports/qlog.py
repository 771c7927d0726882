"""A trace as qlog 0.3, for qvis and its like: what the QUIC connections of a fetch did.

Theory of operation. A log is usually written by the program that speaks; this one is made from the
recording: packets were decrypted with its secrets, times are those of the calls, and what a program
would know of itself (its congestion window, when it thought a packet lost) is left out or derived
and so marked. The names are those of draft-ietf-quic-qlog-main-schema-02 and
draft-ietf-quic-qlog-quic-events-01, which are "0.3", and which qvis reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec

from netcore.dissect.quic_packet import (
    HANDSHAKE,
    INITIAL,
    ONE_RTT,
    RETRY,
    VERSION_NEGOTIATION,
    ZERO_RTT,
)
from netcore.exports.qlog_frames import frame_json
from netcore.framing.quic_connection import Connection, Packet
from netcore.pdus import explain
from netcore.quic.recovery import Recovery, recovery, time_ns
from netcore.trace import AnyEvent, Trace

Json = dict[str, object]
_TYPES: Final = {
    INITIAL: "initial",
    ZERO_RTT: "0RTT",
    HANDSHAKE: "handshake",
    RETRY: "retry",
    ONE_RTT: "1RTT",
    VERSION_NEGOTIATION: "version_negotiation",
}
_TRIGGERS: Final = {"packets": "reordering_threshold", "time": "time_threshold"}
_OWNERS: Final = {"sent": "local", "received": "remote"}
_MS: Final = 1e6  # nanoseconds


def qlog(trace: Trace) -> bytes:
    """The log, JSON in UTF-8, with one trace for each connection. Raises nothing."""
    explanation = explain(trace.events)
    log: Json = {
        "qlog_format": "JSON",
        "qlog_version": "0.3",
        "title": _text(trace.url),
        "description": f"Made by {_text(trace.software)} from a recording of its socket calls.",
        "traces": [
            _trace(trace, number, connection) for number, connection in explanation.quic.items()
        ],
    }
    return msgspec.json.format(msgspec.json.encode(log), indent=1) + b"\n"


def _trace(trace: Trace, number: str, connection: Connection) -> Json:
    found = recovery(connection, trace.events)
    events = sorted(_events(connection, trace.events, found), key=_when)
    group = connection.original_dcid.hex()
    return {
        "title": f"udp:{number}",
        "vantage_point": {"name": "wiretale", "type": "client"},
        "common_fields": {
            "ODCID": group,
            "group_id": group,
            "protocol_type": ["QUIC", "HTTP3"],
            "time_format": "relative",
            "reference_time": _reference_ms(trace.started),
        },
        "events": events,
    }


def _when(event: Json) -> float:
    time = event["time"]
    assert isinstance(time, float)
    return time


def _event(at_ns: int, name: str, data: Json) -> Json:
    return {"time": at_ns / _MS, "name": name, "data": data}


def _events(connection: Connection, events: Sequence[AnyEvent], found: Recovery) -> Iterator[Json]:
    if connection.packets:
        first_ns = time_ns(connection.packets[0], events)
        yield _event(first_ns, "connectivity:connection_started", _started(connection))
        for direction, told in connection.transport_parameters.items():
            yield _event(
                _hello_ns(connection, events, direction),
                "transport:parameters_set",
                _parameters(connection, direction, told),
            )
    for packet in connection.packets:
        yield _packet_event(packet, events)
    for sample in found.round_trips:
        metrics: Json = {
            "latest_rtt": sample.latest_ns / _MS,
            "min_rtt": sample.min_ns / _MS,
            "smoothed_rtt": sample.smoothed_ns / _MS,
            "rtt_variance": sample.variation_ns / _MS,
        }
        yield _event(sample.time_ns, "recovery:metrics_updated", metrics)
    for lost in found.lost:
        header = _header(lost.packet)
        data: Json = {"header": header, "trigger": _TRIGGERS[lost.rule]}
        yield _event(lost.time_ns, "recovery:packet_lost", data)
    yield from _key_events(connection, events)
    if connection.close is not None:
        yield _closed(connection, events)


def _packet_event(packet: Packet, events: Sequence[AnyEvent]) -> Json:
    name = "packet_sent" if packet.direction == "sent" else "packet_received"
    data: Json = {"header": _header(packet), "raw": {"length": packet.pdu.size}}
    if packet.opened is not None:
        payload = packet.opened.payload
        data["frames"] = [frame_json(frame, payload) for frame in packet.frames]
        data["raw"] = {"length": packet.pdu.size, "payload_length": len(payload)}
    elif packet.kind == VERSION_NEGOTIATION:
        start = 7 + len(packet.dcid) + len(packet.scid)
        versions = packet.pdu.octets[start:]
        data["supported_versions"] = [
            versions[at : at + 4].hex() for at in range(0, len(versions) - 3, 4)
        ]
    elif packet.error:
        name, data["trigger"] = "packet_dropped", "payload_decrypt_error"
    return _event(time_ns(packet, events), f"transport:{name}", data)


def _header(packet: Packet) -> Json:
    is_reset = packet.pdu.protocol == "quic_packet_stateless_reset"
    header: Json = {"packet_type": "stateless_reset" if is_reset else _TYPES[packet.kind]}
    if packet.number is not None:
        header["packet_number"] = packet.number
    header["dcid"], header["dcil"] = packet.dcid.hex(), len(packet.dcid)
    if packet.kind != ONE_RTT:
        header["scid"], header["scil"] = packet.scid.hex(), len(packet.scid)
        header["version"] = f"{packet.version:08x}"
    if packet.token:
        header["token"] = {"data": packet.token.hex(), "length": len(packet.token)}
    return header


def _started(connection: Connection) -> Json:
    first = connection.packets[0]
    return {"src_cid": first.scid.hex(), "dst_cid": first.dcid.hex(), "protocol": "QUIC"}


def _hello_ns(connection: Connection, events: Sequence[AnyEvent], direction: str) -> int:
    """When a side's parameters were known: with its first packet of the kind that has them."""
    kind = INITIAL if direction == "sent" else HANDSHAKE
    mine = (p for p in connection.packets if (p.direction, p.kind) == (direction, kind))
    return time_ns(next(mine, connection.packets[0]), events)


def _parameters(connection: Connection, direction: str, told: dict[str, object]) -> Json:
    data: Json = {"owner": _OWNERS[direction]}
    if direction == "received":
        data["tls_cipher"], data["alpn"] = connection.cipher_suite, connection.alpn
    known = {name: value for name, value in told.items() if " " not in name}
    return {**data, **known}


def _key_events(connection: Connection, events: Sequence[AnyEvent]) -> Iterator[Json]:
    """Where a packet was the first of its generation (RFC 9001 §6)."""
    seen = {"sent": 0, "received": 0}
    for packet in connection.packets:
        opened, side = packet.opened, packet.direction
        if opened is not None and opened.generation > seen[side]:
            seen[side] = opened.generation
            key_type = "client_1rtt_secret" if side == "sent" else "server_1rtt_secret"
            trigger = "local_update" if side == "sent" else "remote_update"
            data: Json = {"key_type": key_type, "generation": opened.generation}
            data["trigger"] = trigger
            yield _event(time_ns(packet, events), "security:key_updated", data)


def _closed(connection: Connection, events: Sequence[AnyEvent]) -> Json:
    close = connection.close
    assert close is not None
    data: Json = {"owner": _OWNERS[close.direction], "reason": _text(close.reason)}
    if close.how == "CONNECTION_CLOSE":
        space = "application_code" if close.is_application else "connection_code"
        data[space] = close.error_code
    else:
        data["trigger"] = "stateless_reset"
    return _event(time_ns(close.packet, events), "connectivity:connection_closed", data)


def _reference_ms(started: str) -> float:
    """The wall clock at the start, in milliseconds since 1970."""
    try:
        return datetime.fromisoformat(started).timestamp() * 1_000
    except ValueError:
        return 0.0


def _text(text: str) -> str:
    """The same without halves of surrogate pairs, which JSON in UTF-8 cannot hold."""
    return text.encode("utf-8", "backslashreplace").decode()
