"""The opening handshake of WebSocket: what a client asks, what an answer must say (RFC 6455 §4).

The key is a random value that proves nothing about who asks. A server shows with it that it has
read this very request and knows WebSocket: it appends a text that stands in the RFC, hashes both
with SHA-1 and sends that back in base64. So no answer from a cache, and no server that repeats
what it is sent, passes for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NoReturn

import msgspec
from wsproto.utilities import generate_accept_token, generate_nonce

from netcore.errors import FetchError
from netcore.protocols.head import FieldLines
from netcore.protocols.http1 import Head

DEFLATE: Final = "permessage-deflate"
OFFER: Final = f"{DEFLATE}; client_max_window_bits"
_LEAST_BITS, _MOST_BITS = 8, 15
_FLAGS: Final = ("server_no_context_takeover", "client_no_context_takeover")
_BITS: Final = ("server_max_window_bits", "client_max_window_bits")


class Deflate(msgspec.Struct, frozen=True):
    """What was agreed on for permessage-deflate (RFC 7692 §7.1)."""

    server_takeover: bool = True  # whether the server's window goes on between messages
    client_takeover: bool = True
    client_bits: int = _MOST_BITS  # of the client's window, as a power of two


class Agreement(msgspec.Struct, frozen=True):
    """What the server accepted."""

    deflate: Deflate | None
    extensions: str  # the value of its field, "" if it has none
    subprotocol: str


class Handshake:
    """One opening handshake. In: the fields that the user gave, which replace ours."""

    def __init__(self, user_fields: FieldLines) -> None:
        self._given = {name.lower().removesuffix(":"): value for name, value in user_fields}
        key = self._given.get("sec-websocket-key", "")
        self.key = key or generate_nonce().decode("ascii")
        self._offered = self._given.get("sec-websocket-extensions", OFFER)

    def fields(self) -> FieldLines:
        """The fields that make a request the opening of a WebSocket."""
        ours = (
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Key", self.key),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Extensions", OFFER),
        )
        return tuple((name, value) for name, value in ours if name.lower() not in self._given)

    def read_answer(self, head: Head) -> Agreement:
        """Judge an answer with status 101.

        Raises: FetchError ws.bad_accept, ws.bad_handshake.
        """
        if head.http_version == "1.0":
            _refuse("It came in HTTP/1.0, which knows no 101.")
        if [value.lower() for value in head.values("upgrade")] != ["websocket"]:
            _refuse("Its Upgrade field does not say websocket.")
        if "upgrade" not in _members(head.values("connection")):
            _refuse("Its Connection field does not say Upgrade.")
        self._check_accept(head.values("sec-websocket-accept"))
        extensions = ", ".join(head.values("sec-websocket-extensions"))
        return Agreement(
            self._read_extensions(extensions), extensions, self._read_subprotocol(head)
        )

    def _check_accept(self, values: Sequence[str]) -> None:
        wanted = generate_accept_token(self.key.encode("latin-1")).decode("ascii")
        if not values:
            raise FetchError(
                "ws.bad_accept",
                f"The answer has no Sec-WebSocket-Accept; {wanted} is what our key comes to.",
            )
        if list(values) != [wanted]:
            raise FetchError(
                "ws.bad_accept",
                f"The answer has the accept value {', '.join(values)!r}; our key comes to "
                f"{wanted}.",
            )

    def _read_subprotocol(self, head: Head) -> str:
        asked = [each.strip() for each in self._given.get("sec-websocket-protocol", "").split(",")]
        values = head.values("sec-websocket-protocol")
        if len(values) > 1:
            _refuse("It chose more than one subprotocol.")
        if values and (not values[0] or values[0] not in asked):
            _refuse(f"It chose the subprotocol {values[0]!r}, which was not asked for.")
        return values[0] if values else ""

    def _read_extensions(self, text: str) -> Deflate | None:
        accepted = [each.strip() for each in text.split(",")] if text else []
        if not accepted:
            return None
        if len(accepted) > 1:
            _refuse(f"It chose {len(accepted)} extensions, and one was offered.")
        name, *parameters = (part.strip() for part in accepted[0].split(";"))
        if name.lower() != DEFLATE or DEFLATE not in self._offered:
            _refuse(f"It chose the extension {name!r}, which was not offered.")
        return _read_deflate(parameters)


def _members(values: Sequence[str]) -> list[str]:
    return [part.strip().lower() for value in values for part in value.split(",")]


def _read_deflate(parameters: Sequence[str]) -> Deflate:
    """RFC 7692 §7.1."""
    found: dict[str, str] = {}
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        name, value = name.strip().lower(), value.strip().strip('"')
        if name in found:
            _refuse(f"It names {name} twice.")
        if name not in (*_FLAGS, *_BITS) or (value and name in _FLAGS):
            _refuse(f"{DEFLATE} has no parameter {parameter!r}.")
        if name in _BITS and not _is_bits(value):
            _refuse(f"{parameter!r} is no size of a window; those are 8 to 15 bits.")
        found[name] = value
    bits = int(found.get("client_max_window_bits", _MOST_BITS))
    if bits == _LEAST_BITS:
        _refuse("It allows us a window of 256 octets, and zlib writes none below 512.")
    return Deflate(
        server_takeover="server_no_context_takeover" not in found,
        client_takeover="client_no_context_takeover" not in found,
        client_bits=bits,
    )


def _is_bits(value: str) -> bool:
    if not (value.isascii() and value.isdigit()) or value.startswith("0") or len(value) > 2:
        return False
    return _LEAST_BITS <= int(value) <= _MOST_BITS


def _refuse(why: str) -> NoReturn:
    raise FetchError("ws.bad_handshake", f"The answer 101 opens no WebSocket. {why}")
