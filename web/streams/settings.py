"""Settings: what each side asked of the other, beside what holds without asking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netcore.dissect.http2 import ACK, SETTINGS_FRAME, settings
from netcore.framing.http2 import Connection, Frame
from netcore.registries.http2 import SETTINGS
from web import words
from web.addresses import unit_href
from web.spoken import N_, figure
from web.spoken import gettext as _
from web.tale import Tale

_NO_LIMIT = N_("no limit")
DEFAULTS = {
    1: "4,096",
    2: "1",
    3: _NO_LIMIT,
    4: "65,535",
    5: "16,384",
    6: _NO_LIMIT,
    8: "0",
    9: "0",
}
"""RFC 9113 §6.5.2, RFC 8441 §3, RFC 9218 §2.1: what holds until a side says otherwise."""
SHOWN_FRAMES = 20  # of a side, whose values are looked at


@dataclass(frozen=True)
class Said:
    """What one side said of a setting."""

    value: str  # "" if it said nothing
    href: str = ""


@dataclass(frozen=True)
class SettingRow:
    """A setting."""

    name: str
    default: str
    client: Said
    server: Said
    what: words.Text


def setting_rows(connection: Connection, tale: Tale, base: str) -> tuple[SettingRow, ...]:
    """All settings that HTTP/2 has, and those that only this connection knows.

    In: `base`, the path of the trace.
    """
    client, server = (_said(connection.frames, way, tale, base) for way in ("sent", "received"))
    if connection.upgrade is not None:
        in_head = settings(connection.upgrade)
        client = {name: Said(figure(f"{value:,}")) for name, value in in_head.items()} | client
    numbers = sorted({*DEFAULTS, *client, *server})
    nothing = Said("")
    return tuple(
        SettingRow(
            name=SETTINGS.get(number) or _("setting %(number)s", number=number),
            default=_default(number),
            client=client.get(number, nothing),
            server=server.get(number, nothing),
            what=words.streams(_entry(number), {}).what,
        )
        for number in numbers
    )


def _default(number: int) -> str:
    default = DEFAULTS.get(number, "")
    return _(default) if default == _NO_LIMIT else figure(default)


def _entry(number: int) -> str:
    return f"setting_{number}" if number in DEFAULTS else "setting_other"


def _said(frames: Sequence[Frame], direction: str, tale: Tale, base: str) -> dict[int, Said]:
    """What a side said last of each setting."""
    own = [
        frame
        for frame in frames
        if frame.header.type == SETTINGS_FRAME
        and frame.direction == direction
        and not frame.has(ACK)
    ]
    found: dict[int, Said] = {}
    for frame in own[:SHOWN_FRAMES]:
        href = unit_href(frame.pdu, tale, base)
        for number, value in settings(frame.payload).items():
            found[number] = Said(figure(f"{value:,}"), href)
    return found
