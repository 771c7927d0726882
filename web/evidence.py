"""Evidence: where a trace shows what its failure is about: the event, the unit in it, the field.

Theory of operation. A stage that fails ends with an error before its connection is drained and
closed, so what is recorded behind that end shows nothing of the failure. Before it, the kind of
failure says which call tells most: the one with the errno, the read that ended the stream, the
last octets of the server, or of us where the server was silent. `web.tls_evidence` knows where TLS
shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from netcore.field import Field
from netcore.pdus import Explanation
from netcore.trace import AnyEvent, Called, Chose, Failed, StageEnded, StageStarted
from web.evidence_wanted import Wanted, wanted_of
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
NO_ERROR: Final = ("", "EINPROGRESS", "EAGAIN")
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
_READS: Final = 40  # how far back a field is looked for


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
    calls = _calls(events, failed)
    reads = [n for n, e in calls if e.call == "recv" and e.length and n <= number]
    for wanted in wanted_of(failed):
        for at in dict.fromkeys([number, *reversed(reads[-_READS:])]):
            for unit, pdu in reversed(list(enumerate(explanation.of_event(at), start=1))):
                key = _key(explanation.tree(pdu), wanted)
                if key:
                    return Evidence(at, unit, key)
    return Evidence(number)


def telling_event(events: Sequence[AnyEvent], failed: Failed) -> int:
    """The number of the event to look at: the verdict, the error, the last octets, else the end."""
    calls = _calls(events, failed)
    refusals = [n for n, e in enumerate(events, start=1) if _is_refusal(e)]
    if refusals or failed.stage == "target" or _was_not_asked(failed, calls):
        wanted = refusals
    elif failed.code.startswith("udp."):
        wanted = _of_datagrams(calls)
    elif failed.stage == "connect":
        wanted = [n for n, e in calls if e.call in _CONNECTING]
    else:
        wanted = [n for n, e in calls if _tells(failed.code, e)]
        wanted = wanted or [n for n, e in calls if e.call == "recv" and e.length]
        wanted = wanted or [n for n, e in calls if e.call == "send"]
        wanted = wanted or [n for n, e in calls if e.call != "close"]
    return wanted[-1] if wanted else len(events)


def _is_refusal(event: AnyEvent) -> bool:
    return isinstance(event, Chose) and (event.what, event.value) == ("guard", "refused")


def _was_not_asked(failed: Failed, calls: Sequence[Numbered]) -> bool:
    """Whether what was typed is at fault, of which there is no octet."""
    return failed.code == "http.unsupported_scheme" and all(
        e.socket.startswith("udp") or not e.socket for _, e in calls
    )


def _of_datagrams(calls: Sequence[Numbered]) -> list[int]:
    """Of the socket that was opened last: the error, else our own datagrams."""
    last = next((e.socket for _, e in reversed(calls) if e.socket.startswith("udp")), "")
    own = [(n, e) for n, e in calls if e.socket == last]
    errors = [n for n, e in own if e.errno not in NO_ERROR]
    return errors or [n for n, e in own if e.call == "send"]


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
        return event.errno not in NO_ERROR
    if code in _ENDED:
        return event.call == "recv" and not event.errno
    return code in _SILENCE and event.call == "send"


def _key(tree: Field, wanted: Wanted) -> str:
    """The key of the last field that is wanted; "" without one."""
    found = [key for key, path in paths(tree).items() if wanted(path[-1])]
    return found[-1] if found else ""
