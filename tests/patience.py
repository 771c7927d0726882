"""How long a test waits for a server of the lab: long for what comes, briefly for what never does.

A limit that a slow machine can overrun would make another outcome of the same conversation.
"""

from __future__ import annotations

from typing import Final

import msgspec

from netcore.options import Limits

SILENT: Final = {
    *("silence", "h3-silence", "full-queue", "reads-nothing", "udp-silence", "resolver-silent"),
}
"""Targets that never answer: nothing is missed by leaving early."""
SOON: Final = ("first_byte_s", "quic_s", "connect_s", "stall_s", "silence_s", "dns_s", "dns_try_s")
SOON_S: Final = 0.5
LONG_S: Final = 20


def limits_of(name: str, limits: Limits | None = None) -> Limits:
    """The limits for a target of the lab, by its name, from those that a test has otherwise."""
    limits = limits or Limits()
    if name in SILENT:
        return msgspec.structs.replace(limits, **dict.fromkeys(SOON, SOON_S))
    # An echo is silent once all is said: what it has said before came at once, or nearly so.
    return msgspec.structs.replace(limits, quic_alternative_s=LONG_S, quiet_s=SOON_S)
