"""Evidence: where a trace shows what its failure is about: the event, the unit in it, the field.

Theory of operation. A stage that fails ends with an error before its connection is drained and
closed, so what is recorded behind that end shows nothing of the failure. Before it, the kind of
failure says which call tells most: the one with the errno, the read that ended the stream, the
last octets of the server, or of us where the server was silent. `web.tls_evidence` knows where TLS
shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from netcore.field import Field
from netcore.pdus import Explanation
from netcore.trace import AnyEvent, Called, Chose, Failed, StageEnded, StageStarted
from web.fieldtree import paths
from web.tls_evidence import Numbered, tls_evidence

REFUSED_CERTIFICATE: Final = frozenset(
    {
        "tls.cert_expired",
        "tls.cert_not_yet_valid",
        "tls.hostname_mismatch",
        "tls.self_signed",
        "tls.unknown_ca",
        "tls.incomplete_chain",
        "tls.chain",
        "tls.chain_too_long",
        "tls.weak_certificate",
    }
)
"""The codes of certificates that a user may go on with, knowing that nobody vouches for them."""

_CONNECTING: Final = ("connect", "select", "getsockopt")
_NO_ERROR: Final = ("", "EINPROGRESS", "EAGAIN")
_ERRNO: Final = frozenset(
    {
        *("tcp.reset", "tcp.timeout", "tcp.unreachable", "dns.refused", "dns.unreachable"),
        *("quic.refused", "quic.unreachable"),
    }
)
_ENDED: Final = frozenset(
    {"tcp.closed_early", "tls.truncated", "http.incomplete_body", "h1.incomplete_header"}
)
"""What the end of the stream shows, which is a read of no octets."""
_SILENCE: Final = frozenset(
    {
        "http.first_byte_timeout",
        "tcp.write_timeout",
        "dns.timeout",
        "h2.settings_timeout",
        "h2.timeout",
        "quic.timeout",
    }
)
"""What our own last octets show: none came after them."""
_FIELDS: Final = {
    "dns.nxdomain": "rcode",
    "dns.rcode": "rcode",
    "limit.codings": "Content-Encoding",
    "limit.decoded": "message_body",
    "decode.error": "Content-Encoding",
    "h1.bad_length": "Content-Length",
    "h1.conflicting_length": "Content-Length",
    "h1.bad_te": "Transfer-Encoding",
    "h1.unexpected_101": "status_line",
    "h2.rst_stream": "error_code",
    "h2.goaway": "error_code",
    "h2.frame_size": "length",
    "h2.length_mismatch": "Content-Length",
}
"""The field that a failure is about: by its own name, or by the name in a field line."""


_FRAMES: Final = {
    "h2.flood": ("SETTINGS", "PING", "DATA"),
    "h2.flow_control": ("WINDOW_UPDATE", "SETTINGS", "DATA"),
    "h2.continuation_flood": ("CONTINUATION",),
}
"""The type of the frames that a failure is about."""


@dataclass(frozen=True)
class Evidence:
    """What to open: an event by its number, perhaps one of its units, and a field in that."""

    event: int
    unit: int = 0  # counted from 1; 0 leaves the choice to the page
    field: str = ""  # a key, see `web.fieldtree`

    def address(self, base: str) -> str:
        """Its page, of the trace at `base`."""
        query = f"?u={self.unit}" + (f"&f={self.field}" if self.field else "")
        return f"{base}/e/{self.event}" + (query if self.unit else "")


def evidence(events: Sequence[AnyEvent], failed: Failed, explanation: Explanation) -> Evidence:
    """Where the failure of a trace is seen best.

    Args:
        events: of the trace.
        failed: how it ended.
        explanation: the units of the same events.
    """
    number = telling_event(events, failed)
    if failed.code.startswith("tls."):
        place = tls_evidence(_calls(events, failed), failed, explanation)
        return Evidence(*place) if place else Evidence(number)
    wanted = _wanted(failed.code)
    units = list(enumerate(explanation.of_event(number), start=1))
    for unit, pdu in reversed(units):
        tree = explanation.tree(pdu)
        key = _key(tree, wanted) if wanted is not None else ""
        if key:
            return Evidence(number, unit, key)
    return Evidence(number)


def telling_event(events: Sequence[AnyEvent], failed: Failed) -> int:
    """The number of the event to look at: the verdict, the error, the last octets, else the end."""
    calls = _calls(events, failed)
    if failed.code.startswith("guard."):
        wanted = [
            n for n, e in enumerate(events, start=1) if isinstance(e, Chose) and e.what == "guard"
        ]
    elif failed.stage == "connect":
        wanted = [n for n, e in calls if e.call in _CONNECTING]
    else:
        wanted = [n for n, e in calls if _tells(failed.code, e)]
        wanted = wanted or [n for n, e in calls if e.call == "recv" and e.length]
        wanted = wanted or [n for n, e in calls if e.call == "send"]
        wanted = wanted or [n for n, e in calls if e.call != "close"]
    return wanted[-1] if wanted else len(events)


def _calls(events: Sequence[AnyEvent], failed: Failed) -> list[Numbered]:
    """The calls of the hop that failed, up to the failure; of its connection, once it has one."""
    end = len(events)
    for at in range(len(events) - 1, -1, -1):
        event = events[at]
        if isinstance(event, StageEnded) and event.error:
            end = at
            break
    starts = (
        n for n, e in enumerate(events) if isinstance(e, StageStarted) and e.hop == failed.hop
    )
    start = next(starts, 0)
    everything = [(n, e) for n, e in enumerate(events[:end], start=1) if isinstance(e, Called)]
    own = [(n, e) for n, e in everything if n > start] or everything
    if failed.stage == "dns":
        return own
    # Without octets of this hop the failure is about those that led here.
    connected = [(n, e) for n, e in own if not e.socket.startswith("udp") and e.call != "select"]
    return connected or [(n, e) for n, e in everything if e.socket.startswith("tcp")] or own


def _tells(code: str, event: Called) -> bool:
    """Whether a call shows a failure of this code."""
    if code in _ERRNO:
        return event.errno not in _NO_ERROR
    if code in _ENDED:
        return event.call == "recv" and not event.errno
    return code in _SILENCE and event.call == "send"


def _wanted(code: str) -> Callable[[Field], bool] | None:
    """What a field must be like to show a failure of this code; None if no field does."""
    if code in _FIELDS:
        return _named(_FIELDS[code])
    family = code.partition(".")[0]
    if family == "redirect":
        return _named("Location")
    if code in ("h1.too_many_headers", "h2.bad_header", "h2.header_list_too_large"):
        return lambda field: field.name == "field_line"
    if code in _FRAMES:
        return lambda field: field.name == "type" and field.label in _FRAMES[code]
    if family in ("h1", "chunk", "h2"):
        return lambda field: bool(field.error) and not field.children
    return None


def _named(name: str) -> Callable[[Field], bool]:
    """A field of that name, or a field line of that name in any case."""

    def wanted(field: Field) -> bool:
        if field.name != "field_line":
            return field.name == name
        own = next((part.value for part in field.children if part.name == "field_name"), "")
        return str(own).lower() == name.lower()

    return wanted


def _key(tree: Field, wanted: Callable[[Field], bool]) -> str:
    """The key of the last field that is wanted; "" without one."""
    found = [key for key, path in paths(tree).items() if wanted(path[-1])]
    return found[-1] if found else ""
