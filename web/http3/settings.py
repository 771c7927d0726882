"""Settings of HTTP/3: what each side said, beside what holds without it."""

from __future__ import annotations

from netcore.dissect.http3 import SETTINGS
from netcore.framing.http3 import Http3
from netcore.registries.http3 import setting_name
from web import words
from web.addresses import unit_href
from web.spoken import N_, figure
from web.spoken import gettext as _
from web.streams.settings import Said, SettingRow
from web.tale import Tale

_NO_LIMIT = N_("no limit")
DEFAULTS = {0x01: "0", 0x06: _NO_LIMIT, 0x07: "0", 0x08: "0", 0x33: "0"}
"""RFC 9204 §5, RFC 9114 §7.2.4.1, RFC 9220 §5, RFC 9297 §2.1.1: what holds until a side says
otherwise."""
SHOWN_SETTINGS = 40


def setting_rows(http3: Http3, tale: Tale, base: str) -> tuple[SettingRow, ...]:
    """All settings that HTTP/3 has, and those that only this connection knows.

    In: `base`, the path of the trace.
    """
    client, server = (_said(http3, way, tale, base) for way in ("sent", "received"))
    numbers = sorted({*DEFAULTS, *client, *server})[:SHOWN_SETTINGS]
    nothing = Said("")
    return tuple(
        SettingRow(
            name=_name(number),
            default=_default(number),
            client=client.get(number, nothing),
            server=server.get(number, nothing),
            what=words.quic(
                f"http3_setting_{number}" if number in DEFAULTS else "http3_setting_other", {}
            ).what,
        )
        for number in numbers
    )


def _default(number: int) -> str:
    default = DEFAULTS.get(number, "")
    return _(default) if default == _NO_LIMIT else default


def _name(number: int) -> str:
    name = setting_name(number)
    return f"{name} {number:#x}" if name in ("GREASE", "unassigned") else name


def _said(http3: Http3, direction: str, tale: Tale, base: str) -> dict[int, Said]:
    frames = (
        each for each in http3.frames if each.type == SETTINGS and each.direction == direction
    )
    frame = next(frames, None)
    href = unit_href(frame.pdu, tale, base) if frame else ""
    said = http3.settings[direction]
    return {number: Said(figure(f"{value:,}"), href) for number, value in said.items()}
