"""What a unit is called in a timeline: "ClientHello", "GET /", "DNS answer: 127.0.0.1"."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from netcore.dissect.http2 import ACK, FRAMES, PROTOCOLS, frame_header
from netcore.dissect.tls_handshake import HELLO_RETRY_REQUEST_RANDOM
from netcore.escapes import write_escapes
from netcore.field import Field, find, find_all
from netcore.quic_titles import TITLES as QUIC_TITLES
from netcore.registries.http2 import FRAME_TYPES
from netcore.registries.tls import HANDSHAKE_TYPES

if TYPE_CHECKING:
    from netcore.channels import Channel, Piece
    from netcore.pdu import Pdu
    from netcore.trace import Called

_TYPED = 24  # octets of what was typed by hand that stand in its title
_RCODES = {1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}


def title_of(pdu: Pdu) -> str:
    """The title of a unit: that of the units which it carries, if they say more than its own."""
    if pdu.inside and pdu.name not in FRAMES and pdu.name not in QUIC_TITLES:
        return joined([_own_title(inner) for inner in pdu.inside])
    return _own_title(pdu)


def joined(titles: Sequence[str]) -> str:
    """The titles of several units as one: the first, and how many more there are."""
    distinct = list(dict.fromkeys(titles))
    if len(distinct) <= 2:
        return ", ".join(distinct)
    return f"{distinct[0]} and {len(distinct) - 1} more"


def moved_title(
    pdus: Sequence[Pdu], number: int, event: Called, channels: Mapping[str, Channel]
) -> tuple[str, str]:
    """What a call moved, the most telling first: "200 OK, body, 1,024 bytes", and the name of the
    unit that comes first in it; "" where there is none.

    Args:
        pdus: units that the call moved octets of, perhaps not all of their octets.
        number: of the call.
        event: the call.
        channels: all channels, by name.
    """
    ranked = sorted(pdus, key=_rank)
    told = [(text, pdu.name) for pdu in ranked if (text := _title_in(pdu, number, event, channels))]
    return joined([text for text, _ in told]), told[0][1] if told else ""


def _rank(pdu: Pdu) -> int:
    """What was fetched comes first, and of it the heads; last what TLS says by the way.

    Before all that stands DNS: whatever carries it, carries nothing else.
    """
    if pdu.name == "dns_message" or any(inner.name == "dns_message" for inner in pdu.inside):
        return -1
    if pdu.name in _HEADS:
        return 0
    if pdu.name.startswith("quic"):
        return 5
    if not pdu.name.startswith("tls"):
        return 2 if pdu.name in _CONTROL else 1
    if title_of(pdu).startswith("alert "):  # a record is called after what is in it
        return 4
    return 3 if title_of(pdu) in ("NewSessionTicket", "ChangeCipherSpec") else 2


def _title_in(pdu: Pdu, number: int, event: Called, channels: Mapping[str, Channel]) -> str:
    """The title of as much of a unit as one call moved; "" for nothing."""
    if pdu.name == "not_kept":
        lost = event.length - len(event.data)
        return f"{lost:,} bytes not kept" if lost else ""
    if pdu.events == (number,):
        return title_of(pdu)
    if pdu.step in ("de-chunked", "de-framed", "inflated"):
        return f"content, {pdu.step}"
    begins = pdu.events[0] == number
    if pdu.name == "http1_chunk" and begins:
        return f"start of a {title_of(pdu).replace(',', ' of', 1)}"
    if pdu.name == "http1_chunk":
        return "more of a chunk"
    if pdu.name in _RUNS:
        here = _share(pdu, event, channels)
        return f"{_RUNS[pdu.name]}, {here:,} bytes" if here else f"more of {_RUNS[pdu.name]}"
    return title_of(pdu) if begins else f"more of {title_of(pdu)}"


def _share(pdu: Pdu, event: Called, channels: Mapping[str, Channel]) -> int:
    """How many octets of a unit that stands in one channel came with a call.

    What was decrypted came with the call that completed its record.
    """
    span = pdu.origin[0]
    start, end = event.offset, event.offset + len(event.data)
    pieces = channels[span.channel].pieces
    if pieces and pieces[0].whole:
        first, last = (bisect_right(pieces, at, key=_record_end) for at in (start, end))
        if first == last:
            return 0
        start, end = pieces[first].start, pieces[last - 1].end
    elif span.channel != event.channel:
        return 0
    return max(0, min(span.end, end) - max(span.start, start))


def _record_end(piece: Piece) -> int:
    return piece.below.end if piece.below else 0


_HEADS = frozenset(
    {"http1_request_head", "http1_response_head", "http2_field_section", "http3_field_section"}
)
_CONTROL = frozenset({*FRAMES, *QUIC_TITLES, "http2_connection_preface", "hpack_field_block"}) - {
    "http2_data",
    "http3_data",
}
"""What HTTP/2 and HTTP/3 need to say what the units of other names are."""
_RUNS = {"message_body": "body", "surplus": "surplus", "uncut": "too many units"}
"""Units that are nothing but octets: of a part of one it is said how many."""


def _own_title(pdu: Pdu) -> str:
    make = _TITLES.get(pdu.name)
    return (make(pdu) if make else "") or _UNNAMED.get(pdu.name, pdu.name.replace("_", " "))


def _text(tree: Field, name: str, default: str = "") -> str:
    field = find(tree, name)
    if field is None or field.value is None:
        return default
    return field.label or str(field.value)


def _value(tree: Field, name: str) -> str:
    field = find(tree, name)
    return "" if field is None or field.value is None else str(field.value)


def _dns(pdu: Pdu) -> str:
    tree = pdu.fields()
    asked = f"{_text(tree, 'qtype')} {_value(tree, 'qname').rstrip('.')}".strip()
    response = find(tree, "qr")
    if response is None or not response.value:
        return f"DNS query: {asked}"
    rcode = find(tree, "rcode")
    if rcode is not None and rcode.value:
        number = int(rcode.value)
        return f"DNS answer: {_RCODES.get(number, f'RCODE {number}')}"
    cut = find(tree, "tc")
    if cut is not None and cut.value:
        return "DNS answer: cut to fit (TC=1)"
    return f"DNS {_said(tree)}"


def _said(tree: Field) -> str:
    """What an answer without an error comes to: addresses, records, another name, other servers."""
    asked, records = _text(tree, "qtype"), list(find_all(tree, "answer"))
    addresses = [str(field.value) for each in records for field in find_all(each, "address")]
    if addresses:
        return f"answer: {', '.join(addresses[:2])}"
    count = sum(record.label == asked for record in records)
    if count:
        return f"answer: {count} {asked} record{'' if count == 1 else 's'}"
    if records and records[-1].label == "CNAME":
        return f"answer: an alias, {_value(records[-1], 'cname').rstrip('.')}"
    zones = [each for each in find_all(tree, "authority") if each.label == "NS"]
    if zones and not records:
        return f"referral: {_value(zones[0], 'name').rstrip('.')}"
    return f"answer: no {asked}"


def _record(pdu: Pdu) -> str:
    name = _text(pdu.fields(), "type") or _text(pdu.fields(), "content_type")
    if pdu.protocol == "tls_ciphertext":
        return f"encrypted {name}".replace("_", " ")
    return f"TLS record, {name}".replace("_", " ").rstrip(", ")


def _decrypted(pdu: Pdu) -> str:
    name = _text(pdu.fields(), "type").replace("_", " ")
    return f"decrypted {name or 'record'}"


_UNNAMED = {
    "http1_request_head": "not an HTTP request",
    "http1_response_head": "not an HTTP response",
}
_HANDSHAKE = {
    "client_hello": "ClientHello",
    "server_hello": "ServerHello",
    "hello_retry_request": "HelloRetryRequest",
    "new_session_ticket": "NewSessionTicket",
    "end_of_early_data": "EndOfEarlyData",
    "encrypted_extensions": "EncryptedExtensions",
    "certificate": "Certificate",
    "server_key_exchange": "ServerKeyExchange",
    "certificate_request": "CertificateRequest",
    "server_hello_done": "ServerHelloDone",
    "certificate_verify": "CertificateVerify",
    "client_key_exchange": "ClientKeyExchange",
    "finished": "Finished",
    "certificate_status": "CertificateStatus",
    "key_update": "KeyUpdate",
}


def _handshake(pdu: Pdu) -> str:
    # By its first octets: a tree of a message with certificates takes long to read.
    octets = pdu.octets
    name = HANDSHAKE_TYPES.get(octets[0], "unassigned") if octets else ""
    # A HelloRetryRequest is a ServerHello by its type; only its random tells it (RFC 8446 §4.1.3).
    if name == "server_hello" and octets[6:38] == HELLO_RETRY_REQUEST_RANDOM:
        name = "hello_retry_request"
    return _HANDSHAKE.get(name, f"handshake message {name}")


def _alert(pdu: Pdu) -> str:
    return f"alert {_text(pdu.fields(), 'description')}"


def _request(pdu: Pdu) -> str:
    tree = pdu.fields()
    return f"{_value(tree, 'method')} {_value(tree, 'request_target')}".strip()


def _response(pdu: Pdu) -> str:
    tree = pdu.fields()
    return f"{_value(tree, 'status_code')} {_value(tree, 'reason_phrase')}".strip()


def _chunk(pdu: Pdu) -> str:
    size = find(pdu.fields(), "chunk_data")
    return f"chunk, {size.length // 8:,} bytes" if size else "last chunk"


def _body(pdu: Pdu) -> str:
    what = "body" if pdu.step == "sliced" else f"content, {pdu.step}"
    return f"{what}, {pdu.size:,} bytes"


def _typed(pdu: Pdu) -> str:
    """The beginning of octets that no protocol has named, as somebody would type it."""
    begin = write_escapes(pdu.octets[:_TYPED])
    return f"“{begin}{'…' if pdu.size > _TYPED else ''}”, {pdu.size:,} bytes"


def _frame(pdu: Pdu) -> str:
    header = frame_header(pdu.octets)
    name = FRAME_TYPES.get(header.type, f"frame of type {header.type}")
    if header.stream:
        name += f", stream {header.stream}"
    return name


def _data(pdu: Pdu) -> str:
    data = find(pdu.fields(), "data")
    return f"{_frame(pdu)}, {data.length // 8 if data else 0:,} bytes"


def _acknowledged(pdu: Pdu) -> str:
    return f"{_frame(pdu)} acknowledged" if frame_header(pdu.octets).flags & ACK else _frame(pdu)


def _ending(pdu: Pdu) -> str:
    code = _text(pdu.fields(), "error_code")
    return f"{_frame(pdu)}: {code}" if code else _frame(pdu)


def _window_update(pdu: Pdu) -> str:
    increment = find(pdu.fields(), "window_size_increment")
    grown = int(increment.value or 0) if increment else 0
    whose = "" if frame_header(pdu.octets).stream else ", connection"
    return f"{_frame(pdu)}{whose}, +{grown:,} bytes"


def _promise(pdu: Pdu) -> str:
    return f"{_frame(pdu)}: stream {_value(pdu.fields(), 'promised_stream_id')}"


def _section(pdu: Pdu) -> str:
    """What it is the head of; nothing in it tells a request's trailers from a response's."""
    lines = list(find_all(pdu.fields(), "field_line"))
    fields = {_value(line, "field_name"): line for line in reversed(lines)}
    if ":status" in fields:
        status = find(fields[":status"], "field_value")
        return f"{status.value} {status.label}" if status else "a response without a status"
    if ":method" in fields:
        path = fields.get(":path") or fields.get(":authority")
        target = _value(path, "field_value") if path else ""
        return f"{_value(fields[':method'], 'field_value')} {target}".strip()
    return "trailer section"


def _websocket_frame(pdu: Pdu) -> str:
    tree = pdu.fields()
    name, size = _text(tree, "opcode"), find(tree, "payload_data")
    code = _value(tree, "status_code")
    if name in ("close", "ping", "pong"):
        return f"{name.capitalize()} {code}".strip()
    return f"{name} frame, {size.length // 8 if size else 0:,} bytes"


def _websocket_payload(pdu: Pdu) -> str:
    code = _value(pdu.fields(), "status_code")
    return f"Close {code}" if code else f"unmasked, {pdu.size:,} bytes"


def _websocket_message(pdu: Pdu) -> str:
    text = _value(pdu.fields(), "text")
    return f"“{text[:_QUOTED]}”" if text else f"message, {pdu.size:,} bytes"


_QUOTED = 80  # characters of a message that stand in a title


def _packet(pdu: Pdu) -> str:
    """What an IP packet carries: "TCP SYN, ACK", "UDP datagram, 43 bytes"."""
    tree = pdu.fields()
    for name in ("icmp_message", "icmp_message_v6"):
        message = find(tree, name)
        if message is not None:
            return f"ICMP {_text(message, 'type')}"
    data = find(tree, "data")
    size = f", {data.length // 8:,} bytes" if data is not None else ""
    bits = find(tree, "control_bits")
    if bits is not None:
        return f"TCP {bits.label or 'segment'}{size}"
    return f"UDP datagram{size}" if find(tree, "udp_datagram") else "IP packet"


_TITLES: dict[str, Callable[[Pdu], str]] = {
    "dns_message": _dns,
    "tls_record": _record,
    "tls_ciphertext": _record,
    "tls_inner_plaintext": _decrypted,
    "tls_aead_ciphered": _decrypted,
    "tls_block_ciphered": _decrypted,
    "tls_handshake": _handshake,
    "tls_alert": _alert,
    "tls_change_cipher_spec": lambda _: "ChangeCipherSpec",
    "http1_request_head": _request,
    "http1_response_head": _response,
    "http1_chunk": _chunk,
    "http1_trailer_section": lambda _: "trailer section",
    **dict.fromkeys((*PROTOCOLS.values(), "http2_frame"), _frame),
    "http2_data": _data,
    "http2_settings": _acknowledged,
    "http2_ping": _acknowledged,
    "http2_rst_stream": _ending,
    "http2_goaway": _ending,
    "http2_window_update": _window_update,
    "http2_push_promise": _promise,
    "http2_field_section": _section,
    "http3_field_section": _section,
    **QUIC_TITLES,
    "http2_connection_preface": lambda _: "connection preface",
    "hpack_field_block": lambda pdu: f"field block, {pdu.size:,} bytes",
    "websocket_frame": _websocket_frame,
    "websocket_payload": _websocket_payload,
    "websocket_message": _websocket_message,
    "ip_datagram": _packet,
    "tcp_segment": lambda _: "quoted TCP segment",
    "message_body": _body,
    "quic_datagram": lambda pdu: f"QUIC datagram, {pdu.size:,} bytes",
    "raw_octets": _typed,
    "surplus": lambda pdu: f"surplus, {pdu.size:,} bytes",
    "uncut": lambda pdu: f"{pdu.size:,} bytes of too many units",
    "not_kept": lambda pdu: f"{pdu.missing:,} bytes not kept",
}
