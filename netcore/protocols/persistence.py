"""Whether a connection can carry another request behind a response (RFC 9112 §9.3).

Stricter than the RFC where a message could be read in two ways: then the next response could be
made of octets that were meant as content.
"""

from __future__ import annotations

from collections.abc import Iterable

from netcore.protocols.http1 import Head


def options(values: Iterable[str]) -> set[str]:
    """The options in the values of Connection fields, in lower case."""
    return {part.strip().lower() for value in values for part in value.split(",")}


def why_not_kept(version: str, asked: set[str], head: Head) -> str:
    """Why the connection ends with this response, as a sentence; "" if it may go on.

    In: `version` of the request, "1.0" or "1.1"; `asked`, the options of its Connection field.
    """
    said = options(head.values("connection"))
    if "close" in asked:
        return "The request said Connection: close."
    if "close" in said:
        return "The response said Connection: close."
    if head.framing == "close":
        return "The end of the connection was the end of the content."
    if version == "1.0" and "keep-alive" not in asked:
        return "A connection of HTTP/1.0 ends with the response, and the request asked for no more."
    if head.http_version == "1.0" and "keep-alive" not in said:
        return "The response is HTTP/1.0 and did not say Connection: keep-alive."
    coded = head.values("transfer-encoding")
    if coded and (head.http_version == "1.0" or head.values("content-length")):
        return "Its two lengths, or chunks in HTTP/1.0, make it doubtful where the response ends."
    return ""
