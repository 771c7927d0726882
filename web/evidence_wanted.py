"""Which field shows a failure, by its own name, the name in its field line, or its error.

TLS is in `web.tls_evidence`. A code that is not here is shown by an event alone: a call that
failed, the end of a stream, our own octets that nobody answered.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from netcore.field import Field
from netcore.trace import Failed

Wanted = Callable[[Field], bool]

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "dns.nxdomain": ("rcode",),
    "dns.rcode": ("rcode",),
    "dns.nodata": ("ancount",),
    "dns.cname_loop": ("cname",),
    "dns.chain_too_long": ("cname",),
    "dns.http": ("status_code", ":status", "Content-Type"),
    "dns.tls": ("description", "status_line"),
    "limit.codings": ("Content-Encoding",),
    "limit.decoded": ("message_body",),
    "decode.error": ("Content-Encoding",),
    "h1.bad_length": ("Content-Length",),
    "h1.conflicting_length": ("Content-Length",),
    "h1.bad_te": ("Transfer-Encoding",),
    "h1.unexpected_101": ("status_line",),
    "h1.too_many_headers": ("field_line",),
    "h1.header_too_large": ("field_line",),
    "limit.interim": ("status_line",),
    "limit.chunks": ("chunk_size",),
    "h2.rst_stream": ("error_code",),
    "h2.goaway": ("error_code",),
    "h2.frame_size": ("length",),
    "h2.length_mismatch": ("Content-Length",),
    "h2.bad_header": ("field_line",),
    "h2.header_list_too_large": ("field_line",),
    "h2.bad_preface": ("status_line",),
    "ws.not_upgraded": ("status_line",),
    "ws.bad_accept": ("Sec-WebSocket-Accept", "status_line"),
    "ws.flood": ("opcode",),
    "ws.bad_close": ("status_code",),
    "ws.too_big": ("extended_payload_length", "payload_length"),
    "http.unsupported_scheme": ("Location",),
    "quic.closed": ("application_error_code", "error_code"),
    "quic.reset": ("application_protocol_error_code",),
}
"""The best name first; a field line stands for the name in it, in any case."""
FRAMES: Final = {
    "h2.flood": ("SETTINGS", "PING", "DATA"),
    "h2.flow_control": ("WINDOW_UPDATE", "SETTINGS", "DATA"),
    "h2.continuation_flood": ("CONTINUATION",),
    "quic.flood": ("PATH_CHALLENGE", "PING"),
    "quic.crypto_buffer": ("CRYPTO",),
}
"""The type of the frames that a failure is about."""
_TYPES: Final = ("type", "frame_type")
_PROMISE: Final = "promised a push"
_FAMILIES: Final = ("h1", "chunk", "h2", "ws", "h3")  # whose trees bear errors
_REFUSED_ADDRESS: Final = re.compile(r"\bhas the address ([0-9a-f.:]+),")


def wanted_of(failed: Failed) -> list[Wanted]:
    """What a field must be like to show a failure, the best first; none if no field does."""
    code, family = failed.code, failed.code.partition(".")[0]
    if code in _BY_MESSAGE:
        return _BY_MESSAGE[code](failed.message)
    if code in FIELDS:
        return [named(name) for name in FIELDS[code]]
    if code in FRAMES:
        return [_frame(FRAMES[code])]
    if family == "redirect" or failed.stage == "redirect":
        return [named("Location")]
    if family == "guard" and failed.stage == "dns":
        return [_address(failed.message), named("cname")]
    return [*([_broken] if family in _FAMILIES else []), *_told_frames(failed.message)]


def named(name: str) -> Wanted:
    """A field of that name, or a field line of that name in any case."""

    def wanted(field: Field) -> bool:
        if field.name != "field_line":
            return field.name == name
        own = next((part.value for part in field.children if part.name == "field_name"), "")
        return str(own).lower() == name.lower() or name == "field_line"

    return wanted


def _frame(types: tuple[str, ...]) -> Wanted:
    return lambda field: field.name in _TYPES and field.label in types


def _told_frames(message: str) -> list[Wanted]:
    """Frames whose type stands in the sentence, as "A CONTINUATION frame came"."""
    types = tuple(re.findall(r"\b([A-Z][A-Z_]+) frame", message))
    types += ("PUSH_PROMISE",) if _PROMISE in message else ()
    return [_frame(types)] if types else []


def _broken(field: Field) -> bool:
    return bool(field.error) and not field.children


def _address(message: str) -> Wanted:
    """The address that a name was found to have, and that is refused."""
    found = _REFUSED_ADDRESS.search(message)
    return lambda field: field.name == "address" and found is not None and field.value == found[1]


def _short_address(field: Field) -> bool:
    """The length of an address record that has not the length of an address."""
    return field.name == "rdlength" and field.value not in (0, 4, 16)


def _is_cut(field: Field) -> bool:
    return field.name == "tc" and bool(field.value)


def _told_length(message: str) -> Wanted:
    """A length that stands in the sentence."""
    return lambda field: (
        field.name == "length" and isinstance(field.value, int) and f"{field.value:,}" in message
    )


def _told_setting(message: str) -> Wanted:
    """A setting whose identifier stands in the sentence, as "0x2"."""
    found = re.search(r"0x[0-9a-f]+", message)
    identifier = int(found[0], 16) if found else -1

    def wanted(field: Field) -> bool:
        own = (part.value for part in field.children if part.name == "identifier")
        return field.name == "setting" and identifier in own

    return wanted


def _line_of_handshake(message: str) -> str:
    for word, name in (
        ("extension", "Sec-WebSocket-Extensions"),
        ("subprotocol", "Sec-WebSocket-Protocol"),
        ("Upgrade", "Upgrade"),
        ("Connection", "Connection"),
    ):
        if word in message:
            return name
    return "status_line"


_BY_MESSAGE: Final[dict[str, Callable[[str], list[Wanted]]]] = {
    "ws.bad_handshake": lambda said: [named(_line_of_handshake(said)), named("status_line")],
    "dns.certificate": lambda said: [
        named("subject_alt_name" if " is not for " in said else "cert_data")
    ],
    "dns.lame": lambda said: [named("ancount" if "neither" in said else "rcode")],
    "dns.truncated": lambda said: [_is_cut],
    "dns.tcp_refused": lambda said: [_is_cut],
    "dns.tcp_closed": lambda said: [_is_cut],
    "dns.malformed": lambda said: [_broken],
    "dns.malformed_record": lambda said: [_short_address, _broken],
    "h3.header_too_large": lambda said: [_told_length(said)],
    "h3.settings": lambda said: [_told_setting(said), _frame(("SETTINGS",))],
}
"""Codes whose sentence says which field it is."""
