"""Content with its codings undone: one more unit, whichever version of HTTP carried it."""

from __future__ import annotations

from collections.abc import Sequence

from netcore.channels import Span
from netcore.content_coding import Budget, content_decoder
from netcore.errors import FetchError
from netcore.pdu import INFLATED, Pdu

DECODED_OCTETS = 5_242_880  # the same bound as the client's own decoding has in the web application
CODINGS = 2  # codings over each other that are undone, as in the client


def inflated(
    body: Pdu, origin: Span, codings: Sequence[str], status: str, budget: Budget | None = None
) -> Pdu | None:
    """The unit of what the codings stood for, as far as that goes; None if nothing came out.

    In: the values of Content-Encoding; the status code, "" for a request; what may still come out,
    where several bodies share it. A part of coded content, as in a 206, is not decoded by itself.
    """
    if not codings or status == "206":
        return None
    content = _decoded(body.octets, list(codings), budget or Budget(DECODED_OCTETS))
    return Pdu("message_body", content, (origin,), INFLATED) if content else None


def _decoded(octets: bytes, codings: list[str], budget: Budget) -> bytes:
    """What comes out of the codings before a fault or the bound; b"" where there are none."""
    content = bytearray()
    try:
        decoder, names, unknown = content_decoder(codings, CODINGS, budget)
        if names and not unknown:
            for part in decoder.decode(octets):
                content += part
    except FetchError:
        pass  # the trace has the failure; here is what stood before it
    return bytes(content)
