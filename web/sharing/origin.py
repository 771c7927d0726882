"""Origin: what is said of a trace that no recorder of ours made."""

from __future__ import annotations

from typing import Final

from flask_babel import gettext as _

from netcore.trace import CAPTURE, HAR

SAID_OF_ORIGIN: Final = (CAPTURE, HAR)


def said_of_origin(origin: str, when: str) -> str:
    """What a reader has to know before believing what is drawn.

    In: `origin`, of SAID_OF_ORIGIN; `when`, the moment at which it was recorded, in words.
    """
    if origin == CAPTURE:
        said: str = _(
            "Imported from a capture of packets of %(when)s. Nobody saw calls on a socket: each "
            "write and each read shown here is a packet's data, at the packet's time.",
            when=when,
        )
        return said
    said = _(
        "Imported from a HAR, a browser's log of %(when)s. No byte was seen: the messages are put "
        "together as HTTP/1.1 from what the log says, whatever version was spoken, and the times "
        "are the log's.",
        when=when,
    )
    return said
