"""How a connection and its streams ended: GOAWAY and RST_STREAM, and what their codes mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netcore.dissect.http2 import GOAWAY, RST_STREAM
from netcore.field import find
from netcore.framing.http2 import Frame
from netcore.registries.http2 import ERROR_CODES
from web import words
from web.addresses import unit_href
from web.facts import Raw, clean
from web.phrases import side
from web.streams.marks import in_order_of_time
from web.tale import Tale
from web.titles import unit_title

SHOWN_ENDINGS = 20


@dataclass(frozen=True)
class Ending:
    """A frame that ends something."""

    who: str
    title: str
    href: str
    what: words.Text
    meaning: words.Text  # of its error code
    debug: str  # what it says in words of its own
    is_error: bool


def endings(frames: Sequence[Frame], tale: Tale, base: str) -> tuple[Ending, ...]:
    """The frames that ended the connection or one of its streams, in order."""
    ending = (
        frame
        for frame in in_order_of_time(frames, tale)
        if frame.header.type in (GOAWAY, RST_STREAM)
    )
    return tuple(
        _ending(frame, tale, base) for _, frame in zip(range(SHOWN_ENDINGS), ending, strict=False)
    )


def _ending(frame: Frame, tale: Tale, base: str) -> Ending:
    tree = frame.pdu.fields()
    values: dict[str, Raw] = {}
    for name in ("error_code", "last_stream_id", "additional_debug_data"):
        field = find(tree, name)
        values[name] = field.value if field else None
    code = values["error_code"]
    known = isinstance(code, int) and code in ERROR_CODES
    who = "client" if frame.direction == "sent" else "server"
    kind = "goaway" if frame.header.type == GOAWAY else "rst_stream"
    facts: dict[str, Raw] = {
        "who": who,
        "stream": str(frame.header.stream),
        "last_stream": str(values["last_stream_id"] or 0),
        "code": code,
    }
    return Ending(
        who=side(who),
        title=clean(unit_title(frame.pdu)),
        href=unit_href(frame.pdu, tale, base),
        what=words.streams(kind, facts).what,
        meaning=words.streams(f"error_{code}" if known else "error_other", facts).what,
        debug=clean(str(values["additional_debug_data"] or ""), 200),
        is_error=code != 0,
    )
